// Night after night, a database that knows the fingerprints of entries shows what one does that has forgotten them.
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Company, dnOf, type Person, person } from './company.ts';
import { type CrawledDatabase, withDatabase } from './crawls.ts';

const IDS = ['a', 'b', 'c', 'd', 'e'] as const;

/** What somebody is like on one night. */
interface Look {
  readonly isThere: boolean;
  /** Whose DN they have; null: their own. */
  readonly at: string | null;
  /** The id that they show; undefined: their own; null: none. */
  readonly shows: string | null | undefined;
  readonly managers: readonly string[];
  readonly title: string | null;
}

const look = fc.record<Look>({
  isThere: fc.constantFrom(true, true, true, false),
  at: fc.constantFrom(null, null, 'a', 'b', 'c'),
  shows: fc.constantFrom(undefined, undefined, undefined, undefined, null, 'a', 'b'),
  managers: fc
    .tuple(
      fc.constantFrom('root', 'ROOT', 'a', 'a', 'b', 'b', 'A', 'nobody'),
      fc.constantFrom(null, null, null, null, null, 'root', 'B'),
    )
    .map(([first, second]) => (second === null || second === first ? [first] : [first, second])),
  title: fc.constantFrom(null, null, 'T'),
});

const looks = fc.tuple(look, look, look, look, look);

/** Few change from one night to the next, and what was so may be so again. */
const change = fc.record({
  people: fc.array(fc.tuple(fc.nat(IDS.length - 1), look), { maxLength: 2 }),
  back: fc.constantFrom(0, 0, 0, 1, 2),
  isDry: fc.constantFrom(false, false, false, true),
});

function companyOf(all: readonly Look[]): Company {
  const taken = new Set<string>();
  const people = IDS.flatMap((id, n): readonly Person[] => {
    const { isThere, at, shows, managers, title } = all[n] as Look;
    const place = [at ?? id, `${id}${id}`].find((each) => !taken.has(each));
    if (!isThere || place === undefined) return [];
    taken.add(place);
    const named = { dn: dnOf(place), title, ...(shows === undefined ? {} : { shows }) };
    return [person(id, [], { ...named, managers: managers.map(dnOf) })];
  });
  return { people: [person('root', []), ...people], roots: ['root'] };
}

const TIME = /\d{4}-\d\d-\d\dT[^"\\]*/g;

function shown(database: CrawledDatabase): readonly string[] {
  return ['employees', 'reporting_lines', 'changes', 'findings'].flatMap((view) => {
    const rows = database.read(`SELECT * FROM ${view}`).map((row) => JSON.stringify(row));
    return rows.map((row) => `${view}: ${row.replace(TIME, 'T')}`).sort();
  });
}

function forgetFingerprints({ path }: CrawledDatabase): void {
  const database = new Database(path);
  database.exec('UPDATE _version SET fingerprint = NULL');
  database.close();
}

it('fingerprints hide nothing that is new', async () => {
  const nights = fc.array(change, { minLength: 3, maxLength: 6 });
  const property = fc.asyncProperty(looks, nights, async (first, later) => {
    await withDatabase(async (knowing) => {
      await withDatabase(async (forgetful) => {
        const states: (readonly Look[])[] = [first];
        for (const { people, back, isDry } of [{ people: [], back: 0, isDry: false }, ...later]) {
          const state = [...(states.at(-1 - Math.min(back, states.length - 1)) ?? first)];
          for (const [n, as] of people) state[n] = as;
          states.push(state);
          if (states.length > 2) forgetFingerprints(forgetful);
          for (const database of [knowing, forgetful]) {
            await database.crawl(companyOf(state), { dryRun: isDry, maxDrop: 1 });
          }
          expect(shown(knowing)).toEqual(shown(forgetful));
        }
      });
    });
  });
  await fc.assert(property, { numRuns: 25 });
});
