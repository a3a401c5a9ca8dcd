// What a database weighs, and what each night adds to it.
import { statSync } from 'node:fs';
import Database from 'better-sqlite3';
import { syntheticOrganisation } from '../../src/simulate/organisation.ts';
import type { Change } from './changed-directory.ts';
import { withNights } from './nights.ts';
import { textTableOf } from './report.ts';

export type GrowthLine = {
  readonly night: string;
  readonly people: number;
  /** Rows of `changes` of that run. */
  readonly changes: number;
  readonly findings: number;
  readonly fileBytes: number;
  /** What is not free for later nights. */
  readonly usedBytes: number;
  readonly bytesPerEmployee: number;
  /** Against the night before: 0.01 is one per cent. Null for the first. */
  readonly fileGrowth: number | null;
  readonly usedGrowth: number | null;
  readonly limit: number | null;
};

/** What a night without changes may add. */
export const QUIET_LIMIT = 0.01;

type Night = readonly [title: string, change: Change, limit: number | null];

/** Another title for one person in a hundred, the same one from then on. */
const retitled: Change = ({ id }, attribute) =>
  attribute === 'title' && id % 100 === 99 ? ['Another Title'] : undefined;

export async function measureGrowth(
  program: string,
  people: number,
): Promise<readonly GrowthLine[]> {
  return withNights(program, people, async ({ path, crawl }) => {
    const lines: GrowthLine[] = [];
    for (const [night, change, limit] of nightsOf(people)) {
      await crawl(change);
      lines.push(lineOf(path, { night, people, limit }, lines.at(-1)));
    }
    return lines;
  });
}

function nightsOf(people: number): readonly Night[] {
  const disabled = halfOfManagersDisabled(people);
  const both: Change = (...asked) => retitled(...asked) ?? disabled(...asked);
  return [
    ['the first', () => undefined, null],
    ['without changes', () => undefined, QUIET_LIMIT],
    ['1 % have another title', retitled, null],
    ['without changes', retitled, QUIET_LIMIT],
    ['half of the managers disabled', both, null],
    ['without changes, with these findings', both, QUIET_LIMIT],
  ];
}

/** One person in twenty, each with a finding. */
function halfOfManagersDisabled(people: number): Change {
  const organisation = syntheticOrganisation({ people, seed: 1 });
  return ({ id }, attribute) => {
    if (attribute !== 'nsaccountlock' || id < 1 || id % 2 === 0) return undefined;
    return organisation.reportsOf(id).count > 0 ? ['TRUE'] : undefined;
  };
}

function lineOf(
  path: string,
  told: Pick<GrowthLine, 'night' | 'people' | 'limit'>,
  before: GrowthLine | undefined,
): GrowthLine {
  const database = new Database(path, { readonly: true });
  const number = (sql: string) => database.prepare<[], number>(sql).pluck().get() ?? 0;
  try {
    const pages =
      number('SELECT * FROM pragma_page_count') - number('SELECT * FROM pragma_freelist_count');
    const usedBytes = pages * number('SELECT * FROM pragma_page_size');
    const fileBytes = statSync(path).size;
    return {
      ...told,
      changes: number('SELECT count(*) FROM changes WHERE run_id = (SELECT max(id) FROM runs)'),
      findings: number('SELECT count(*) FROM findings'),
      fileBytes,
      usedBytes,
      bytesPerEmployee: fileBytes / told.people,
      fileGrowth: before === undefined ? null : fileBytes / before.fileBytes - 1,
      usedGrowth: before === undefined ? null : usedBytes / before.usedBytes - 1,
    };
  } finally {
    database.close();
  }
}

export function growthTableOf(lines: readonly GrowthLine[]): string {
  const percent = (share: number | null) =>
    share === null ? '–' : `${(share * 100).toFixed(2)} %`;
  const whole = (value: number) => value.toLocaleString('en', { maximumFractionDigits: 0 });
  const head = [
    'night',
    'people',
    'changes',
    'findings',
    'file bytes',
    'per employee',
    'file grows',
    'used grows',
    'limit',
  ];
  const rows = lines.map((line) => [
    line.night,
    whole(line.people),
    whole(line.changes),
    whole(line.findings),
    whole(line.fileBytes),
    whole(line.bytesPerEmployee),
    percent(line.fileGrowth),
    percent(line.usedGrowth),
    percent(line.limit),
  ]);
  return textTableOf([head, ...rows]);
}
