// Processes and ports of test servers: on loopback, ended by their id, never left behind.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { findTool } from './ensure-openldap.ts';

/** Below Linux's range of ephemeral ports, so that no outgoing connection takes it between probe and start. */
const PORTS = { first: 20_000, count: 12_000 };

/**
 * A child that the kernel ends together with us, whatever ends us: an exit handler does not run on SIGKILL.
 * setpriv replaces itself by the program, so the pid is the program's. What it says goes to `stderr` in `dir`.
 */
export function spawnBound(
  command: string,
  args: readonly string[],
  dir: string,
  env: NodeJS.ProcessEnv = process.env,
): ChildProcess {
  const setpriv = findTool('setpriv');
  const bound = setpriv === undefined ? [] : [setpriv, '--pdeathsig', 'KILL'];
  const [program = command, ...rest] = [...bound, command, ...args];
  const child = spawn(program, rest, { stdio: ['ignore', 'ignore', 'pipe'], env });
  child.stderr.pipe(createWriteStream(join(dir, 'stderr')));
  return child;
}

export function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}

/** Ends the process and waits until it has. */
export async function endChild(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (hasEnded(child)) return;
  const ended = once(child, 'exit');
  child.kill('SIGCONT'); // a stopped process would keep any other signal but SIGKILL pending
  child.kill(signal);
  await ended;
}

export async function freePort(not = 0): Promise<number> {
  for (;;) {
    const port = PORTS.first + Math.floor(Math.random() * PORTS.count);
    if (port !== not && (await isFree(port))) return port;
  }
}

export function isFree(port: number, address = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, address, () => probe.close(() => resolve(true)));
  });
}

export function accepts(port: number, address = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, address);
    const done = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => done(true)).once('error', () => done(false));
  });
}
