// Runs that are held back from readers: what readers see meanwhile, and how a held run is released.

import { heldRun, release } from '../../src/store/publishing/release.ts';
import { Reader } from '../../src/store/reader.ts';
import { hold } from '../cli/orgwalk.ts';
import { type Company, dnOf, evenCompany, person } from './company.ts';
import { type CrawledDatabase, withDatabase } from './crawls.ts';

/** What is published; the others tell of runs, held ones too. */
const PUBLISHED = ['employees', 'reporting_lines', 'employee_history', 'changes', 'findings'];
const TIME_OR_RUN = /_at$|^at$|^valid_|^run_id$/;

/** Everything that readers see of people, to the letter. */
export function shown(database: CrawledDatabase): readonly string[] {
  return PUBLISHED.flatMap((view) => {
    const rows = database.read(`SELECT * FROM ${view}`).map((row) => JSON.stringify(row));
    return [view, ...rows.toSorted()];
  });
}

/** The same, without what differs between two databases that tell the same. */
export function told(database: CrawledDatabase): readonly string[] {
  return PUBLISHED.flatMap((view) => {
    const rows = database.read(`SELECT * FROM ${view}`).map((row) => {
      const timeless = Object.entries(row).map(([name, value]) =>
        TIME_OR_RUN.test(name) && value !== null ? [name, 'then'] : [name, value],
      );
      return JSON.stringify(timeless);
    });
    return [view, ...rows.toSorted()];
  });
}

/** The first lines that only one of two lists has; none where they are the same. */
export function differing(a: readonly string[], b: readonly string[]): readonly string[] {
  const only = (these: readonly string[], those: ReadonlySet<string>, sign: string) =>
    these.filter((line) => !those.has(line)).map((line) => `${sign} ${line}`);
  return [...only(a, new Set(b), '-'), ...only(b, new Set(a), '+')].slice(0, 6);
}

/** The number of the run that can be released. Throws where there is none. */
export function heldIn(database: CrawledDatabase): number {
  using reader = new Reader(database.path);
  return reader.answer(heldRun).id;
}

export async function releaseHeld(database: CrawledDatabase): Promise<void> {
  await release(database.path, heldIn(database), new AbortController().signal);
}

/** Without the last `count` of a company: nobody reports to them as long as they are few. */
export function without(company: Company, count: number): Company {
  return { ...company, people: company.people.slice(0, -count) };
}

/** A hundred people below three managers, and what is left of them when more have gone than the valve lets through. */
export const TEAM = evenCompany(100, 40);
export const DECIMATED = without(TEAM, 21);

/** Databases in which TEAM is published, each a copy of one that was crawled once. */
export interface PublishedTeam {
  readonly original: CrawledDatabase;
  copy(): CrawledDatabase;
  release(): Promise<void>;
}

export async function publishedTeam(): Promise<PublishedTeam> {
  const { value: original, release } = await hold<CrawledDatabase>((use) =>
    withDatabase(async (database) => {
      await database.crawl(TEAM);
      await use(database);
    }),
  );
  let copies = 0;
  const copy = () => {
    copies += 1;
    return original.copy(`team-${copies}.db`);
  };
  return { original, copy, release };
}

/** Somebody joins, moves, is promoted, is given another spelling of the manager, and has a value that names nobody. */
export function changed(company: Company): Company {
  const different: Readonly<Record<string, ReturnType<typeof person>>> = {
    p50: person('p50', ['p2']),
    p51: person('p51', ['p1'], { title: 'Promoted' }),
    p52: person('p52', [], { managers: [dnOf('p1').toUpperCase()] }),
    p53: person('p53', ['p1', 'nobody']),
  };
  const people = company.people.map((each) => different[each.id] ?? each);
  return { ...company, people: [...people, person('new', ['p1'])] };
}
