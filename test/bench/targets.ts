// What the comparison is to come to.
import type { ContenderName } from './contenders.ts';
import type { CrawlLine, Crawls } from './crawls.ts';
import { figure, textTableOf } from './report.ts';

export type TargetLine = {
  readonly title: string;
  readonly people: number;
  readonly value: number;
  readonly limit: number;
  readonly met: boolean;
};

type Aim = readonly [title: string, value: (line: CrawlLine) => number | null, limit: number];

const wall = (other: ContenderName) => (line: CrawlLine) => line.ratioTo[other];

const CRAWL: readonly Aim[] = [
  ['wall time, (d) against (a)', wall('table'), 1.5],
  ['wall time, (d) against (b)', wall('organisation'), 1],
  ['wall time, (d) against (c)', wall('naive'), 1 / 5],
];
const FAR_CRAWL: readonly Aim[] = [
  ['wall time, (d) against (c), over the slow link', wall('naive'), 1 / 25],
];
const SECOND_CRAWL: readonly Aim[] = [['wall time, (e) against (d)', wall('orgwalk'), 0.8]];

const megabytes = ({ peakRssBytes }: CrawlLine) => peakRssBytes && peakRssBytes / 1e6;
/** Flat: ten times the people may cost a quarter more. */
const memoryAim = (people: number): Aim => [
  'peak RSS, MB',
  megabytes,
  people > 100_000 ? 150 : 120,
];

export function targetsOf({ near, far }: Crawls): readonly TargetLine[] {
  return [
    ...near.flatMap((line) => {
      if (line.name === 'orgwalk') return judge(line, [...CRAWL, memoryAim(line.people)]);
      return line.name === 'again' ? judge(line, SECOND_CRAWL) : [];
    }),
    ...far.flatMap((line) => (line.name === 'orgwalk' ? judge(line, FAR_CRAWL) : [])),
  ];
}

function judge(line: CrawlLine, aims: readonly Aim[]): readonly TargetLine[] {
  return aims.flatMap(([title, measured, limit]) => {
    const value = measured(line);
    return value === null
      ? []
      : [{ title, people: line.people, value, limit, met: value <= limit }];
  });
}

export function targetTableOf(lines: readonly TargetLine[]): string {
  const rows = lines.map(({ title, people, value, limit, met }) => {
    const digits = limit > 10 ? 0 : limit < 0.1 ? 3 : 2;
    return [title, figure(people), figure(value, digits), `≤ ${limit}`, met ? 'yes' : 'NO'];
  });
  return textTableOf([['', 'people', 'measured', 'target', 'met'], ...rows]);
}
