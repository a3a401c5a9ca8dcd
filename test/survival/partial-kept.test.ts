// Whoever is below a branch that could not be read stays as they were, and so does what depends on them.
import { describe, expect, it } from 'vitest';
import { SearchFailure } from '../../src/domain/errors.ts';
import { dnOf, evenCompany, person } from '../crawl/company.ts';
import { withDatabase } from '../crawl/crawls.ts';
import { COMPANY, change, denied, hire, linesOf, NO_CHANGES, place } from './partial-nights.ts';

describe('below a branch that could not be read', () => {
  it('a manager who was not seen is still the manager of those who were', async () => {
    const company = hire(COMPANY, person('matrix', ['p2', 'p13']));
    await withDatabase(async (database) => {
      await database.crawl(company);
      expect(linesOf(database, 'matrix')).toEqual(['p13', 'p2']);
      const { published } = await database.crawl(company, denied('p4'));
      expect(published).toMatchObject({ ...NO_CHANGES, failedBranches: 1, employees: 41 });
      expect(linesOf(database, 'matrix')).toEqual(['p13', 'p2']);
      expect(
        database.column(
          "SELECT total_reports || ' ' || direct_reports FROM employees WHERE id = 'p13'",
        ),
      ).toEqual(['0 1']);
    });
  });

  it('somebody who only now has such a manager is shown below them', async () => {
    const company = hire(COMPANY, person('matrix', ['p2']));
    await withDatabase(async (database) => {
      await database.crawl(company);
      const moved = change(company, 'matrix', { managers: [dnOf('p13'), dnOf('p2')] });
      const { published } = await database.crawl(moved, denied('p4'));
      expect(published).toMatchObject({ ...NO_CHANGES, moved: 1 });
      expect(linesOf(database, 'matrix')).toEqual(['p13', 'p2']);
    });
  });

  it('a manager who cannot even be asked about stays, also where the person has changed', async () => {
    const company = hire(COMPANY, person('matrix', ['p2', 'p13']));
    const asked = () => {
      throw new SearchFailure('fail', 'denied', 'no', { resultCode: 50 });
    };
    await withDatabase(async (database) => {
      await database.crawl(company);
      const promoted = change(company, 'matrix', { title: 'Chief' });
      const { published } = await database.crawl(promoted, { ...denied('p4'), asked });
      expect(published).toMatchObject({ ...NO_CHANGES, changed: 1 });
      expect(linesOf(database, 'matrix')).toEqual(['p13', 'p2']);
    });
  });

  it('people follow their manager who was renamed', async () => {
    const dn = `cn=renamed,${dnOf('p4')}`;
    const people = COMPANY.people.map((each) => {
      if (each.id === 'p4') return { ...each, dn };
      return each.managers.includes(dnOf('p4')) ? { ...each, managers: [dn] } : each;
    });
    await withDatabase(async (database) => {
      await database.crawl(COMPANY);
      const { published } = await database.crawl({ ...COMPANY, people }, denied('p4'));
      expect(published).toMatchObject({ ...NO_CHANGES, changed: 1, employees: 40 });
      expect(place(database, 'p13')).toEqual({ manager_id: 'p4', manager_dn: dn, depth: 3 });
      expect(database.column('SELECT dn FROM failures')).toEqual([dn]);
      const again = await database.crawl({ ...COMPANY, people });
      expect(again.published).toMatchObject({ ...NO_CHANGES, status: 'published' });
    });
  });

  it('people move with their manager, and count in the new place', async () => {
    await withDatabase(async (database) => {
      await database.crawl(COMPANY);
      const moved = change(COMPANY, 'p4', { managers: [dnOf('p12')] });
      const { published } = await database.crawl(moved, denied('p4'));
      expect(published).toMatchObject({ ...NO_CHANGES, moved: 1, employees: 40 });
      expect(place(database, 'p13')).toMatchObject({ manager_id: 'p4', depth: 4 });
      const totals = database.column(
        "SELECT total_reports FROM employees WHERE id IN ('p1', 'p12', 'p4') ORDER BY id",
      );
      const whole = database.copy('whole.db');
      await whole.crawl(moved);
      expect(totals).toEqual(
        whole.column(
          "SELECT total_reports FROM employees WHERE id IN ('p1', 'p12', 'p4') ORDER BY id",
        ),
      );
    });
  });

  it('whole organisations of several levels stay', async () => {
    const deep = evenCompany(60, 2);
    await withDatabase(async (database) => {
      await database.crawl(deep);
      const before = database.read('SELECT id, manager_id, depth, total_reports FROM employees');
      const { published } = await database.crawl(deep, denied('p1'));
      expect(published).toMatchObject({ ...NO_CHANGES, employees: 60, failedBranches: 1 });
      expect(database.read('SELECT id, manager_id, depth, total_reports FROM employees')).toEqual(
        before,
      );
    });
  });

  it('a root without the reports that it had holds the run: readers see its lines as they were', async () => {
    const company = change(COMPANY, 'p0', { managers: [dnOf('p5')] });
    const hidden = company.people.map((each) =>
      each.managers.includes(dnOf('p0')) ? { ...each, managers: [] } : each,
    );
    await withDatabase(async (database) => {
      await database.crawl(company);
      expect(linesOf(database, 'p0')).toEqual(['p5']);
      const { published } = await database.crawl({ ...company, people: hidden });
      expect(published).toMatchObject({ status: 'held', heldWhy: 'root', detached: 39 });
      expect(linesOf(database, 'p0')).toEqual(['p5']);
    });
  });

  it('nobody is invented in a first crawl', async () => {
    await withDatabase(async (database) => {
      const { run, published } = await database.crawl(COMPANY, denied('p4'));
      expect(run.expected).toBe(0);
      expect(published).toMatchObject({ ...NO_CHANGES, employees: 37, failedBranches: 1 });
      const next = await database.crawl(COMPANY);
      expect(next.published).toMatchObject({ ...NO_CHANGES, joined: 3, employees: 40 });
    });
  });
});
