// What differs between two states, over four nights of a small company, the last one a dry run.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { randomSequence } from '../../src/simulate/people/random.ts';
import { type Company, type Person, person } from '../crawl/company.ts';
import { CrawledDatabase } from '../crawl/crawls.ts';
import { asked } from './asked.ts';
import { csv } from './hostile-people.ts';
import { expectRefusal, type Hold, hold, withPlace } from './orgwalk.ts';

const BOSSES = [person('boss', []), person('ann', ['boss']), person('bob', ['boss'])];

const night = (...people: readonly Person[]): Company => {
  return { people: [...BOSSES, ...people], roots: ['boss'] };
};

const CAL = person('cal', ['ann']);
const EVE = person('eve', ['bob'], { title: 'Engineer' });
const EVIL = 'Two\nLines \u001b[31m';

const NIGHTS: readonly Company[] = [
  night(CAL, person('dan', ['ann']), EVE, person('fay', ['bob']), person('kim', ['ann'])),
  // cal leaves, dan moves, eve is promoted, guy joins, kim loses the manager.
  night(
    person('dan', ['bob']),
    { ...EVE, title: 'Director' },
    person('fay', ['bob']),
    person('guy', ['ann']),
    person('kim', []),
  ),
  // cal returns elsewhere, eve is what she was, guy leaves, fay has two managers and another name, kim is gone.
  night(
    person('cal', ['bob']),
    person('dan', ['bob']),
    EVE,
    person('fay', ['bob', 'ann'], { name: EVIL }),
  ),
];
const FORECAST = night(CAL, person('dan', ['bob']), EVE, person('hal', ['ann']));

/** Who is there, by id. */
type Night = ReadonlyMap<string, Person>;
type Row = Readonly<Record<string, unknown>>;

let held: Hold<string>;

beforeAll(async () => {
  held = await hold<string>((use) =>
    withPlace(async ({ db }) => {
      const database = new CrawledDatabase(db);
      for (const company of NIGHTS) await database.crawl(company);
      await database.crawl(FORECAST, { dryRun: true });
      await use(db);
    }),
  );
});
afterAll(() => held.release());

const diff = (...args: readonly string[]) => asked(['diff', ...args, '--db', held.value]);

async function rows(...args: readonly string[]) {
  const { code, stdout, stderr } = await diff(...args, '--format', 'json');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as Row[];
}

async function kinds(...args: readonly string[]) {
  return (await rows(...args)).map(({ kind, username }) => `${kind} ${username}`);
}

describe('two runs, one after the other', () => {
  test('differ as the later one has counted, and as the view tells', async () => {
    const database = new CrawledDatabase(held.value);
    for (const run of [2, 3]) {
      const found = await rows(String(run - 1), String(run));
      const [counts = {}] = database.read(`SELECT * FROM runs WHERE id = ${run}`);
      for (const kind of ['joined', 'left', 'detached', 'returned', 'moved', 'changed']) {
        const counted = found.filter((row) => row['kind'] === kind).length;
        expect([run, kind, counted]).toEqual([run, kind, counts[kind]]);
      }
      const told = database.read<Record<string, string>>(
        `SELECT kind, employee_id, before, after FROM changes WHERE run_id = ${run}`,
      );
      const parsed = told.map(({ kind, employee_id, before, after }) => {
        return {
          kind,
          employee_id,
          before: JSON.parse(before ?? 'null'),
          after: JSON.parse(after ?? 'null'),
        };
      });
      const bare = found.map(({ name, username, ...row }) => row);
      expect(bare.toSorted(byKey)).toEqual(parsed.toSorted(byKey));
    }
  });

  test('are the last two where none is named', async () => {
    expect(await kinds()).toEqual([
      ...['left guy', 'returned cal', 'moved fay', 'changed eve', 'changed fay'],
    ]);
    expect(await rows()).toEqual(await rows('2', '3'));
    expect(await rows('2')).toEqual(await rows('2', '3'));
  });
});

describe('two runs with others in between', () => {
  test('differ by what is left of it: who left and returned has moved, who came and went is nobody', async () => {
    expect(await kinds('1', '3')).toEqual([
      ...['detached kim', 'moved cal', 'moved dan', 'moved fay', 'changed fay'],
    ]);
  });

  test('are nothing where they are the same', async () => {
    expect(await rows('2', '2')).toEqual([]);
  });
});

describe('a run that is held', () => {
  test('can be the later one, and is so where it is the only one', async () => {
    const ahead = await kinds('3', '4');
    expect(ahead).toEqual(['joined hal', 'left fay', 'moved cal']);
    expect(await kinds('4')).toEqual(ahead);
    expect(await kinds('1', '4')).toEqual(['joined hal', 'left fay', 'detached kim', 'moved dan']);
  });
});

describe('for a person, diff', () => {
  test('has one line for each person and kind, grouped, with what differs', async () => {
    const { code, stdout, stderr } = await diff('1', '3');
    expect(code).toBe(0);
    expect(stdout.split('\n')).toEqual([
      'detached   Name of kim (kim)   reported to Name of ann',
      'moved      Name of cal (cal)   reports to Name of ann → Name of bob',
      'moved      Name of dan (dan)   reports to Name of ann → Name of bob',
      'moved      Two\\u{a}Lines \\u{1b}[31m (fay)   reports to Name of bob → Name of ann and Name of bob',
      'changed    Two\\u{a}Lines \\u{1b}[31m (fay)   name: Name of fay → Two\\u{a}Lines \\u{1b}[31m',
      '',
    ]);
    expect(stderr).toMatch(
      /^From run 1 \(2\S+Z\) to run 3 \(2\S+Z\): 0 joined, 0 left, 1 detached, 0 returned, 3 moved, 1 changed\n$/,
    );
  });

  test('says that a run is held', async () => {
    expect((await diff('3', '4')).stderr).toMatch(/to run 4 \(held\): 1 joined, 1 left/);
  });
});

test('for a program, diff tells the same in every form', async () => {
  const json = await rows('1', '3');
  const lines = (await diff('1', '3', '--format', 'ndjson')).stdout.trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toEqual(json);
  const [head, ...records] = csv((await diff('1', '3', '--format', 'csv')).stdout);
  expect(head).toEqual(['kind', 'employee_id', 'name', 'username', 'before', 'after']);
  const told = records.map(([kind, employee_id, , , before, after]) => {
    return {
      kind,
      employee_id,
      before: JSON.parse(before || 'null'),
      after: JSON.parse(after || 'null'),
    };
  });
  expect(told).toEqual(json.map(({ name, username, ...row }) => row));
});

describe('between any two of several nights', () => {
  const NIGHT_COUNT = 6;
  const LEADS = ['l0', 'l1', 'l2', 'l3'];
  const roll = randomSequence(7);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(roll() * from.length)] as T;

  /** Some leave, return, move, take a second manager or another title; leads stay. */
  function nextNight(before: Night): Night {
    const next = new Map(before);
    for (let i = 0; i < 8; i += 1) {
      const id = `x${Math.floor(roll() * 30)}`;
      if (next.has(id) && roll() < 0.3) next.delete(id);
      else {
        const leads = roll() < 0.2 ? LEADS.slice(1, 3) : [pick(LEADS)];
        next.set(id, person(id, leads, { title: pick(['Engineer', 'Director', null]) }));
      }
    }
    return next;
  }

  test('is whoever differs in the directory, and nobody else', async () => {
    const nights: Night[] = [];
    while (nights.length < NIGHT_COUNT) nights.push(nextNight(nights.at(-1) ?? new Map()));
    const kinds = new Set<string>();
    await withPlace(async ({ db }) => {
      const database = new CrawledDatabase(db);
      for (const people of nights) {
        const leads = LEADS.map((id) => person(id, ['boss']));
        const everyone = [person('boss', []), ...leads, ...people.values()];
        await database.crawl({ people: everyone, roots: ['boss'] }, { maxDrop: 1 });
      }
      for (let from = 1; from <= NIGHT_COUNT; from += 1) {
        for (let to = from; to <= NIGHT_COUNT; to += 1) {
          const args = [`${from}`, `${to}`, '--db', db, '--format', 'json'];
          const found = JSON.parse((await asked(['diff', ...args])).stdout) as Row[];
          const told = found.map(({ kind, employee_id }) => `${kind} ${employee_id}`);
          for (const { kind } of found) kinds.add(String(kind));
          expect([from, to, told.toSorted()]).toEqual([from, to, expectedOf(nights, from, to)]);
        }
      }
    });
    expect([...kinds].toSorted()).toEqual(['changed', 'joined', 'left', 'moved', 'returned']);
  });
});

describe('diff refuses', () => {
  test.each([
    { args: ['3', '1'], error: /^run 3 is newer than run 1$/, hint: /orgwalk diff 1 3$/ },
    { args: ['1', '2', '3'], error: /^two states can be compared, not 3$/, hint: /without blanks/ },
    { args: ['9'], error: /^there is no run 9$/, hint: /from run 1, .* to run 3/ },
    { args: ['1999-01-01', '2'], error: /1999-01-01/, hint: /run 1/ },
    { args: ['yesterday'], error: /yesterday/, hint: /a date such as/ },
  ])('$args', async ({ args, error, hint }) => {
    expectRefusal(await diff(...args), { code: 2, error, hint });
  });

  test('where there is only one state, and where there is none', async () => {
    await withPlace(async ({ db }) => {
      const database = new CrawledDatabase(db);
      await database.crawl(NIGHTS[0] as Company, { dryRun: true });
      const none = await asked(['diff', '--db', db]);
      expectRefusal(none, { code: 2, error: /^no crawl was published/, hint: /orgwalk publish/ });
      await database.crawl(NIGHTS[0] as Company);
      const one = await asked(['diff', '--db', db]);
      expectRefusal(one, { code: 2, error: /^no state before that of run 2/, hint: /crawl again/ });
    });
  });
});

/** What differs by the directory itself. */
function expectedOf(nights: readonly Night[], from: number, to: number): readonly string[] {
  const [was, is] = [nights[from - 1], nights[to - 1]] as [Night, Night];
  const known = new Set(nights.slice(0, from).flatMap((night) => [...night.keys()]));
  const ids = new Set([...was.keys(), ...is.keys()]);
  return [...ids].flatMap((id) => kindsOf(id, was.get(id), is.get(id), known)).toSorted();
}

function kindsOf(id: string, was: Person | undefined, is: Person | undefined, known: Set<string>) {
  if (is === undefined) return [`left ${id}`];
  if (was === undefined) return [`${known.has(id) ? 'returned' : 'joined'} ${id}`];
  return [
    ...(was.managers.join() === is.managers.join() ? [] : [`moved ${id}`]),
    ...(was.title === is.title ? [] : [`changed ${id}`]),
  ];
}

function byKey(a: Row, b: Row): number {
  const [left, right] = [a, b].map(({ kind, employee_id }) => `${kind} ${employee_id}`);
  return (left as string) < (right as string) ? -1 : 1;
}
