import { SearchFailure } from '../../domain/errors.ts';
import { ConnectionError } from '../connection/connection-error.ts';
import type { PagedEnd } from '../connection/paged-search.ts';

/** The server would have had more to say. */
export function isLimit({ remedy, reason }: SearchFailure): boolean {
  return remedy === 'fail' && reason === 'limit';
}

/** The connection ended under the search, and the server still answers. */
export function isCut({ remedy, cause }: SearchFailure): boolean {
  return remedy === 'split' && cause instanceof ConnectionError && cause.kind !== 'protocol';
}

export function isSilence({ cause }: SearchFailure): boolean {
  return cause instanceof ConnectionError && cause.kind === 'timeout';
}

/** A search that ended with success, and is not complete all the same. @param entries of the last page */
export function cutShort(
  end: PagedEnd,
  entries: number,
  pageSize: number,
): SearchFailure | undefined {
  if (end.ranDry) return limit('the pages of the server ran dry before the end');
  // A full page and no paging control in the answer: the server ignored ours, and may have cut the result.
  const suspect = pageSize > 0 && end.cookie === undefined && entries === pageSize;
  return suspect ? limit('the server ignored the page size') : undefined;
}

function limit(message: string): SearchFailure {
  return new SearchFailure('fail', 'limit', message);
}
