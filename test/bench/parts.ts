// The parts of the benchmark: each measures, and says what it found and what is not as it must be.
import { writeFileSync } from 'node:fs';
import { batchPlotOf, batchSvgOf, measureBatch } from './batch-plot.ts';
import type { Built } from './build.ts';
import type { Target } from './contenders.ts';
import { crawlTableOf, disagreements, measureCrawls } from './crawls.ts';
import { growthTableOf, measureGrowth } from './growth.ts';
import { LIMIT_TOLERANCE, limitTableOf, measureLimit } from './limit.ts';
import { MEMORY_LIMIT, measureMemory, memoryTableOf } from './memory.ts';
import type { Options, Part } from './options.ts';
import { measurePace, PACE_LIMIT, paceTableOf } from './pace.ts';
import { measureQuestions, QUESTION_LIMIT_MS, questionTableOf } from './questions.ts';
import { measureSearches, searchesTableOf } from './searches.ts';
import { targetsOf, targetTableOf } from './targets.ts';
import { measureSizes, sizeTableOf } from './ten-million.ts';

export type PartReport = {
  /** For the JSON. */
  readonly data: unknown;
  readonly tables: readonly (readonly [title: string, text: string])[];
  /** What makes the run fail: figures that are not to be compared, and promises that were broken. */
  readonly wrong?: readonly string[];
};

/** Parts that need the same OpenLDAP with `people`. */
export const SERVED = ['crawls', 'searches'] as const satisfies readonly Part[];
export type ServedPart = (typeof SERVED)[number];

export function isServed(part: Part): part is ServedPart {
  return SERVED.some((served) => served === part);
}

export function runServed(
  part: ServedPart,
  options: Options,
  built: Built,
  target: Target,
): Promise<PartReport> {
  switch (part) {
    case 'crawls':
      return crawls(options, built, target);
    case 'searches':
      return searches(options, built, target);
    default:
      return part satisfies never;
  }
}

export function runAlone(
  part: Exclude<Part, ServedPart>,
  options: Options,
  { program }: Built,
): Promise<PartReport> {
  switch (part) {
    case 'memory':
      return memory(program);
    case 'limit':
      return limit();
    case 'batch':
      return batch(options.json);
    case 'pace':
      return pace(program);
    case 'growth':
      return growth(program, options.people);
    case 'questions':
      return questions(program, options.people);
    case 'ten-million':
      return sizes(program, options);
    default:
      return part satisfies never;
  }
}

async function crawls(options: Options, built: Built, target: Target): Promise<PartReport> {
  const lines = await measureCrawls(options, built, target);
  const targets = targetsOf(lines);
  const proxied = `The same through a proxy with ${options.roundTripMs} ms round trip`;
  return {
    data: { ...lines, targets },
    tables: [
      [
        `Crawls compared: medians of ${options.runs}, OpenLDAP on loopback`,
        crawlTableOf(lines.near),
      ],
      ...(options.nearOnly ? [] : [[proxied, crawlTableOf(lines.far)] as const]),
      ['What it is to come to, from 100,000 people up', targetTableOf(targets)],
    ],
    wrong: disagreements(lines),
  };
}

async function searches(options: Options, built: Built, target: Target): Promise<PartReport> {
  const lines = await measureSearches(built, target, options.people);
  return { data: lines, tables: [['Searches per 1,000 employees', searchesTableOf(lines)]] };
}

async function memory(program: string): Promise<PartReport> {
  const lines = await measureMemory(program);
  return {
    data: lines,
    tables: [['Memory, where one thing is very large', memoryTableOf(lines)]],
    wrong: lines
      .filter(({ peakRssBytes }) => peakRssBytes > MEMORY_LIMIT)
      .map(({ title, peakRssBytes }) => `${title}: ${Math.round(peakRssBytes / 1e6)} MB`),
  };
}

async function limit(): Promise<PartReport> {
  const lines = await measureLimit();
  const title =
    'How near a crawl comes to what round trip, rate and workers allow, in virtual time';
  return {
    data: lines,
    tables: [[title, limitTableOf(lines)]],
    wrong: lines
      .filter(({ ratio, limitedBy, requestsRatio }) => {
        return Math.max(ratio, limitedBy === 'rate' ? requestsRatio : 0) > LIMIT_TOLERANCE;
      })
      .map(({ shape, roundTripMs, rate, workers }) => {
        return `not within the limit: ${shape}, ${roundTripMs} ms, --rate ${rate}, ${workers} workers`;
      }),
  };
}

/** The picture goes beside the JSON. */
async function batch(json: string): Promise<PartReport> {
  const plot = await measureBatch();
  const path = json.replace(/(?:\.json)?$/, '.svg');
  writeFileSync(path, batchSvgOf(plot));
  const title = `How the batch size adapts on noisy servers (${path})`;
  return { data: plot, tables: [[title, batchPlotOf(plot)]] };
}

async function sizes(program: string, { people, upTo }: Options): Promise<PartReport> {
  const lines = await measureSizes(program, people, upTo);
  const title = 'How it grows with the directory: one crawl of each size, simulated, --rate 0';
  return { data: lines, tables: [[title, sizeTableOf(lines)]] };
}

async function pace(program: string): Promise<PartReport> {
  const lines = await measurePace(program);
  return {
    data: lines,
    tables: [["The limiter, measured at the directory's socket", paceTableOf(lines)]],
    wrong: lines
      .filter(({ ratio }) => ratio > PACE_LIMIT)
      .map(({ rate, mostInASecond }) => `${mostInASecond} requests in a second at --rate ${rate}`),
  };
}

async function growth(program: string, people: number): Promise<PartReport> {
  const lines = await measureGrowth(program, people);
  return {
    data: lines,
    tables: [['What the database weighs, night by night', growthTableOf(lines)]],
    wrong: lines
      .filter(({ fileGrowth, limit }) => limit !== null && (fileGrowth ?? 0) > limit)
      .map(({ night, fileGrowth }) => {
        return `a night ${night} made the file grow by ${((fileGrowth ?? 0) * 100).toFixed(2)} %`;
      }),
  };
}

async function questions(program: string, people: number): Promise<PartReport> {
  const lines = await measureQuestions(program, people);
  return {
    data: lines,
    tables: [['What SQLite takes to answer', questionTableOf(lines)]],
    wrong: lines
      .filter(({ ratio }) => ratio !== null && ratio > 1)
      .map(({ question, worstMs }) => {
        return `${question}: ${worstMs.toFixed(0)} ms, where ${QUESTION_LIMIT_MS} is the limit`;
      }),
  };
}
