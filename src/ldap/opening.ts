import { DirectoryError, SearchFailure } from '../domain/errors.ts';
import type { Clock } from '../domain/ports.ts';
import type { Answer } from './asker.ts';
import type { SearchSpec } from './connection/connection.ts';
import { ConnectionError, type ConnectionErrorKind } from './connection/connection-error.ts';
import type { RawEntry } from './messages/entry.ts';
import type { Filter } from './messages/filters.ts';
import { isBusy, isGone, ResultCode, searchFailure } from './result-codes.ts';
import { unreachable } from './sessions/sessions.ts';

export type Search = (spec: SearchSpec) => Promise<Answer>;

/** How long the first requests are tried again. */
export interface StartPatience {
  readonly clock: Clock;
  /** From the first one (ms). 0: not at all. */
  readonly budgetMs: number;
}

const FIRST_WAIT_MS = 250;
const LATER = 'try again later; if it stays so, look into the log of the directory server';

/** What may be mended by the next moment. What is left out says that something else is there than was asked for. */
const PASSING: ReadonlySet<ConnectionErrorKind> = new Set([
  ...(['refused', 'unresolved', 'unreachable', 'connect-timeout', 'timeout'] as const),
  ...(['closed', 'reset', 'disconnected', 'protocol'] as const),
]);

/**
 * Before the crawl has begun, a server that does not answer is an error, not an outage, and no branch is at fault. One
 * that only stumbles is asked again, for a short time.
 */
export async function atStart<T>(
  { clock, budgetMs }: StartPatience,
  signal: AbortSignal,
  use: () => Promise<T>,
): Promise<T> {
  const end = clock.now() + budgetMs;
  for (let waitMs = FIRST_WAIT_MS; ; waitMs *= 2) {
    const began = clock.now();
    try {
      return await use();
    } catch (error) {
      signal.throwIfAborted();
      const left = end - clock.now();
      // What took longer to fail than is left would only keep the person waiting.
      if (left <= clock.now() - began || !mayPass(error)) throw told(error);
      await clock.sleep(Math.min(waitMs, left), signal);
    }
  }
}

function mayPass(error: unknown): boolean {
  const cause = causeOf(error);
  if (cause instanceof ConnectionError) return PASSING.has(cause.kind);
  return error instanceof SearchFailure && error.remedy !== 'fail';
}

function told(error: unknown): unknown {
  const cause = causeOf(error);
  if (cause instanceof ConnectionError) return refusedBind(cause) ?? unreachable(cause);
  return error instanceof SearchFailure ? refused(error) : error;
}

function causeOf(error: unknown): unknown {
  return error instanceof SearchFailure ? error.cause : error;
}

/** Of a bind only: what is unavailable to StartTLS is TLS (RFC 4511 §4.14.2). */
function refusedBind(error: ConnectionError): DirectoryError | undefined {
  const busy = error.kind === 'closed' && isBusy(error.resultCode);
  return busy ? tooBusy(unreachable(error).message, error) : undefined;
}

function refused(error: SearchFailure): DirectoryError {
  if (isBusy(error.resultCode ?? undefined)) return tooBusy(error.message, error);
  return new DirectoryError(
    'capability',
    `the directory refused the first search: ${error.message}`,
    error.remedy === 'retry'
      ? LATER
      : 'check what the account may read, or name one with --bind-dn',
    { cause: error },
  );
}

function tooBusy(message: string, cause: Error): DirectoryError {
  return new DirectoryError(
    'unreachable',
    `the directory is too busy for the first request: ${message}`,
    LATER,
    { cause },
  );
}

export interface PeopleCheck {
  readonly base: string;
  readonly filter: Filter;
  /** As the person gave it, for the message. */
  readonly filterText: string;
  /** Beside objectClass, of the entry that is given back. */
  readonly attributes: readonly string[];
}

/** Somebody must be there: otherwise base, filter or permissions are wrong, and everyone would seem to have left. */
export async function assertPeople(
  { base, filter, filterText, attributes: more }: PeopleCheck,
  search: Search,
): Promise<RawEntry> {
  const attributes = ['objectClass', ...more];
  const answer = await search({ base, scope: 'sub', filter, attributes, sizeLimit: 1 });
  const { entries, code, diagnostic } = answer;
  const [somebody] = entries;
  if (somebody !== undefined) return somebody;
  if (code !== ResultCode.success && !isGone(code)) throw searchFailure(code, diagnostic);
  throw new DirectoryError(
    'base-not-found',
    isGone(code)
      ? `the base ${base} does not exist, or may not be read`
      : `nobody below ${base} matches the filter ${filterText}`,
    'check --base and --filter, and what the account may read',
  );
}
