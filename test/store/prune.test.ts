import { readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Interrupted, UsageError } from '../../src/domain/errors.ts';
import { type Pruned, prune } from '../../src/store/keeping/prune.ts';
import { Reader } from '../../src/store/reader.ts';
import { holdsAt } from '../../src/store/reading/person.ts';
import { type Hold, hold } from '../cli/orgwalk.ts';
import { type Company, dnOf, person } from '../crawl/company.ts';
import { type CrawledDatabase, withDatabase } from '../crawl/crawls.ts';

const PEOPLE = 60;
const NIGHTS = 8;
/** The state that is kept as the oldest one. */
const OLDEST = 5;
const BEFORE = dayOf(OLDEST);
const never = new AbortController().signal;

function dayOf(night: number): string {
  return `2026-11-0${night}T05:00:00.000Z`;
}

/** Leaves come and go, titles and managers change; p59 is unlinked from night 3 to 6, p58 leaves for good on night 3, p57 on 6. */
function companyAt(night: number): Company {
  const numbers = Array.from({ length: PEOPLE }, (_, i) => i);
  return {
    people: numbers.filter((i) => isThere(night, i)).map((i) => personAt(night, i)),
    roots: ['p0'],
  };
}

function isThere(night: number, i: number): boolean {
  if (i === 58) return night < 3;
  if (i === 57) return night < 6;
  return i === 59 || i < 20 || (i + night) % 7 > 0;
}

function personAt(night: number, i: number) {
  const title = i === 58 ? 'Gardener' : `Title ${i % 5 === night % 5 ? night : i}`;
  const isUnlinked = i === 59 && night >= 3 && night <= 6;
  const manager = Math.floor((i - (i % 4 === night % 4 ? 2 : 1)) / 3);
  const managers = i === 0 || isUnlinked ? [] : [dnOf(`p${Math.max(0, manager)}`)];
  return person(`p${i}`, [], {
    title,
    managers: i === 5 ? [...managers, dnOf(`nobody${night}`)] : managers,
  });
}

async function crawlNights(database: CrawledDatabase): Promise<void> {
  for (let night = 1; night <= NIGHTS; night += 1) {
    await database.crawl(companyAt(night), { maxDrop: 1 });
  }
  date(database);
}

/** Run n was published on day n. */
function date({ path }: CrawledDatabase): void {
  write(
    path,
    "UPDATE _run SET published_at = '2026-11-0' || id || 'T05:00:00.000Z' WHERE published_at IS NOT NULL",
  );
}

function write(path: string, sql: string): void {
  const database = new Database(path);
  database.exec(sql);
  database.close();
}

/** All that can be asked of a state. */
function stateAt(database: CrawledDatabase, run: number) {
  using reader = new Reader(database.path, String(run));
  const people = [...companyIds()].flatMap((id) => reader.find(id));
  const joined = `FROM _place AS p JOIN _version AS v ON v.vid = p.vid`;
  return {
    people,
    lines: database.read(
      `SELECT v.id, l.n, l.value, m.id AS manager ${joined} JOIN _line AS l ON l.vid = v.vid
       LEFT JOIN _place AS mp ON mp.pid = l.manager AND ${holdsAt(run, 'mp')}
       LEFT JOIN _version AS m ON m.vid = mp.vid WHERE ${holdsAt(run, 'p')} ORDER BY 1, 2`,
    ),
    findings: database.read(
      `SELECT f.kind, f.detail, f.from_run, (
         SELECT v.id ${joined} WHERE p.pid = f.pid AND p.from_run <= ${run} ORDER BY p.from_run DESC LIMIT 1
       ) AS id FROM _problem AS f WHERE ${holdsAt(run, 'f')} ORDER BY 1, 2, 4`,
    ),
  };
}

function companyIds(): readonly string[] {
  return Array.from({ length: PEOPLE }, (_, i) => `p${i}`);
}

function statesOf(database: CrawledDatabase, from = OLDEST) {
  const runs = database.column<number>(
    'SELECT id FROM _run WHERE published_at IS NOT NULL AND id >= ?',
    from,
  );
  const states = runs.map((run) => ({ run, ...stateAt(database, run) }));
  const changes = database.read('SELECT * FROM changes WHERE run_id > ? ORDER BY 1, 3, 4', from);
  const published = ['employees', 'reporting_lines', 'findings', 'runs'].map((view) =>
    database.read(`SELECT * FROM ${view} ORDER BY 1, 2, 3`),
  );
  return { states, changes, published };
}

/** Every row of every table. */
function contents(database: CrawledDatabase) {
  const tables = database.column<string>(
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_search%' ESCAPE '\\' ORDER BY 1",
  );
  const all = tables.map((table) => [table, database.read(`SELECT * FROM ${table} ORDER BY 1, 2`)]);
  return { all, indexed: database.column('SELECT rowid FROM _search ORDER BY 1') };
}

let held: Hold<CrawledDatabase>;
beforeAll(async () => {
  held = await hold((use) =>
    withDatabase(async (database) => {
      await crawlNights(database);
      await use(database);
    }),
  );
});
afterAll(() => held.release());

let copies = 0;
const nightly = () => held.value.copy(`copy-${copies++}.db`);

const rowsOf = ({ oldest: _, free: __, ...rows }: Pruned) =>
  Object.values(rows).reduce((sum, n) => sum + n);

describe('pruned history', () => {
  it('leaves every state from the oldest kept one on as it was', async () => {
    const database = nightly();
    const before = statesOf(database);
    const pruned = await prune(database.path, BEFORE, never);
    expect(pruned.oldest).toEqual({ run: OLDEST, publishedAt: BEFORE });
    for (const [name, count] of Object.entries(pruned)) {
      if (name !== 'oldest' && name !== 'failures' && name !== 'free')
        expect([name, count]).not.toEqual([name, 0]);
    }
    expect(statesOf(database)).toEqual(before);
  });

  it('is gone: rows, words of the search index, and the states as such', async () => {
    const database = nightly();
    expect(database.column("SELECT rowid FROM _search WHERE _search MATCH 'gardener'")).not.toEqual(
      [],
    );
    await prune(database.path, BEFORE, never);
    expect(database.column("SELECT rowid FROM _search WHERE _search MATCH 'gardener'")).toEqual([]);
    expect(database.column(`SELECT id FROM _version WHERE to_run <= ${OLDEST}`)).toEqual(['p59']);
    expect(database.read(`SELECT * FROM _change WHERE run <= ${OLDEST}`)).toEqual([]);
    expect(database.read(`SELECT * FROM _problem WHERE to_run <= ${OLDEST}`)).toEqual([]);
    expect(() => new Reader(database.path, String(OLDEST - 1))).toThrow(UsageError);
    expect(() => new Reader(database.path, '2026-11-04')).toThrow(/was pruned/);
    expect(
      database.column('SELECT value FROM _line WHERE vid NOT IN (SELECT vid FROM _version)'),
    ).toEqual([]);
    expect(database.column('SELECT count(*) FROM runs')).toEqual([NIGHTS]);
  });

  it('still tells who somebody is of whom a finding speaks, and knows them when they return', async () => {
    const database = nightly();
    await prune(database.path, BEFORE, never);
    const returned =
      "SELECT employee_id FROM changes WHERE kind = 'returned' AND employee_id = 'p59'";
    expect(database.column(returned)).toEqual(['p59']);
    expect(stateAt(database, OLDEST).findings).toContainEqual(
      expect.objectContaining({ kind: 'detached', id: 'p59' }),
    );
  });

  it('is the history before the state that was there at that time, not after it', async () => {
    const database = nightly();
    const pruned = await prune(database.path, '2026-11-05T04:59:59.999Z', never);
    expect(pruned.oldest?.run).toBe(OLDEST - 1);
    expect((await prune(database.path, '2026-12-01T00:00:00.000Z', never)).oldest?.run).toBe(
      NIGHTS,
    );
    expect(statesOf(database, NIGHTS).states).toHaveLength(1);
  });

  it('does not come back, and less than before is never kept', async () => {
    const database = nightly();
    await prune(database.path, BEFORE, never);
    const after = contents(database);
    const again = await prune(database.path, dayOf(2), never);
    expect([rowsOf(again), again.oldest?.run]).toEqual([0, OLDEST]);
    expect(contents(database)).toEqual(after);
  });

  it('is nothing where no state is that old', async () => {
    const database = nightly();
    const before = contents(database);
    const pruned = await prune(database.path, '2026-10-01T00:00:00.000Z', never);
    expect([rowsOf(pruned), pruned.oldest?.run]).toEqual([0, 1]);
    expect(contents(database)).toEqual(before);
  });
});

describe('a prune that is stopped', () => {
  it('at any turn leaves what is promised, and the next one finishes it', async () => {
    const whole = nightly();
    const kept = statesOf(whole);
    await prune(whole.path, BEFORE, never);
    const expected = contents(whole);
    let stops = 0;
    for (let stopped = true; stopped; stops += 1) {
      const database = nightly();
      stopped = await stoppedAt(stops + 1, database);
      expect(statesOf(database)).toEqual(kept);
      expect(database.column('SELECT oldest FROM _published')).toEqual([OLDEST]);
      await prune(database.path, dayOf(1), never);
      expect(contents(database)).toEqual(expected);
    }
    expect(stops).toBeGreaterThan(5);
  });

  /** Whether it was, at the k-th turn of the event loop. */
  async function stoppedAt(k: number, { path }: CrawledDatabase): Promise<boolean> {
    const stop = new AbortController();
    let left = k;
    const count = () => {
      left -= 1;
      if (left === 0) stop.abort(new Interrupted('SIGTERM', 'stopped'));
      else if (left > 0) setImmediate(count);
    };
    setImmediate(count);
    try {
      await prune(path, BEFORE, stop.signal);
      return false;
    } catch (error) {
      if (error instanceof Interrupted) return true;
      throw error;
    } finally {
      left = 0;
    }
  }
});

describe('a prune between', () => {
  const tonight = companyAt(NIGHTS + 1);

  it('an interruption and its resume changes nothing about the result', async () => {
    const [pruned, other] = [nightly(), nightly()];
    for (const database of [pruned, other]) {
      expect(await database.crawlUntil(4, tonight, { maxDrop: 1 })).toBe(true);
    }
    await prune(pruned.path, BEFORE, never);
    for (const database of [pruned, other]) {
      expect(await database.crawl(tonight, { maxDrop: 1 })).toMatchObject({
        run: { resumed: true },
      });
    }
    expect(nightOf(pruned)).toEqual(nightOf(other));
  });

  it('two nights changes nothing about the second, but that nobody returns who is no longer known', async () => {
    const [pruned, other] = [nightly(), nightly()];
    await prune(pruned.path, BEFORE, never);
    const back = { ...tonight, people: [...tonight.people, personAt(1, 58)] };
    for (const database of [pruned, other]) await database.crawl(back, { maxDrop: 1 });
    const kinds = "SELECT kind FROM changes WHERE run_id = 9 AND employee_id = 'p58'";
    expect([pruned.column(kinds), other.column(kinds)]).toEqual([['joined'], ['returned']]);
    for (const database of [pruned, other])
      await database.crawl(companyAt(NIGHTS + 2), { maxDrop: 1 });
    expect(nightOf(pruned)).toEqual(nightOf(other));
  });

  it('a held run and its preview changes nothing about what would be', async () => {
    const database = nightly();
    expect(await database.crawl(tonight, { dryRun: true })).toMatchObject({
      published: { status: 'held' },
    });
    const before = stateAt(database, NIGHTS + 1);
    await prune(database.path, '2026-12-01T00:00:00.000Z', never);
    expect(stateAt(database, NIGHTS + 1)).toEqual(before);
  });

  /** What the newest run says; times and numbers of rows differ. */
  function nightOf(database: CrawledDatabase) {
    const [run] = database.column<number>('SELECT run FROM _published');
    const people =
      'SELECT id, dn, title, manager_id, depth, direct_reports, total_reports FROM employees ORDER BY id';
    return {
      people: database.read(people),
      lines: database.read('SELECT * FROM reporting_lines ORDER BY 1, 3'),
      findings: database.read('SELECT kind, employee_id, detail FROM findings ORDER BY 1, 2, 3'),
      changes: database.read(
        'SELECT employee_id, kind FROM changes WHERE run_id = ? ORDER BY 1, 2',
        run,
      ),
    };
  }
});

it('leaves no number to be given to somebody else', async () => {
  await withDatabase(async (database) => {
    const { people, roots } = companyAt(1);
    const last = person('last', ['p0']);
    for (const more of [[], [last], []]) {
      await database.crawl({ people: [...people, ...more], roots });
    }
    const newest = 'SELECT max(vid) FROM _version';
    const before = database.column(newest);
    await prune(database.path, '2999-01-01T00:00:00.000Z', never);
    expect(database.column(newest)).toEqual(before);
  });
});

it('leaves no file behind', async () => {
  const database = nightly();
  await prune(database.path, BEFORE, never);
  const name = database.path.split('/').at(-1) ?? '';
  const files = readdirSync(dirname(database.path)).filter((file) => file.startsWith(name));
  expect(files.toSorted()).toEqual([name, `${name}.lock`]);
});
