import { DirectoryError } from '../domain/errors.ts';
import type { SearchSpec } from './connection/connection.ts';
import type { RawEntry } from './messages/entry.ts';
import { parseFilter, present } from './messages/filters.ts';
import type { Search } from './opening.ts';
import { isGone, ResultCode, searchFailure } from './result-codes.ts';

export interface RootSearch {
  readonly base: string;
  readonly attributes: readonly string[];
  readonly search: Search;
}

/** The one entry that a root names: by DN, or by a filter in parentheses. Rejects with a `DirectoryError`. */
export async function findRoot(root: string, options: RootSearch): Promise<RawEntry> {
  const { entries, code, diagnostic } = await options.search(rootSpec(root, options));
  const [entry, another] = entries;
  if (another !== undefined) {
    throw new DirectoryError(
      'root-ambiguous',
      `the root ${root} matches more than one entry`,
      'give a filter that matches exactly one, or the DN',
    );
  }
  if (entry !== undefined) return entry;
  if (code === ResultCode.success) throw notReadable(root);
  if (!isGone(code)) throw searchFailure(code, diagnostic);
  throw new DirectoryError(
    'root-not-found',
    `the root ${root} does not exist`,
    'check --root, and what the account may read',
  );
}

function rootSpec(root: string, { base, attributes }: RootSearch): SearchSpec {
  if (!root.startsWith('('))
    return { base: root, scope: 'base', filter: present('objectClass'), attributes };
  return { base, scope: 'sub', filter: parseFilter(root), attributes, sizeLimit: 2 };
}

/** Success with zero entries can mean "no permission": nothing below it could be believed. */
function notReadable(root: string): DirectoryError {
  if (root.startsWith('(')) {
    return new DirectoryError(
      'root-not-found',
      `no entry matches the root ${root}`,
      'check --root and --base, and what the account may read',
    );
  }
  return new DirectoryError(
    'root-unreadable',
    `the root ${root} may not be read`,
    'check what the account may read',
  );
}
