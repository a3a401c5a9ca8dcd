// A published crawl of a small organisation with hostile names, and the reading commands over it.
import { afterAll, beforeAll, expect } from 'vitest';
import { person, SUFFIX, team, withServer } from '../simulate/servers.ts';
import {
  crawlOf,
  type Hold,
  hold,
  type Outcome,
  type Place,
  runOrgwalk,
  withPlace,
} from './orgwalk.ts';

export const HOSTILE = {
  formula: '=1+1',
  escape: 'Red \u001b[31mAlert\u0007',
  newline: 'Two\nLines',
  override: 'Evil \u202Egnp.exe',
  emoji: '🦄 Unicorn',
  quotes: 'Jean "Johnny, the" O\'Neil',
  tab: '\tTabbed',
} as const;

export const HOSTILE_PEOPLE = team(3, [
  person('ada', {
    cn: ['Ada King'],
    mail: ['ada.king@example.com'],
    employeeNumber: ['007'],
    entryUUID: ['11111111-2222-3333-4444-555555555555'],
  }),
  person('adam', { cn: ['Adam Kingsley'], manager: [`uid=ada,${SUFFIX}`] }),
  person('n123', {
    cn: ['Numbers Only'],
    employeeNumber: ['1234'],
    manager: [`uid=adam,${SUFFIX}`],
  }),
  ...Object.entries(HOSTILE).map(([uid, cn]) =>
    person(uid, { cn: [cn], manager: [`uid=p2,${SUFFIX}`] }),
  ),
]);

const ROOT = `uid=p1,${SUFFIX}`;

export function withHostilePeople(use: (place: Place) => Promise<void>): Promise<void> {
  return withPlace(async (place) => {
    await withServer({ directory: HOSTILE_PEOPLE }, async ({ url }) => {
      const { stderr } = await runOrgwalk(crawlOf({ url, root: ROOT }, place.db));
      expect(stderr).toContain('complete and published');
    });
    await use(place);
  });
}

export interface Reading {
  readonly db: () => string;
  /** A reading command over the database. */
  readonly read: (...args: readonly string[]) => Promise<Outcome>;
  /** Its stdout, where nothing went wrong. */
  readonly printed: (...args: readonly string[]) => Promise<string>;
}

/** For a whole file of tests: the database is there from before the first until after the last. */
export function readingHostilePeople(): Reading {
  let held: Hold<Place>;
  beforeAll(async () => {
    held = await hold(withHostilePeople);
  });
  afterAll(() => held.release());
  const read = (...args: readonly string[]) => runOrgwalk([...args, '--db', held.value.db]);
  const printed = async (...args: readonly string[]) => {
    const { code, stdout, stderr } = await read(...args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return stdout;
  };
  return { db: () => held.value.db, read, printed };
}

/** RFC 4180, read by other code than wrote it. */
export function csv(text: string): readonly (readonly string[])[] {
  const records: string[][] = [[]];
  for (const [, cell = '', end] of text.matchAll(/("(?:[^"]|"")*"|[^",\n]*)(,|\n)/g)) {
    const quoted = cell.startsWith('"');
    records.at(-1)?.push(quoted ? cell.slice(1, -1).replaceAll('""', '"') : cell);
    if (end === '\n') records.push([]);
  }
  records.pop();
  return records;
}
