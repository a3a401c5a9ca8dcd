import type { Employee } from '../domain/employee.ts';
import { DatabaseError, type SearchFailure } from '../domain/errors.ts';
import type {
  Clock,
  Directory,
  KnownPerson,
  ManagerAnswer,
  Pace,
  Published,
  Question,
  RunStore,
  SourceProfile,
  StartedRun,
  Twin,
  UnknownManager,
  Unreached,
} from '../domain/ports.ts';
import { BatchSize } from './batch-size.ts';
import { type Inquiries, Inquiry, singly, type Way } from './inquiry.ts';
import { type OutageKnown, outageOver } from './outage.ts';
import { Shares } from './shares.ts';
import type { Retry } from './verdict.ts';
import { walk } from './walk.ts';

export interface CrawlPorts {
  readonly directory: Directory;
  readonly store: RunStore;
  readonly pace: Pace;
  readonly clock: Clock;
}

export interface CrawlOptions {
  /** What is asked, but for the id attribute, which the directory tells. */
  readonly question: (profile: SourceProfile) => Question;
  readonly workers: number;
  /** Managers to a search; undefined: adapts. */
  readonly batch: number | undefined;
  readonly onFailure: 'continue' | 'abort';
  readonly retry: Retry;
  readonly outageBudgetMs: number;
  readonly resumeWithinMs: number;
  readonly fresh: boolean;
  /** See `RunOptions`. */
  readonly dryRun: boolean;
  /** See `RunOptions`. */
  readonly maxDrop: number;
  /** Whether everyone whom the filter matches is compared with those who were reached. */
  readonly reconcile?: boolean;
}

export type Phase =
  | 'connecting'
  | 'walking'
  | 'settling'
  | 'reconciling'
  | 'publishing'
  | 'finished';

/** What a crawl tells while it goes on. Called synchronously; must not throw. */
export interface CrawlObserver {
  connected?(profile: SourceProfile): void;
  started?(run: StartedRun): void;
  phase?(phase: Phase): void;
  busy?(workers: number): void;
  failed?(failure: SearchFailure, branches: number): void;
  outage?(state: { readonly sinceMs: number } | null): void;
  /** Something that a person must know although the crawl goes on, in a line without names. */
  notice?(line: string): void;
}

export interface CrawlOutcome {
  readonly run: StartedRun;
  readonly published: Published;
  /** Null where it was not asked for, or could not be told. */
  readonly unreached: Unreached | null;
}

/** Questions that are put in one go: bounds the memory, not the work. */
const SETTLED_AT_ONCE = 500;
/** People looked up by id in one search. */
const LOOKED_UP_AT_ONCE = 50;
/** Manager values asked about in one search, where the server tells of several at once. */
const NAMED_AT_ONCE = 100;

/**
 * One crawl, from the first connection to the published state. Whatever interrupts it leaves a run that the next call
 * continues. Rejects with a `DirectoryError` before anything was written, with `Interrupted` where it can be continued.
 */
export async function crawl(
  ports: CrawlPorts,
  options: CrawlOptions,
  signal: AbortSignal,
  observe: CrawlObserver = {},
): Promise<CrawlOutcome> {
  return new Crawl(ports, options, signal, observe).run();
}

class Crawl {
  readonly #ports: CrawlPorts;
  readonly #options: CrawlOptions;
  readonly #signal: AbortSignal;
  readonly #observe: CrawlObserver;
  readonly #batch: BatchSize;
  readonly #shares: Shares;

  constructor(
    ports: CrawlPorts,
    options: CrawlOptions,
    signal: AbortSignal,
    observe: CrawlObserver,
  ) {
    this.#ports = ports;
    this.#options = options;
    this.#signal = signal;
    this.#observe = observe;
    this.#batch = new BatchSize(options.batch);
    this.#shares = new Shares(options.workers, ports);
  }

  async run(): Promise<CrawlOutcome> {
    const run = await this.#start();
    try {
      await this.#readAll();
      const unreached = await this.#reconcile();
      this.#observe.phase?.('publishing');
      await this.#ports.store.addWork(this.#ports.directory.takeWork());
      const published = await this.#ports.store.publish(this.#signal);
      this.#observe.phase?.('finished');
      return { run, published, unreached };
    } catch (error) {
      await this.#leaveResumable(error);
      throw error;
    }
  }

  /** The roots first: a run whose root cannot be read must never begin, nor replace one that could be continued. */
  async #start(): Promise<StartedRun> {
    const { directory, store } = this.#ports;
    const { resumeWithinMs, fresh, question, onFailure, dryRun, maxDrop } = this.#options;
    this.#observe.phase?.('connecting');
    const source = await directory.open(this.#signal, store.source);
    this.#observe.connected?.(source);
    const roots = await directory.findRoots(this.#signal);
    const asked = {
      ...{ source, question: question(source), resumeWithinMs, fresh, dryRun, maxDrop },
      // A branch that stopped the run would otherwise be passed over by the run that continues it.
      retryFailed: onFailure === 'abort',
    };
    const run = await store.start(asked, this.#signal);
    this.#observe.started?.(run);
    await store.addRoots(roots);
    return run;
  }

  /** Walks and settles until neither brings anything new. */
  async #readAll(): Promise<void> {
    const { frontier } = this.#ports.store;
    for (;;) {
      await this.#findStrayed();
      this.#observe.phase?.('walking');
      await this.#walk();
      this.#observe.phase?.('settling');
      await this.#settleTwins();
      await this.#settleManagers();
      await this.#findStrayed();
      if ((await frontier.waiting()) > 0) continue;
      if ((await this.#findUnseen()) || (await this.#findChainless())) continue;
      return;
    }
  }

  async #walk(): Promise<void> {
    const { directory, store } = this.#ports;
    await walk({
      ...this.#walking(),
      frontier: store.frontier,
      expander: directory,
      share: (waiting) => this.#shares.of(waiting, this.#batch.size),
      onFailure: this.#options.onFailure,
      observe: {
        sizeOf: (page) => page.employees.length,
        expanded: (branches, entries, elapsedMs) =>
          this.#batch.observe(branches.length, entries, elapsedMs),
        busy: (count) => this.#observe.busy?.(count),
        failed: (failure, branches) => {
          if (failure.reason === 'limit' && branches > 1) this.#batch.overran(branches);
          this.#observe.failed?.(failure, branches);
        },
      },
    });
  }

  /** Looks for managers whose DN may name nobody any more: whoever is below them would seem to have left. */
  async #findStrayed(): Promise<void> {
    const { store } = this.#ports;
    await this.#lookUp({
      questions: await store.strayed(this.#signal),
      settle: (manager, found) => store.settleStrayed(manager, found),
      giveUp: (manager, failure) => store.failStrayed(manager, failure),
    });
  }

  /**
   * Nobody leaves by silence: everyone published but unseen is asked for by id. Returns whether somebody was taken in, so
   * that there is more to read or to settle.
   */
  async #findUnseen(): Promise<boolean> {
    const { store } = this.#ports;
    const before = store.progress().employees;
    while ((await this.#askUnseen()) || (await this.#followLeads()));
    return store.progress().employees > before || (await store.frontier.waiting()) > 0;
  }

  /** Whoever has no way to a root may have one by now: returns whether anybody was asked for. */
  async #findChainless(): Promise<boolean> {
    const { store } = this.#ports;
    return this.#lookUp({
      questions: await store.chainless(SETTLED_AT_ONCE, this.#signal),
      settle: (person, found) => store.settleChainless(person, found),
      giveUp: (person, failure) => store.failChainless(person, failure),
    });
  }

  async #askUnseen(): Promise<boolean> {
    const { store } = this.#ports;
    return this.#lookUp({
      questions: await store.unseen(SETTLED_AT_ONCE, this.#signal),
      settle: (person, found) => store.settleUnseen(person, found),
      giveUp: (person, failure) => store.failUnseen(person, failure),
    });
  }

  /** The managers of those who are linked to nobody in this run: they may be, or become, the way to it. */
  async #followLeads(): Promise<boolean> {
    const { directory, store } = this.#ports;
    const leads = await store.leads(SETTLED_AT_ONCE);
    await this.#inquire({
      questions: leads,
      ways: [
        singly(({ value }: UnknownManager, slot, signal) =>
          directory.findManager(value, slot, signal),
        ),
      ],
      settle: (lead, found) => store.settleLead(lead, found),
      giveUp: (lead, failure) => store.failLead(lead, failure),
    });
    return leads.length > 0;
  }

  /** Asks the server who is still where an id was seen, where it was seen at several DNs. */
  async #settleTwins(): Promise<void> {
    const { directory, store } = this.#ports;
    for (;;) {
      const twins = await store.twins(SETTLED_AT_ONCE, this.#signal);
      if (twins.length === 0) return;
      await this.#inquire({
        questions: twins,
        ways: [singly((twin: Twin, slot, signal) => directory.holds(twin, slot, signal))],
        settle: (twin, answer) => store.settleTwin(twin, answer),
        giveUp: (twin, failure) => store.failTwin(twin, failure),
      });
    }
  }

  /** Asks the server about manager values that match nobody by their key: once for each value, all workers at it. */
  async #settleManagers(): Promise<void> {
    const { store } = this.#ports;
    for (;;) {
      const unknown = await store.unknownManagers(SETTLED_AT_ONCE, this.#signal);
      if (unknown.length === 0) return;
      await this.#inquire({
        questions: unknown,
        ways: this.#waysToManagers(),
        settle: (manager, answer) => store.settleManager({ ...manager, answer }),
        giveUp: (manager, failure) => store.failManager(manager, failure),
      });
    }
  }

  /** Many at once, then each alone of whom that does not tell. */
  #waysToManagers(): Inquiries<UnknownManager, ManagerAnswer>['ways'] {
    const { directory } = this.#ports;
    const together: Way<UnknownManager, ManagerAnswer> = {
      atOnce: NAMED_AT_ONCE,
      ask: (managers, slot, signal) => {
        const values = managers.map(({ value }) => value);
        return directory.askManagers(values, slot, signal);
      },
    };
    const alone = singly(({ value }: UnknownManager, slot, signal) =>
      directory.askManager(value, slot, signal),
    );
    return [together, alone];
  }

  /** Who of all whom the filter matches was not reached. A sweep that fails costs the run nothing. */
  async #reconcile(): Promise<Unreached | null> {
    const { store } = this.#ports;
    if (!this.#options.reconcile) {
      // An interrupted sweep may have left some.
      await store.forgetUnreached(this.#signal);
      return null;
    }
    this.#observe.phase?.('reconciling');
    let unreached: Unreached | null = null;
    await this.#inquire({
      questions: ['who is there'],
      ways: [singly((_question, slot, signal) => this.#sweep(slot, signal))],
      settle: async (_question, counts) => {
        unreached = counts;
      },
      giveUp: async (_question, { message }) => {
        await store.forgetUnreached(this.#signal);
        this.#observe.notice?.(`Not reconciled: ${message}`);
      },
    });
    return unreached;
  }

  async #sweep(slot: number, signal: AbortSignal): Promise<Unreached> {
    const { directory, store } = this.#ports;
    await store.forgetUnreached(signal);
    const sum = { withManager: 0, withoutManager: 0 };
    for await (const people of directory.sweep(slot, signal)) {
      const { withManager, withoutManager } = await store.noteUnreached(people, signal);
      sum.withManager += withManager;
      sum.withoutManager += withoutManager;
      await store.addWork(directory.takeWork());
    }
    return sum;
  }

  /**
   * People, by their ids; then each alone who is not found so: what is known of one of them is kept before the next is asked
   * for. Returns whether there was anybody to look up.
   */
  async #lookUp(people: Omit<Inquiries<KnownPerson, Employee | null>, 'ways'>): Promise<boolean> {
    const { directory } = this.#ports;
    const byId: Way<KnownPerson, Employee | null> = {
      atOnce: LOOKED_UP_AT_ONCE,
      ask: (asked, slot, signal) => directory.find(asked, slot, signal),
    };
    const alone = singly((person: KnownPerson, slot, signal) =>
      directory.findAlone(person, slot, signal),
    );
    await this.#inquire({ ...people, ways: [byId, alone] });
    return people.questions.length > 0;
  }

  /** All workers at it. */
  async #inquire<Q, A>(inquiries: Inquiries<Q, A>): Promise<void> {
    if (inquiries.questions.length === 0) return;
    const inquiry = new Inquiry(inquiries);
    await walk({
      ...this.#walking(),
      frontier: inquiry,
      expander: {
        expand: (asked, slot, signal) => inquiry.expand(asked, slot, signal),
        probe: (signal, slot) => this.#ports.directory.probe(signal, slot),
      },
      // Each way of asking has a limit of its own.
      share: (waiting) => this.#shares.of(waiting, SETTLED_AT_ONCE),
      onFailure: 'continue',
    });
  }

  /** How failures are met, whatever is walked. */
  #walking() {
    const { workers, retry, outageBudgetMs } = this.#options;
    return {
      ...{ workers, retry, patienceMs: outageBudgetMs },
      lanes: () => this.#shares.lanes,
      clock: this.#ports.clock,
      signal: this.#signal,
      outageOver: (signal: AbortSignal, known: OutageKnown) => this.#outageOver(signal, known),
    };
  }

  async #outageOver(signal: AbortSignal, known: OutageKnown): Promise<void> {
    const { directory, clock } = this.#ports;
    await outageOver(
      {
        probe: (s) => directory.probe(s),
        clock,
        budgetMs: this.#options.outageBudgetMs,
        delayMs: this.#options.retry.delayMs,
        ...known,
        observe: (state) => this.#observe.outage?.(state),
      },
      signal,
    );
  }

  /** A database that failed can take no note: it says by its state alone where to go on. */
  async #leaveResumable(error: unknown): Promise<void> {
    if (error instanceof DatabaseError) return;
    await this.#ports.store.addWork(this.#ports.directory.takeWork());
    await this.#ports.store.interrupt(this.#options.onFailure === 'abort');
  }
}
