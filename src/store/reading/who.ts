import { type DnKey, dnKey } from '../../domain/dn.ts';
import { fold } from '../../domain/fold.ts';
import { defineFold } from '../file/folding.ts';
import type { Sqlite } from '../file/sqlite.ts';
import { linkHash } from '../recording/link-hash.ts';
import { holdsAt, type Person, selectPerson } from './person.ts';
import { byName, foundPeople, isText } from './search.ts';
import { anywhere, leading, type SearchColumn } from './words.ts';

/** More matches than this are not told one by one. */
export const MOST_MATCHES = 20;

/**
 * Everyone whom `who` may mean, at most 20: by id, then DN, then user name, mail address or employee number, then name, each
 * exactly; a part of a name (words, or how they begin) counts only where nothing else does.
 */
export function peopleKnownAs(database: Sqlite, run: number, who: string): readonly Person[] {
  const finder = new Finder(database, run);
  for (const find of [byId, byDn, byHandle, byWholeName, byPartOfName]) {
    const people = find(finder, who);
    if (people.length > 0) return byName(people);
  }
  return [];
}

/** What is asked in more than one way. */
class Finder {
  readonly #database: Sqlite;
  readonly #run: number;

  constructor(database: Sqlite, run: number) {
    this.#database = database;
    this.#run = run;
    defineFold(database);
  }

  /** By an index of `_version AS v`. */
  versions(condition: string, value: unknown): readonly Person[] {
    const source = `_version AS v CROSS JOIN _place AS p ON p.pid = v.pid AND p.vid = v.vid AND ${holdsAt(this.#run, 'p')}`;
    return this.#people(source, condition, { whole: value });
  }

  /** By the search index; `condition` tells whom it is really about. */
  indexed(query: string, condition: string, value: string): readonly Person[] {
    return this.#people(foundPeople(this.#run), `s._search MATCH @query AND ${condition}`, {
      query,
      whole: value,
    });
  }

  /** DNs of those whom manager values do not name by DN. */
  unlinked(): Iterable<string> {
    return this.#database
      .prepare<[], string>('SELECT DISTINCT dn FROM _version WHERE link IS NOT NULL')
      .pluck()
      .iterate();
  }

  #people(source: string, condition: string, values: object): readonly Person[] {
    const select = selectPerson(this.#database, this.#run, source);
    return this.#database
      .prepare<unknown[], Person>(`${select} WHERE ${condition} LIMIT ${MOST_MATCHES}`)
      .all(values);
  }
}

function byId(finder: Finder, who: string): readonly Person[] {
  return finder.versions('v.id = @whole', who);
}

function byDn(finder: Finder, who: string): readonly Person[] {
  if (!who.includes('=')) return [];
  const key = dnKey(who);
  const named = finder.versions('v.link_hash = @whole', linkHash(key));
  const found = named.filter(({ dn }) => dnKey(dn) === key);
  return found.length > 0 ? found : byUnlinkedDn(finder, who, key);
}

/**
 * Where manager values hold something else than DNs, no index has the keys of DNs: so by the name in front, which most often
 * is that of the person or the user, and only then by a look at everyone.
 */
function byUnlinkedDn(finder: Finder, who: string, key: DnKey): readonly Person[] {
  const isThere = (people: readonly Person[]) => people.filter(({ dn }) => dnKey(dn) === key);
  const exact = finder.versions('v.dn = @whole AND v.link IS NOT NULL', who);
  if (exact.length > 0) return exact;
  const [, front = ''] = /^[^=]*=([^,+;]*)/.exec(who) ?? [];
  const indexed = isThere(finder.indexed(anywhere(front), 'v.link IS NOT NULL', front));
  if (indexed.length > 0) return indexed;
  const dns: string[] = [];
  for (const dn of finder.unlinked()) if (dnKey(dn) === key) dns.push(dn);
  return dns.flatMap((dn) => finder.versions('v.dn = @whole AND v.link IS NOT NULL', dn));
}

const HANDLES: readonly SearchColumn[] = ['username', 'email', 'employee_number'];

function byHandle(finder: Finder, who: string): readonly Person[] {
  return finder.indexed(
    leading(who, ...HANDLES),
    '(v.username = @whole COLLATE NOCASE OR v.email = @whole COLLATE NOCASE OR v.employee_number = @whole)',
    who,
  );
}

function byWholeName(finder: Finder, who: string): readonly Person[] {
  const whole = fold(who);
  return finder.indexed(leading(who, 'name'), isText('v.name'), whole);
}

function byPartOfName(finder: Finder, who: string): readonly Person[] {
  return finder.indexed(anywhere(who, 'name'), 'TRUE', who);
}
