// Reporting lines that go round in circles, and people who cannot be told apart by them.
import { describe, expect, it } from 'vitest';
import { type Company, person } from '../crawl/company.ts';
import { type CrawledDatabase, type CrawlSetup, withDatabase } from '../crawl/crawls.ts';

async function crawled(
  company: Company,
  use: (database: CrawledDatabase) => void,
  setup: CrawlSetup = {},
): Promise<void> {
  await withDatabase(async (database) => {
    await database.crawl(company, setup);
    use(database);
  });
}

/** c0 … each managed by the one before, and the first by the last. */
function ring(length: number) {
  return Array.from({ length }, (_, n) => person(`c${n}`, [`c${(n + length - 1) % length}`]));
}

describe('a cycle of 500', () => {
  const [first, ...others] = ring(500);
  const closing = first?.managers ?? [];

  it('that hangs below the root has each person once, and every line', async () => {
    const entry = person('c0', ['root'], {
      managers: [...person('', ['root']).managers, ...closing],
    });
    const people = [person('root', []), entry, ...others];
    await crawled({ people, roots: ['root'] }, (database) => {
      expect(database.read('SELECT count(*) AS n, max(depth) AS depth FROM employees')).toEqual([
        { n: 501, depth: 500 },
      ]);
      expect(database.column('SELECT count(*) FROM reporting_lines')).toEqual([501]);
      const kept =
        "SELECT is_primary FROM reporting_lines WHERE employee_id = 'c0' AND manager_id = 'c499'";
      expect(database.column(kept)).toEqual([0]);
    });
  });

  it('that the root is part of ends with the root on top', async () => {
    await crawled({ people: ring(500), roots: ['c0'] }, (database) => {
      expect(database.column('SELECT max(depth) FROM employees')).toEqual([499]);
      expect(database.column("SELECT manager_id FROM employees WHERE id = 'c0'")).toEqual([null]);
    });
  });

  it('outside of the tree is not in the database, and holds nothing up', async () => {
    const people = [person('root', []), person('a', ['root']), ...ring(500)];
    await crawled({ people, roots: ['root'] }, (database) => {
      expect(database.column('SELECT id FROM employees ORDER BY id')).toEqual(['a', 'root']);
    });
  });
});

describe('two entries with one key and different ids', () => {
  it('are both kept', async () => {
    const dn = 'uid=twin,dc=example,dc=com';
    const people = [
      person('root', []),
      person('one', ['root'], { dn }),
      person('two', ['root'], { dn: dn.toUpperCase() }),
    ];
    await crawled({ people, roots: ['root'] }, (database) => {
      expect(database.column('SELECT id FROM employees ORDER BY id')).toEqual([
        'one',
        'root',
        'two',
      ]);
      expect(database.column('SELECT dn FROM employees ORDER BY id')).toContain(dn.toUpperCase());
    });
  });
});
