import { dnKey } from '../domain/dn.ts';
import type { Employee } from '../domain/employee.ts';
import { SearchFailure } from '../domain/errors.ts';
import { DN_LINK } from '../domain/link.ts';
import type { KnownPerson, ManagerAnswer, Twin, TwinAnswer } from '../domain/ports.ts';
import { ANYONE, type Asker } from './asker.ts';
import type { SearchSpec } from './connection/connection.ts';
import type { Mapper } from './mapping.ts';
import { and, equality, type Filter, or, present } from './messages/filters.ts';
import { isGone, ResultCode, searchFailure } from './result-codes.ts';
import { isUnreadable } from './text.ts';

type Identity = Pick<Employee, 'id' | 'dn'>;

export interface LookupOptions {
  readonly base: string;
  readonly idAttribute: string;
  /** Who is walked. */
  readonly filter: Filter;
  /** `dn`, or the attribute of the manager whose value the manager attribute holds. */
  readonly managerValue: string;
  readonly mapper: Mapper;
  /** Whether we have signed in. */
  readonly bound: boolean;
  /** Somebody who is there and has an id: whether the server finds anybody by it is tried at them. */
  readonly landmark: () => Identity | undefined;
  /** A root, by its DN: where nobody has an id. */
  readonly root: () => Identity | undefined;
}

/** Questions about single people: who stands behind a manager value, where somebody is now. */
export class Lookups {
  readonly #asker: Asker;
  readonly #options: LookupOptions;

  constructor(asker: Asker, options: LookupOptions) {
    this.#asker = asker;
    this.#options = options;
  }

  /** See the port `Directory`. */
  async askManager(value: string, slot: number, signal: AbortSignal): Promise<ManagerAnswer> {
    if (isUnreadable(value)) return { kind: 'dangling' };
    const { filter, mapper, managerValue } = this.#options;
    const employee = await this.#lookUp(value, filter, slot, signal);
    const [entry, another] = employee.entries;
    if (entry !== undefined && another === undefined) {
      const { id, dn } = mapper.employee(entry);
      return { kind: 'employee', id, dn };
    }
    if (isGone(employee.code) || managerValue !== DN_LINK) return { kind: 'dangling' };
    const anyone = await this.#lookUp(value, ANYONE, slot, signal);
    const [other] = anyone.entries;
    if (other !== undefined) return { kind: 'other', dn: other.dn };
    return { kind: isGone(anyone.code) ? 'dangling' : 'unreadable' };
  }

  /** See the port `Directory`. */
  async findManager(value: string, slot: number, signal: AbortSignal): Promise<Employee | null> {
    if (isUnreadable(value)) return null;
    const { filter, mapper } = this.#options;
    const { entries } = await this.#lookUp(value, filter, slot, signal);
    const [entry, another] = entries;
    if (entry !== undefined && another === undefined) return mapper.employee(entry);
    await this.#assertFinds(slot, signal);
    return null;
  }

  /** See the port `Directory`. Whoever goes by DN is read at it, alone. */
  async find(
    people: readonly KnownPerson[],
    slot: number,
    signal: AbortSignal,
  ): Promise<readonly (Employee | undefined)[]> {
    const byId = people.filter((person) => !goesByDn(person));
    const found = await this.#findByIds(byId, slot, signal);
    return people.map(({ id }) => found.get(id));
  }

  /** See the port `Directory`. */
  async findAlone(
    person: KnownPerson,
    slot: number,
    signal: AbortSignal,
  ): Promise<Employee | null> {
    const there = await this.#findWhereTheyWere(person, slot, signal);
    if (there !== undefined) return there;
    const known = await this.#somebodyKnown(slot, signal);
    if (known === undefined) return null;
    // In one answer with somebody who is there, or before them: a server that has come to show nobody says the same of everyone.
    const isApart = goesByDn(known);
    const found = await this.#lookFor(isApart ? [person] : [person, known], slot, signal);
    const now = found.get(person.id);
    if (now !== undefined) return now;
    const proof = isApart ? await this.#lookFor([known], slot, signal) : found;
    if (!proof.has(known.id)) throw findsNobody();
    return null;
  }

  /** Asked last, each time: a server that shows nobody any more says the same of everyone as of those who are gone. */
  async #assertFinds(slot: number, signal: AbortSignal): Promise<void> {
    const known = await this.#somebodyKnown(slot, signal);
    if (known === undefined || (await this.#lookFor([known], slot, signal)).size > 0) return;
    throw findsNobody();
  }

  async #somebodyKnown(slot: number, signal: AbortSignal): Promise<Identity | undefined> {
    const { landmark, root } = this.#options;
    return landmark() ?? (await this.#anybodyWithId(slot, signal)) ?? root();
  }

  /** Whoever is found by id no more may be where they were: with an id that may not be searched for, without one, or with nothing that may be read. */
  async #findWhereTheyWere(
    person: Identity,
    slot: number,
    signal: AbortSignal,
  ): Promise<Employee | undefined> {
    const { id, dn } = person;
    if (dn.includes(REPLACEMENT)) return undefined;
    const { filter, mapper } = this.#options;
    const employee = await this.#readAt(dn, filter, slot, signal);
    const [entry] = employee.entries;
    if (entry !== undefined) {
      const now = mapper.idOf(entry);
      const isSame = now === undefined || now === id || goesByDn(person);
      return isSame ? mapper.employee(entry) : undefined;
    }
    if (isGone(employee.code)) return undefined;
    const anyone = await this.#readAt(dn, ANYONE, slot, signal);
    if (anyone.entries.length > 0 || isGone(anyone.code)) return undefined;
    throw new SearchFailure('fail', 'unreadable', 'the entry may not be read any more');
  }

  /** See the port `Directory`. */
  async holds({ id, dn }: Twin, slot: number, signal: AbortSignal): Promise<TwinAnswer> {
    // It was no valid UTF-8: nothing can be asked about it.
    if (dn.includes(REPLACEMENT)) return 'holds';
    const { filter, mapper } = this.#options;
    const { entries } = await this.#readAt(dn, filter, slot, signal);
    const [entry] = entries;
    if (entry === undefined) {
      await this.#assertFinds(slot, signal);
      return 'gone';
    }
    const now = mapper.idOf(entry);
    if (now === undefined) return 'without';
    return now === id ? 'holds' : 'gone';
  }

  /** Those who are found, by id: who has one in one search, whoever goes by DN each in their own. */
  async #lookFor(people: readonly Identity[], slot: number, signal: AbortSignal) {
    const { mapper, filter } = this.#options;
    const found = new Map<string, Employee>();
    for (const { id, dn } of people.filter(goesByDn)) {
      const [entry] = (await this.#readAt(dn, filter, slot, signal)).entries;
      if (entry !== undefined) found.set(id, mapper.employee(entry));
    }
    const byId = people.filter((person) => !goesByDn(person));
    return new Map([...found, ...(await this.#findByIds(byId, slot, signal))]);
  }

  async #findByIds(people: readonly Identity[], slot: number, signal: AbortSignal) {
    const found = new Map<string, Employee>();
    if (people.length === 0) return found;
    const { mapper } = this.#options;
    const { entries } = await this.#told(this.#specOf(people), slot, signal);
    const employees = entries.map((entry) => mapper.employee(entry));
    for (const person of people) {
      const employee = theOne(person, employees);
      if (employee !== undefined) found.set(person.id, employee);
    }
    return found;
  }

  async #readAt(dn: string, filter: Filter, slot: number, signal: AbortSignal) {
    const { attributes } = this.#options.mapper;
    return this.#told({ base: dn, scope: 'base', filter, attributes }, slot, signal);
  }

  async #told(spec: SearchSpec, slot: number, signal: AbortSignal) {
    const answer = await this.#asker.collect(spec, slot, signal);
    const { code, diagnostic } = answer;
    if (code === 0 || isGone(code)) return answer;
    throw searchFailure(code, diagnostic, { bound: this.#options.bound });
  }

  async #anybodyWithId(slot: number, signal: AbortSignal): Promise<Identity | undefined> {
    const { base, filter, mapper, idAttribute } = this.#options;
    const withId = and([filter, present(idAttribute)]);
    const { attributes } = mapper;
    const spec: SearchSpec = { base, scope: 'sub', filter: withId, attributes, sizeLimit: 1 };
    const { entries } = await this.#asker.collect(spec, slot, signal);
    return entries.map((entry) => mapper.employee(entry)).find(({ hasId }) => hasId);
  }

  #specOf(people: readonly Identity[]): SearchSpec {
    const { base, mapper, filter } = this.#options;
    const anyOf = or(people.map(({ id }) => mapper.idIs(id)));
    return { base, scope: 'sub', filter: and([filter, anyOf]), attributes: mapper.attributes };
  }

  async #lookUp(value: string, filter: Filter, slot: number, signal: AbortSignal) {
    const { entries, code, diagnostic } = await this.#asker.collect(
      this.#lookUpSpec(value, filter),
      slot,
      signal,
    );
    const told = code === 0 || code === ResultCode.sizeLimitExceeded || isGone(code);
    if (!told) throw searchFailure(code, diagnostic, { bound: this.#options.bound });
    return { entries, code };
  }

  #lookUpSpec(value: string, filter: Filter): SearchSpec {
    const { base, mapper, managerValue } = this.#options;
    const { attributes } = mapper;
    if (managerValue === DN_LINK) return { base: value, scope: 'base', filter, attributes };
    const both = and([filter, equality(managerValue, value)]);
    return { base, scope: 'sub', filter: both, attributes, sizeLimit: 2 };
  }
}

/** U+FFFD. */
const REPLACEMENT = '\uFFFD';

function findsNobody(): SearchFailure {
  return new SearchFailure('fail', 'unreadable', 'the server finds nobody by the id attribute');
}

function goesByDn({ id, dn }: Identity): boolean {
  return id === dnKey(dn);
}

/** Where several have the id, whoever is where the person was. */
function theOne(who: Identity, found: readonly Employee[]): Employee | undefined {
  const same = found
    .filter(({ id }) => id === who.id)
    .toSorted((a, b) => (dnKey(a.dn) < dnKey(b.dn) ? -1 : 1));
  return same.find(({ dn }) => dnKey(dn) === dnKey(who.dn)) ?? same[0];
}
