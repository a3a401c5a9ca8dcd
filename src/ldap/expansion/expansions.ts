import type { Branch } from '../../domain/employee.ts';
import { SearchFailure } from '../../domain/errors.ts';
import type { ExpansionPage } from '../../domain/ports.ts';
import { ANYONE, type Asker, NO_ATTRIBUTES } from '../asker.ts';
import type { SearchSpec } from '../connection/connection.ts';
import type { Mapper } from '../mapping.ts';
import { and, anyEqual, type Filter, filterBytes, or } from '../messages/filters.ts';
import { isGone, ResultCode, searchFailure } from '../result-codes.ts';
import { dnAttributeOf } from './exclusion.ts';
import { Places } from './kept-people.ts';
import { LoneBranch, type Searching } from './lone-branch.ts';
import { OneServer } from './one-server.ts';
import { Paging } from './paging.ts';
import { type Asked, type Reading, SearchPages } from './reading.ts';

export interface ExpansionOptions {
  readonly base: string;
  readonly filter: Filter;
  readonly managerAttribute: string;
  readonly mapper: Mapper;
  /** Entries to a page; 0: no paging. */
  readonly pageSize: number;
  /** Whether we have signed in. */
  readonly bound: boolean;
}

/** Half of OpenLDAP's limits for a request (sockbuf_max_incoming, …_auth), the lowest known: slapd.conf(5). */
const REQUEST_BYTES = { anonymous: 131_072, bound: 2_097_152 } as const;
const RENAMED = 'the manager was renamed or removed while the reports were being read';
/** Branches in trouble whose progress is remembered. */
const MOST_LONE = 100;

interface Lone {
  readonly branch: LoneBranch;
  /** What was asked for. */
  readonly link: string;
  /** Where it has been read so far. */
  server: number | undefined;
}

/** Lists the reports of shares of branches, however large they are and whatever cuts the way. */
export class Expansions {
  readonly #options: ExpansionOptions;
  readonly #reading: Reading;
  /** The attribute by which entries are found by their DN; null: none. Undefined: not known yet. */
  #dnAttribute: string | null | undefined;
  /** By person. */
  readonly #lone = new Map<number, Lone>();

  constructor(asker: Asker, options: ExpansionOptions) {
    const { mapper, bound, pageSize } = options;
    this.#options = options;
    this.#reading = {
      ...{ asker, mapper, bound, byManager: true },
      paging: new Paging(pageSize),
      places: new Places(),
    };
  }

  /** See the port `Expander`. Throws at once where the request would be too long. */
  expand(
    branches: readonly Branch[],
    slot: number,
    signal: AbortSignal,
  ): AsyncIterable<ExpansionPage> {
    const [branch, another] = branches;
    const lone = another === undefined;
    const spec = this.#reportsOf(branches);
    const asked = { slot, signal, lone, pageSizeAtMost: Number.POSITIVE_INFINITY };
    return lone && branch !== undefined
      ? this.#alone(branch, spec, asked)
      : this.#pages(spec, asked);
  }

  /** Another server serves now: what was learnt of the limits of the former one does not hold for it. */
  forget(): void {
    this.#reading.paging.forget();
  }

  #pages(spec: SearchSpec, asked: Asked): AsyncIterable<ExpansionPage> {
    return new SearchPages(this.#reading, spec, asked);
  }

  async *#alone(
    branch: Branch,
    spec: SearchSpec,
    asked: Asked,
  ): AsyncGenerator<ExpansionPage, void> {
    const { asker } = this.#reading;
    const lone = this.#recall(branch, asker.nextServerOf(asked.slot));
    const serverNow = () => asker.serverOf(asked.slot);
    const searching = this.#searching(branch, spec, asked);
    const pages = lone.branch.read(searching, branch.attempts > 0);
    try {
      for await (const page of new OneServer(pages, serverNow, lone.server)) {
        lone.server = serverNow();
        if (page.last) this.#lone.delete(branch.person);
        yield page;
      }
    } catch (error) {
      const isOver = error instanceof SearchFailure && error.remedy === 'fail';
      const hasMoved = lone.server !== undefined && lone.server !== serverNow();
      if (isOver || hasMoved) this.#lone.delete(branch.person);
      throw error;
    }
  }

  /** What is complete at one server is not so at another, nor under another name. */
  #recall({ person, link }: Branch, server: number): Lone {
    const known = this.#lone.get(person);
    const isHere = known?.link === link && (known.server ?? server) === server;
    const lone = isHere ? known : { branch: new LoneBranch(), link, server: undefined };
    this.#lone.set(person, lone);
    const [oldest] = this.#lone.keys();
    if (this.#lone.size > MOST_LONE && oldest !== undefined) this.#lone.delete(oldest);
    return lone;
  }

  #searching(branch: Branch, spec: SearchSpec, asked: Asked): Searching<ExpansionPage> {
    const narrowed = (filters: readonly Filter[]) => ({
      ...spec,
      filter: and([spec.filter, ...filters]),
    });
    const { slot, signal } = asked;
    const { paging } = this.#reading;
    const trial = (dn: string, filter?: Filter) => this.#trial(dn, filter, slot, signal);
    return {
      get pageSize() {
        return paging.size;
      },
      attributes: this.#options.mapper.textAttributes,
      pages: ({ filters, ...request }) => this.#pages(narrowed(filters), { ...asked, ...request }),
      trial,
      dnAttribute: async (witnesses) => {
        if (this.#dnAttribute === undefined) {
          this.#dnAttribute = (await dnAttributeOf(witnesses, trial)) ?? null;
        }
        return this.#dnAttribute ?? undefined;
      },
      fits: (filters) => this.#fits(narrowed(filters).filter),
      renew: () => this.#reading.asker.drop(slot),
      assertThere: () => this.#assertThere(branch, slot, signal),
      end: () => this.#emptyEnd(),
    };
  }

  /** Renamed between two searches, the manager had nobody in those that followed. A link that is no DN outlives that. */
  async #assertThere(
    { dn, link, linkKey }: Branch,
    slot: number,
    signal: AbortSignal,
  ): Promise<void> {
    if (link !== dn) return;
    const { mapper, bound, filter: people } = this.#options;
    // An account may be kept from searching for objectClass.
    const filter = or([people, ANYONE]);
    const { attributes } = mapper;
    const spec = { base: dn, scope: 'base', filter, attributes } as const;
    const { entries, code, diagnostic } = await this.#reading.asker.collect(spec, slot, signal);
    if (entries.some((entry) => mapper.employee(entry).linkKey === linkKey)) return;
    if (code !== ResultCode.success && !isGone(code)) {
      throw searchFailure(code, diagnostic, { bound });
    }
    throw new SearchFailure('fail', 'unreadable', RENAMED);
  }

  #emptyEnd(): ExpansionPage {
    const work = this.#reading.asker.takeWork();
    return { page: { employees: [], references: [], work }, last: true };
  }

  async #trial(
    dn: string,
    filter: Filter = ANYONE,
    slot: number,
    signal: AbortSignal,
  ): Promise<boolean> {
    const spec = { base: dn, scope: 'base', filter, attributes: NO_ATTRIBUTES } as const;
    const { entries, code, diagnostic } = await this.#reading.asker.collect(spec, slot, signal);
    if (code !== ResultCode.success && !isGone(code))
      throw searchFailure(code, diagnostic, { bound: this.#options.bound });
    return entries.length > 0;
  }

  /** One search asks about all of them; it needs no attribution, since all are complete with its last page. */
  #reportsOf(branches: readonly Branch[]): SearchSpec {
    const { base, filter: people, managerAttribute, mapper } = this.#options;
    const links = branches.map(({ link }) => link);
    const managers = anyEqual(managerAttribute, links);
    const filter = and([people, managers]);
    if (branches.length > 1 && !this.#fits(filter)) {
      throw new SearchFailure('split', 'limit', 'the request would be too long');
    }
    return { base, scope: 'sub', filter, attributes: mapper.attributes };
  }

  #fits(filter: Filter): boolean {
    return filterBytes(filter) <= REQUEST_BYTES[this.#options.bound ? 'bound' : 'anonymous'];
  }
}
