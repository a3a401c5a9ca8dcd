// A real OpenLDAP server of one's own: own configuration, own directory, loopback only, gone at the end.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findTool } from './ensure-openldap.ts';
import { accepts, endChild, freePort, hasEnded, spawnBound } from './own-process.ts';
import { readerLdif, type SlapdFiles, type SlapdOptions, slapdConf } from './slapd-conf.ts';

export type { SlapdOptions } from './slapd-conf.ts';

export type Slapd = AsyncDisposable & {
  readonly url: string;
  readonly ldapsUrl: string | undefined;
  readonly port: number;
  /** Of the process that serves now; changes with `restart`. */
  readonly pid: number;
  readonly suffix: string;
  readonly rootDn: string;
  readonly rootPassword: string;
  readonly readerDn: string | undefined;
  readonly dir: string;
  /** Ends the process and removes its files. Idempotent. */
  stop(): Promise<void>;
  /** Ends the process with `signal` (default SIGKILL) and keeps the data for `restart`. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Silence: connections stay open, nothing is answered until `resume`. */
  pause(): void;
  resume(): void;
  /** The same data on the same port in a new process. */
  restart(): Promise<void>;
};

type Ports = { readonly plain: number; readonly tls: number | undefined };

const READY_WITHIN_MS = 20_000;
const START_ATTEMPTS = 5;

export async function withSlapd<T>(
  options: SlapdOptions,
  use: (server: Slapd) => Promise<T>,
): Promise<T> {
  const server = await startSlapd(options);
  try {
    return await use(server);
  } finally {
    await server.stop();
  }
}

/** For `beforeAll`: whoever starts it stops it. */
export async function startSlapd(options: SlapdOptions = {}): Promise<Slapd> {
  const files = await prepare(options);
  try {
    await load(options, files);
    return await serve(options, files);
  } catch (error) {
    await rm(files.dir, { recursive: true, force: true });
    throw error;
  }
}

async function prepare(options: SlapdOptions): Promise<SlapdFiles> {
  const dir = await mkdtemp(join(tmpdir(), 'orgwalk-slapd-'));
  const at = (name: string) => join(dir, name);
  const files = { dir, conf: at('slapd.conf'), pid: at('slapd.pid'), data: at('data') };
  await mkdir(files.data);
  await writeFile(files.conf, slapdConf(options, files));
  return files;
}

async function load(options: SlapdOptions, files: SlapdFiles): Promise<void> {
  if (options.ldif !== undefined) await slapadd(files, [], options.ldif);
  if (options.ldifPath !== undefined) await slapadd(files, ['-l', options.ldifPath], '');
  const reader = readerLdif(options);
  if (reader !== undefined) await slapadd(files, [], reader);
}

async function slapadd(files: SlapdFiles, args: readonly string[], input: string): Promise<void> {
  const child = spawn(tool('slapadd'), ['-q', '-f', files.conf, ...args], {
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  const said: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk));
  child.stdin.on('error', () => undefined); // EPIPE: slapadd gave up early, its exit code tells
  child.stdin.end(input);
  const [code] = await once(child, 'close');
  if (code === 0) return;
  throw new Error(`slapadd failed with ${code}: ${Buffer.concat(said).toString().slice(-2_000)}`);
}

async function serve(options: SlapdOptions, files: SlapdFiles): Promise<Slapd> {
  for (let attempt = 1; ; attempt += 1) {
    const plain = await freePort();
    const ports = { plain, tls: options.tls && (await freePort(plain)) };
    try {
      const server = new RunningSlapd(options, files, ports);
      await server.start();
      return server;
    } catch (error) {
      if (attempt === START_ATTEMPTS) throw error;
    }
  }
}

class RunningSlapd implements Slapd {
  readonly url: string;
  readonly ldapsUrl: string | undefined;
  readonly port: number;
  readonly suffix: string;
  readonly rootDn: string;
  readonly rootPassword: string;
  readonly readerDn: string | undefined;
  readonly dir: string;
  readonly #files: SlapdFiles;
  #child: ChildProcess | undefined;

  constructor(options: SlapdOptions, files: SlapdFiles, ports: Ports) {
    this.#files = files;
    this.dir = files.dir;
    this.port = ports.plain;
    this.url = `ldap://127.0.0.1:${ports.plain}`;
    this.ldapsUrl = ports.tls === undefined ? undefined : `ldaps://127.0.0.1:${ports.tls}`;
    this.suffix = options.suffix ?? 'dc=example,dc=com';
    this.rootDn = `cn=admin,${this.suffix}`;
    this.rootPassword = options.rootPassword ?? 'secret';
    this.readerDn = options.readerPassword === undefined ? undefined : `cn=reader,${this.suffix}`;
  }

  get pid(): number {
    if (this.#child?.pid === undefined) throw new Error('this slapd does not run');
    return this.#child.pid;
  }

  async start(): Promise<void> {
    await rm(this.#files.pid, { force: true });
    const urls = [this.url, this.ldapsUrl].filter((url) => url !== undefined).join(' ');
    this.#child = spawnBound(
      tool('slapd'),
      ['-f', this.#files.conf, '-h', urls, '-d', '0'],
      this.dir,
    );
    process.once('exit', this.#killNow);
    try {
      await this.#ready(this.#child);
    } catch (error) {
      await this.kill();
      throw error;
    }
  }

  /** slapd writes its pid file after it has bound its sockets: that proves that the port's owner is ours. */
  async #ready(child: ChildProcess): Promise<void> {
    const deadline = performance.now() + READY_WITHIN_MS;
    while (!(pidIn(this.#files.pid) === child.pid && (await accepts(this.port)))) {
      if (hasEnded(child)) throw new Error(`slapd ended at once: ${this.#said()}`);
      if (performance.now() > deadline) throw new Error(`slapd is not ready: ${this.#said()}`);
      await delay(5);
    }
  }

  #said(): string {
    const log = join(this.dir, 'stderr');
    return existsSync(log) ? readFileSync(log, 'utf8').slice(-2_000) : '';
  }

  readonly #killNow = () => {
    this.#child?.kill('SIGKILL');
  };

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    process.off('exit', this.#killNow);
    if (child !== undefined) await endChild(child, signal);
  }

  async stop(): Promise<void> {
    await this.kill();
    await rm(this.dir, { recursive: true, force: true });
  }

  pause(): void {
    process.kill(this.pid, 'SIGSTOP');
  }

  resume(): void {
    process.kill(this.pid, 'SIGCONT');
  }

  async restart(): Promise<void> {
    await this.kill();
    await this.start();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

function tool(name: string): string {
  const path = findTool(name);
  if (path !== undefined) return path;
  throw new Error(`${name} is not installed: run node test/support/ensure-openldap.ts`);
}

function pidIn(path: string): number | undefined {
  return existsSync(path) ? Number.parseInt(readFileSync(path, 'utf8'), 10) : undefined;
}
