import { isWithin } from '../../domain/dn.ts';
import type { Branch, Employee, Page } from '../../domain/employee.ts';
import { SearchFailure } from '../../domain/errors.ts';
import type { Clock, ExpansionPage } from '../../domain/ports.ts';
import type { Asker } from '../asker.ts';
import type { SearchSpec } from '../connection/connection.ts';
import { ConnectionError } from '../connection/connection-error.ts';
import { and, equality, type Filter, or } from '../messages/filters.ts';
import { isGone, ResultCode, searchFailure } from '../result-codes.ts';
import type { Expansions } from './expansions.ts';
import { FetchSize } from './fetch-size.ts';
import { Places } from './kept-people.ts';
import { OneServer } from './one-server.ts';
import { Paging } from './paging.ts';
import { type Reading, SearchPages } from './reading.ts';
import { type ListOptions, ReportLists, type Reports } from './report-lists.ts';

export interface DirectReportsOptions extends ListOptions {
  /** Who is walked. */
  readonly filter: Filter;
  /** Entries to a page; 0: no paging. */
  readonly pageSize: number;
}

export interface DirectReportsPorts {
  readonly asker: Asker;
  readonly clock: Clock;
  /** Lists reports by a search for their managers. */
  readonly searched: Pick<Expansions, 'expand'>;
  /** Told what a person must know, in a line without names. */
  readonly notice: (line: string) => void;
}

/** What a share is read by. */
interface Asking {
  readonly slot: number;
  readonly signal: AbortSignal;
}

/** Bytes of DNs in a request, far below what servers take. */
const MOST_BYTES = 65_536;
/** A batch that failed becomes so many times smaller. */
const SHRINK = 4;
const NAME = 'distinguishedName';
const MAY_BE_MISSING =
  'the account may not read directReports of some managers: people below others like them may be missing, --reconcile tells';

/**
 * Lists the reports of shares of branches where a search by manager looks through everybody, as on Samba, whose schema has
 * no index on it: their own entries tell who reports to them, and those entries are then fetched by name. An entry that
 * tells nothing is not believed: an account may be kept from that attribute, and the search by manager decides.
 */
export class DirectReports {
  readonly #options: DirectReportsOptions;
  readonly #searched: DirectReportsPorts['searched'];
  readonly #clock: Clock;
  readonly #notice: (line: string) => void;
  readonly #lists: ReportLists;
  readonly #reading: Reading;
  readonly #size = new FetchSize();

  constructor(ports: DirectReportsPorts, options: DirectReportsOptions) {
    const { asker, clock, searched, notice } = ports;
    const { mapper, bound, pageSize } = options;
    this.#options = options;
    this.#searched = searched;
    this.#clock = clock;
    this.#notice = notice;
    this.#lists = new ReportLists(asker, options);
    this.#reading = {
      ...{ asker, mapper, bound, byManager: false },
      paging: new Paging(pageSize),
      places: new Places(),
    };
  }

  /** Another server serves now: its limits are its own. */
  forget(): void {
    this.#reading.paging.forget();
  }

  /** See the port `Expander`. */
  async *expand(
    branches: readonly Branch[],
    slot: number,
    signal: AbortSignal,
  ): AsyncGenerator<ExpansionPage, void> {
    const lists = await this.#lists.read(branches, slot, signal);
    const { asker } = this.#reading;
    const pages = this.#behind(lists, branches, { slot, signal });
    yield* new OneServer(pages, () => asker.serverOf(slot), asker.serverOf(slot));
  }

  async *#behind(
    lists: ReadonlyMap<Branch, Reports>,
    branches: readonly Branch[],
    asking: Asking,
  ): AsyncGenerator<ExpansionPage, void> {
    const missing = allOf(lists.values());
    for await (const page of this.#fetch([...missing.values()], asking)) {
      for (const { dn } of page.employees) missing.delete(keyOf(dn));
      yield { page, last: false };
    }
    yield* this.#renamed(lists, missing, asking);
    const untold = branches.filter((branch) => !lists.has(branch));
    if (untold.length > 0) yield* this.#asked(untold, asking);
    else yield { page: this.#page([]), last: true };
  }

  /**
   * Whoever did not come is outside the base, or nobody whom the filter matches, or was renamed since the list was read: a
   * list read anew has the new name.
   */
  async *#renamed(
    lists: ReadonlyMap<Branch, Reports>,
    missing: Reports,
    { slot, signal }: Asking,
  ): AsyncGenerator<ExpansionPage, void> {
    const theirs = [...lists].filter(([, list]) => missing.keys().some((dn) => list.has(dn)));
    if (theirs.length === 0) return;
    const known = allOf(lists.values());
    const anew = await this.#lists.read(
      theirs.map(([branch]) => branch),
      slot,
      signal,
    );
    const others = [...allOf(anew.values())].filter(([dn]) => !known.has(dn));
    const fetched = this.#fetch(
      others.map(([, bytes]) => bytes),
      { slot, signal },
    );
    for await (const page of fetched) yield { page, last: false };
  }

  /** By a search for their reports. Where it finds any, entries there tell nothing about leaves, and may have told wrong. */
  async *#asked(
    branches: readonly Branch[],
    { slot, signal }: Asking,
  ): AsyncGenerator<ExpansionPage, void> {
    for await (const step of this.#searched.expand(branches, slot, signal)) {
      const managers = managersIn(step.page, branches);
      if (this.#options.leaves.distrust(managers)) this.#notice(MAY_BE_MISSING);
      yield step;
    }
  }

  /** The entries at these DNs, those whom the filter matches, as few searches at a time as the server likes. */
  async *#fetch(names: readonly Buffer[], asking: Asking): AsyncGenerator<Page, void> {
    let progress = false;
    let atMost = Number.POSITIVE_INFINITY;
    for (let at = 0; at < names.length; ) {
      const batch = this.#batch(names, at, atMost);
      const began = this.#clock.now();
      try {
        for await (const { page } of this.#pagesOf(batch, asking)) yield page;
        this.#size.observe(batch.length, this.#clock.now() - began);
        at += batch.length;
        progress = true;
      } catch (error) {
        const less = this.#less(error, batch.length, progress);
        if (less === undefined) throw error;
        atMost = less;
        progress = false;
      }
    }
  }

  /** How many to try next after a batch of `asked` has failed; undefined: that would not help. */
  #less(error: unknown, asked: number, progress: boolean): number | undefined {
    if (!(error instanceof SearchFailure)) return undefined;
    if (error.remedy !== 'split' && error.remedy !== 'fail') return undefined;
    // What cut the connection may have been what it had carried before.
    if (error.cause instanceof ConnectionError && progress) return asked;
    if (asked === 1) return undefined;
    // A limit holds for others, too; anything else may be the doing of one of these entries.
    if (error.reason === 'limit') this.#size.shrink(asked);
    return Math.ceil(asked / SHRINK);
  }

  /** Never longer than a request may be. */
  #batch(names: readonly Buffer[], at: number, atMost: number): readonly Buffer[] {
    const most = names.slice(at, at + Math.min(this.#size.size, atMost));
    let bytes = 0;
    const end = most.findIndex((name) => {
      bytes += name.length;
      return bytes > MOST_BYTES;
    });
    return end === -1 ? most : most.slice(0, Math.max(1, end));
  }

  #pagesOf(batch: readonly Buffer[], asking: Asking): AsyncIterable<{ readonly page: Page }> {
    const { base, filter, mapper } = this.#options;
    const [name, another] = batch;
    const lone = name !== undefined && another === undefined;
    if (lone && isWithin(name.toString(), base)) return this.#single(name, asking);
    const named = or(batch.map((each) => equality(NAME, each)));
    const { attributes } = mapper;
    const spec: SearchSpec = { base, scope: 'sub', filter: and([filter, named]), attributes };
    const asked = { ...asking, lone: false, pageSizeAtMost: Number.POSITIVE_INFINITY };
    return new SearchPages(this.#reading, spec, asked);
  }

  async *#single(base: Buffer, { slot, signal }: Asking) {
    const { filter, mapper, bound } = this.#options;
    const spec: SearchSpec = { base, scope: 'base', filter, attributes: mapper.attributes };
    const { asker } = this.#reading;
    const { entries, code, diagnostic } = await asker.collect(spec, slot, signal);
    if (code !== ResultCode.success && !isGone(code)) {
      throw searchFailure(code, diagnostic, { bound });
    }
    yield { page: this.#page(entries.map((entry) => mapper.employee(entry))) };
  }

  #page(employees: readonly Employee[]): Page {
    return { employees, references: [], work: this.#reading.asker.takeWork() };
  }
}

/** Those of the branches to whom somebody on the page reports. */
function managersIn({ employees }: Page, branches: readonly Branch[]): readonly Branch[] {
  const keys = new Set([...employees].flatMap(({ managers }) => managers.map(({ key }) => key)));
  return branches.filter(({ linkKey }) => keys.has(linkKey));
}

function allOf(lists: Iterable<Reports>): Map<string, Buffer> {
  return new Map([...lists].flatMap((list) => [...list]));
}

/** As the lists have it. */
function keyOf(dn: string): string {
  return Buffer.from(dn).toString('latin1');
}
