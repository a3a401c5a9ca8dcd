// How time, memory and file grow with the directory: a simulated one, which takes no memory for its people.
import { figure, say, textTableOf } from './report.ts';
import { crawlSimulated, type SimulatedCrawl } from './simulated.ts';

export type SizeLine = Pick<
  SimulatedCrawl,
  'employees' | 'seconds' | 'searches' | 'peakRssBytes' | 'serverRssBytes' | 'fileBytes'
> & {
  /** Not crawled: on the line through the two largest sizes that were. */
  readonly extrapolated: boolean;
};

const SHARES = [0.1, 0.2, 0.4, 1];

/** Crawls a tenth, a fifth, two fifths of `people`, and all of them; above `upTo` it reckons. */
export async function measureSizes(
  program: string,
  people: number,
  upTo: number,
): Promise<readonly SizeLine[]> {
  const lines: SizeLine[] = [];
  for (const size of SHARES.map((share) => Math.ceil(people * share))) {
    const [before, last] = [lines.at(-2), lines.at(-1)];
    const mayReckon = size > upTo && before !== undefined && last !== undefined;
    const line = mayReckon ? extrapolated(size, before, last) : await crawled(program, size);
    say(`  ${rowOf(line).join(' · ')}`);
    lines.push(line);
  }
  return lines;
}

async function crawled(program: string, people: number): Promise<SizeLine> {
  const { searchesPerThousandEmployees: _, ...line } = await crawlSimulated(program, { people });
  return { ...line, extrapolated: false };
}

export function extrapolated(employees: number, before: SizeLine, last: SizeLine): SizeLine {
  const share = (employees - last.employees) / (last.employees - before.employees);
  const along = (from: number, to: number) => to + Math.max(0, to - from) * share;
  const { serverRssBytes: serverBefore, ...figures } = before;
  const server = last.serverRssBytes;
  return {
    employees,
    seconds: along(figures.seconds, last.seconds),
    searches: Math.round(along(figures.searches, last.searches)),
    peakRssBytes: along(figures.peakRssBytes, last.peakRssBytes),
    serverRssBytes: serverBefore === null || server === null ? null : along(serverBefore, server),
    fileBytes: along(figures.fileBytes, last.fileBytes),
    extrapolated: true,
  };
}

export function sizeTableOf(lines: readonly SizeLine[]): string {
  const head = [
    'employees',
    'wall s',
    'employees/s',
    'peak RSS MB',
    "server's RSS MB",
    'file GB',
    'searches per 1,000',
    '',
  ];
  return textTableOf([head, ...lines.map(rowOf)]);
}

function rowOf(line: SizeLine): readonly string[] {
  const { employees, seconds, searches, peakRssBytes, serverRssBytes, fileBytes } = line;
  return [
    figure(employees),
    figure(seconds),
    figure(employees / seconds),
    figure(peakRssBytes / 1e6),
    figure(serverRssBytes === null ? null : serverRssBytes / 1e6),
    figure(fileBytes / 1e9, 2),
    figure((searches / employees) * 1_000, 1),
    line.extrapolated ? 'extrapolated' : 'measured',
  ];
}
