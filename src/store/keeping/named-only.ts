import { dnKey } from '../../domain/dn.ts';
import { UsageError } from '../../domain/errors.ts';
import type { Sqlite } from '../file/sqlite.ts';
import { Traces } from './traces.ts';

interface Naming {
  readonly text: string;
  /** 1: readers see it. */
  readonly now: 0 | 1;
}

/** What a sweep has noted of somebody: their DN stands behind the colon. */
const UNREACHED = /^has (?:a|no) manager: /;

const holds = (table: string) =>
  `${table}.from_run <= now.run AND (${table}.to_run IS NULL OR ${table}.to_run > now.run)`;

/** Manager values that name nobody, and findings about whoever is in no state. */
const NAMINGS = `
  SELECT l.value AS text, max(${holds('p')}) AS now FROM _published AS now
  JOIN _place AS p JOIN _line AS l ON l.vid = p.vid WHERE l.manager IS NULL GROUP BY l.value
  UNION ALL
  SELECT f.detail, max(${holds('f')}) FROM _published AS now JOIN _problem AS f
  WHERE f.kind IN ('unreachable', 'dangling_manager', 'outside_manager', 'manager_not_employee') GROUP BY f.detail`;

/**
 * Somebody who never was a person of a state, and stands in findings or manager values: known by id (where a sweep has met
 * them) or DN. Throws a `UsageError` where the published state names them.
 */
export function namedOnly(database: Sqlite, who: string): Traces | undefined {
  const swept = database
    .prepare<unknown[], string>("SELECT detail FROM _problem WHERE kind = 'unreachable' AND id = ?")
    .pluck()
    .all(who)
    .map((detail) => detail.replace(UNREACHED, ''));
  if (swept.length === 0 && !who.includes('=')) return undefined;
  const dns = swept.length > 0 ? swept : [who];
  const keys = new Set(dns.map(dnKey));
  const named = database
    .prepare<unknown[], Naming>(NAMINGS)
    .all()
    .filter(({ text }) => keys.has(dnKey(text.replace(UNREACHED, ''))));
  if (named.length === 0) return undefined;
  if (named.some(({ now }) => now === 1)) {
    throw new UsageError(
      'the published state names them: the next crawl would bring them back',
      'remove them, and what names them, from the directory, crawl, and forget them then',
    );
  }
  return Traces.ofNamed(
    [...new Set(named.map(({ text }) => text.replace(UNREACHED, '')))],
    swept.length > 0 ? who : undefined,
  );
}
