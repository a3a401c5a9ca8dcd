import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openForWriting } from '../../src/store/file/database.ts';
import { indexVersions, purgeIndex, unindex } from '../../src/store/publishing/search.ts';
import { Reader } from '../../src/store/reader.ts';
import { type Hold, hold } from '../cli/orgwalk.ts';
import { named, night } from './nights.ts';
import { bytesOf, rows, withPath } from './stores.ts';

const NEVER = new AbortController().signal;

const PEOPLE = [
  named('ada', 'Ada King', { title: 'Engineer', email: 'ada.king@example.com' }),
  named('adamk', 'Adam Kingsley', { title: 'King of Sales' }),
  named('king', 'Zoe Zed', { department: 'Adamantine' }),
  named('wojcik', 'Łukasz Wójcik', { given_name: 'Łukasz', surname: 'Wójcik' }),
  named('sb', 'S. Berg', { given_name: 'Søren', surname: 'Bergström-Weiß' }),
  named('oneil', 'Jean O’Neil', { email: 'jean.oneil@example.com' }),
  named('wang', '王伟', { given_name: '伟', surname: '王', employee_number: '00042' }),
  named('nameless', null, { title: 'Ghost' }),
];

function withPeople<T>(use: (path: string) => T | Promise<T>): Promise<T> {
  return withPath(async (path) => {
    await night(path, PEOPLE);
    return use(path);
  });
}

function found(path: string, text: string, asOf?: string): readonly string[] {
  using reader = new Reader(path, asOf);
  return reader.search(text).map(({ id }) => id);
}

describe('find', () => {
  let held: Hold<string>;
  beforeAll(async () => {
    held = await hold((use) => withPeople(use));
  });
  afterAll(() => held.release());

  test.each([
    ['ada', ['ada', 'adamk', 'king']],
    ['ada king', ['ada', 'adamk', 'king']],
    ['king', ['king', 'ada', 'adamk']],
    ['KING ada', ['ada', 'adamk', 'king']],
    ['wojcik', ['wojcik']],
    ['Łukasz', ['wojcik']],
    ['lukasz wój', ['wojcik']],
    ['soren', ['sb']],
    ['bergstrom-weiss', ['sb']],
    ['weiß', ['sb']],
    ['o’neil', ['oneil']],
    ["o'neil", ['oneil']],
    ['jean.oneil@example.com', ['oneil']],
    ['王', ['wang']],
    ['00042', ['wang']],
    ['ghost', ['nameless']],
    [' Ada   King ', ['ada', 'adamk', 'king']],
    ['king nobody', []],
    ['', []],
  ])('%s finds %j', (text, ids) => {
    expect(found(held.value, text)).toEqual(ids);
  });

  test.each([
    '"',
    '*',
    'ada*',
    '"ada" OR "king"',
    'AND',
    'ada AND',
    'NOT ada',
    'NEAR(ada king)',
    'name : ada',
    '{name} : ada',
    '^ada',
    'ada + king',
    '-',
    '(',
    "'; DROP TABLE _run; --",
    'a\0b',
    '\ud800',
    '🦄',
    'x '.repeat(5_000),
    'y'.repeat(100_000),
  ])('takes whatever is typed for words: %j', (text) => {
    expect(() => found(held.value, text)).not.toThrow();
  });

  test('puts those who are called so first, then those whose name begins so, then the others', async () => {
    await withPath(async (path) => {
      const many = Array.from({ length: 250 }, (_, i) => named(`p${i}`, `Anders Berg ${i}`));
      await night(path, [...many, named('anders', 'X Y'), named('z', 'Anders')]);
      const ids = found(path, 'anders');
      expect(ids.slice(0, 2).toSorted()).toEqual(['anders', 'z']);
      expect(ids.length).toBe(200);
    });
  });
});

describe('the search index', () => {
  test('answers for each state that is kept, and for one that is held', async () => {
    await withPath(async (path) => {
      await night(path, [named('a', 'Ann Old'), named('b', 'Bob Same')]);
      await night(path, [named('a', 'Ann New'), named('b', 'Bob Same'), named('c', 'Cy Late')]);
      await night(path, [named('a', 'Ann Held'), named('b', 'Bob Same')], { dryRun: true });
      expect(['old', 'new', 'held'].map((text) => found(path, text))).toEqual([[], ['a'], []]);
      expect([found(path, 'old', '1'), found(path, 'new', '1')]).toEqual([['a'], []]);
      expect([found(path, 'held', '3'), found(path, 'late', '3')]).toEqual([['a'], []]);
      expect(['1', '2', '3'].map((run) => found(path, 'same', run))).toEqual([['b'], ['b'], ['b']]);
    });
  });

  test('holds nothing of a held run once another one is prepared', async () => {
    await withPath(async (path) => {
      await night(path, [named('a', 'Ann Old')]);
      await night(path, [named('a', 'Ann Held')], { dryRun: true });
      await night(path, [named('a', 'Ann New')]);
      const versions = rows<{ n: number }>(path, 'SELECT count(*) AS n FROM _version')[0]?.n;
      expect(rows(path, 'SELECT count(*) AS n FROM _search')).toEqual([{ n: versions }]);
    });
  });

  test('takes a run in twice as once', async () => {
    await withPeople(async (path) => {
      const before = rows(path, 'SELECT rowid FROM _search');
      const database = openForWriting(path);
      await indexVersions(database, { run: 1, published: 0 }, NEVER);
      database.close();
      expect(rows(path, 'SELECT rowid FROM _search')).toEqual(before);
      expect(before.length).toBe(PEOPLE.length + 1);
    });
  });

  test('keeps no byte of whoever was taken out, once it is purged', async () => {
    await withPath(async (path) => {
      await night(path, [named('a', 'Xylophonist Quux'), named('b', 'Bob Same')]);
      const database = openForWriting(path);
      const vid = database.prepare("SELECT vid FROM _version WHERE id = 'a'").pluck().get();
      unindex(database, [vid as number, 999_999]);
      database.exec("UPDATE _version SET name = 'B' WHERE id = 'a'");
      purgeIndex(database);
      database.exec('VACUUM');
      database.pragma('wal_checkpoint(truncate)');
      database.close();
      expect(Buffer.from(bytesOf(path), 'base64').includes('ylophonist')).toBe(false);
      expect([found(path, 'quux'), found(path, 'same')]).toEqual([[], ['b']]);
    });
  });
});
