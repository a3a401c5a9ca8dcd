// Values of any length are read in bounded memory, and what was cut is told.
import { describe, expect, it } from 'vitest';
import { crawled, rows, withDatabase } from '../integration/crawling.ts';
import { person, SUFFIX, team, withServer } from '../simulate/servers.ts';

const LIMIT = 65_536;
const P1 = `uid=p1,${SUFFIX}`;
const TITLE = `${'x'.repeat(LIMIT - 1)}é${'y'.repeat(1_000_000)}`;
const NOBODY = `cn=${'z'.repeat(LIMIT)},${SUFFIX}`;

const FINDINGS =
  "SELECT kind, employee_id, detail FROM findings WHERE kind = 'value_capped' ORDER BY detail";

describe('a value over 64 KiB', () => {
  it('is cut between two characters, and is a finding as long as it is there', async () => {
    const entryUUID = ['00000000-0000-4000-8000-000000000002'];
    const ann = person('ann', { title: [TITLE], manager: [P1, NOBODY], entryUUID });
    const p1 = person('p1', { entryUUID: ['00000000-0000-4000-8000-000000000001'] });
    const directory = team(0, [p1, ann]);
    await withServer({ directory }, (server) =>
      withDatabase(async (db) => {
        const target = { url: server.url, root: P1 };
        await crawled(target, db);
        const [row] = rows(db, "SELECT title FROM employees WHERE username = 'ann'");
        expect(row?.['title']).toBe('x'.repeat(LIMIT - 1));
        const lines = rows(
          db,
          'SELECT manager_dn FROM reporting_lines ORDER BY length(manager_dn)',
        );
        expect(lines.at(-1)?.['manager_dn']).toBe(NOBODY.slice(0, LIMIT));
        const finding = { kind: 'value_capped', employee_id: entryUUID[0] };
        expect(rows(db, FINDINGS)).toEqual([
          { ...finding, detail: 'manager' },
          { ...finding, detail: 'title' },
        ]);
        directory.replace(ann.dn, person('ann', { title: ['short'], entryUUID }));
        await crawled(target, db);
        expect(rows(db, FINDINGS)).toEqual([]);
      }),
    );
  });
});

describe('a manager whose pages are large', () => {
  it('is read in smaller ones, and costs no attempt', async () => {
    const large = Array.from({ length: 400 }, (_, n) =>
      person(`r${n}`, { title: [TITLE.slice(0, 50_000)] }),
    );
    await withServer({ directory: team(1, large) }, (server) =>
      withDatabase(async (db) => {
        const { status, employees, failedBranches } = await crawled(
          { url: server.url, root: P1 },
          db,
        );
        expect({ status, employees, failedBranches }).toEqual({
          status: 'published',
          employees: 401,
          failedBranches: [],
        });
        expect(rows(db, 'SELECT retries FROM runs')).toEqual([{ retries: 0 }]);
      }),
    );
  });
});
