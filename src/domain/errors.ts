/**
 * What can end a command. Each class stands for one exit code and says what the person can do next.
 * What merely ends a search or a branch is a {@link SearchFailure}: the engine turns it into a stored outcome.
 */

/** Process exit codes: part of the public contract, people script against them. */
export const EXIT = {
  ok: 0,
  bug: 1,
  usage: 2,
  publishedWithFailures: 3,
  interrupted: 4,
  held: 5,
  directory: 6,
  database: 7,
  sighup: 129,
  sigint: 130,
  sigterm: 143,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** An error meant for a person: `message` says what happened, `hint` what to do about it. */
export class OrgwalkError extends Error {
  readonly code: string;
  readonly hint: string;
  readonly exitCode: ExitCode = EXIT.bug;

  constructor(code: string, message: string, hint: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
    this.hint = hint;
  }
}

/** The command line, the environment or the config file is wrong. Nothing was touched. */
export class UsageError extends OrgwalkError {
  override readonly exitCode = EXIT.usage;

  constructor(message: string, hint: string, options?: { readonly cause?: unknown }) {
    super('usage', message, hint, options);
  }
}

export type DirectoryErrorCode =
  | 'unreachable'
  | 'tls'
  | 'credentials'
  | 'stronger-authentication'
  | 'root-not-found'
  | 'root-ambiguous'
  | 'root-unreadable'
  | 'base-not-found'
  | 'not-ldap'
  | 'capability';

/** The directory cannot be crawled as asked: unreachable from the start, credentials refused, no root. */
export class DirectoryError extends OrgwalkError {
  override readonly exitCode = EXIT.directory;

  constructor(code: DirectoryErrorCode, message: string, hint: string, options?: ErrorOptions) {
    super(code, message, hint, options);
  }
}

export type DatabaseErrorCode =
  | 'locked'
  | 'corrupt'
  | 'not-a-database'
  | 'newer-schema'
  | 'older-schema'
  | 'other-source'
  | 'network-file-system'
  | 'disk-full'
  | 'not-writable'
  | 'missing'
  | 'empty';

/** The database cannot be used. What it held is untouched. */
export class DatabaseError extends OrgwalkError {
  override readonly exitCode = EXIT.database;

  constructor(code: DatabaseErrorCode, message: string, hint: string, options?: ErrorOptions) {
    super(code, message, hint, options);
  }
}

/** Why a branch could not be read: the `reason` column of the view `failures`. */
export type FailureReason =
  | 'denied'
  | 'limit'
  | 'timeout'
  | 'poison'
  | 'unreadable'
  | 'unknown_code';

/**
 * What a failed search means for those who asked.
 * - `retry`: the server is busy; back off and ask the same again, as often as a busy server may refuse
 * - `split`: this search is at fault; halve the batch at once, a lone branch is asked again at the cost of an attempt
 * - `fail`: asking again is useless; halve the batch until the culprit stands alone, a lone branch has failed
 * - `outage`: nobody answers; wait together, nobody loses an attempt; who is in flight whenever it happens is suspected
 */
export type Remedy = 'retry' | 'split' | 'fail' | 'outage';

/** How a search over a share of branches failed, told in the engine's terms. Never fatal by itself. */
export class SearchFailure extends Error {
  readonly remedy: Remedy;
  readonly reason: FailureReason;
  /** LDAP result code (RFC 4511 §4.1.9), or null where the connection failed. */
  readonly resultCode: number | null;
  /** Whether the search had been sent: one that never left cannot be what the server fell silent at. */
  readonly inFlight: boolean;
  /** Whether another server has answered in place of the one that did not: nobody needs to wait, or be told to. */
  readonly elsewhere: boolean;

  constructor(
    remedy: Remedy,
    reason: FailureReason,
    message: string,
    options: SearchFailureOptions = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'SearchFailure';
    this.remedy = remedy;
    this.reason = reason;
    this.resultCode = options.resultCode ?? null;
    this.inFlight = options.inFlight ?? true;
    this.elsewhere = options.elsewhere ?? false;
  }
}

export interface SearchFailureOptions {
  readonly resultCode?: number | null;
  /** True unless given. */
  readonly inFlight?: boolean;
  /** False unless given. */
  readonly elsewhere?: boolean;
  readonly cause?: unknown;
}

/** The crawl stopped early and can be continued: deadline, outage, `--on-failure abort`, a signal. */
export type StopReason = 'deadline' | 'outage' | 'abort' | 'SIGINT' | 'SIGTERM' | 'SIGHUP';

export class Interrupted extends OrgwalkError {
  override readonly exitCode: ExitCode;
  readonly reason: StopReason;

  constructor(reason: StopReason, message: string, options?: ErrorOptions) {
    super(
      'interrupted',
      message,
      'run the same command again: it continues where it stopped',
      options,
    );
    this.reason = reason;
    this.exitCode = EXIT_OF_STOP[reason];
  }
}

const EXIT_OF_STOP: Readonly<Record<StopReason, ExitCode>> = {
  deadline: EXIT.interrupted,
  outage: EXIT.interrupted,
  abort: EXIT.interrupted,
  SIGINT: EXIT.sigint,
  SIGTERM: EXIT.sigterm,
  SIGHUP: EXIT.sighup,
};
