import { DirectoryError } from '../domain/errors.ts';
import type { SearchSpec } from './connection/connection.ts';
import type { RawEntry } from './messages/entry.ts';
import { and, type Filter, parseFilter, present } from './messages/filters.ts';
import type { Search } from './opening.ts';
import { isGone, ResultCode, searchFailure } from './result-codes.ts';

export interface RootSearch {
  readonly base: string;
  /** Who is walked: a root that it leaves out is no employee. */
  readonly filter: Filter;
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
  if (code === ResultCode.success) throw await notMatched(root, options);
  if (!isGone(code)) throw searchFailure(code, diagnostic);
  throw new DirectoryError(
    'root-not-found',
    `the root ${root} does not exist`,
    'check --root, and what the account may read',
  );
}

function rootSpec(root: string, { base, attributes, filter }: RootSearch): SearchSpec {
  if (!root.startsWith('(')) return { base: root, scope: 'base', filter, attributes };
  const both = and([filter, parseFilter(root)]);
  return { base, scope: 'sub', filter: both, attributes, sizeLimit: 2 };
}

async function notMatched(root: string, options: RootSearch): Promise<DirectoryError> {
  if (root.startsWith('(')) {
    return new DirectoryError(
      'root-not-found',
      `no entry matches the root ${root}`,
      'check --root, --filter and --base, and what the account may read',
    );
  }
  const anyone = { ...rootSpec(root, options), filter: present('objectClass') };
  const { entries } = await options.search(anyone);
  // Success with zero entries can mean "no permission": nothing below it could be believed.
  return entries.length === 0
    ? new DirectoryError(
        'root-unreadable',
        `the root ${root} may not be read`,
        'check what the account may read',
      )
    : new DirectoryError(
        'root-not-found',
        `the root ${root} is nobody whom --filter matches`,
        'name a person, or widen --filter',
      );
}
