import { dnKey, isWithin } from '../../domain/dn.ts';
import type { Employee } from '../../domain/employee.ts';
import { DirectoryError, SearchFailure } from '../../domain/errors.ts';
import type { KnownSource, SourceProfile } from '../../domain/ports.ts';
import { ANYONE, type Asker } from '../asker.ts';
import { isGlobalCatalogue } from '../global-catalogue.ts';
import type { Mapper } from '../mapping.ts';
import type { RawEntry } from '../messages/entry.ts';
import type { Search } from '../opening.ts';
import { isGone, searchFailure } from '../result-codes.ts';
import { profileOf, readRootDse } from '../root-dse.ts';
import { identified } from '../source-key.ts';
import { StrangeServerError } from './sessions.ts';

/** What every server of a crawl must hold, as far as it is known by now. */
export interface Held {
  readonly base: string | undefined;
  /** What the source is known by; null before the first run, when the first server decides. */
  readonly key: string | null;
  readonly roots: readonly Pick<Employee, 'id' | 'dn'>[];
  /** Reads the ids of the roots. */
  readonly mapper?: Pick<Mapper, 'idOf'>;
  readonly idAttribute?: string;
  /** Whether the first one is a global catalogue, which shows less of each entry than others do. */
  readonly globalCatalogue?: boolean;
}

/** Keeps a crawl to servers that hold one directory, where it has several. */
export class SameDirectory {
  readonly #asker: Asker;
  #held: Held = { base: undefined, key: null, roots: [] };

  constructor(asker: Asker) {
    this.#asker = asker;
  }

  /**
   * `use` at the first server that holds the known source. Where none does, at the first one that answers: whoever knows the
   * source will refuse it.
   * @param slot on whose connection `use` asks
   */
  async open<P extends SourceProfile>(
    { base, known, slot }: { base: string | undefined; known: KnownSource | null; slot: number },
    use: () => Promise<P>,
  ): Promise<P> {
    if (!this.#asker.several) return use();
    this.#held = { base, key: known?.key ?? null, roots: [] };
    this.#accept();
    const profile = await use().catch((error: unknown) => {
      if (!isStrange(error)) throw error;
      this.#asker.accept(undefined);
      return use();
    });
    const { key, idAttribute, traits } = profile;
    const globalCatalogue = traits['globalCatalog'] === true;
    this.#held = { base: profile.base, key, idAttribute, globalCatalogue, roots: [] };
    this.#accept(slot);
    return profile;
  }

  /** From now on they are asked for as well. @param slot on whose connection they were found */
  roots(roots: Held['roots'], mapper: Pick<Mapper, 'idOf'>, slot: number): void {
    this.#held = { ...this.#held, roots, mapper };
    this.#accept(slot);
  }

  #accept(slot?: number): void {
    const held = this.#held;
    this.#asker.accept((search, url) => differenceFrom(held, search, url), slot);
  }
}

function isStrange(error: unknown): boolean {
  return error instanceof SearchFailure && error.cause instanceof StrangeServerError;
}

/**
 * Why the server that answers `search` is not to be used beside the others; undefined: it holds the same directory. Two
 * servers of one naming context may hold different people all the same: a copy for tests, an old backup. So the roots
 * are asked for their ids.
 */
async function differenceFrom(
  held: Held,
  search: Search,
  url: string,
): Promise<string | undefined> {
  const { globalCatalogue = isGlobalCatalogue(url) } = held;
  if (isGlobalCatalogue(url) !== globalCatalogue) {
    return `it is ${globalCatalogue ? 'no' : 'a'} global catalogue, which shows less than others`;
  }
  try {
    return (await differentContext(held, search)) ?? (await differentRoots(held, search));
  } catch (error) {
    // It shows too little of itself to be known by.
    if (error instanceof DirectoryError && TOO_LITTLE.has(error.code)) return error.message;
    throw error;
  }
}

const TOO_LITTLE: ReadonlySet<string> = new Set(['capability', 'base-not-found']);

async function differentContext({ base, key }: Held, search: Search): Promise<string | undefined> {
  const rootDse = await readRootDse(search);
  if (base !== undefined && !holds(rootDse, base)) return `it does not hold ${base}`;
  if (key === null) return undefined;
  const found: SourceProfile = await identified(profileOf(rootDse, { base }), rootDse, search);
  const same = found.key === key || found.formerKey === key;
  return same ? undefined : `it holds another directory (${found.key}, not ${key})`;
}

/** A server that tells no naming contexts may hold anything. */
function holds({ attributes }: RawEntry, base: string): boolean {
  const contexts = (attributes.get('namingcontexts') ?? []).map((value) => value.toString());
  return contexts.length === 0 || contexts.some((context) => isWithin(base, context));
}

async function differentRoots({ roots, mapper, idAttribute = '' }: Held, search: Search) {
  if (mapper === undefined) return undefined;
  for (const { dn, id } of roots) {
    const attributes = [idAttribute];
    const { entries, code, diagnostic } = await search({
      ...{ base: dn, scope: 'base', filter: ANYONE, attributes },
    });
    const [entry] = entries;
    if (entry === undefined && code !== 0 && !isGone(code)) throw searchFailure(code, diagnostic);
    if (entry === undefined) return 'it does not show a root of this crawl';
    const found = mapper.idOf(entry) ?? dnKey(entry.dn);
    if (found !== id) return 'a root of this crawl has another id there';
  }
  return undefined;
}
