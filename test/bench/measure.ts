// How long a command runs, and what it costs itself and the server.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type Cost = {
  /** From the start of the process to its exit. */
  readonly wallSeconds: number;
  /** User and system time of all processes of the command. Null where GNU time is not installed. */
  readonly cpuSeconds: number | null;
  /** Of its largest process. Null where GNU time is not installed. */
  readonly peakRssBytes: number | null;
  /** User and system time of the server meanwhile. Null where there is no /proc. */
  readonly serverCpuSeconds: number | null;
};

export type Measured = { readonly cost: Cost; readonly stdout: string };

const GNU_TIME = '/usr/bin/time';

/** Linux's USER_HZ, 100 on every architecture that matters. */
const TICKS_PER_SECOND = 100;

/** Runs a shell command line. Throws where it fails: what did not work is not to be compared. */
export async function measure(commandLine: string, serverPid: number): Promise<Measured> {
  const report = join(tmpdir(), `orgwalk-bench-${process.pid}.time`);
  const timed = existsSync(GNU_TIME) ? [GNU_TIME, '-q', '-f', '%U %S %M', '-o', report] : [];
  const [program = 'bash', ...args] = [...timed, 'bash', '-o', 'pipefail', '-c', commandLine];
  const serverBefore = cpuSecondsOf(serverPid);
  const start = performance.now();
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr, [code]] = await Promise.all([
    textOf(child.stdout),
    textOf(child.stderr),
    once(child, 'exit'),
  ]);
  const wallSeconds = (performance.now() - start) / 1_000;
  if (code !== 0) throw new Error(`${commandLine}\nended with ${code}: ${stderr.slice(-2_000)}`);
  const serverCpuSeconds = difference(cpuSecondsOf(serverPid), serverBefore);
  return { cost: { wallSeconds, serverCpuSeconds, ...readReport(report) }, stdout };
}

function readReport(path: string): Pick<Cost, 'cpuSeconds' | 'peakRssBytes'> {
  if (!existsSync(path)) return { cpuSeconds: null, peakRssBytes: null };
  const [user, system, kilobytes] = readFileSync(path, 'utf8').trim().split(' ').map(Number);
  rmSync(path);
  return { cpuSeconds: (user ?? 0) + (system ?? 0), peakRssBytes: (kilobytes ?? 0) * 1_024 };
}

/** proc(5): utime and stime are the 12th and 13th fields after the name in parentheses. */
function cpuSecondsOf(pid: number): number | null {
  const path = `/proc/${pid}/stat`;
  if (!existsSync(path)) return null;
  const fields = readFileSync(path, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

function difference(after: number | null, before: number | null): number | null {
  return after === null || before === null ? null : after - before;
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString();
}

/** Quoted for a POSIX shell. */
export function shell(words: readonly string[]): string {
  return words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
}
