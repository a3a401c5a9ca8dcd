// What a crawl takes in memory, however large the directory is: measured, not asserted, for it is the machine's to say.
// Usage: node test/bench/memory.ts [program]
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { withTemporaryDirectory } from '../support/temporary.ts';
import type { Served } from './memory-server.ts';

type MemoryCase = {
  readonly title: string;
  readonly served: Served;
  readonly options: readonly string[];
};

export type MemoryLine = {
  readonly title: string;
  readonly employees: number;
  readonly seconds: number;
  readonly peakRssBytes: number;
};

/** What a crawl may take, in bytes. */
export const MEMORY_LIMIT = 250e6;

const CASES: readonly MemoryCase[] = [
  {
    title: 'a manager of 120,000',
    served: { people: 120_001, spans: [120_000], titleBytes: 0 },
    options: [],
  },
  {
    title: 'a frontier of 1,000,000',
    served: { people: 1_000_001, spans: [1_000_000], titleBytes: 0 },
    options: [],
  },
  {
    title: 'pages of 1,000 entries of 1 MB',
    served: { people: 8_009, spans: [8, ...Array(8).fill(1_000)], titleBytes: 1_000_000 },
    options: ['--page-size', '1000'],
  },
];

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export async function measureMemory(program: string): Promise<readonly MemoryLine[]> {
  const lines: MemoryLine[] = [];
  for (const each of CASES) lines.push(await memoryOf(program, each));
  return lines;
}

async function memoryOf(
  program: string,
  { title, served, options }: MemoryCase,
): Promise<MemoryLine> {
  const server = fork(here('memory-server.ts'), [JSON.stringify(served)]);
  try {
    const [{ url, root }] = (await once(server, 'message')) as [{ url: string; root: string }];
    return await withTemporaryDirectory(async (dir) => {
      const where = ['--url', url, '--root', root, '--db', join(dir, 'p.db')];
      const always = ['--rate', '0', '--progress', 'none', '--json'];
      const told = await jsonOf([program, 'crawl', ...where, ...always, ...options]);
      const { employees, seconds, peakRssBytes } = told;
      return { title, employees, seconds, peakRssBytes };
    });
  } finally {
    server.disconnect();
    await once(server, 'exit');
  }
}

async function jsonOf(args: readonly string[]): Promise<MemoryLine> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${args.join(' ')}\nended with ${code}`);
  return JSON.parse(text) as MemoryLine;
}

/** A Markdown table. */
export function memoryTableOf(lines: readonly MemoryLine[]): string {
  const cells = lines.map(({ title, employees, seconds, peakRssBytes }) => [
    title.padEnd(30),
    employees.toLocaleString('en').padStart(9),
    seconds.toFixed(1).padStart(7),
    (peakRssBytes / 1e6).toFixed(0).padStart(11),
  ]);
  const head = [''.padEnd(30), 'employees', ' wall s', 'peak RSS MB'];
  const rule = ['-'.repeat(30), '--------:', '------:', '----------:'];
  return [head, rule, ...cells].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const lines = await measureMemory(process.argv[2] ?? here('../../src/bin.ts'));
  process.stdout.write(`${memoryTableOf(lines)}\n`);
  process.exitCode = lines.some(({ peakRssBytes }) => peakRssBytes > MEMORY_LIMIT) ? 1 : 0;
}
