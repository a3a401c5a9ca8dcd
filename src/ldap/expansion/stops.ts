import type { SearchFailure } from '../../domain/errors.ts';
import { ConnectionError } from '../connection/connection-error.ts';

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
