import { DirectoryError } from '../domain/errors.ts';
import type { SourceProfile } from '../domain/ports.ts';
import type { SearchSpec } from './connection/connection.ts';
import type { RawEntry } from './messages/entry.ts';
import { and, equality, type Filter, or, parseFilter, present } from './messages/filters.ts';
import type { Search } from './opening.ts';
import { isGone, ResultCode, searchFailure } from './result-codes.ts';
import { ACTIVE_DIRECTORY } from './vendors.ts';

export interface RootSearch extends Pick<SourceProfile, 'base' | 'vendor' | 'mapping'> {
  /** Who is walked: a root that it leaves out is no employee. */
  readonly filter: Filter;
  readonly attributes: readonly string[];
  readonly search: Search;
}

/**
 * The one entry that a root names: by DN, by a filter in parentheses, or by a mail address. One request for each root,
 * since no answer to several could be told apart by the server's own matching rules. Rejects with a `DirectoryError`.
 */
export async function findRoot(root: string, options: RootSearch): Promise<RawEntry> {
  const spec = rootSpec(root, options);
  const { entries, code, diagnostic } = await options.search(spec);
  const [entry, another] = entries;
  if (another !== undefined) {
    throw new DirectoryError(
      'root-ambiguous',
      `the root ${root} matches more than one entry`,
      'give a filter that matches exactly one, or the DN',
    );
  }
  // A search that was not finished might have found another one.
  if (entry !== undefined && (code === ResultCode.success || spec.scope === 'base')) return entry;
  if (code === ResultCode.success) throw await notMatched(root, options);
  if (!isGone(code)) throw searchFailure(code, diagnostic);
  throw new DirectoryError(
    'root-not-found',
    `the root ${root} does not exist`,
    'check --root, and what the account may read',
  );
}

function rootSpec(root: string, options: RootSearch): SearchSpec {
  const { base, filter, attributes } = options;
  const named = namedBy(root, options);
  if (named === undefined) return { base: root, scope: 'base', filter, attributes };
  return { base, scope: 'sub', filter: and([filter, named]), attributes, sizeLimit: 2 };
}

/** Undefined: the root is a DN, which always has an equals sign (RFC 4514 §2.2). */
function namedBy(root: string, { vendor, mapping }: RootSearch): Filter | undefined {
  if (root.startsWith('(')) return parseFilter(root);
  if (root.includes('=') || !root.includes('@')) return undefined;
  const mail = (mapping['email'] ?? []).map((attribute) => equality(attribute, root));
  const terms = vendor === ACTIVE_DIRECTORY ? [...mail, ...onActiveDirectory(root)] : mail;
  if (terms.length > 0) return or(terms);
  throw new DirectoryError(
    'root-not-found',
    `the root ${root} is a mail address, and the mapping has no attribute for email`,
    'name the root by its DN or by a filter, or map email',
  );
}

/** Elsewhere these are unknown, and one term without an index would make the server look at every entry. */
function onActiveDirectory(address: string): readonly Filter[] {
  return [equality('proxyAddresses', `smtp:${address}`), equality('userPrincipalName', address)];
}

async function notMatched(root: string, options: RootSearch): Promise<DirectoryError> {
  if (namedBy(root, options) !== undefined) {
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
