import type { Branch, Employee, Page } from '../../domain/employee.ts';
import { SearchFailure } from '../../domain/errors.ts';
import { DN_LINK } from '../../domain/link.ts';
import type { Clock, Expander, ExpansionPage, SourceProfile } from '../../domain/ports.ts';
import { ANYONE, type Answer, type Asker, NO_ATTRIBUTES } from '../asker.ts';
import { ConnectionError } from '../connection/connection-error.ts';
import type { RawEntry } from '../messages/entry.ts';
import { and, equality, type Filter } from '../messages/filters.ts';
import type { Search } from '../opening.ts';
import { vendorDefaults } from '../vendors.ts';
import { DirectReports } from './direct-reports.ts';
import { type ExpansionOptions, Expansions } from './expansions.ts';
import type { Leaves } from './leaves.ts';

const MANAGER = 'manager';
/** Each is measured so often; the least counts, since whatever else goes on only adds to it. */
const TRIES = 2;
/** A search that takes so much longer than reading an entry looks through everybody: what the network takes, both do. */
const SLOW_MS = 20;

const SLOWLY = 'a search by manager looks through everybody here';

interface Link {
  readonly managerAttribute: string;
  readonly managerValue: string;
}

/** The attribute of a manager that lists those whom this link makes reports; undefined: there is none. */
export function reportsAttributeOf(
  { vendor, traits }: Pick<SourceProfile, 'vendor' | 'traits'>,
  { managerAttribute, managerValue }: Link,
): string | undefined {
  if (managerAttribute.toLowerCase() !== MANAGER || managerValue !== DN_LINK) return undefined;
  // A global catalogue has it of some entries only: it is not among the attributes that are copied there.
  if (traits['globalCatalog'] === true) return undefined;
  return vendorDefaults(vendor).reportsAttribute ?? undefined;
}

export interface ManagerLinkOptions extends ExpansionOptions {
  readonly idAttribute: string;
  /** Undefined: the server does not tell. */
  readonly leaves: Leaves | undefined;
}

export interface ManagerLinkPorts {
  readonly asker: Asker;
  readonly clock: Clock;
  readonly notice?: ((line: string) => void) | undefined;
}

/** How reports are listed at this server: what it tells about managers, and whether searching by manager is quick. */
export class ManagerLink implements Pick<Expander<Branch, Page>, 'expand'> {
  readonly #options: ManagerLinkOptions;
  readonly #notice: (line: string) => void;
  readonly #searched: Expansions;
  readonly #listed: DirectReports | undefined;
  #isSlow = false;

  constructor({ asker, clock, notice }: ManagerLinkPorts, options: ManagerLinkOptions) {
    this.#options = options;
    this.#notice = notice ?? (() => {});
    const searched = new Expansions(asker, options);
    this.#searched = searched;
    const { leaves } = options;
    this.#listed =
      leaves &&
      new DirectReports({ asker, clock, searched, notice: this.#notice }, { ...options, leaves });
  }

  /** Measures, where there is a choice. What it finds is for people to read. */
  async measure(search: Search): Promise<SourceProfile['traits']> {
    const { leaves } = this.#options;
    if (leaves === undefined) return {};
    const { searchMs, readMs, slow } = await timeOfManagerSearch(this.#options, search);
    this.#isSlow = slow;
    return {
      managerSearchMs: searchMs === null ? null : Math.round(searchMs * 10) / 10,
      entryReadMs: Math.round(readMs * 10) / 10,
      managerSearchIsSlow: slow,
    };
  }

  /** Whether what the entries of managers lack may be believed. */
  async examine(roots: readonly FoundRoot[], search: Search): Promise<void> {
    const { leaves, base, filter } = this.#options;
    if (leaves === undefined) return;
    if (await rootsListReports(roots, { base, filter, leaves }, search)) {
      if (this.#isSlow) this.#notice(`${SLOWLY}: reports are read from directReports instead`);
      return;
    }
    leaves.withdraw();
    const slowly = this.#isSlow ? `; ${SLOWLY}, so let it read them` : '';
    this.#notice(`the account may not read directReports: everybody is asked about${slowly}`);
  }

  /** Whether the server tells who has no reports. */
  get tellsLeaves(): boolean {
    return this.#options.leaves?.trusted === true;
  }

  /** Another server serves now: what was learnt of the limits of the former one does not hold for it. */
  forget(): void {
    this.#options.leaves?.forget();
    this.#searched.forget();
    this.#listed?.forget();
  }

  expand(
    branches: readonly Branch[],
    slot: number,
    signal: AbortSignal,
  ): AsyncIterable<ExpansionPage> {
    const { leaves } = this.#options;
    const listed = this.#isSlow && leaves?.trusted === true ? this.#listed : undefined;
    return (listed ?? this.#searched).expand(branches, slot, signal);
  }
}

export interface ManagerSearchTime {
  /** One search by manager (ms); null: it did not end well. */
  readonly searchMs: number | null;
  /** Reading one entry at its DN (ms): what network and server cost anyway. */
  readonly readMs: number;
  /** Whether it looks through everybody. */
  readonly slow: boolean;
}

/** Asks for the reports of the base, which can have none: what the search takes is the time to find that out. */
export async function timeOfManagerSearch(
  {
    base,
    filter,
    managerAttribute,
  }: Pick<ExpansionOptions, 'base' | 'filter' | 'managerAttribute'>,
  search: Search,
): Promise<ManagerSearchTime> {
  const attributes = NO_ATTRIBUTES;
  const entry = { base, scope: 'base', filter: ANYONE, attributes } as const;
  const reports = and([filter, equality(managerAttribute, base)]);
  const asked = { base, scope: 'sub', filter: reports, attributes } as const;
  const readMs = (await least(() => search(entry))) ?? 0;
  const searchMs = await least(() => search(asked)).catch(neverEnded);
  const slow = searchMs === null || searchMs - readMs > SLOW_MS;
  return { searchMs, readMs, slow };
}

/** Null: it is refused, as a server may do that has no index. */
async function least(ask: () => Promise<Answer>): Promise<number | null> {
  let least = Number.POSITIVE_INFINITY;
  for (let n = 0; n < TRIES; n += 1) {
    const { code, elapsedMs } = await ask();
    if (code !== 0) return null;
    least = Math.min(least, elapsedMs);
  }
  return least;
}

function neverEnded(error: unknown): null {
  const cause = error instanceof SearchFailure ? error.cause : undefined;
  if (cause instanceof ConnectionError && cause.kind === 'timeout') return null;
  throw error;
}

export interface FoundRoot {
  readonly entry: RawEntry;
  readonly employee: Employee;
}

/** False: somebody reports to a root whose entry came without: the account may not read that. */
async function rootsListReports(
  roots: readonly FoundRoot[],
  { base, filter, leaves }: { base: string; filter: Filter; leaves: Leaves },
  search: Search,
): Promise<boolean> {
  for (const { entry, employee } of roots) {
    if (leaves.listsReports(entry) || employee.link === null) continue;
    const reports = and([filter, equality(MANAGER, employee.link)]);
    const asked = { base, scope: 'sub', filter: reports, attributes: NO_ATTRIBUTES } as const;
    const { entries } = await search({ ...asked, sizeLimit: 1 });
    if (entries.length > 0) return false;
  }
  return true;
}
