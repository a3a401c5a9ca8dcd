// What a crawl asks of the directory: searches per 1,000 employees, where they are cheap and where they are not.
import { join } from 'node:path';
import type { Built } from './build.ts';
import type { Target } from './contenders.ts';
import { figure, textTableOf } from './report.ts';
import { far } from './served.ts';
import { crawl, crawlSimulated, type Summary } from './simulated.ts';

export type SearchesLine = Summary & {
  readonly title: string;
  /** Searches per 1,000 employees that it may take. */
  readonly limit: number;
};

const SLOW_LINK_MS = 20;

/** @param target an OpenLDAP with `people` */
export async function measureSearches(
  { program }: Built,
  target: Target,
  people: number,
): Promise<readonly SearchesLine[]> {
  let count = 0;
  const crawled = ({ url, base, rootDn, dir }: Target, ...options: readonly string[]) => {
    count += 1;
    const db = join(dir, `searches-${count}.db`);
    return crawl(program, ['--url', url, '--base', base, '--root', rootDn, '--db', db, ...options]);
  };
  const unlimited = (where: Target) => crawled(where, '--rate', '0');
  return [
    { title: '--rate 0', limit: 20, ...(await unlimited(target)) },
    { title: 'the default rate, 100/s', limit: 8, ...(await crawled(target)) },
    {
      title: `--rate 0, ${SLOW_LINK_MS} ms round trip`,
      limit: 8,
      ...(await far(SLOW_LINK_MS, target, unlimited)),
    },
    {
      title: '--rate 0, Active Directory (simulated): entries tell leaves',
      limit: 4,
      ...(await crawlSimulated(program, { people, leaves: true })),
    },
  ];
}

export function searchesTableOf(lines: readonly SearchesLine[]): string {
  const head = ['', 'employees', 'wall s', 'searches', 'per 1,000 employees', 'target', 'met'];
  const rows = lines.map((line) => [
    line.title,
    figure(line.employees),
    figure(line.seconds, 1),
    figure(line.searches),
    figure(line.searchesPerThousandEmployees, 1),
    `≤ ${line.limit}`,
    line.searchesPerThousandEmployees <= line.limit ? 'yes' : 'NO',
  ]);
  return textTableOf([head, ...rows]);
}
