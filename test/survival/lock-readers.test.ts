// Who reads while a crawl writes and publishes is never kept waiting, and never sees half of it.
import { setImmediate } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { digestDatabase } from '../support/digest.ts';
import {
  changed,
  freshDatabase,
  organised,
  publishing,
  startCrawl,
  undisturbed,
  withScene,
} from './kill-scene.ts';

const READ = `SELECT (SELECT json_group_array(json_array(id, dn, title, manager_id, depth, total_reports)) FROM
  (SELECT * FROM employees ORDER BY id)) AS people,
  (SELECT json_group_array(json_array(employee_id, manager_id, manager_dn, is_primary)) FROM
  (SELECT * FROM reporting_lines ORDER BY 1, 3)) AS lines`;

/** Refuses to wait for anybody. */
function impatient(db: string): Database.Database {
  return new Database(db, { readonly: true, timeout: 0 });
}

test('readers of a crawl and its publishing see the old state, then the new one, and never wait', async () => {
  const first = await organised(120);
  await withScene(
    changed(first),
    async (scene) => {
      const expected = await undisturbed(scene);
      const db = await freshDatabase(scene, 'read');
      using reader = closing(impatient(db));
      const seen: string[] = [];
      let reads = 0;
      const read = () => {
        const state = JSON.stringify(reader.database.prepare(READ).get());
        if (state !== seen.at(-1)) seen.push(state);
        reads += 1;
      };
      const running = startCrawl(scene, db);
      while (running.child.exitCode === null) {
        read();
        await setImmediate();
      }
      expect((await running.finished).code).toBe(0);
      read();
      expect(seen).toHaveLength(2);
      expect(reads).toBeGreaterThan(20);
      expect(digestDatabase(db)).toBe(expected.digest);
    },
    publishing(first),
  );
});

function closing(database: Database.Database) {
  return { database, [Symbol.dispose]: () => void database.close() };
}
