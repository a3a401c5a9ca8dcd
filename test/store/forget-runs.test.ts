// Forgetting somebody while runs are unfinished or held, and somebody who never was more than a name.
import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { UsageError } from '../../src/domain/errors.ts';
import { forget } from '../../src/store/keeping/forget.ts';
import { type Company, dnOf, person } from '../crawl/company.ts';
import { type CrawledDatabase, withDatabase } from '../crawl/crawls.ts';

const never = new AbortController().signal;

function companyWith(...more: readonly ReturnType<typeof person>[]): Company {
  return {
    roots: ['p0'],
    people: [person('p0', []), person('p1', ['p0']), person('p2', ['p0']), ...more],
  };
}

function names(database: CrawledDatabase, text: string): boolean {
  const files = [database.path, `${database.path}-wal`].filter((path) => existsSync(path));
  return files.some((path) => readFileSync(path).includes(text));
}

it('forgetting is refused where any of two unfinished runs has met somebody who names them', async () => {
  await withDatabase(async (database) => {
    await database.crawl(companyWith(person('zorro', ['p1'])));
    await database.crawl(companyWith());
    const naming = companyWith(person('q', ['p1', 'zorro']), person('r', ['q']));
    expect(await database.crawlUntil(1, naming, { batch: 1 })).toBe(true);
    expect(await database.crawlUntil(3, naming, { batch: 1, dryRun: true })).toBe(true);
    await expect(forget(database.path, 'zorro', never)).rejects.toThrow(UsageError);
  });
});

it('whoever is forgotten does not come back with the lines of a run that is held', async () => {
  await withDatabase(async (database) => {
    const q = person('q', ['p1', 'zorro']);
    await database.crawl(companyWith(person('zorro', ['p1']), q));
    await database.crawl(companyWith(q));
    const managers = [dnOf('p1').toUpperCase(), dnOf('zorro')];
    await database.crawl(companyWith(person('q', [], { managers })), { dryRun: true });
    await forget(database.path, 'zorro', never);
    expect(names(database, 'zorro')).toBe(false);
  });
});

it('whoever was only named by others is forgotten by DN, once nobody names them any more', async () => {
  await withDatabase(async (database) => {
    const outsider = dnOf('outsider');
    await database.crawl(companyWith(person('q', ['p1', 'outsider'])));
    await expect(forget(database.path, outsider, never)).rejects.toThrow(/names them/);
    await database.crawl(companyWith(person('q', ['p1'])));
    expect(names(database, 'outsider')).toBe(true);
    expect(await forget(database.path, outsider, never)).toMatchObject({ kind: 'forgotten' });
    expect(names(database, 'outsider')).toBe(false);
  });
});

it('whoever only a sweep has met is forgotten by id', async () => {
  await withDatabase(async (database) => {
    await database.crawl(companyWith(person('guest', [])), { reconcile: true });
    await expect(forget(database.path, 'guest', never)).rejects.toThrow(/names them/);
    await database.crawl(companyWith(), { reconcile: true });
    expect(names(database, 'guest')).toBe(true);
    expect(await forget(database.path, 'guest', never)).toMatchObject({ kind: 'forgotten' });
    expect(names(database, 'guest')).toBe(false);
  });
});
