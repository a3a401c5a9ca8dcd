import { copyFileSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { CrawlApp } from '../../src/app/crawl-app.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { Phase } from '../../src/crawl/crawl.ts';
import { Interrupted } from '../../src/domain/errors.ts';
import type { StaticEntry } from '../../src/simulate/static-directory.ts';
import { type Forgotten, forget } from '../../src/store/keeping/forget.ts';
import { prune } from '../../src/store/keeping/prune.ts';
import { type Hold, hold } from '../cli/orgwalk.ts';
import { person, SUFFIX, team, withServer } from '../simulate/servers.ts';
import { withTemporaryDirectory } from '../support/temporary.ts';
import { rows } from './stores.ts';

const never = new AbortController().signal;

const ADA = {
  id: '11f0c7b2-ada0-4711-9abc-0123456789ab',
  dn: `uid=q7royal,ou=People,${SUFFIX}`,
  username: 'q7royal',
  formerName: 'Adelheid Feder-Kiel',
  name: 'Adelheid Quill',
  email: 'a.quill@example.com',
  phone: '+49 30 5550 1234567',
  number: '0815-47',
  title: 'Wrightsmith',
  laterTitle: 'Xylographer',
  photo: '/9j/4AAQSkZJRgABAQEAYABg',
} as const;
const SPELT = `UID=Q7royal , ou=PEOPLE,${SUFFIX}`;

const ada = (title: string, name: string): StaticEntry => ({
  dn: ADA.dn,
  attributes: {
    ...person(ADA.username).attributes,
    ...{ entryUUID: [ADA.id], cn: [name], mail: [ADA.email], telephoneNumber: [ADA.phone] },
    ...{ employeeNumber: [ADA.number], title: [title] },
    jpegPhoto: [Buffer.from(ADA.photo, 'base64')],
  },
});

const P1 = `uid=p1,${SUFFIX}`;
/** Those who name her, while she is there and for a night longer. */
const NAMING: readonly StaticEntry[] = [
  person('report', { manager: [SPELT, P1] }),
  person('assistant', { title: [`Assistant to ${ADA.name}`], secretary: [ADA.dn] }),
];
/** The same when nobody speaks of her any more. */
const SILENT: readonly StaticEntry[] = [
  person('report'),
  person('assistant', { title: ['Assistant'] }),
];
const NAMESAKE = person('namesake', { cn: [ADA.name], title: [`${ADA.name}, the other`] });

interface Scene {
  readonly url: string;
  readonly folder: string;
  readonly directory: ReturnType<typeof team>;
}

/** The crawl as the program does it, in this process. @param until stopped when that begins */
async function crawl({ url }: Scene, db: string, flags = {}, until?: Phase) {
  const config = loadConfig('crawl', {
    flags: { url, root: P1, db, rate: '0', workers: '1', config: 'given', ...flags },
    env: {},
    readFile: () => 'attributes: [jpegPhoto, secretary]',
  });
  const phase = (begun: Phase) => {
    if (begun === until) app.stop(new Interrupted('SIGTERM', 'stopped'));
  };
  await using app = new CrawlApp(config, undefined, { phase });
  return await app.run();
}

function replace({ directory }: Scene, entries: readonly StaticEntry[]): void {
  for (const entry of entries) {
    directory.remove(entry.dn);
    directory.add(entry);
  }
}

/** She was there for two nights; nobody else's entry has named her since the fourth. */
async function crawlNights(scene: Scene): Promise<void> {
  const db = join(scene.folder, 'gone.db');
  await crawl(scene, db);
  replace(scene, [ada(ADA.laterTitle, ADA.name)]);
  await crawl(scene, db);
  copyFileSync(db, join(scene.folder, 'there.db'));
  scene.directory.remove(ADA.dn);
  await crawl(scene, db);
  copyFileSync(db, join(scene.folder, 'named.db'));
  replace(scene, SILENT);
  await crawl(scene, db);
}

const held: { value?: Hold<Scene> } = {};
const scene = () => held.value?.value as Scene;
beforeAll(async () => {
  const directory = team(5, [ada(ADA.title, ADA.formerName), ...NAMING, NAMESAKE]);
  held.value = await hold((use) =>
    withServer({ directory }, ({ url }) =>
      withTemporaryDirectory(async (folder) => {
        const made = { url, folder, directory };
        await crawlNights(made);
        await use(made);
      }),
    ),
  );
});
afterAll(() => held.value?.release());

type Stage = 'there' | 'named' | 'gone';

/** A database of its own, in a folder of its own. */
function withCopy<T>(stage: Stage, use: (db: string) => Promise<T>): Promise<T> {
  return withTemporaryDirectory(async (folder) => {
    const db = join(folder, 'org.db');
    copyFileSync(join(scene().folder, `${stage}.db`), db);
    return await use(db);
  });
}

/** What of her stands in the bytes of the database and of every file beside it. */
function bytesOfAda(db: string): readonly string[] {
  const folder = join(db, '..');
  const text = readdirSync(folder)
    .map((name) => readFileSync(join(folder, name)).toString('latin1').toLowerCase())
    .join('\n');
  // A title that everyone may have is no trace of her, and the namesake has the name.
  const { name: _, ...traces } = ADA;
  return Object.entries(traces)
    .filter(([, value]) => text.includes(Buffer.from(value).toString('latin1').toLowerCase()))
    .map(([what]) => what);
}

const ALL = [
  'id',
  'dn',
  'username',
  'formerName',
  'email',
  'phone',
  'number',
  'title',
  'laterTitle',
  'photo',
];

const VIEWS = ['employees', 'reporting_lines', 'findings', 'runs', 'employee_history', 'changes'];
const everything = (db: string) =>
  VIEWS.map((view) => rows(db, `SELECT * FROM ${view} ORDER BY 1, 2, 3, 4`));

function write(db: string, sql: string): void {
  const database = new Database(db);
  database.exec(sql);
  database.close();
}

describe('whoever is forgotten', () => {
  it('is in no byte of any file: neither id, DN, name, mail, phone nor photo', async () => {
    await withCopy('gone', async (db) => {
      expect(bytesOfAda(db)).toEqual(ALL);
      expect(await forget(db, ADA.id, never)).toEqual({
        kind: 'forgotten',
        versions: 2,
        elsewhere: expect.any(Number),
      });
      expect(bytesOfAda(db)).toEqual([]);
      const database = new Database(db);
      database.exec("CREATE VIRTUAL TABLE temp.words USING fts5vocab('main', '_search', 'row')");
      const words = database.prepare(
        "SELECT term FROM words WHERE term LIKE 'adel%' OR term LIKE 'quill%' OR term LIKE 'q7%'",
      );
      // The namesake is called so.
      expect(words.pluck().all()).toEqual(['adelheid', 'quill']);
      database.close();
    });
  });

  it('is in no view any more, and everyone else is as they were', async () => {
    await withCopy('gone', async (db) => {
      const before = everything(db).flat();
      await forget(db, ADA.username, never);
      const after = everything(db).flat();
      const others = before.filter((row) => row['id'] !== ADA.id && row['employee_id'] !== ADA.id);
      expect(JSON.stringify(after)).not.toMatch(/11f0c7b2|uid=q7royal|assistant to adel/i);
      expect(after).toHaveLength(others.length);
      const told = ['id', 'employee_id', 'name', 'department', 'valid_from', 'kind', 'run_id'];
      const shape = (all: typeof after) => all.map((row) => told.map((column) => row[column]));
      expect(shape(after)).toEqual(shape(others));
      expect(rows(db, "SELECT title FROM employees WHERE username = 'namesake'")).toEqual([
        { title: `${ADA.name}, the other` },
      ]);
    });
  });

  it('is blanked where others name them still, and found by the search no more', async () => {
    await withCopy('named', async (db) => {
      expect(rows(db, "SELECT detail FROM findings WHERE detail LIKE '%q7royal%'")).not.toEqual([]);
      await forget(db, SPELT, never);
      expect(bytesOfAda(db)).toEqual([]);
      const lines = 'SELECT manager_dn FROM reporting_lines WHERE manager_id IS NULL';
      expect(rows(db, lines)).toEqual([{ manager_dn: '' }]);
      const assistant = "SELECT title, attributes FROM employees WHERE username = 'assistant'";
      expect(rows(db, assistant)).toEqual([
        { title: 'Assistant to ', attributes: '{"secretary":[""]}' },
      ]);
      const found = `SELECT v.username FROM _search JOIN _version AS v ON v.vid = _search.rowid WHERE _search MATCH`;
      expect(rows(db, `${found} 'adelheid'`)).toEqual([{ username: 'namesake' }]);
      expect(rows(db, `${found} 'assistant'`)).toEqual([{ username: 'assistant' }]);
    });
  });

  test.each([
    ['a DN', SPELT],
    ['a mail address', ADA.email],
    ['a filter', `(uid=${ADA.username})`],
    ['a filter by name', `(&(objectClass=person)(cn=${ADA.name.toUpperCase()}))`],
  ])('is no root of an earlier run any more, named by %s', async (_what, root) => {
    await withCopy('gone', async (db) => {
      write(
        db,
        `UPDATE _run SET question = json_set(question, '$.roots', json_array('${P1}', '${root}')) WHERE id = 1`,
      );
      await forget(db, ADA.id, never);
      const roots = "SELECT question ->> '$.roots' AS roots FROM runs WHERE id = 1";
      expect(rows(db, roots)).toEqual([{ roots: JSON.stringify([P1, '']) }]);
    });
  });

  it('does not come back with the next crawl, unless the directory has them', async () => {
    await withCopy('gone', async (db) => {
      await forget(db, ADA.id, never);
      expect(await crawl(scene(), db)).toMatchObject({
        published: { status: 'published', joined: 0, changed: 0 },
      });
      expect(bytesOfAda(db)).toEqual([]);
      scene().directory.add(ada(ADA.title, ADA.formerName));
      try {
        expect(await crawl(scene(), db)).toMatchObject({ published: { joined: 1, returned: 0 } });
      } finally {
        scene().directory.remove(ADA.dn);
      }
    });
  });

  it('is in no error and no finding any more that was told of others', async () => {
    await withCopy('gone', async (db) => {
      write(
        db,
        `INSERT INTO _problem (kind, pid, id, detail, from_run)
           VALUES ('unreachable', 0, '${ADA.id}', 'has a manager: ${ADA.dn}', 3), ('referral', 0, NULL, 'ldap://other/${ADA.dn}??base', 3);
         INSERT INTO _failure SELECT 3, pid, vid, 'denied', 50, 1, 'no access to ${ADA.dn.toUpperCase()}'
           FROM _version WHERE username = 'report' LIMIT 1`,
      );
      expect(rows(db, 'SELECT * FROM failures')).toHaveLength(1);
      await forget(db, ADA.id, never);
      expect(bytesOfAda(db)).toEqual([]);
      expect(rows(db, 'SELECT last_error FROM failures')).toEqual([
        { last_error: 'no access to ' },
      ]);
      const told =
        "SELECT kind, detail FROM findings WHERE employee_id IS NULL OR kind = 'unreachable'";
      expect(rows(db, told)).toEqual([{ kind: 'referral', detail: 'ldap://other/??base' }]);
    });
  });

  it('leaves no sample of an index behind', async () => {
    await withCopy('gone', async (db) => {
      write(db, 'ANALYZE');
      await forget(db, ADA.id, never);
      expect(bytesOfAda(db)).toEqual([]);
    });
  });
});

describe('nobody is forgotten', () => {
  const refused = async (db: string, why: RegExp) => {
    const before = everything(db);
    await expect(forget(db, ADA.id, never)).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(why),
    });
    expect(everything(db)).toEqual(before);
  };

  it('who is published', async () => {
    await withCopy('there', (db) => refused(db, /in the published state/));
  });

  it('whom an unfinished run has met', async () => {
    await withCopy('gone', async (db) => {
      scene().directory.add(ada(ADA.title, ADA.formerName));
      try {
        await crawl(scene(), db, {}, 'publishing');
      } finally {
        scene().directory.remove(ADA.dn);
      }
      await refused(db, /^the unfinished run 5 has met them/);
    });
  });

  it('who is in the run that is held', async () => {
    await withCopy('gone', async (db) => {
      scene().directory.add(ada(ADA.title, ADA.formerName));
      try {
        await crawl(scene(), db, { dryRun: true });
      } finally {
        scene().directory.remove(ADA.dn);
      }
      await refused(db, /in the run that is held/);
    });
  });

  it('of whom nothing is known any more', async () => {
    await withCopy('gone', async (db) => {
      await prune(db, '2999-01-01T00:00:00.000Z', never);
      expect(await forget(db, ADA.id, never)).toEqual({ kind: 'unknown' });
    });
  });
});

describe('WHO is', () => {
  const ways = [ADA.id, ADA.dn, SPELT, 'Q7ROYAL', ADA.email.toUpperCase(), ADA.number];
  test.each(ways)('%s', async (who) => {
    await withCopy('gone', async (db) => {
      expect(await forget(db, who, never)).toMatchObject({ kind: 'forgotten' });
      expect(await forget(db, who, never)).toEqual({ kind: 'unknown' });
    });
  });

  it('one of several, who are listed', async () => {
    await withCopy('gone', async (db) => {
      const answer = (await forget(db, ADA.name.toLowerCase(), never)) as Forgotten & {
        kind: 'several';
      };
      expect([answer.kind, answer.people.map(({ username }) => username).toSorted()]).toEqual([
        'several',
        ['namesake', 'q7royal'],
      ]);
      expect(bytesOfAda(db)).toEqual(ALL);
    });
  });

  it('no part of a name', async () => {
    await withCopy('gone', async (db) => {
      expect(await forget(db, 'Quill', never)).toEqual({ kind: 'unknown' });
    });
  });
});

describe('a reader that keeps the WAL', () => {
  it('is told of, and the same call finishes when it is gone', async () => {
    await withCopy('gone', async (db) => {
      const reader = new Database(db, { readonly: true });
      reader.exec('BEGIN');
      reader.prepare('SELECT count(*) FROM employees').get();
      await expect(forget(db, ADA.id, never)).rejects.toMatchObject({
        exitCode: 7,
        message: expect.stringContaining('keeps the WAL'),
        hint: expect.stringContaining('run the same command again'),
      });
      expect(rows(db, `SELECT * FROM employee_history WHERE id = '${ADA.id}'`)).toEqual([]);
      expect(bytesOfAda(db)).not.toEqual([]);
      reader.close();
      // Her name means the namesake by now.
      expect(await forget(db, ADA.name, never)).toEqual({ kind: 'finished' });
      expect(bytesOfAda(db)).toEqual([]);
      expect(await forget(db, ADA.id, never)).toEqual({ kind: 'unknown' });
    });
  });
});

describe('a removal that is stopped before it is wiped', () => {
  it('is finished by the same call', async () => {
    await withCopy('gone', async (db) => {
      const stop = new AbortController();
      setImmediate(() => stop.abort(new Interrupted('SIGTERM', 'stopped')));
      await expect(forget(db, ADA.id, stop.signal)).rejects.toThrow(Interrupted);
      expect(rows(db, `SELECT * FROM employee_history WHERE id = '${ADA.id}'`)).toEqual([]);
      expect(await forget(db, ADA.id, never)).toEqual({ kind: 'finished' });
      expect(bytesOfAda(db)).toEqual([]);
    });
  });
});
