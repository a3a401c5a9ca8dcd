import { readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { evenCompany } from '../crawl/company.ts';
import { withDatabase } from '../crawl/crawls.ts';
import { drawn, parseDot } from '../report/dot.ts';
import { withTemporaryDirectory } from '../support/temporary.ts';
import { canMount, fill, withSmallDisk } from '../survival/storage-disk.ts';
import { asked } from './asked.ts';
import { csv, HOSTILE, withHostilePeople } from './hostile-people.ts';
import {
  expectRefusal,
  type Hold,
  hold,
  modeOf,
  type Place,
  type RunOptions,
  runOrgwalk,
} from './orgwalk.ts';

let held: Hold<Place>;
beforeAll(async () => {
  held = await hold(withHostilePeople);
});
afterAll(() => held.release());

const args = (more: readonly string[]) => ['export', ...more, '--db', held.value.db];
const exported = (...more: readonly string[]) => asked(args(more));
/** In a process of its own. */
const run = (more: readonly string[], options?: RunOptions) => runOrgwalk(args(more), options);

async function printed(...more: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await exported(...more);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

const namesIn = (text: string) => {
  const [head = [], ...records] = csv(text);
  const [username, name] = [head.indexOf('username'), head.indexOf('name')];
  return Object.fromEntries(records.map((record) => [record[username], record[name]]));
};

describe('hostile names', () => {
  test('are no formula in CSV, which is what it is unless told otherwise', async () => {
    const held = namesIn(await printed());
    expect(held).toMatchObject({ ...HOSTILE, formula: "'=1+1", tab: "'\tTabbed" });
  });

  test('stay as they are with --raw', async () => {
    expect(namesIn(await printed('--raw'))).toMatchObject(HOSTILE);
  });

  test('are what they are in JSON and NDJSON', async () => {
    const rows = JSON.parse(await printed('--format', 'json'));
    const named = rows.map(({ username, name }: Record<string, string>) => [username, name]);
    expect(Object.fromEntries(named)).toMatchObject(HOSTILE);
    const lines = (await printed('--format', 'ndjson')).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual(rows);
  });

  test('mean nothing to Graphviz: no quote, backslash, entity or end of line', async () => {
    const text = await printed('--format', 'dot');
    const { nodes, edges } = parseDot(text);
    const labels = [...nodes.values()].map(({ label = '' }) => drawn(label)[0]);
    const shown = Object.values(HOSTILE).map((name) => name.replace(/[\x00-\x1f\u202e]/g, ' '));
    expect(labels).toEqual(expect.arrayContaining(shown));
    expect(edges).toHaveLength(nodes.size - 1);
  });
});

describe('an export of one person', () => {
  test('has them and those below', async () => {
    const rows = JSON.parse(await printed('ada', '--format', 'json'));
    expect(rows.map(({ username }: Record<string, string>) => username)).toEqual([
      'ada',
      'adam',
      'n123',
    ]);
  });

  test('whom nobody knows is refused', async () => {
    expectRefusal(await exported('nobody'), { code: 2, error: /^nobody is known as nobody$/ });
  });

  test('of a state that is not there is refused', async () => {
    expectRefusal(await exported('--as-of', '7'), { code: 2, error: /there is no run 7/ });
    expect(await printed('--as-of', '1')).toBe(await printed());
  });

  test('is no table', async () => {
    const error = /^--format: expected one of `csv`, `json`, `ndjson`, `dot`, got `?"?table/;
    expectRefusal(await exported('--format', 'table'), { code: 2, error });
  });
});

const WHAT_WAS_THERE = 'what was there before';

function withFile<T>(use: (file: string, folder: string) => Promise<T>): Promise<T> {
  return withTemporaryDirectory(async (folder) => {
    const file = join(folder, 'people.csv');
    writeFileSync(file, WHAT_WAS_THERE, { mode: 0o644 });
    return await use(file, folder);
  });
}

describe('the file', () => {
  test('takes the place of what was there, for its owner alone, and its size is told', async () => {
    await withFile(async (file, folder) => {
      const { code, stdout, stderr } = await exported('--out', file);
      expect([code, stdout, stderr]).toEqual([0, '', `13 employees in ${file}\n`]);
      expect(readFileSync(file, 'utf8')).toBe(await printed());
      expect(await modeOf(file)).toBe('600');
      expect(readdirSync(folder)).toEqual(['people.csv']);
    });
  });

  test.each(['export', 'chart'])(
    'of %s is never put in the place of the database',
    async (command) => {
      await withFile(async (_file, folder) => {
        const { db } = held.value;
        const before = readFileSync(db);
        const link = join(folder, 'link.db');
        symlinkSync(db, link);
        for (const out of [db, link, `${db}.lock`]) {
          const { code, stderr } = await asked([command, '--db', db, '--out', out]);
          expect(code).toBe(2);
          expect(stderr).toMatch(/is the database itself, or belongs to it\nTry: /);
        }
        expect(readFileSync(db)).toEqual(before);
      });
    },
  );

  test('is where a link leads, and the link stays', async () => {
    await withFile(async (file, folder) => {
      const link = join(folder, 'link.csv');
      symlinkSync(file, link);
      expect((await exported('--out', link)).code).toBe(0);
      expect(readFileSync(file, 'utf8')).toBe(await printed());
      expect(readdirSync(folder)).toEqual(['link.csv', 'people.csv']);
    });
  });

  test('is never put in the place of a device', async () => {
    const before = statSync('/dev/null');
    expect((await exported('--out', '/dev/null')).code).toBe(0);
    const { ino, rdev } = statSync('/dev/null');
    expect([ino, rdev]).toEqual([before.ino, before.rdev]);
  });

  test('is refused where it cannot be', async () => {
    await withFile(async (_, folder) => {
      expectRefusal(await exported('--out', folder), { code: 2, error: /is a folder$/ });
      const missing = join(folder, 'no', 'people.csv');
      expectRefusal(await exported('--out', missing), { code: 2, error: /does not exist$/ });
    });
  });

  test.runIf(canMount())('on a full disk stays as it was, exit 1', async () => {
    await withSmallDisk(async (folder) => {
      const file = join(folder, 'people.csv');
      writeFileSync(file, WHAT_WAS_THERE);
      fill(folder, 0);
      expectRefusal(await exported('--out', file), {
        code: 1,
        error: /^the file .*people\.csv cannot be written: the disk is full$/,
        hint: /^free some space, then run the same command again; a file that was there is as it was$/,
      });
      expect(readFileSync(file, 'utf8')).toBe(WHAT_WAS_THERE);
      expect(readdirSync(folder).toSorted()).toEqual(['filler', 'people.csv']);
    });
  });
});

describe('stdout', () => {
  test('may be closed by whoever reads it, long before the end: no error', async () => {
    await withDatabase(async (database) => {
      await database.crawl(evenCompany(3_000, 10));
      const under = ['bash', '-c', 'set -o pipefail; "$0" "$@" | head -1'];
      const all = ['export', '--out', '-', '--db', database.path];
      const { code, stdout, stderr } = await runOrgwalk(all, { under });
      expect([code, stderr, csv(stdout)[0]?.[0]]).toEqual([0, '', 'id']);
    });
  });

  test('is a dash, in a config file as well', async () => {
    await withTemporaryDirectory(async (folder) => {
      const config = join(folder, 'orgwalk.yaml');
      writeFileSync(config, "out: '-'\n");
      expect(await printed('--config', config)).toBe(await printed('--out', '-'));
    });
  });

  test('that is full is one', async () => {
    const under = ['sh', '-c', 'exec "$0" "$@" >/dev/full'];
    expectRefusal(await run([], { under }), { code: 1, error: /ENOSPC/ });
  });
});
