// A crawl that is held back from readers, and what a person does about it.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCommandLine } from '../../src/cli/command-line.ts';
import { DeniedBranch } from '../../src/simulate/faults.ts';
import { CrawlerLock } from '../../src/store/file/lock.ts';
import { CrawledDatabase } from '../crawl/crawls.ts';
import { releaseHeld } from '../crawl/held.ts';
import { person, SUFFIX, team, withServer } from '../simulate/servers.ts';
import { asked } from './asked.ts';
import {
  crawlOf,
  expectRefusal,
  type Hold,
  hold,
  type Outcome,
  runOrgwalk,
  withPlace,
} from './orgwalk.ts';

const root = `uid=p1,${SUFFIX}`;
/** Somebody with a name that a terminal would obey. */
const EVIL = person('eve', { cn: ['Eve\u001b[31m\nRun 9 is held'] });

/** A database in which 41 people are published, and a run that found 16 of them is held. */
interface Scene {
  readonly held: CrawledDatabase;
  readonly outcome: Outcome;
}

let scene: Hold<Scene>;
let copies = 0;

async function crawl(people: number, db: string, ...more: readonly string[]): Promise<Outcome> {
  const directory = team(people, people > 20 ? [EVIL] : []);
  return withServer({ directory }, ({ url }) => runOrgwalk(crawlOf({ url, root }, db, ...more)));
}

beforeAll(async () => {
  scene = await hold<Scene>((use) =>
    withPlace(async ({ db }) => {
      expect((await crawl(40, db)).code).toBe(0);
      await use({ outcome: await crawl(16, db), held: new CrawledDatabase(db) });
    }),
  );
});
afterAll(() => scene.release());

/** The held run in a database of its own. */
function copy(): CrawledDatabase {
  copies += 1;
  return scene.value.held.copy(`${copies}.db`);
}

const published = (database: CrawledDatabase) =>
  database.column('SELECT count(*) FROM employees')[0];

/** `orgwalk publish` at a terminal where `answer` is given. */
async function atTerminal(database: CrawledDatabase, answer: boolean) {
  const questions: string[] = [];
  let said = '';
  const io = {
    ...{ env: {}, outIsTerminal: true, errIsTerminal: true, outColumns: 80, errColumns: 80 },
    out: () => {},
    err: (text: string) => {
      said += text;
    },
    confirm: async (question: string) => {
      questions.push(question);
      return answer;
    },
  };
  const code = await runCommandLine(['publish', '--db', database.path], io, { debug: false });
  return { code, questions, said };
}

describe('a crawl that is held', () => {
  test('ends with 5, and says why, what readers see, and what to do', () => {
    const { code, stdout, stderr } = scene.value.outcome;
    expect([code, stdout]).toEqual([5, '']);
    expect(stderr).toMatch(/^Run 2 complete, but held back from readers\n {2}16 employees, /);
    expect(stderr).toMatch(/^ {2}0 joined, 25 left, 0 detached, 0 returned, 0 moved, 0 changed$/m);
    expect(stderr).toMatch(/^ {2}held because more people would leave, .*--max-drop allows$/m);
    expect(stderr).toMatch(/^ {2}every change: orgwalk diff 1 2$/m);
    expect(stderr).toMatch(
      /^ {2}orgwalk publish shows who would leave, and releases it; until then readers see run 1$/m,
    );
    expect(stderr).not.toContain('Error:');
    expect(published(scene.value.held)).toBe(41);
  });

  test('ends with 5 also where branches failed, and names them with --json', async () => {
    await withServer({ directory: team(16) }, async (server) => {
      server.setFaults(new DeniedBranch(`uid=p3,${SUFFIX}`));
      const args = crawlOf({ url: server.url, root }, copy().path, '--json', '--max-drop', '0%');
      const { code, stdout } = await runOrgwalk(args);
      const { status, runId, left, detached, returned, failedBranches } = JSON.parse(stdout);
      expect({ code, status, runId, left, detached, returned }).toEqual({
        ...{ code: 5, status: 'held', runId: 3 },
        ...{ left: 25, detached: 0, returned: 0 },
      });
      expect(failedBranches).toMatchObject([{ reason: 'denied' }]);
    });
  });

  test('can be looked at before anybody releases it', async () => {
    const db = scene.value.held.path;
    const tree = await asked(['tree', 'p1', '--as-of', '2', '--db', db, '--format', 'json']);
    expect([tree.code, tree.stdout.match(/"dn": *"uid=/g)?.length]).toEqual([0, 16]);
    const diff = await asked(['diff', '1', '2', '--db', db, '--format', 'json']);
    const kinds = JSON.parse(diff.stdout).map(({ kind }: { kind: string }) => kind);
    expect([diff.code, kinds]).toEqual([0, Array.from({ length: 25 }, () => 'left')]);
  });
});

describe('orgwalk publish', () => {
  test('with --dry-run shows who would leave, harmless for a terminal, and changes nothing', async () => {
    const database = copy();
    const before = database.digest();
    const outcome = await asked(['publish', '--dry-run', '--db', database.path]);
    expect([outcome.code, outcome.stderr]).toEqual([
      0,
      'Nothing was changed: `orgwalk publish` releases it\n',
    ]);
    const lines = outcome.stdout.split('\n');
    expect(lines[0]).toMatch(/^Run 2 is held: more people would leave/);
    expect(lines[1]).toBe(
      '  against run 1, which readers see: 0 joined, 25 left, 0 detached, 0 returned, 0 moved, 0 changed',
    );
    expect(lines.filter((line) => /^ {2}left {6}/.test(line))).toHaveLength(20);
    expect(lines.slice(-3)).toEqual(['  … and 5 more', '  everybody: orgwalk diff 1 2', '']);
    expect(outcome.stdout).toContain('Eve');
    expect(outcome.stdout).not.toContain('\u001b');
    expect(database.digest()).toBe(before);
  });

  test('releases the run without a question where nobody is there to be asked', async () => {
    const database = copy();
    const { code, stdout, stderr } = await runOrgwalk(['publish', '--db', database.path]);
    expect([code, stderr]).toEqual([0, 'Run 2 is what readers see now\n']);
    expect(stdout).toMatch(/^Run 2 is held: /);
    expect(published(database)).toBe(16);
    expect(database.column('SELECT status FROM runs ORDER BY id')).toEqual([
      'published',
      'published',
    ]);
  });

  test.each([
    [true, 16, 'Run 2 is what readers see now\n'],
    [false, 41, 'Nothing was changed\n'],
  ])('asks at a terminal: %s', async (answer, people, text) => {
    const database = copy();
    const { code, questions, said } = await atTerminal(database, answer);
    expect([code, said, published(database)]).toEqual([0, text, people]);
    expect(questions).toEqual(['Release run 2, so that readers see it?']);
  });

  test('refuses where no run is held', async () => {
    const database = copy();
    await releaseHeld(database);
    const outcome = await asked(['publish', '--db', database.path]);
    expectRefusal(outcome, { code: 2, error: /^no run is held$/, hint: /orgwalk runs/ });
  });

  test('refuses while a crawl is at work', async () => {
    const database = copy();
    const lock = CrawlerLock.acquire(database.path);
    try {
      const { code, stderr } = await asked(['publish', '--db', database.path]);
      expect([code, stderr]).toEqual([7, expect.stringMatching(/^Error: [^\n]+\nTry: [^\n]+\n$/)]);
    } finally {
      lock.release();
    }
    expect(published(database)).toBe(41);
  });
});

describe('crawl --dry-run', () => {
  test('ends with 0, changes nothing for readers, and can be looked at and released', async () => {
    const database = copy();
    const { code, stdout, stderr } = await crawl(45, database.path, '--dry-run', '--json');
    const { runId, status, joined, left } = JSON.parse(stdout);
    expect({ code, stderr, runId, status, joined, left }).toEqual({
      ...{ code: 0, stderr: '', runId: 3 },
      ...{ status: 'held', joined: 5, left: 0 },
    });
    expect(published(database)).toBe(41);
    const diff = await asked(['diff', '1', '3', '--db', database.path, '--format', 'json']);
    expect(JSON.parse(diff.stdout)).toHaveLength(5);
    const told = await asked(['publish', '--dry-run', '--db', database.path]);
    expect(told.stdout).toMatch(/^Run 3 is held: it was a dry run\n/);
    expect((await asked(['publish', '--db', database.path])).code).toBe(0);
    expect(published(database)).toBe(46);
  });

  test('says to a person that it was one', async () => {
    const { code, stderr } = await crawl(45, copy().path, '--dry-run');
    expect(code).toBe(0);
    expect(stderr).toMatch(/^Run 3 complete: a dry run, held back from readers\n/);
    expect(stderr).toMatch(/^ {2}every change: orgwalk diff 1 3$/m);
  });
});
