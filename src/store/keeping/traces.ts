import { dnKey } from '../../domain/dn.ts';
import { fold } from '../../domain/fold.ts';
import type { Sqlite } from '../file/sqlite.ts';

/** Shorter ones, of names and numbers, are a part of too much else; they are found where they stand alone. */
const SHORTEST = 4;

interface VersionOfPerson {
  readonly id: string;
  readonly dn: string;
  readonly link: string | null;
  readonly username: string | null;
  readonly name: string | null;
  readonly email: string | null;
  readonly phone: string | null;
  readonly employee_number: string | null;
}

/** All that a person was ever called, to be found in what is told of others. Pure but for {@link Traces.of}. */
export class Traces {
  readonly ids: readonly string[];
  readonly #names: ReadonlySet<string>;
  readonly #keys: ReadonlySet<string>;
  readonly #links: ReadonlySet<string>;
  /** What a filter may ask for to find them. */
  readonly #values: readonly string[];
  readonly #inText: RegExp;
  readonly #inTextOfNamesake: RegExp;

  /** @param spellings of their DN, or of what else names them, as manager values had it */
  static of(database: Sqlite, pid: number): Traces {
    const versions = database
      .prepare<unknown[], VersionOfPerson>(
        'SELECT id, dn, link, username, name, email, phone, employee_number FROM _version WHERE pid = ?',
      )
      .all(pid);
    const spellings = database
      .prepare<unknown[], string>('SELECT DISTINCT value FROM _line WHERE manager = ?')
      .pluck();
    return new Traces(versions, spellings.all(pid));
  }

  /** Of somebody who never was in a state, and is named in it. @param id undefined where only the DN is known */
  static ofNamed(dns: readonly string[], id: string | undefined): Traces {
    const nothing = { username: null, name: null, email: null, phone: null, employee_number: null };
    const entries = dns.map((dn) => ({ id: id ?? dn, dn, link: null, ...nothing }));
    return new Traces(entries, id === undefined ? [] : [id]);
  }

  constructor(versions: readonly VersionOfPerson[], spellings: readonly string[]) {
    const all = (values: readonly (string | null)[]) => [...new Set(values.filter(isText))];
    this.ids = all(versions.map(({ id }) => id));
    const dns = all([...versions.flatMap(({ dn, link }) => [dn, link]), ...spellings]);
    const names = all(versions.map(({ name }) => name));
    const reached = all(versions.flatMap(({ email, phone }) => [email, phone]));
    const handles = all(versions.flatMap((each) => [each.username, each.employee_number]));
    this.#names = new Set(names.map(fold));
    this.#links = new Set([...dns, ...this.ids]);
    this.#keys = new Set([...this.#links].map(dnKey));
    this.#values = [...handles, ...reached, ...names, ...this.ids].map(fold);
    this.#inTextOfNamesake = anyOf([...this.ids, ...dns, ...reached]);
    this.#inText = anyOf([...this.ids, ...dns, ...reached, ...names]);
  }

  /** Whether `text` as a whole is their id, their DN in any spelling, or what else a manager value names them by. */
  name(text: string): boolean {
    // What has no equals sign is no DN, and there are many of those.
    return this.#links.has(text) || (text.includes('=') && this.#keys.has(dnKey(text)));
  }

  /** Whether anything they were called stands in `text`. */
  standIn(text: string): boolean {
    return this.without(text) !== text;
  }

  /** `text` without them. @param namesOf whoever it is told of: a namesake's name is their own */
  without(text: string, namesOf: string | null = null): string {
    if (this.name(text)) return '';
    const isNamesake = namesOf !== null && this.#names.has(fold(namesOf));
    return text.replace(isNamesake ? this.#inTextOfNamesake : this.#inText, '');
  }

  /** A root as a question names it: a DN, a mail address, or a filter that finds them. */
  areRoot(root: string): boolean {
    if (this.standIn(root)) return true;
    const text = fold(root);
    return this.#values.some((value) => text === value || text.includes(`=${value})`));
  }
}

function isText(value: string | null): value is string {
  return value !== null && value !== '';
}

/** Each as it is and as JSON writes it, not within a longer word, in either case: longer ones go first. */
function anyOf(texts: readonly string[]): RegExp {
  const written = texts.flatMap((text) => [text, JSON.stringify(text).slice(1, -1)]);
  const parts = [...new Set(written)]
    .filter(({ length }) => length >= SHORTEST)
    .toSorted((a, b) => b.length - a.length)
    .map((text) => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'));
  const nothing = '(?!)';
  return new RegExp(
    `(?<![\\p{L}\\p{N}])(?:${parts.length === 0 ? nothing : parts.join('|')})(?![\\p{L}\\p{N}])`,
    'giu',
  );
}
