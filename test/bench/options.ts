// The command line of the benchmark.
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const PARTS = [
  'crawls',
  'searches',
  'memory',
  'limit',
  'batch',
  'pace',
  'growth',
  'questions',
  'ten-million',
] as const;
export type Part = (typeof PARTS)[number];

export type Options = {
  readonly parts: readonly Part[];
  readonly people: number;
  /** Size of the comparison with the naive crawl over the slow link, where it takes minutes. */
  readonly fewPeople: number;
  readonly roundTripMs: number;
  readonly runs: number;
  readonly nearOnly: boolean;
  /** The largest organisation that `ten-million` crawls: what is above is extrapolated. */
  readonly upTo: number;
  /** Undefined: compiled from src/. */
  readonly program: string | undefined;
  readonly json: string;
};

/** Above this, unless told otherwise, only what is compared with the contenders is measured, and three times instead of five. */
const MANY = 200_000;

const TEN_MILLION = 10_000_000;

/** @throws Error that says what was expected */
export function optionsOf(args: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      people: { type: 'string' },
      'few-people': { type: 'string', default: '10000' },
      'round-trip': { type: 'string', default: '10' },
      runs: { type: 'string' },
      'near-only': { type: 'boolean', default: false },
      'up-to': { type: 'string', default: String(TEN_MILLION) },
      program: { type: 'string' },
      json: { type: 'string' },
    },
  });
  const named = positionals.map(partOf);
  const usual = named.includes('ten-million') ? TEN_MILLION : 100_000;
  const people = numberOf('people', values.people ?? String(usual));
  return {
    parts: named.length > 0 ? named : partsFor(people),
    people,
    fewPeople: Math.min(people, numberOf('few-people', values['few-people'])),
    roundTripMs: numberOf('round-trip', values['round-trip']),
    runs: numberOf('runs', values.runs ?? (people > MANY ? '3' : '5')),
    nearOnly: values['near-only'],
    upTo: numberOf('up-to', values['up-to']),
    program: values.program,
    json: values.json ?? newFile(),
  };
}

function partsFor(people: number): readonly Part[] {
  return people > MANY ? ['crawls', 'searches'] : PARTS.filter((part) => part !== 'ten-million');
}

function newFile(): string {
  const name = `out/${new Date().toISOString().replaceAll(':', '-')}.json`;
  return fileURLToPath(new URL(name, import.meta.url));
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
