// Crawls of a simulated directory that runs in a process of its own.
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withTemporaryDirectory } from '../support/temporary.ts';

export type Served = {
  readonly people: number;
  /** Direct reports of person 0, 1, 2, …; the usual pattern otherwise. */
  readonly spans?: readonly number[];
  /** Of everyone's title; 0: as usual. */
  readonly titleBytes?: number;
  /** Whether entries tell who has no reports, as on Active Directory. */
  readonly leaves?: boolean;
};

/** What the program tells of itself. */
export type Summary = {
  readonly employees: number;
  readonly searches: number;
  readonly seconds: number;
  readonly peakRssBytes: number;
  readonly searchesPerThousandEmployees: number;
};

export type SimulatedCrawl = Summary & {
  readonly serverRssBytes: number | null;
  readonly fileBytes: number;
};

const SERVER = fileURLToPath(new URL('simulated-server.ts', import.meta.url));

/** One crawl at `--rate 0` into a new database. */
export function crawlSimulated(
  program: string,
  served: Served,
  options: readonly string[] = [],
): Promise<SimulatedCrawl> {
  return withTemporaryDirectory((dir) =>
    withServer(served, async ({ url, root, server }) => {
      const path = join(dir, 's.db');
      const where = ['--url', url, '--root', root, '--db', path];
      const told = await crawl(program, [...where, '--rate', '0', ...options]);
      return { ...told, serverRssBytes: peakRssOf(server), fileBytes: statSync(path).size };
    }),
  );
}

type Listening = { readonly url: string; readonly root: string; readonly server: ChildProcess };

async function withServer<T>(served: Served, use: (listening: Listening) => Promise<T>) {
  const server = fork(SERVER, [JSON.stringify(served)]);
  try {
    const [told] = (await once(server, 'message')) as [Omit<Listening, 'server'>];
    return await use({ ...told, server });
  } finally {
    server.disconnect();
    await once(server, 'exit');
  }
}

/** Runs `orgwalk crawl`. Throws where it fails. */
export async function crawl(program: string, options: readonly string[]): Promise<Summary> {
  const args = [program, 'crawl', ...options, '--progress', 'none', '--json'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${args.join(' ')}\nended with ${code}`);
  return JSON.parse(text) as Summary;
}

/** proc(5), `VmHWM`. Null where there is no /proc. */
function peakRssOf({ pid }: ChildProcess): number | null {
  const path = `/proc/${pid}/status`;
  if (!existsSync(path)) return null;
  const kilobytes = /^VmHWM:\s*(\d+)/m.exec(readFileSync(path, 'utf8'))?.[1];
  return kilobytes === undefined ? null : Number(kilobytes) * 1_024;
}
