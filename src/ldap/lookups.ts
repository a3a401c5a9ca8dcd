import { dnKey } from '../domain/dn.ts';
import type { Employee } from '../domain/employee.ts';
import { SearchFailure } from '../domain/errors.ts';
import { DN_LINK } from '../domain/link.ts';
import type { ManagerAnswer, StrayedManager } from '../domain/ports.ts';
import { ANYONE, type Asker } from './asker.ts';
import type { SearchSpec } from './connection/connection.ts';
import type { Mapper } from './mapping.ts';
import { and, equality, type Filter } from './messages/filters.ts';
import { isGone, ResultCode, searchFailure } from './result-codes.ts';

export interface LookupOptions {
  readonly base: string;
  /** Who is walked. */
  readonly filter: Filter;
  /** `dn`, or the attribute of the manager whose value the manager attribute holds. */
  readonly managerValue: string;
  readonly mapper: Mapper;
  /** Whether we have signed in. */
  readonly bound: boolean;
  /** Somebody who is there: whether the server finds anybody by id is tried at them. */
  readonly landmark: () => Employee | undefined;
}

type Identity = Pick<Employee, 'id' | 'dn'>;

/** Questions about single people: who stands behind a manager value, where somebody is now. */
export class Lookups {
  readonly #asker: Asker;
  readonly #options: LookupOptions;
  /** Whether the server finds entries by the id attribute; undefined: not tried yet. */
  #searchable: boolean | undefined;

  constructor(asker: Asker, options: LookupOptions) {
    this.#asker = asker;
    this.#options = options;
  }

  /** See the port `Directory`. */
  async askManager(value: string, slot: number, signal: AbortSignal): Promise<ManagerAnswer> {
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
  async find(manager: StrayedManager, slot: number, signal: AbortSignal): Promise<Employee | null> {
    const found = await this.#lookFor(manager, slot, signal);
    if (found === null && !(await this.#findsById(slot, signal))) {
      throw new SearchFailure('fail', 'unreadable', 'the server finds nobody by the id attribute');
    }
    return found;
  }

  async #lookFor(who: Identity, slot: number, signal: AbortSignal): Promise<Employee | null> {
    const { mapper, bound } = this.#options;
    const spec = this.#findSpec(who);
    const { entries, code, diagnostic } = await this.#asker.collect(spec, slot, signal);
    if (code !== 0 && !isGone(code)) throw searchFailure(code, diagnostic, { bound });
    const found = entries.map((entry) => mapper.employee(entry));
    return found.find((employee) => employee.id === who.id) ?? null;
  }

  /** Whether an answer without entries means anything. */
  async #findsById(slot: number, signal: AbortSignal): Promise<boolean> {
    const landmark = this.#options.landmark();
    if (landmark === undefined) return false;
    this.#searchable ??= (await this.#lookFor(landmark, slot, signal)) !== null;
    return this.#searchable;
  }

  /** Somebody without an id is known by the DN. */
  #findSpec({ id, dn }: Identity): SearchSpec {
    const { base, mapper, filter } = this.#options;
    const { attributes } = mapper;
    if (id === dnKey(dn)) return { base: dn, scope: 'base', filter, attributes };
    return { base, scope: 'sub', filter: and([filter, mapper.idIs(id)]), attributes };
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
