import { DirectoryError, SearchFailure } from '../domain/errors.ts';
import type { Answer } from './asker.ts';
import type { SearchSpec } from './connection/connection.ts';
import { ConnectionError } from './connection/connection-error.ts';
import type { Filter } from './messages/filters.ts';
import { isGone, ResultCode, searchFailure } from './result-codes.ts';
import { unreachable } from './sessions.ts';

export type Search = (spec: SearchSpec) => Promise<Answer>;

/** Before the crawl has begun, a server that does not answer is an error, not an outage, and no branch is at fault. */
export async function atStart<T>(signal: AbortSignal, use: () => Promise<T>): Promise<T> {
  try {
    return await use();
  } catch (error) {
    signal.throwIfAborted();
    const cause = error instanceof SearchFailure ? error.cause : error;
    if (cause instanceof ConnectionError) throw unreachable(cause);
    throw error instanceof SearchFailure ? refused(error) : error;
  }
}

function refused(error: SearchFailure): DirectoryError {
  return new DirectoryError(
    'capability',
    `the directory refused the first search: ${error.message}`,
    'check what the account may read, or name one with --bind-dn',
    { cause: error },
  );
}

export interface PeopleCheck {
  readonly base: string;
  readonly filter: Filter;
  /** As the person gave it, for the message. */
  readonly filterText: string;
}

/** Somebody must be there: otherwise base, filter or permissions are wrong, and everyone would seem to have left. */
export async function assertPeople(
  { base, filter, filterText }: PeopleCheck,
  search: Search,
): Promise<void> {
  const attributes = ['objectClass'];
  const answer = await search({ base, scope: 'sub', filter, attributes, sizeLimit: 1 });
  const { entries, code, diagnostic } = answer;
  if (entries.length > 0) return;
  if (code !== ResultCode.success && !isGone(code)) throw searchFailure(code, diagnostic);
  throw new DirectoryError(
    'base-not-found',
    isGone(code)
      ? `the base ${base} does not exist, or may not be read`
      : `nobody below ${base} matches the filter ${filterText}`,
    'check --base and --filter, and what the account may read',
  );
}
