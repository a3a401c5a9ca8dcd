// One crawl at a time into a database: the kernel says so, and whoever comes second is told who was first.
import { spawnSync } from 'node:child_process';
import { symlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { openForWriting } from '../../src/store/file/database.ts';
import { CrawlerLock, isCrawling } from '../../src/store/file/lock.ts';
import { crawlOf, runOrgwalk, startOrgwalk, withPlace } from '../cli/orgwalk.ts';
import { leaveNote, race, withArena } from './lock-race.ts';

/** The number of a process that has ended. */
function endedProcess(): number {
  return spawnSync(process.execPath, ['--version']).pid;
}

describe('two crawls into one database, begun at the same instant', () => {
  test('into a new one: one crawls, the other names it and ends with 7', async () => {
    await withArena(async (arena) => {
      for (const name of ['a', 'b', 'c']) await race(arena, join(arena.folder, `${name}.db`));
    });
  });

  test('after one that was killed: it is not taken for the holder', async () => {
    await withArena(async (arena) => {
      const db = join(arena.folder, 'people.db');
      for (let i = 0; i < 2; i += 1) {
        await leaveNote(db, endedProcess());
        await race(arena, db);
      }
    });
  });
});

describe('the lock of a crawl', () => {
  test('is free as soon as the crawl has been killed', async () => {
    await withArena(async ({ proxy, folder }) => {
      const db = join(folder, 'people.db');
      proxy.silence();
      const killed = startOrgwalk(crawlOf(proxy, db));
      while (proxy.accepted === 0) await delay(2);
      expect(isCrawling(db)).toBe(true);
      killed.kill('SIGKILL');
      await killed.finished;
      expect(isCrawling(db)).toBe(false);
      proxy.speak();
      expect((await runOrgwalk(crawlOf(proxy, db))).code).toBe(0);
    });
  });

  test('is one for all names of the database', async () => {
    await withPlace(async ({ folder, db }) => {
      openForWriting(db).close();
      const other = join(folder, 'link.db');
      await symlink(db, other);
      const lock = CrawlerLock.acquire(other);
      try {
        const locked = expect.objectContaining({ code: 'locked' });
        expect(() => CrawlerLock.acquire(db)).toThrow(locked);
        expect(isCrawling(db)).toBe(true);
      } finally {
        lock.release();
      }
    });
  });

  test('is told without a name where its holder does not give one', async () => {
    await withPlace(async ({ db }) => {
      const lock = CrawlerLock.acquire(db);
      try {
        await leaveNote(db, endedProcess());
        expect(() => CrawlerLock.acquire(db)).toThrow(/^another crawl is writing to .*people\.db$/);
        await leaveNote(db, process.pid);
        expect(() => CrawlerLock.acquire(db)).toThrow(`(process ${process.pid} on ${hostname()}`);
      } finally {
        lock.release();
      }
    });
  });
});
