// What a crawl takes in memory, however large the directory is: measured, not asserted, for it is the machine's to say.
import { figure, textTableOf } from './report.ts';
import { crawlSimulated, type Served, type SimulatedCrawl } from './simulated.ts';

type MemoryCase = {
  readonly title: string;
  readonly served: Served;
  readonly options: readonly string[];
};

export type MemoryLine = SimulatedCrawl & { readonly title: string };

/** What a crawl may take, in bytes. */
export const MEMORY_LIMIT = 250e6;

const CASES: readonly MemoryCase[] = [
  {
    title: 'a manager of 120,000',
    served: { people: 120_001, spans: [120_000] },
    options: [],
  },
  {
    title: 'a frontier of 1,000,000',
    served: { people: 1_000_001, spans: [1_000_000] },
    options: [],
  },
  {
    title: 'pages of 1,000 entries of 1 MB',
    served: { people: 8_009, spans: [8, ...Array(8).fill(1_000)], titleBytes: 1_000_000 },
    options: ['--page-size', '1000'],
  },
];

export async function measureMemory(program: string): Promise<readonly MemoryLine[]> {
  const lines: MemoryLine[] = [];
  for (const { title, served, options } of CASES) {
    lines.push({ title, ...(await crawlSimulated(program, served, options)) });
  }
  return lines;
}

export function memoryTableOf(lines: readonly MemoryLine[]): string {
  const head = ['', 'employees', 'wall s', 'peak RSS MB', `limit MB`];
  const rows = lines.map(({ title, employees, seconds, peakRssBytes }) => [
    title,
    figure(employees),
    figure(seconds, 1),
    figure(peakRssBytes / 1e6),
    figure(MEMORY_LIMIT / 1e6),
  ]);
  return textTableOf([head, ...rows]);
}
