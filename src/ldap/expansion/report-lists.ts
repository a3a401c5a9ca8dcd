import type { Branch } from '../../domain/employee.ts';
import { SearchFailure } from '../../domain/errors.ts';
import { ANYONE, type Answer, type Asker } from '../asker.ts';
import type { SearchSpec } from '../connection/connection.ts';
import type { Mapper } from '../mapping.ts';
import type { RawEntry } from '../messages/entry.ts';
import { equality, or } from '../messages/filters.ts';
import { isGone, ResultCode, searchFailure } from '../result-codes.ts';
import type { Leaves } from './leaves.ts';

export interface ListOptions {
  readonly base: string;
  readonly mapper: Mapper;
  readonly idAttribute: string;
  readonly leaves: Leaves;
  /** Whether we have signed in. */
  readonly bound: boolean;
}

/** DNs of reports as the server spells them, by that spelling. */
export type Reports = ReadonlyMap<string, Buffer>;

/** What one range of values brought, and where the next one begins; null: there is none. */
interface Range {
  readonly values: readonly Buffer[];
  readonly next: number | null;
}

/** Values to a range, at most: what Windows gives by itself (MaxValRange, [MS-ADTS] §3.1.1.3.4.6). */
const RANGE = 1_500;
/** How often a list that takes several ranges is read, at most. */
const MOST_READINGS = 4;
const ID = 'objectGUID';

/** Reads who reports to a manager from the manager's own entry: on Samba as shipped, the one quick way to know. */
export class ReportLists {
  readonly #asker: Asker;
  readonly #options: ListOptions;
  readonly #name: string;

  constructor(asker: Asker, options: ListOptions) {
    this.#asker = asker;
    this.#options = options;
    this.#name = options.leaves.reportsAttribute.toLowerCase();
  }

  /** The list of each; none for whoever's entry is gone or came without. */
  async read(
    branches: readonly Branch[],
    slot: number,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<Branch, Reports>> {
    const lists = new Map<Branch, Reports>();
    const { entries } = await this.#asked(this.#managers(branches), slot, signal);
    for (const entry of entries) {
      const branch = this.#branchOf(entry, branches);
      const range = this.#rangeIn(entry, 0);
      if (branch === undefined || range === undefined) continue;
      const list =
        range.next === null ? listOf(range.values) : await this.#whole(branch, slot, signal);
      if (list !== undefined) lists.set(branch, list);
    }
    return lists;
  }

  /** By their ids, which a rename leaves alone; Samba and Windows have an index on them. */
  #managers(branches: readonly Branch[]): SearchSpec {
    const { base, mapper, idAttribute } = this.#options;
    const attributes = [idAttribute, this.#ranged(0)];
    const [branch, another] = branches;
    if (branch !== undefined && another === undefined) {
      return { base: this.#placeOf(branch), scope: 'base', filter: ANYONE, attributes };
    }
    const terms = branches.map((each) =>
      this.#hasGuid(each) ? mapper.idIs(each.id) : equality('distinguishedName', each.dn),
    );
    return { base, scope: 'sub', filter: or(terms), attributes };
  }

  /** A DN that outlives a rename, where there is one ([MS-ADTS] §3.1.1.3.1.2.4). */
  #placeOf(branch: Branch): string {
    return this.#hasGuid(branch) ? `<GUID=${branch.id}>` : branch.dn;
  }

  /** Whoever came without an id goes by the DN. */
  #hasGuid({ id, linkKey }: Branch): boolean {
    return this.#options.idAttribute === ID && id !== linkKey;
  }

  #branchOf(entry: RawEntry, branches: readonly Branch[]): Branch | undefined {
    const id = this.#options.mapper.idOf(entry);
    return branches.find((branch) =>
      id === undefined ? branch.dn === entry.dn : branch.id === id,
    );
  }

  /**
   * A list that takes several ranges may change between two of them, and who then moves up is passed over. So it is read
   * until two readings in a row agree; whoever came in any of them is in it. Undefined: the entry is gone, or does not show
   * it any more.
   */
  async #whole(branch: Branch, slot: number, signal: AbortSignal): Promise<Reports | undefined> {
    let before = await this.#reading(branch, slot, signal);
    const all = new Map(before);
    for (let times = 1; times < MOST_READINGS; times += 1) {
      const now = before && (await this.#reading(branch, slot, signal));
      if (before === undefined || now === undefined) return undefined;
      for (const [dn, bytes] of now) all.set(dn, bytes);
      if (now.size === before.size && all.size === now.size) return all;
      before = now;
    }
    return all;
  }

  async #reading(branch: Branch, slot: number, signal: AbortSignal): Promise<Reports | undefined> {
    const list = new Map<string, Buffer>();
    for (let start: number | null = 0; start !== null; ) {
      const range = await this.#range(branch, start, slot, signal);
      if (range === undefined) return undefined;
      const { values, next } = range;
      for (const [dn, bytes] of listOf(values)) list.set(dn, bytes);
      if (next !== null && next <= start) throw circle();
      start = next;
    }
    return list;
  }

  /**
   * A list that has become shorter than `start` ends there; it is still there if its beginning is. Undefined: nothing of it
   * is shown any more.
   */
  async #range(
    branch: Branch,
    start: number,
    slot: number,
    signal: AbortSignal,
  ): Promise<Range | undefined> {
    const attributes = [this.#ranged(start)];
    const base = this.#placeOf(branch);
    const spec = { base, scope: 'base', filter: ANYONE, attributes } as const;
    const { entries } = await this.#asked(spec, slot, signal);
    const [entry] = entries;
    const range = entry && this.#rangeIn(entry, start);
    if (range !== undefined || start === 0) return range;
    const beginning = await this.#range(branch, 0, slot, signal);
    return beginning && { values: [], next: null };
  }

  #ranged(start: number): string {
    const { reportsAttribute } = this.#options.leaves;
    return `${reportsAttribute};range=${start}-${start + RANGE - 1}`;
  }

  /** Undefined: the entry came without. A server that gives all values at once needs no range. */
  #rangeIn({ attributes }: RawEntry, start: number): Range | undefined {
    for (const [name, values] of attributes) {
      if (!name.startsWith(this.#name) || values.length === 0) continue;
      if (name === this.#name) return { values, next: null };
      const told = /;range=(\d+)-(\d+|\*)$/.exec(name);
      if (told === null || Number(told[1]) !== start) continue;
      return { values, next: told[2] === '*' ? null : Number(told[2]) + 1 };
    }
    return undefined;
  }

  async #asked(spec: SearchSpec, slot: number, signal: AbortSignal): Promise<Answer> {
    const answer = await this.#asker.collect(spec, slot, signal);
    const { code, diagnostic } = answer;
    if (code === ResultCode.success || isGone(code)) return answer;
    this.#asker.drop(slot);
    throw searchFailure(code, diagnostic, { bound: this.#options.bound });
  }
}

function listOf(values: readonly Buffer[]): Reports {
  return new Map(values.map((value) => [value.toString('latin1'), value]));
}

function circle(): SearchFailure {
  return new SearchFailure(
    'fail',
    'poison',
    'the ranges of a list of reports go round in a circle',
  );
}
