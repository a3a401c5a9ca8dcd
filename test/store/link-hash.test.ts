import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linkHash } from '../../src/store/recording/link-hash.ts';
import { person } from '../crawl/company.ts';
import { withDatabase } from '../crawl/crawls.ts';

/** Two employee numbers of one hash, found by following the hash of a hash until it came back to itself. */
const X = '3375811288082545';
const Y = '3449224549869830';

describe('the hash of a link', () => {
  it('is a whole number that SQLite and JavaScript both hold', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (key) => {
        const hash = linkHash(key);
        expect(Number.isSafeInteger(hash) && hash >= 0 && hash < 2 ** 52).toBe(true);
        expect(linkHash(key)).toBe(hash);
      }),
    );
  });

  it('seldom is the same for two', () => {
    const keys = Array.from({ length: 200_000 }, (_, i) => `uid=p${i},ou=people,dc=example,dc=com`);
    expect(new Set(keys.map(linkHash)).size).toBe(keys.length);
  });

  it('never merges two people, even where it is the same', async () => {
    expect(linkHash(X)).toBe(linkHash(Y));
    const link = (own: string, managers: readonly string[]) => ({ link: own, managers });
    const company = {
      people: [
        person('root', [], { link: '1' }),
        person('x', [], link(X, ['1'])),
        person('y', [], link(Y, ['1'])),
        // Found before x and y are: their numbers are settled later, by hash.
        person('early', [], link('2', ['1', X, Y])),
        person('below x', [], link('3', [X])),
        person('below y', [], link('4', [Y])),
      ],
      roots: ['root'],
    };
    await withDatabase(async (database) => {
      await database.crawl(company, { ask: { managerValue: 'employeeNumber' } });
      const lines = database.read(
        `SELECT employee_id, manager_id, manager_dn FROM reporting_lines
         WHERE manager_dn <> '1' ORDER BY employee_id, manager_dn`,
      );
      expect(lines).toEqual([
        { employee_id: 'below x', manager_id: 'x', manager_dn: X },
        { employee_id: 'below y', manager_id: 'y', manager_dn: Y },
        { employee_id: 'early', manager_id: 'x', manager_dn: X },
        { employee_id: 'early', manager_id: 'y', manager_dn: Y },
      ]);
      expect(database.column('SELECT direct_reports FROM employees WHERE id = ?', 'x')).toEqual([
        2,
      ]);
    });
  });
});
