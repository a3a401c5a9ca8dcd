import { dnKey } from '../../domain/dn.ts';
import type { Sqlite } from '../file/sqlite.ts';

/** Somebody who is in the database, though perhaps in no state, as the newest version tells. */
export interface Known {
  readonly pid: number;
  readonly id: string;
  readonly dn: string;
  readonly name: string | null;
  readonly username: string | null;
  readonly title: string | null;
  readonly department: string | null;
}

const KNOWN = 'SELECT pid, id, dn, name, username, title, department FROM _version WHERE';
const AS = [
  'username = @who COLLATE NOCASE OR email = @who COLLATE NOCASE OR employee_number = @who',
  'name = @who COLLATE NOCASE',
] as const;

/** Everyone who was ever known by that id, DN, user name, mail address, employee number or whole name; the former go first. */
export function everKnownAs(database: Sqlite, who: string): readonly Known[] {
  const matching = (condition: string) => () =>
    database.prepare<unknown[], Known>(`${KNOWN} ${condition} ORDER BY vid`).all({ who });
  const ways = [matching('id = @who'), () => everAt(database, who), ...AS.map(matching)];
  for (const way of ways) {
    const people = new Map(way().map((each) => [each.pid, each]));
    if (people.size > 0) return [...people.values()];
  }
  return [];
}

/** Whatever the spelling: there is no index of what closed versions were called. */
function everAt(database: Sqlite, who: string): readonly Known[] {
  if (!who.includes('=')) return [];
  const key = dnKey(who);
  const found: Known[] = [];
  for (const each of database.prepare<unknown[], Known>(`${KNOWN} true ORDER BY vid`).iterate()) {
    if (dnKey(each.dn) === key) found.push(each);
  }
  return found;
}
