import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { UsageError } from '../../src/domain/errors.ts';
import { Reader } from '../../src/store/reader.ts';
import { type Hold, hold } from '../cli/orgwalk.ts';
import { named, night } from './nights.ts';
import { rows, withPath } from './stores.ts';

/** Three nights that are published, each on its own day, and one that is held. */
function withNights<T>(use: (path: string) => T | Promise<T>): Promise<T> {
  return withPath(async (path) => {
    await night(path, [named('a', 'Ann'), named('b', 'Bob', {}, ['a'])]);
    await night(path, [named('a', 'Ann'), named('b', 'Bob Two', {}, ['root'])]);
    await night(path, [named('b', 'Bob Three'), named('c', 'Cy', {}, ['b'])]);
    await night(path, [named('c', 'Cy Held')], { dryRun: true });
    const database = new Database(path);
    const publish = database.prepare('UPDATE _run SET published_at = ? WHERE id = ?');
    ['2026-03-01T02:00:00.000Z', '2026-03-02T23:59:59.999Z', '2026-03-04T00:00:00.000Z'].forEach(
      (at, i) => void publish.run(at, i + 1),
    );
    database.close();
    return use(path);
  });
}

/** Everyone below the root at a state: name and manager. */
function people(reader: Reader): readonly string[] {
  const [root] = reader.roots();
  const below = (pid: number): readonly string[] =>
    reader.reports(pid).flatMap((one) => [`${one.name} < ${one.manager_id}`, ...below(one.pid)]);
  return root === undefined ? [] : below(root.pid).toSorted();
}

function stateOf(path: string, asOf: string): string {
  using reader = new Reader(path, asOf);
  return `${reader.state?.run} ${people(reader).join(', ')}`;
}

const FIRST = '1 Ann < root, Bob < a';
const SECOND = '2 Ann < root, Bob Two < root';
const THIRD = '3 Bob Three < root, Cy < b';

describe('a state', () => {
  test('is named by a run, a day or a time, and is what was published then', async () => {
    await withNights((path) => {
      const states = {
        '1': FIRST,
        '2026-03-01': FIRST,
        '2026-03-02': SECOND,
        '2026-03-03': SECOND,
        '2026-03-04': THIRD,
        '2030-01-01': THIRD,
        '2026-03-01T02:00:00Z': FIRST,
        '2026-03-02T23:59:59Z': FIRST,
        '2026-03-02T23:59:59.999Z': SECOND,
        '2026-03-03 12:00': SECOND,
        '2026-03-04T00:59+01:00': SECOND,
        '2026-03-04T01:00+01:00': THIRD,
      };
      const answers = Object.keys(states).map((asOf) => [asOf, stateOf(path, asOf)]);
      expect(Object.fromEntries(answers)).toEqual(states);
    });
  });

  test('is also that of a run that is held, which nobody else sees', async () => {
    await withNights((path) => {
      expect(stateOf(path, '4')).toBe('4 Cy Held < root');
      using held = new Reader(path, '4');
      expect(held.state).toEqual({ run: 4, publishedAt: null, held: true });
      using published = new Reader(path);
      expect(published.state).toMatchObject({ run: 3, held: false });
      expect(people(published)).toEqual(['Bob Three < root', 'Cy < b']);
    });
  });

  test('stays the same for whoever has begun to read it', async () => {
    await withNights(async (path) => {
      using reader = new Reader(path);
      const before = people(reader);
      await night(path, [named('z', 'Zoe')]);
      expect(people(reader)).toEqual(before);
      expect(reader.search('zoe')).toEqual([]);
      using later = new Reader(path);
      expect(people(later)).toEqual(['Zoe < root']);
    });
  });

  test('tells of a person what the view employees tells', async () => {
    await withNights((path) => {
      using reader = new Reader(path);
      const told = rows<{ id: string }>(path, 'SELECT * FROM employees ORDER BY id');
      expect(told.length).toBe(3);
      for (const row of told) expect(reader.find(row.id)).toEqual([expect.objectContaining(row)]);
    });
  });

  test('tells when somebody was seen as of then', async () => {
    await withNights((path) => {
      const starts = rows<{ at: string }>(path, 'SELECT started_at AS at FROM _run ORDER BY id');
      using reader = new Reader(path, '2');
      expect(reader.find('a')).toMatchObject([
        { first_seen_at: starts[0]?.at, changed_at: starts[0]?.at, confirmed_at: starts[1]?.at },
      ]);
    });
  });

  test('of nothing is empty', async () => {
    await withPath(async (path) => {
      await night(path, [named('a', 'Ann')], { dryRun: true });
      using reader = new Reader(path);
      expect([reader.state, reader.isEmpty, reader.roots(), reader.find('a')]).toEqual([
        null,
        true,
        [],
        [],
      ]);
      expect(stateOf(path, '1')).toBe('1 Ann < root');
      expect(() => new Reader(path, '2030-01-01')).toThrow(UsageError);
    });
  });
});

describe('a state that there is not', () => {
  let held: Hold<string>;
  beforeAll(async () => {
    held = await hold((use) => withNights(use));
  });
  afterAll(() => held.release());

  test.each([
    ['99', /^there is no run 99$/],
    ['2026-02-28', /^nothing was published by 2026-02-28$/],
    ['2026-03-01T01:59:59Z', /^nothing was published by /],
    ['yesterday', /^`yesterday` is neither a run, nor a date, nor a time$/],
    ['2026-02-30', /is neither/],
    ['2026-13-01', /is neither/],
    ['-1', /is neither/],
    ['', /is neither/],
  ])('%s is refused with what there is', (asOf, message) => {
    const error = refusal(held.value, asOf);
    expect(error.message).toMatch(message);
    expect(error.hint).toMatch(/run 1, .* to run 3, published 2026-03-04|`orgwalk runs` lists/);
  });

  test('was pruned, is abandoned, or was held until another one came', async () => {
    await withNights(async (path) => {
      await night(path, [named('b', 'Bob Five')]);
      expect(refusal(path, '4').message).toMatch(/^run 4 was (held, and is not kept any more|not)/);
      const database = new Database(path);
      database.exec('UPDATE _published SET oldest = 2');
      database.exec("UPDATE _run SET status = 'abandoned', published_at = NULL WHERE id = 3");
      database.close();
      expect(refusal(path, '1').message).toBe('run 1 was pruned');
      expect(refusal(path, '2026-03-01').message).toBe(
        'what was published by 2026-03-01 was pruned',
      );
      expect(refusal(path, '3').message).toBe('run 3 was not published (abandoned)');
      expect(refusal(path, '3').hint).toMatch(/^there are those from run 2, .* to run 5, /);
    });
  });
});

function refusal(path: string, asOf: string): UsageError {
  try {
    new Reader(path, asOf);
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new Error(`${asOf} was not refused`);
}

describe('WHO', () => {
  const found = (path: string, who: string, asOf?: string) => {
    using reader = new Reader(path, asOf);
    return reader.find(who).map(({ id }) => id);
  };

  test('is somebody by id, DN, user name, mail address, number or name, in this order', async () => {
    await withPath(async (path) => {
      const more = { email: 'Ann@Example.com', employee_number: '007' };
      await night(path, [
        named('a', 'Ann Lee', { username: 'ann', ...more }),
        named('b', 'Ann', { username: 'b.ann' }),
        named('c', 'Łucja Ann-Lee', { username: null }),
        named('d', 'ann', { username: 'a' }),
      ]);
      expect(found(path, 'a')).toEqual(['a']);
      expect(found(path, 'UID = a , DC=Example,dc=com')).toEqual(['a']);
      expect(found(path, 'ANN')).toEqual(['a']);
      expect(found(path, 'ann@example.COM')).toEqual(['a']);
      expect(found(path, '007')).toEqual(['a']);
      expect([found(path, '7'), found(path, '00')]).toEqual([[], []]);
      expect(found(path, 'ann lee')).toEqual(['a']);
      expect(found(path, 'lucja ann-lee')).toEqual(['c']);
      expect(found(path, 'lee ann')).toEqual(['a', 'c']);
      expect(found(path, 'luc')).toEqual(['c']);
      expect(found(path, 'nn')).toEqual([]);
    });
  });

  test('is found by DN also where managers are not named by it', async () => {
    await withPath(async (path) => {
      const link = { link: '4711', linkKey: '4711' };
      await night(path, [{ ...named('a', 'Ann', { username: 'x' }), ...link }]);
      expect(found(path, 'uid=a,dc=example,dc=com')).toEqual(['a']);
      expect(found(path, 'UID=A, dc=example,dc=com')).toEqual(['a']);
      expect(found(path, 'uid=aa,dc=example,dc=com')).toEqual([]);
    });
  });

  test('is who it was then', async () => {
    await withNights((path) => {
      expect(['1', '2', '3', '4'].map((run) => found(path, 'ann', run))).toEqual([
        ['a'],
        ['a'],
        [],
        [],
      ]);
      expect(found(path, 'two')).toEqual([]);
      expect(found(path, 'two', '2')).toEqual(['b']);
    });
  });
});
