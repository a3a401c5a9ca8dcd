// The program as a person uses it: a process of its own, that sees nothing of this one's environment.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { SimulatedServer } from '../../src/simulate/server.ts';
import { hundred, withServer } from '../simulate/servers.ts';
import { digestDatabase } from '../support/digest.ts';
import { withTemporaryDirectory } from '../support/temporary.ts';

export const PROGRAM = fileURLToPath(new URL('../../src/bin.ts', import.meta.url));
/** Longer than any of these runs takes on a busy machine; a hanging one must not outlive the test. */
const KILL_AFTER_MS = 50_000;

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly cwd?: string;
  /** Options of Node itself. */
  readonly node?: readonly string[];
  /** A command that turns into the one that it is given: prlimit, setpriv. */
  readonly under?: readonly string[];
  /** When it is killed, should it hang. */
  readonly killAfterMs?: number;
}

export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A run in progress. `finished` resolves when it has ended and all of its output is here. */
export interface Running {
  readonly child: ChildProcess;
  readonly finished: Promise<Outcome>;
  /** Resolves as soon as what was written to stderr matches, with the match. */
  says(pattern: RegExp): Promise<RegExpExecArray>;
  /** The same for stdout. */
  prints(pattern: RegExp): Promise<RegExpExecArray>;
  kill(signal: NodeJS.Signals): void;
}

export function startOrgwalk(args: readonly string[], options: RunOptions = {}): Running {
  const { env = {}, input = '', cwd, node = [], under = [] } = options;
  const { killAfterMs = KILL_AFTER_MS } = options;
  const { PATH = '', HOME = '/', LANG = 'C.UTF-8' } = process.env;
  const [command = '', ...rest] = [...under, process.execPath, ...node, PROGRAM, ...args];
  const child = spawn(command, rest, {
    env: { PATH, HOME, LANG, ...env },
    ...(cwd === undefined ? {} : { cwd }),
    stdio: 'pipe',
    timeout: killAfterMs,
    killSignal: 'SIGKILL',
  });
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const out = collect(child.stdout);
  const err = collect(child.stderr);
  const finished = once(child, 'close').then(([code, signal]): Outcome => {
    return { code, signal, stdout: out.text(), stderr: err.text() };
  });
  return {
    child,
    finished,
    says: (pattern) => err.matches(pattern, finished),
    prints: (pattern) => out.matches(pattern, finished),
    kill: (signal) => void child.kill(signal),
  };
}

export function runOrgwalk(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  return startOrgwalk(args, options).finished;
}

function collect(stream: NodeJS.ReadableStream) {
  let text = '';
  const listeners = new Set<() => void>();
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    for (const listener of listeners) listener();
  });
  const matches = (pattern: RegExp, finished: Promise<unknown>): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const look = () => {
        const match = pattern.exec(text);
        if (match === null) return;
        listeners.delete(look);
        resolve(match);
      };
      listeners.add(look);
      look();
      finished.then(() => reject(new Error(`Expected ${pattern} in:\n${text}`)), reject);
    });
  return { text: () => text, matches };
}

/** Two lines, `Error: …` and `Try: …`, nothing on stdout, no stack trace. */
export function expectRefusal(
  { code, stdout, stderr }: Outcome,
  expected: { readonly code: number; readonly error: RegExp | string; readonly hint?: RegExp },
): void {
  expect(stderr).toMatch(/^Error: [^\n]+\nTry: [^\n]+\n$/);
  const [error = '', hint = ''] = stderr.split('\n');
  expect(error.slice('Error: '.length)).toMatch(expected.error);
  if (expected.hint) expect(hint.slice('Try: '.length)).toMatch(expected.hint);
  expect({ code, stdout }).toEqual({ code: expected.code, stdout: '' });
}

export interface Place {
  readonly folder: string;
  /** Path of a database in it that need not exist yet. */
  readonly db: string;
}

export async function withPlace<T>(use: (place: Place) => Promise<T>): Promise<T> {
  return withTemporaryDirectory((folder) => use({ folder, db: join(folder, 'people.db') }));
}

interface Target {
  readonly url: string;
  /** That of `hundred()` unless given. */
  readonly root?: string;
}

/** A crawl of `target` without a limit, and without progress unless `more` asks for it. */
export function crawlOf(
  { url, root = hundred().rootDn }: Target,
  db: string,
  ...more: readonly string[]
): readonly string[] {
  const progress = more.includes('--progress') ? [] : ['--progress', 'none'];
  return ['crawl', '--url', url, '--root', root, '--db', db, '--rate', '0', ...progress, ...more];
}

export interface Crawled extends Place {
  readonly server: SimulatedServer;
}

/** A server of 100 people and a database with a published crawl of it. */
export function withCrawled<T>(use: (crawled: Crawled) => Promise<T>): Promise<T> {
  return withServer({}, (server) =>
    withPlace(async (place) => {
      const { code, stderr } = await runOrgwalk(crawlOf(server, place.db));
      expect([code, stderr]).toEqual([0, expect.stringContaining('complete and published')]);
      return use({ ...place, server });
    }),
  );
}

/** Fails where `use` changed anything that readers of the database see. */
export async function leavingDatabase<T>(db: string, use: () => Promise<T>): Promise<T> {
  const before = digestDatabase(db);
  const result = await use();
  expect(digestDatabase(db)).toBe(before);
  return result;
}

export async function modeOf(path: string): Promise<string> {
  return ((await stat(path)).mode & 0o777).toString(8);
}

export interface Hold<T> {
  readonly value: T;
  release(): Promise<void>;
}

/** What `withIt` hands out, kept until it is released: for the tests of a whole file. */
export async function hold<T>(
  withIt: (use: (value: T) => Promise<void>) => Promise<void>,
): Promise<Hold<T>> {
  const taken = Promise.withResolvers<T>();
  const over = Promise.withResolvers<void>();
  const held = withIt((value) => {
    taken.resolve(value);
    return over.promise;
  });
  held.catch(taken.reject);
  const value = await taken.promise;
  return {
    value,
    release: async () => {
      over.resolve();
      await held;
    },
  };
}
