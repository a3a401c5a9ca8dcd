import {
  chmodSync,
  copyFileSync,
  linkSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative as relativePath } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { refuseOverwriting } from '../../src/store/file/own-files.ts';
import { copyDatabase } from '../../src/store/keeping/backup.ts';
import { rows } from '../integration/crawling.ts';
import { withServer } from '../simulate/servers.ts';
import { digestDatabase } from '../support/digest.ts';
import { findTool } from '../support/ensure-openldap.ts';
import { withTemporaryDirectory } from '../support/temporary.ts';
import { canMount, fill, withSmallDisk } from '../survival/storage-disk.ts';
import { asked } from './asked.ts';
import {
  type Crawled,
  crawlOf,
  expectRefusal,
  type Hold,
  hold,
  modeOf,
  runOrgwalk,
  startOrgwalk,
  withCrawled,
} from './orgwalk.ts';

let held: Hold<Crawled>;
beforeAll(async () => {
  held = await hold(withCrawled);
});
afterAll(() => held.release());

const crawled = () => held.value;
const backup = (file: string, ...more: readonly string[]) =>
  asked(['backup', file, '--db', crawled().db, ...more]);

const PEOPLE = 'SELECT * FROM employees ORDER BY id';

/** What journal a file has: 1, a rollback journal; 2, a WAL (sqlite.org/fileformat.html, bytes 18 and 19). */
const journalOf = (file: string) => [...readFileSync(file).subarray(18, 20)];

/** An account that may read a file and write neither it nor its folder: root must give up the power to do so all the same. */
function reading(file: string) {
  const powers = '-dac_override,-dac_read_search';
  const tool = findTool('setpriv') ?? 'setpriv';
  const bound = [tool, '--inh-caps', powers, '--bounding-set', powers];
  const under = process.getuid?.() === 0 ? bound : [];
  const sql = 'SELECT count(*) AS people FROM employees';
  return runOrgwalk(['query', sql, '--format', 'csv', '--db', file], { under });
}

describe('a backup', () => {
  test('is a complete file, with a rollback journal and the permissions that were asked for', async () => {
    await withTemporaryDirectory(async (folder) => {
      const file = join(folder, 'copy.db');
      writeFileSync(file, 'what was there before');
      const { code, stdout, stderr } = await backup(file, '--mode', '0640');
      expect([code, stdout]).toEqual([0, '']);
      expect(stderr).toMatch(/ is copied to .*copy\.db \(0\.\d MB\)\n$/);
      expect(await modeOf(file)).toBe('640');
      expect(readdirSync(folder)).toEqual(['copy.db']);
      expect([journalOf(file), journalOf(crawled().db)]).toEqual([
        [1, 1],
        [2, 2],
      ]);
      expect(digestDatabase(file)).toBe(digestDatabase(crawled().db));
    });
  });

  test('can be read by an account that may write neither the file nor its folder; the database cannot', async () => {
    await withTemporaryDirectory(async (folder) => {
      const [copy, wal] = [join(folder, 'copy.db'), join(folder, 'wal.db')];
      expect(await backup(copy, '--mode', '0440')).toMatchObject({ code: 0 });
      copyFileSync(crawled().db, wal);
      chmodSync(wal, 0o440);
      chmodSync(folder, 0o555);
      try {
        expect(await reading(copy)).toMatchObject({ code: 0, stdout: 'people\n100\n', stderr: '' });
        expect(await reading(wal)).toMatchObject({ code: 7 });
      } finally {
        chmodSync(folder, 0o755);
      }
    });
  });

  test('while a crawl writes is whole each time, and the crawl is none the worse', async () => {
    await withTemporaryDirectory(async (folder) => {
      const db = join(folder, 'org.db');
      copyFileSync(crawled().db, db);
      const before = rows(db, PEOPLE);
      const read = new Set<unknown>();
      const wrong: unknown[] = [];
      let searches = 0;
      const onSearch = () => {
        searches += 1;
        if (searches % 25 > 0) return;
        const copy = join(folder, `copy-${searches}.db`);
        copyDatabase(db, copy, copy);
        wrong.push(
          ...rows(copy, 'PRAGMA integrity_check').filter((row) => row['integrity_check'] !== 'ok'),
        );
        if (!isDeepStrictEqual(rows(copy, PEOPLE), before)) wrong.push(searches);
        read.add(rows(copy, 'SELECT count(*) AS so_far FROM crawl_employees')[0]?.['so_far']);
      };
      await withServer({ onSearch }, async (server) => {
        const crawl = crawlOf(server, db, '--workers', '1', '--batch', '1');
        const running = startOrgwalk(crawl);
        expect((await running.finished).code).toBe(0);
        expect(wrong).toEqual([]);
        expect(read.size).toBeGreaterThan(2);
      });
    });
  });

  test.runIf(canMount())('on a full disk leaves the former one, exit 7', async () => {
    await withSmallDisk(async (folder) => {
      const file = join(folder, 'copy.db');
      writeFileSync(file, 'what was there before');
      fill(folder, 50_000);
      expectRefusal(await backup(file), {
        code: 7,
        error: /^the copy .*copy\.db cannot be written: the disk is full$/,
        hint: /a file that was there is as it was$/,
      });
      expect(readFileSync(file, 'utf8')).toBe('what was there before');
      expect(readdirSync(folder).toSorted()).toEqual(['copy.db', 'filler']);
    });
  });
});

describe('a backup is refused', () => {
  const refused = async (file: string, error: RegExp, more: readonly string[] = []) =>
    expectRefusal(await backup(file, ...more), { code: 2, error });

  test.each(['', '-wal', '-shm', '.lock', '.lock-holder'])(
    'where it would replace the database%s, by any name',
    async (suffix) => {
      const { db } = crawled();
      await refused(`${db}${suffix}`, /is the database itself, or belongs to it$/);
      const relative = relativePath(process.cwd(), db);
      expect(() => refuseOverwriting(db, `${relative}${suffix}`)).toThrow(/belongs to it$/);
      expect(() => refuseOverwriting(relative, `${db}${suffix}`)).toThrow(/belongs to it$/);
    },
  );

  test('where links lead to the database', async () => {
    await withTemporaryDirectory(async (folder) => {
      const links = [join(folder, 'soft.db'), join(folder, 'hard.db')] as const;
      symlinkSync(crawled().db, links[0]);
      linkSync(crawled().db, links[1]);
      for (const link of links) await refused(link, /is the database itself/);
    });
  });

  test.each([
    ['/dev/null', /^\/dev\/null is not a file$/],
    ['/nowhere/at/all.db', /^the folder \/nowhere\/at does not exist$/],
    [tmpdir(), /is not a file$/],
  ])('to %s', async (file, error) => {
    await refused(file, error);
  });

  test('where others could write to it', async () => {
    await refused('copy.db', /--mode/, ['--mode', '0666']);
  });

  test('of no database, exit 7', async () => {
    await withTemporaryDirectory(async (folder) => {
      const outcome = await runOrgwalk([
        'backup',
        join(folder, 'copy.db'),
        '--db',
        join(folder, 'no.db'),
      ]);
      expectRefusal(outcome, { code: 7, error: /^there is no database at / });
      expect(readdirSync(folder)).toEqual([]);
    });
  });
});
