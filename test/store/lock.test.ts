import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { DatabaseError } from '../../src/domain/errors.ts';
import { openForReading } from '../../src/store/file/database.ts';
import { CrawlerLock } from '../../src/store/file/lock.ts';
import { SqliteRunStore } from '../../src/store/run-store.ts';
import { withPath } from './stores.ts';

const STORE = fileURLToPath(new URL('../../src/store/run-store.ts', import.meta.url));

/** Opens the database, says so, and waits to be ended. */
const HOLDER = `
  import { SqliteRunStore } from ${JSON.stringify(STORE)};
  const store = SqliteRunStore.open(process.argv[1]);
  process.stdout.write('open');
  process.stdin.on('end', () => store[Symbol.dispose]()).resume();
`;

/** Another process that crawls into the database; killed after `use`, if it still lives. */
async function withHolder<T>(path: string, use: (holder: ChildProcess) => Promise<T>): Promise<T> {
  const args = ['--input-type=module', '--eval', HOLDER, path];
  const holder = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(holder, 'exit');
  try {
    await once(holder.stdout as NonNullable<typeof holder.stdout>, 'data');
    return await use(holder);
  } finally {
    holder.kill('SIGKILL');
    await ended;
  }
}

function refusal(path: string): unknown {
  try {
    SqliteRunStore.open(path)[Symbol.dispose]();
    return undefined;
  } catch (error) {
    return error;
  }
}

describe('the lock of the crawler', () => {
  it('refuses a second crawl of this process, and of the same file by another name', async () => {
    await withPath(async (path) => {
      using _store = SqliteRunStore.open(path);
      expect(refusal(path)).toBeInstanceOf(DatabaseError);
      expect(refusal(path)).toMatchObject({ code: 'locked', exitCode: 7 });
      expect(refusal(path.replace('org.db', './org.db'))).toMatchObject({ code: 'locked' });
    });
  });

  it('refuses a second process at once and says who holds it', async () => {
    await withPath(async (path) => {
      await withHolder(path, async ({ pid }) => {
        const error = refusal(path) as DatabaseError;
        expect(error).toMatchObject({ code: 'locked', exitCode: 7 });
        expect(error.message).toContain(path);
        expect(error.message).toContain(`process ${pid} `);
      });
    });
  });

  it('is freed by the kernel when its holder is killed', async () => {
    await withPath(async (path) => {
      await withHolder(path, async (holder) => {
        expect(refusal(path)).toMatchObject({ code: 'locked' });
        holder.kill('SIGKILL');
        await once(holder, 'exit');
        expect(refusal(path)).toBeUndefined();
      });
    });
  });

  it('is freed when its holder closes the database', async () => {
    await withPath(async (path) => {
      await withHolder(path, async (holder) => {
        holder.stdin?.end();
        await once(holder, 'exit');
        expect(refusal(path)).toBeUndefined();
      });
    });
  });

  it('keeps no reader out', async () => {
    await withPath(async (path) => {
      await withHolder(path, async () => {
        const reader = openForReading(path);
        expect(reader.prepare('SELECT count(*) FROM runs').pluck().get()).toBe(0);
        reader.close();
      });
    });
  });

  it('is not held by a crawl that could not open its database', async () => {
    await withPath(async (path) => {
      writeFileSync(path, 'Dear diary,\n'.repeat(500));
      expect(refusal(path)).toMatchObject({ code: 'not-a-database' });
      CrawlerLock.acquire(path).release();
    });
  });
});
