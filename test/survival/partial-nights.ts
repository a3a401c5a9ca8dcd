// A company whose branches cannot all be read, and what a test asks of its database.
import { SearchFailure } from '../../src/domain/errors.ts';
import { type Company, evenCompany, type Person } from '../crawl/company.ts';
import type { CrawledDatabase, CrawlSetup } from '../crawl/crawls.ts';

/** p0 to p39, three to a manager: p13, p14 and p15 report to p4, nobody reports to p13. */
export const COMPANY = evenCompany(40, 3);

export const NO_CHANGES = { joined: 0, left: 0, detached: 0, returned: 0, moved: 0, changed: 0 };

/** Searches that ask about one of these people are refused. */
export function denied(...refused: readonly string[]): CrawlSetup {
  return {
    search: (ids) => {
      if (!ids.some((id) => refused.includes(id))) return;
      throw new SearchFailure('fail', 'denied', 'no', { resultCode: 50 });
    },
  };
}

/** Notes who is asked about, in order. */
export function recording(...refused: readonly string[]) {
  const asked: string[] = [];
  const refuse = denied(...refused).search;
  const search: CrawlSetup['search'] = (ids, signal) => {
    asked.push(...ids);
    return refuse?.(ids, signal);
  };
  return { asked, setup: { batch: 1, search } };
}

export function change(company: Company, id: string, more: Partial<Person>): Company {
  const people = company.people.map((each) => (each.id === id ? { ...each, ...more } : each));
  return { ...company, people };
}

export function hire(company: Company, ...more: readonly Person[]): Company {
  return { ...company, people: [...company.people, ...more] };
}

export function fire(company: Company, id: string): Company {
  return { ...company, people: company.people.filter((each) => each.id !== id) };
}

/** All that readers see about people, without times. */
export function organisation(database: CrawledDatabase) {
  const employees = `SELECT id, dn, name, title, manager_id, manager_dn, depth, direct_reports, total_reports
    FROM employees ORDER BY id`;
  const lines = 'SELECT * FROM reporting_lines ORDER BY employee_id, manager_dn';
  return { employees: database.read(employees), lines: database.read(lines) };
}

export function place(database: CrawledDatabase, id: string) {
  return database.read('SELECT manager_id, manager_dn, depth FROM employees WHERE id = ?', id)[0];
}

export function linesOf(database: CrawledDatabase, id: string) {
  return database.column(
    'SELECT manager_id FROM reporting_lines WHERE employee_id = ? ORDER BY manager_dn',
    id,
  );
}

/** The id of the run whose start confirmed the person last. */
export function confirmedBy(database: CrawledDatabase, id: string) {
  return database.column(
    'SELECT r.id FROM employees AS e JOIN runs AS r ON r.started_at = e.confirmed_at WHERE e.id = ?',
    id,
  )[0];
}
