// A run that only retries what failed takes over what was wrong in the data of those whom it does not read again.
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import type { Employee } from '../../src/domain/employee.ts';
import type { BranchFailure } from '../../src/domain/ports.ts';
import { SqliteRunStore } from '../../src/store/run-store.ts';
import { employee, page, RUN, readAll, rows, withPath } from './stores.ts';

const NEVER = new AbortController().signal;
const DENIED: BranchFailure = { reason: 'denied', resultCode: 50, attempts: 1, message: 'no' };

function cut(id: string, managers: readonly string[], ...capped: readonly string[]): Employee {
  return { ...employee(id, managers), capped };
}

/** Publishes the root, `ann` and `bob` below it, whose values were cut all three; who is below Ann could not be read. */
async function publishCut(path: string): Promise<void> {
  using store = SqliteRunStore.open(path);
  await store.start(RUN);
  await store.addRoots([cut('root', [], 'title', 'department')]);
  const [root] = await store.frontier.take(1);
  const team = page(cut('ann', ['root'], 'title'), cut('bob', ['root'], 'title'));
  await store.frontier.commit(team, root === undefined ? [] : [root]);
  for (const branch of await store.frontier.take(2)) {
    if (branch.id === 'ann') await store.frontier.fail(branch, DENIED);
    else await store.frontier.commit(page(), [branch]);
  }
  await store.publish(NEVER);
}

function findings(path: string): readonly unknown[] {
  const found = rows<{ employee_id: string; detail: string }>(path, 'SELECT * FROM findings');
  return found.map(({ employee_id, detail }) => `${employee_id} ${detail}`).toSorted();
}

async function retry(path: string, root: Employee, ...below: readonly Employee[]): Promise<void> {
  using store = SqliteRunStore.open(path);
  store.readOnlyFailed({ fresh: false, dryRun: false });
  await store.start(RUN);
  await store.addRoots([root]);
  await readAll(store.frontier, (id) => (id === 'ann' ? below : []));
  await store.publish(NEVER);
}

it('those of people whom it reads again go when they are mended, and only they', async () => {
  await withPath(async (path) => {
    await publishCut(path);
    expect(findings(path)).toEqual(['ann title', 'bob title', 'root department', 'root title']);
    await retry(path, cut('root', [], 'department'), cut('new', ['ann'], 'title'));
    expect(findings(path)).toEqual(['ann title', 'bob title', 'new title', 'root department']);
  });
});

it('what is found again by whatever page is not forgotten by the next one', async () => {
  await withPath(async (path) => {
    await publishCut(path);
    const root = cut('root', [], 'title');
    await retry(path, root, cut('bob', ['root', 'ann'], 'department'), root);
    expect(findings(path)).toEqual(['ann title', 'bob ann, root', 'bob department', 'root title']);
  });
});

it('are taken over however many that are over stand before them', async () => {
  await withPath(async (path) => {
    await publishCut(path);
    const database = new Database(path);
    const ann = "(SELECT pid FROM _version WHERE id = 'ann')";
    database.exec(`DELETE FROM _problem WHERE pid = ${ann};
      WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n LIMIT 10001)
      INSERT INTO _problem (kind, pid, detail, from_run, to_run) SELECT 'value_capped', ${ann}, n, 0, 1 FROM n`);
    database.close();
    await retry(path, cut('root', [], 'department'));
    expect(findings(path)).toEqual(['bob title', 'root department']);
  });
});

it('a run that is continued forgets nothing that it has found itself', async () => {
  await withPath(async (path) => {
    await publishCut(path);
    {
      using store = SqliteRunStore.open(path);
      store.readOnlyFailed({ fresh: false, dryRun: false });
      await store.start(RUN);
      await store.addRoots([cut('root', [], 'department')]);
      await store.interrupt();
    }
    await retry(path, cut('root', [], 'department'));
    expect(findings(path)).toEqual(['ann title', 'bob title', 'root department']);
  });
});
