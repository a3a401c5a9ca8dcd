// orgwalk beside what an administrator would use instead, on the same server in the same run.
import type { Built } from './build.ts';
import {
  type Contender,
  type ContenderName,
  contendersOf,
  type Outcome,
  type Target,
} from './contenders.ts';
import type { Options } from './options.ts';
import { figure, median, quotient, say, textTableOf } from './report.ts';
import { far, withOrganisation } from './served.ts';

type Measurement = {
  readonly contender: Contender;
  readonly people: number;
  readonly outcomes: Outcome[];
};

/** Medians of all runs. */
export type CrawlLine = Readonly<Record<keyof Outcome, number | null>> & {
  readonly name: ContenderName;
  readonly title: string;
  readonly people: number;
  /** Wall time against that of the others at the same size; null: they did not run. */
  readonly ratioTo: Readonly<Record<ContenderName, number | null>>;
  readonly outcomes: readonly Outcome[];
};

export type Crawls = { readonly near: readonly CrawlLine[]; readonly far: readonly CrawlLine[] };

const NEAR: readonly ContenderName[] = ['table', 'organisation', 'naive', 'orgwalk', 'again'];
const FAR: readonly ContenderName[] = ['naive', 'orgwalk'];

/** @param target the server with `people` */
export async function measureCrawls(
  options: Options,
  built: Built,
  target: Target,
): Promise<Crawls> {
  const { people, fewPeople, nearOnly } = options;
  const contenders = contendersOf(built);
  const compete = async (names: readonly ContenderName[], size: number, where: Target) =>
    linesOf(
      await takeTurns(
        options.runs,
        names.map((name) => contenders[name]),
        size,
        where,
      ),
    );
  const near = await compete(NEAR, people, target);
  if (nearOnly) return { near, far: [] };
  say(`${fewPeople.toLocaleString('en')} people at ${options.roundTripMs} ms round trip`);
  const away = (where: Target) =>
    far(options.roundTripMs, where, (link) => compete(FAR, fewPeople, link));
  const theSame = fewPeople === people;
  return { near, far: await (theSame ? away(target) : withOrganisation(fewPeople, away)) };
}

/** Turns, so that a slow minute of the machine falls on all of them. */
async function takeTurns(
  runs: number,
  contenders: readonly Contender[],
  people: number,
  target: Target,
): Promise<readonly Measurement[]> {
  const measurements = contenders.map(
    (contender): Measurement => ({ contender, people, outcomes: [] }),
  );
  for (let run = 1; run <= runs; run += 1) {
    for (const { contender, outcomes } of measurements) {
      const outcome = await contender.run(target);
      outcomes.push(outcome);
      say(`  run ${run}: ${contender.title}: ${outcome.wallSeconds.toFixed(2)} s`);
    }
  }
  return measurements;
}

const FIGURES = [
  'wallSeconds',
  'cpuSeconds',
  'serverCpuSeconds',
  'peakRssBytes',
  'searches',
  'employees',
] as const;

function linesOf(measurements: readonly Measurement[]): readonly CrawlLine[] {
  const wallOf = (name: ContenderName) => {
    const found = measurements.find(({ contender }) => contender.name === name);
    return median(found?.outcomes.map(({ wallSeconds }) => wallSeconds) ?? []);
  };
  return measurements.map(({ contender: { name, title }, people, outcomes }) => {
    const medians = Object.fromEntries(
      FIGURES.map((one) => [one, median(outcomes.map((outcome) => outcome[one]))]),
    ) as Record<keyof Outcome, number | null>;
    const ratios = NEAR.map((other) => [other, quotient(wallOf(name), wallOf(other))]);
    const ratioTo = Object.fromEntries(ratios) as CrawlLine['ratioTo'];
    return { name, title, people, ...medians, ratioTo, outcomes };
  });
}

type Column = readonly [head: string, cell: (line: CrawlLine) => string];

const COLUMNS: readonly Column[] = [
  ['', ({ title }) => title],
  ['people', ({ people }) => figure(people)],
  ['wall s', ({ wallSeconds }) => figure(wallSeconds, 2)],
  ['against (a)', ({ ratioTo }) => figure(ratioTo.table, 2)],
  ['against (b)', ({ ratioTo }) => figure(ratioTo.organisation, 2)],
  ['against (c)', ({ ratioTo }) => figure(ratioTo.naive, 3)],
  ['against (d)', ({ ratioTo }) => figure(ratioTo.orgwalk, 2)],
  ['CPU s', ({ cpuSeconds }) => figure(cpuSeconds, 2)],
  ['server CPU s', ({ serverCpuSeconds }) => figure(serverCpuSeconds, 2)],
  ['peak RSS MB', ({ peakRssBytes }) => figure(quotient(peakRssBytes, 1e6))],
  ['searches', ({ searches }) => figure(searches)],
  ['employees', ({ employees }) => figure(employees)],
];

export function crawlTableOf(lines: readonly CrawlLine[]): string {
  return textTableOf([
    COLUMNS.map(([head]) => head),
    ...lines.map((line) => COLUMNS.map(([, cell]) => cell(line))),
  ]);
}

/** Whoever reads fewer people is not faster. (a) takes everybody, also those whom the root does not reach. */
export function disagreements({ near, far: away }: Crawls): readonly string[] {
  return [near, away].flatMap((lines) => {
    const counts = lines.filter(({ name }) => name !== 'table').map(({ employees }) => employees);
    if (new Set(counts).size < 2) return [];
    return [`the contenders found ${counts.join(', ')} people`];
  });
}
