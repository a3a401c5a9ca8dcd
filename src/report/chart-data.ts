import type { ChartData } from '../domain/chart.ts';
import { UsageError } from '../domain/errors.ts';
import type { Person, Reader } from '../store/reader.ts';
import { holdsAt } from '../store/reading/person.ts';
import { chainOf } from './chain.ts';
import { changesOf } from './chart-changes.ts';
import { peopleUnder } from './chart-columns.ts';

/** At about 100 bytes a person: 20 MB, which a browser opens in a second or two. Beyond, mail and phones refuse the file. */
export const MOST_PEOPLE = 200_000;

/** Everyone under `top`, or under all roots. Throws a `UsageError` where they are too many for one file. */
export function chartData(reader: Reader, top?: Person): ChartData {
  const tops = top === undefined ? reader.roots() : [top];
  refuseTooMany(tops);
  const { rowOf, ...people } = peopleUnder(reader, tops);
  const above = top === undefined ? [] : chainOf(reader, top).slice(1).reverse();
  return {
    title: titleOf(tops),
    run: reader.state?.run ?? 0,
    publishedAt: reader.state?.publishedAt ?? null,
    above: above.map(nameOf),
    ...people,
    changes: changesOf(reader, rowOf, top === undefined),
  };
}

/** How many people of the state no line leads to a root from: they are in no chart of all. */
export function unplaced(reader: Reader): number {
  return reader.answer((database, run) => {
    const sql = `SELECT count(*) FROM _place AS p WHERE p.depth IS NULL AND ${holdsAt(run, 'p')}`;
    return Number(database.prepare(sql).pluck().get());
  });
}

function refuseTooMany(tops: readonly Person[]): void {
  const people = tops.reduce((sum, { total_reports }) => sum + total_reports + 1, 0);
  if (people <= MOST_PEOPLE) return;
  const [told, most] = [people, MOST_PEOPLE].map((n) => n.toLocaleString('en-US'));
  throw new UsageError(
    `the chart would hold ${told} people, and one file holds ${most} at most`,
    'name somebody further down: orgwalk chart WHO (`orgwalk stats` lists the largest organisations)',
  );
}

function titleOf(tops: readonly Person[]): string {
  const [only] = tops;
  return tops.length === 1 && only !== undefined ? nameOf(only) : 'All organisations';
}

function nameOf({ name, username, id }: Person): string {
  return name ?? username ?? id;
}
