// What the test servers other than slapd have in common: a folder and a process of one's own, gone at the end.
import type { ChildProcess } from 'node:child_process';
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { findTool } from '../support/ensure-openldap.ts';
import { accepts, endChild, hasEnded, spawnBound } from '../support/own-process.ts';

const runFile = promisify(execFile);

/** Where and as whom a server is asked. */
export type Access = {
  readonly url: string;
  readonly ldapsUrl?: string | undefined;
  readonly base: string;
  readonly bindDn: string;
  readonly password: string;
};

export type TestServer = Access &
  AsyncDisposable & {
    readonly pid: number;
    readonly dir: string;
    /** Ends the process and removes its files. Idempotent. */
    stop(): Promise<void>;
  };

/** What starts a server in `dir`, and which port tells that it is ready. */
export type Launch = {
  readonly dir: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly address: string;
  readonly port: number;
  readonly readyWithinMs: number;
};

/** Whoever starts it stops it. Where it does not get ready, its folder is gone too. */
export async function launch(access: Access, how: Launch): Promise<TestServer> {
  const server = new OwnServer(access, how);
  try {
    await server.ready();
    return server;
  } catch (error) {
    await server.stop();
    throw error;
  }
}

class OwnServer implements TestServer {
  readonly url: string;
  readonly ldapsUrl: string | undefined;
  readonly base: string;
  readonly bindDn: string;
  readonly password: string;
  readonly dir: string;
  readonly #how: Launch;
  readonly #child: ChildProcess;

  constructor(access: Access, how: Launch) {
    this.url = access.url;
    this.ldapsUrl = access.ldapsUrl;
    this.base = access.base;
    this.bindDn = access.bindDn;
    this.password = access.password;
    this.dir = how.dir;
    this.#how = how;
    this.#child = spawnBound(how.command, how.args, how.dir, how.env);
    process.once('exit', this.#killNow);
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error('this server does not run');
    return this.#child.pid;
  }

  async ready(): Promise<void> {
    const { command, port, address, readyWithinMs } = this.#how;
    const deadline = performance.now() + readyWithinMs;
    while (!(await accepts(port, address))) {
      if (hasEnded(this.#child)) throw new Error(`${command} ended at once: ${this.#said()}`);
      if (performance.now() > deadline) throw new Error(`${command} is not ready: ${this.#said()}`);
      await delay(20);
    }
    // Somebody else may have taken the port in the meantime.
    if (hasEnded(this.#child)) throw new Error(`${command} ended at once: ${this.#said()}`);
  }

  #said(): string {
    const log = join(this.dir, 'stderr');
    return existsSync(log) ? readFileSync(log, 'utf8').slice(-2_000) : '';
  }

  readonly #killNow = () => {
    this.#child.kill('SIGKILL');
  };

  async stop(): Promise<void> {
    process.off('exit', this.#killNow);
    await endChild(this.#child, 'SIGKILL');
    await rm(this.dir, { recursive: true, force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

/** A tool that must come to its end; what it said is in the error where it fails. */
export async function run(
  name: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<string> {
  const options = { maxBuffer: 1 << 28, env: { ...process.env, ...env } };
  const { stdout } = await runFile(installed(name), args, options);
  return stdout;
}

export function installed(name: string): string {
  const path = findTool(name);
  if (path !== undefined) return path;
  throw new Error(`${name} is not installed: run node test/support/ensure-servers.ts`);
}
