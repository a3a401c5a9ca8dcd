/**
 * What the engine needs of the world. Every adapter is written against this page, and the words are used
 * nowhere in another sense:
 *
 * - entry: an object in the directory; employee: a person entry that we keep
 * - branch: one manager whose direct reports are to be listed, the unit of work
 * - expansion: one search, of one or more pages, that lists the reports of one or more branches
 * - frontier: the durable set of branches of a run: queue, visited set and resume state at once
 * - delegate: let an idle worker take a branch; worker: one slot with one bound connection
 * - share: the branches that one expansion asks about
 * - run: one crawl of one source, resumable; question: what it asks; publish: make its result the one readers see
 *
 * All ports are asynchronous, so that another store can stand behind them. What an operation promises holds when
 * its promise resolves; what it rejects with, nobody has seen.
 */
import type { Branch, Employee, Page, Work } from './employee.ts';
import type { FailureReason } from './errors.ts';

/** Time that only moves forward (ms), unaffected by the wall clock. */
export interface Clock {
  now(): number;
  /** Rejects with the signal's reason when it aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The limiter in front of every request of every worker. */
export interface Pace {
  /** Resolves when one request may leave now. Rejects with the signal's reason. Holds nothing afterwards. */
  admit(signal?: AbortSignal): Promise<void>;
  /** Requests per second that may leave; 0 = no limit. */
  readonly rate: number;
  /** The server answered a request: the rate may recover. */
  served(): void;
  /** The server was too busy for a request (51, 52), or silent: it did not answer it in time. The rate gives way. */
  refused(why: 'busy' | 'silent'): void;
}

/** Counts the load that the run imposes on the directory. */
export interface LoadMeter {
  /** A request leaves; call what it returns when the answer is complete or given up. */
  start(): () => void;
}

export interface BranchFailure {
  readonly reason: FailureReason;
  readonly resultCode: number | null;
  readonly attempts: number;
  /** For the person: no names, no DNs, no secrets. */
  readonly message: string;
}

/** What being given back costs each of the branches: it counts among its attempts, refusals or outages. */
export type ReleaseCost = 'nothing' | 'attempt' | 'refusal' | 'outage';

/**
 * The durable set of branches of one run.
 *
 * Taken means in progress: nobody else gets the branch, until it is done, released or failed; a restart serves it
 * again. Empty is not finished: a branch in progress may bring new ones. An implementation that forgot a taken branch
 * at a restart would lose everyone below it.
 */
export interface Frontier<B = Branch, P = Page> {
  /** How many branches wait, not counting those in progress. */
  waiting(): Promise<number>;
  /** Takes at most `max` waiting branches (from 1 up). Empty when none waits. A group given back by `release` is never widened. */
  take(max: number): Promise<readonly B[]>;
  /**
   * One page, in one transaction: the children it found wait from now on, once each however often they are found,
   * and the branches in `done` are complete. A caller passes `done` with the last page of an expansion only:
   * a branch completed earlier would lose what the later pages hold.
   */
  commit(page: P, done: readonly B[]): Promise<void>;
  /** Gives branches back, to be taken again at most `groupOf` at a time, before any that was never taken. */
  release(branches: readonly B[], groupOf: number, cost: ReleaseCost): Promise<void>;
  /** The branch is recorded as failed; what was found below it stays. */
  fail(branch: B, failure: BranchFailure): Promise<void>;
}

/** A page of an expansion. `last`: it completes the share; nothing follows. */
export interface ExpansionPage<P = Page> {
  readonly page: P;
  readonly last: boolean;
}

/** Lists the children of a share of branches, on the connection that belongs to the slot. */
export interface Expander<B = Branch, P = Page> {
  /**
   * Pages as they come, the last one marked: only a server that said "that was all" makes a last page. Throws
   * `SearchFailure` where the share could not be read to its end, the signal's reason when it aborts, anything else
   * where the crawl must stop. The consumer may end the iteration at any page, and may go through a page until it asks
   * for the next.
   */
  expand(
    branches: readonly B[],
    slot: number,
    signal: AbortSignal,
  ): AsyncIterable<ExpansionPage<P>>;
  /**
   * Whether the other side serves others: asked where a branch may be at fault, and while nobody is served.
   * @param slot whose connection may be used where it still stands
   */
  probe(signal: AbortSignal, slot?: number): Promise<boolean>;
}

/** What was learned about the server at the start. */
export interface SourceProfile {
  /** What the source is known by: its naming context (on AD the domain's GUID). */
  readonly key: string;
  /** What it was known by before `key` was: a database that belongs to this one belongs to `key`. */
  readonly formerKey?: string;
  readonly vendor: string;
  readonly base: string;
  readonly idAttribute: string;
  /** Whether the server offers the paging control (RFC 2696). */
  readonly paging: boolean;
  /** Who is walked (RFC 4515): as it was asked for, or what suits this kind of server. */
  readonly filter: string;
  /** Attributes that feed each column, the first that an entry has: as asked for, or what suits this kind of server. */
  readonly mapping: Readonly<Record<string, readonly string[]>>;
  /** What else was found out about the server, for people to read: kept with the source. */
  readonly traits: Readonly<Record<string, string | number | boolean | null>>;
}

/** What earlier runs have settled about the source of a database. */
export type KnownSource = Pick<SourceProfile, 'key' | 'idAttribute'>;

/** What a run asks. Two runs with the same question may continue one another. */
export interface Question {
  readonly base: string;
  readonly roots: readonly string[];
  readonly filter: string;
  readonly managerAttribute: string;
  readonly managerValue: string;
  readonly mapping: Readonly<Record<string, readonly string[]>>;
  readonly idAttribute: string;
}

/** Who stands behind a manager value, by the server's own matching rules. */
export type ManagerAnswer =
  | { readonly kind: 'employee'; readonly id: string; readonly dn: string }
  | { readonly kind: 'other'; readonly dn: string }
  | { readonly kind: 'dangling' }
  | { readonly kind: 'unreadable' };

/** Somebody known from before, whose entry may have been renamed, moved or deleted since. */
export interface KnownPerson {
  /** The store's number of the person. */
  readonly person: number;
  readonly id: string;
  readonly dn: string;
}

/** Somebody seen in a run with an id that was seen at another DN, too. */
export interface Twin {
  /** The store's number of the person. */
  readonly person: number;
  readonly id: string;
  readonly dn: string;
}

/** What is at a DN now: an entry with the id, an entry that shows none, or neither. */
export type TwinAnswer = 'holds' | 'without' | 'gone';

/** Somebody whom the filter matches, reached by the crawl or not. */
export interface SweptPerson {
  /** As of an `Employee`. */
  readonly id: string;
  readonly dn: string;
  /** Whether a manager value names anybody but this person. */
  readonly hasManager: boolean;
}

/** How many people a run has not reached. */
export interface Unreached {
  readonly withManager: number;
  readonly withoutManager: number;
}

/** What the server said about a manager value. */
export interface SettledManager extends UnknownManager {
  readonly answer: ManagerAnswer;
}

/** The directory as the crawl sees it. */
export interface Directory extends Expander {
  /**
   * Connects, binds, reads the rootDSE. Rejects with a `DirectoryError`.
   * @param known the source of the database, whose id attribute stays what it is; null before the first run
   */
  open(signal: AbortSignal, known: KnownSource | null): Promise<SourceProfile>;
  /** Each root, found and readable. Rejects with a `DirectoryError`. */
  findRoots(signal: AbortSignal): Promise<readonly Employee[]>;
  /** Asks the server who stands behind a manager value that matched nobody by its key. */
  askManager(value: string, slot: number, signal: AbortSignal): Promise<ManagerAnswer>;
  /**
   * The same of several values in one search at most, in the order of the questions; undefined: only `askManager` can tell.
   * What is told is what `askManager` would have told.
   */
  askManagers(
    values: readonly string[],
    slot: number,
    signal: AbortSignal,
  ): Promise<readonly (ManagerAnswer | undefined)[]>;
  /**
   * Looks people up by id in one search at most, wherever their entries are now, managers included, in the order of the
   * questions. Null: no employee has the id any more; undefined: only `findAlone` can tell. Throws `SearchFailure` where it was
   * not answered.
   */
  find(
    people: readonly KnownPerson[],
    slot: number,
    signal: AbortSignal,
  ): Promise<readonly (Employee | null | undefined)[]>;
  /** The same of one person, for certain. Throws `SearchFailure` where it cannot be told. */
  findAlone(person: KnownPerson, slot: number, signal: AbortSignal): Promise<Employee | null>;
  /** The employee whom a manager value names; null: none, or more than one. */
  findManager(value: string, slot: number, signal: AbortSignal): Promise<Employee | null>;
  /** Whether the id is still found at the DN at which it was seen. */
  holds(twin: Twin, slot: number, signal: AbortSignal): Promise<TwinAnswer>;
  /**
   * Everyone whom the filter matches, page by page, in as few searches as the server allows: nothing is split. People may
   * come twice. Throws `SearchFailure` where the server did not say "that was all"; what came before is of no use then.
   */
  sweep(slot: number, signal: AbortSignal): AsyncIterable<readonly SweptPerson[]>;
  /** Typical time of one request (ms), without waiting for the limiter; 0 before the first. */
  readonly latencyMs: number;
  /** Work done since the last call. */
  takeWork(): Work;
  close(): Promise<void>;
}

export interface RunOptions {
  readonly source: SourceProfile;
  readonly question: Question;
  /** An unfinished run is continued if its last committed page is younger (ms). */
  readonly resumeWithinMs: number;
  /** Abandon the unfinished run whatever its age. */
  readonly fresh: boolean;
  /** A run that is continued tries its failed branches anew: for a crawl that must not end with any. */
  readonly retryFailed?: boolean;
  /** A run that is held in any case: it continues none but its like, and leaves those alone that are not. */
  readonly dryRun: boolean;
  /** Where a larger share (0 to 1) of the published people would leave, and more than 10, the run is held. */
  readonly maxDrop: number;
}

export interface StartedRun {
  readonly id: number;
  readonly resumed: boolean;
  /** The published run that it compares itself with; 0: none. */
  readonly base: number;
  /** Size of the last published state; 0 before the first. Tells progress. */
  readonly expected: number;
  /** What was abandoned, and why, where an unfinished run was not continued. */
  readonly abandoned: {
    readonly id: number;
    readonly employees: number;
    readonly why: string;
  } | null;
  /** What a run that only retries what failed has taken over; absent where it reads everything. */
  readonly retries?: {
    /** The published run in which they failed. */
    readonly run: number;
    readonly branches: number;
    /** People whom that run saw and this one has not. */
    readonly employees: number;
  };
}

/** A manager value that matched nobody seen by its key. */
export interface UnknownManager {
  readonly key: string;
  readonly value: string;
}

/**
 * Why a run is held: too many would leave, a root that had reports has none, a changed question would drop somebody, or
 * it was a dry run.
 */
export type HeldWhy = 'drop' | 'root' | 'question' | 'dry';

export interface Published {
  readonly employees: number;
  readonly managers: number;
  readonly depth: number;
  readonly joined: number;
  readonly left: number;
  readonly detached: number;
  readonly returned: number;
  readonly moved: number;
  readonly changed: number;
  /** What is wrong in the directory's data. */
  readonly findings: number;
  readonly failedBranches: number;
  /** Held: prepared, and finished, but readers keep the state before until somebody releases it. */
  readonly status: 'published' | 'partial' | 'held';
  /** Null where it is not held. */
  readonly heldWhy: HeldWhy | null;
}

export interface RunCounts extends Work {
  readonly retries: number;
  readonly splits: number;
}

export interface RunProgress {
  readonly employees: number;
  readonly waiting: number;
  /** Taken, and neither done nor given back: a restart serves them again. */
  readonly inProgress: number;
  readonly failed: number;
}

/** Where a run lives: one unfinished run at a time, resumable after any interruption. */
export interface RunStore {
  /** The one source of everything in the database; null before the first run. */
  readonly source: KnownSource | null;
  /** Rejects with the signal's reason between two slices of what it does; the next call goes on from there. */
  start(options: RunOptions, signal?: AbortSignal): Promise<StartedRun>;
  /** Only after `start`. */
  readonly frontier: Frontier;
  /** Idempotent: a root that is known already stays as it is. */
  addRoots(roots: readonly Employee[]): Promise<void>;
  /** Resolves manager values by key among those seen; what matches nobody, at most `max` distinct ones not yet asked for. */
  unknownManagers(max: number, signal: AbortSignal): Promise<readonly UnknownManager[]>;
  /** What is not settled when a run stops is asked again. */
  settleManager(settled: SettledManager): Promise<void>;
  /** It could not be told: the branches of those who have the value count as failed. */
  failManager(manager: UnknownManager, failure: BranchFailure): Promise<void>;
  /**
   * Managers to look for by id, each once: those of branches taken over from another run, before they are read; and,
   * when no branch waits, those who had reports at the last published state and have none in this run.
   */
  strayed(signal: AbortSignal): Promise<readonly KnownPerson[]>;
  /** Found elsewhere: the branch waits again, under its new link. Null: gone, there is nothing to read. */
  settleStrayed(manager: KnownPerson, found: Employee | null): Promise<void>;
  /** It could not be told: the branch counts as failed. */
  failStrayed(manager: KnownPerson, failure: BranchFailure): Promise<void>;
  /**
   * Ids that were seen at several DNs, when no branch waits: at most `max` questions that are not answered yet. Where all
   * are, acts on the answers: whoever was renamed in mid-crawl is one person, and whoever shares an id goes by DN.
   */
  twins(max: number, signal: AbortSignal): Promise<readonly Twin[]>;
  settleTwin(twin: Twin, answer: TwinAnswer): Promise<void>;
  /** It could not be told: taken for two, and the branch counts as failed. */
  failTwin(twin: Twin, failure: BranchFailure): Promise<void>;
  /**
   * When no branch waits: people of the published state whom this run has not seen, and those who were known to be detached,
   * at most `max` who were not asked for yet. Nobody below a branch that failed; nobody at all where so many are missing
   * that the run will be held.
   */
  unseen(max: number, signal: AbortSignal): Promise<readonly KnownPerson[]>;
  /** Found with a manager in this run: the branch waits. Null: gone, nobody will be asked again. */
  settleUnseen(person: KnownPerson, found: Employee | null): Promise<void>;
  /** It could not be told: the person stays as they were, and counts as a failed branch. */
  failUnseen(person: KnownPerson, failure: BranchFailure): Promise<void>;
  /** Manager values of those who were found without a manager in this run: a way to the run may begin there. Each once. */
  leads(max: number): Promise<readonly UnknownManager[]>;
  /** Somebody of the run, or who has a manager in it: whoever names them is asked for again. */
  settleLead(lead: UnknownManager, found: Employee | null): Promise<void>;
  /** It could not be told: whoever has the value stays as they were, and counts as a failed branch. */
  failLead(lead: UnknownManager, failure: BranchFailure): Promise<void>;
  /**
   * When all else is settled: people of this run whose managers lead to no root, as far as it saw them; at most `max` who
   * were not asked for yet. Whoever changed managers while the crawl ran may have been seen before, and others after.
   */
  chainless(max: number, signal: AbortSignal): Promise<readonly KnownPerson[]>;
  settleChainless(person: KnownPerson, found: Employee | null): Promise<void>;
  /** It could not be told: they stay, and the branch counts as failed. */
  failChainless(person: KnownPerson, failure: BranchFailure): Promise<void>;
  /** Drops what a sweep has noted: whatever is noted from now on is of one sweep, or there was none. */
  forgetUnreached(signal: AbortSignal): Promise<void>;
  /** Those whom this run has not reached become findings, once each. Returns how many were new. */
  noteUnreached(people: readonly SweptPerson[], signal: AbortSignal): Promise<Unreached>;
  /**
   * Derives, prepares in slices and, unless the run is held, switches the readers by one row, durably. The frontier must
   * be empty.
   */
  publish(signal: AbortSignal): Promise<Published>;
  /** The run stays resumable. @param retryFailed branches that have failed are tried anew by whoever continues it */
  interrupt(retryFailed?: boolean): Promise<void>;
  addWork(work: Work): Promise<void>;
  progress(): RunProgress;
  /** Counts of the whole run, interruptions included. */
  counts(): RunCounts;
}
