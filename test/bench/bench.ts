// npm run bench [-- PART … --people N --round-trip MS --runs N --near-only --json FILE --program FILE]
// PART is crawls, pace, growth or questions; none: all of them. `npm run bench -- questions --people 1000000` takes some minutes.
// Figures of one run on one machine are comparable with one another; those of two machines are not.
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, release, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { writeOrganisation } from '../support/organisation.ts';
import { withProxy } from '../support/proxy.ts';
import { type Slapd, withSlapd } from '../support/slapd.ts';
import { withTemporaryDirectory } from '../support/temporary.ts';
import { type ContenderName, contendersOf, type Target } from './contenders.ts';
import { type GrowthLine, growthTableOf, measureGrowth } from './growth.ts';
import { measurePace, PACE_LIMIT, type PaceLine, paceTableOf } from './pace.ts';
import {
  measureQuestions,
  QUESTION_LIMIT_MS,
  type QuestionLine,
  questionTableOf,
} from './questions.ts';
import { type Line, linesOf, type Measurement, purposeOf, tableOf } from './report.ts';

const PARTS = ['crawls', 'pace', 'growth', 'questions'] as const;
type Part = (typeof PARTS)[number];

type Options = {
  readonly parts: readonly Part[];
  readonly people: number;
  /** Size of the comparison with the naive crawl over the slow link, where it would take minutes. */
  readonly fewPeople: number;
  readonly roundTripMs: number;
  readonly runs: number;
  readonly nearOnly: boolean;
  readonly program: string;
  readonly json: string;
};

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

function optionsOf(args: string[]): Options {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      people: { type: 'string', default: '100000' },
      'few-people': { type: 'string', default: '10000' },
      'round-trip': { type: 'string', default: '10' },
      runs: { type: 'string', default: '3' },
      'near-only': { type: 'boolean', default: false },
      program: { type: 'string', default: here('../../src/bin.ts') },
      json: { type: 'string' },
    },
  });
  const people = numberOf('people', values.people);
  return {
    parts: positionals.length === 0 ? PARTS : positionals.map(partOf),
    people,
    fewPeople: Math.min(people, numberOf('few-people', values['few-people'])),
    roundTripMs: numberOf('round-trip', values['round-trip']),
    runs: numberOf('runs', values.runs),
    nearOnly: values['near-only'],
    program: values.program,
    json: values.json ?? here(`out/${new Date().toISOString().replaceAll(':', '-')}.json`),
  };
}

function partOf(text: string): Part {
  const part = PARTS.find((name) => name === text);
  if (part !== undefined) return part;
  throw new Error(`Expected ${PARTS.join(', ')}, got \`${text}\``);
}

function numberOf(name: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new Error(`Expected \`--${name}\` to be a whole number from 1 up, got \`${text}\``);
}

const say = (text: string) => process.stderr.write(`${text}\n`);

/** Takes turns, so that a slow minute of the machine falls on all of them. */
async function compete(
  options: Options,
  names: readonly ContenderName[],
  people: number,
  target: Target,
): Promise<readonly Measurement[]> {
  const all = contendersOf(options.program);
  const measurements = names.map((name) => ({
    contender: all[name],
    people,
    outcomes: [] as Outcomes,
  }));
  for (let run = 1; run <= options.runs; run += 1) {
    for (const { contender, outcomes } of measurements) {
      const outcome = await contender.run(target);
      outcomes.push(outcome);
      say(`  run ${run}: ${contender.title}: ${outcome.wallSeconds.toFixed(2)} s`);
    }
  }
  return measurements;
}

type Outcomes = Measurement['outcomes'][number][];

type Served = { readonly server: Slapd; readonly target: Target };

/** A slapd with an organisation of `people`, its pages in memory. */
async function withOrganisation<T>(
  people: number,
  use: (served: Served) => Promise<T>,
): Promise<T> {
  return withTemporaryDirectory(async (dir) => {
    say(`${people.toLocaleString('en')} people: writing and loading …`);
    const { path, rootDn, suffix } = writeOrganisation(join(dir, 'organisation.ldif'), { people });
    return withSlapd({ ldifPath: path }, async (server) => {
      const target = { url: server.url, base: suffix, rootDn, serverPid: server.pid, dir };
      await contendersOf('').file.run(target);
      return use({ server, target });
    });
  });
}

function far<T>(options: Options, { server, target }: Served, use: (far: Target) => Promise<T>) {
  const { roundTripMs } = options;
  return withProxy({ to: server.port, roundTripMs }, ({ url }) => use({ ...target, url }));
}

type Crawls = { readonly near: readonly Line[]; readonly far: readonly Line[] };

type Results = Crawls & {
  readonly pace: readonly PaceLine[];
  readonly growth: readonly GrowthLine[];
  readonly questions: readonly QuestionLine[];
};

async function bench(options: Options): Promise<Results> {
  const { parts, program, people } = options;
  const measured = async <T>(part: Part, what: string, measure: () => Promise<T>, not: T) => {
    if (!parts.includes(part)) return not;
    say(what);
    return measure();
  };
  const crawls = () => measureCrawls(options);
  const count = people.toLocaleString('en');
  return {
    ...(await measured('crawls', 'crawls, compared', crawls, { near: [], far: [] })),
    pace: await measured('pace', 'the limiter', () => measurePace(program), []),
    growth: await measured('growth', `${count}: nights`, () => measureGrowth(program, people), []),
    questions: await measured(
      'questions',
      `${count}: questions`,
      () => measureQuestions(program, people),
      [],
    ),
  };
}

async function measureCrawls(options: Options): Promise<Crawls> {
  const { people, fewPeople } = options;
  const many = await withOrganisation(people, async (served) => {
    const near = await compete(
      options,
      ['file', 'script', 'naive', 'orgwalk'],
      people,
      served.target,
    );
    if (options.nearOnly) return { near, far: [] };
    const names: ContenderName[] =
      fewPeople === people ? ['script', 'naive', 'orgwalk'] : ['script', 'orgwalk'];
    say(`the same at ${options.roundTripMs} ms round trip`);
    return { near, far: await far(options, served, (it) => compete(options, names, people, it)) };
  });
  const few =
    options.nearOnly || fewPeople === people
      ? []
      : await withOrganisation(fewPeople, (served) =>
          far(options, served, (it) =>
            compete(options, ['script', 'naive', 'orgwalk'], fewPeople, it),
          ),
        );
  return { near: linesOf(many.near), far: linesOf([...many.far, ...few]) };
}

/** Whoever reads fewer people is not faster. */
function disagreements(lines: readonly Line[]): readonly string[] {
  return lines
    .filter(({ name }) => name === 'orgwalk')
    .flatMap((ours) => {
      const naive = lines.find((line) => line.name === 'naive' && line.people === ours.people);
      if (naive === undefined || naive.employees === ours.employees) return [];
      return [`orgwalk found ${ours.employees} people and the naive crawl ${naive.employees}`];
    });
}

function tooFast(lines: readonly PaceLine[]): readonly string[] {
  return lines
    .filter(({ ratio }) => ratio > PACE_LIMIT)
    .map(({ rate, mostInASecond }) => `${mostInASecond} requests in a second at --rate ${rate}`);
}

function tooLarge(lines: readonly GrowthLine[]): readonly string[] {
  return lines
    .filter(({ fileGrowth, limit }) => limit !== null && (fileGrowth ?? 0) > limit)
    .map(({ night, fileGrowth }) => {
      return `a night ${night} made the file grow by ${((fileGrowth ?? 0) * 100).toFixed(2)} %`;
    });
}

function tooSlow(lines: readonly QuestionLine[]): readonly string[] {
  return lines
    .filter(({ ratio }) => ratio !== null && ratio > 1)
    .map(({ question, worstMs }) => {
      return `${question}: ${worstMs.toFixed(0)} ms, where ${QUESTION_LIMIT_MS} is the limit`;
    });
}

function machine() {
  const [cpu] = cpus();
  return {
    cpus: cpus().length,
    model: cpu?.model,
    memoryBytes: totalmem(),
    kernel: release(),
    node: process.version,
  };
}

function print(options: Options, { near, far, pace, growth, questions }: Results): void {
  const out = (text: string) => process.stdout.write(`${text}\n`);
  const section = (lines: readonly unknown[], title: string, table: () => string) => {
    if (lines.length > 0) out(`\n${title}\n\n${table()}`);
  };
  const medians = `Medians of ${options.runs}, OpenLDAP on loopback, ${cpus().length} cores`;
  section(near, medians, () => `${tableOf(near)}\n\n${purposeOf(near)}`);
  const proxied = `The same through a proxy with ${options.roundTripMs} ms round trip`;
  section(far, proxied, () => tableOf(far));
  section(pace, "The limiter, measured at the directory's socket", () => paceTableOf(pace));
  section(growth, 'What the database weighs, night by night', () => growthTableOf(growth));
  section(questions, 'What SQLite takes to answer', () => questionTableOf(questions));
}

const options = optionsOf(process.argv.slice(2));
const results = await bench(options);
print(options, results);
await mkdir(dirname(options.json), { recursive: true });
const record = { at: new Date().toISOString(), machine: machine(), options, ...results };
await writeFile(options.json, `${JSON.stringify(record, null, 2)}\n`);
say(`written to ${options.json}`);
const wrong = [
  ...disagreements([...results.near, ...results.far]),
  ...tooFast(results.pace),
  ...tooLarge(results.growth),
  ...tooSlow(results.questions),
];
for (const text of wrong) say(`Error: ${text}`);
process.exitCode = wrong.length === 0 ? 0 : 1;
