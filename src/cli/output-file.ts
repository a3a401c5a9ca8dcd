import { randomBytes } from 'node:crypto';
import { existsSync, rmSync, statSync } from 'node:fs';
import { type FileHandle, open, rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type ExitCode, Interrupted, OrgwalkError, UsageError } from '../domain/errors.ts';
import { realPathOf } from '../store/file/file-system.ts';
import { StopSignals } from './stop-signals.ts';
import type { Io } from './terminal.ts';

/** What is written at once (characters): fewer would cost a system call each, more would keep a signal waiting. */
const CHUNK = 65_536;
const STDOUT = '-';
const PRIVATE = 0o600;

/**
 * Writes a result to the file at `path`, which is replaced when the result is complete and on the disk; `-` is stdout,
 * where a reader that goes away ends the writing. Whatever goes wrong, a file that was there stays as it was.
 * @param mode of the file, whatever the process's umask
 * @returns whether all of it was taken
 */
export async function writeOutput(
  io: Io,
  path: string,
  texts: Iterable<string>,
  mode = PRIVATE,
): Promise<boolean> {
  if (path === STDOUT) return toStdout(io, texts);
  await replaceFile(path, mode, async (temporary, signal) => {
    await usingFile(temporary, async (file) => {
      for (const chunk of inChunks(texts)) {
        signal.throwIfAborted();
        await file.appendFile(chunk);
      }
    });
  });
  return true;
}

/**
 * Has `fill` write a file beside `path`, which then takes its place: at every moment there is the former file or the
 * whole new one. Stops at a signal.
 * @param fill is given an empty file that only the owner can read
 */
export async function replaceFile(
  path: string,
  mode: number,
  fill: (temporary: string, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const target = realPathOf(path);
  refuseUnfit(path, target);
  const stop = new AbortController();
  using _signals = new StopSignals((reason) => stop.abort(reason));
  try {
    if (isDevice(target)) await fill(target, stop.signal);
    else await throughTemporary(target, mode, (temporary) => fill(temporary, stop.signal));
  } catch (error) {
    throw told(error, path);
  }
}

async function throughTemporary(
  target: string,
  mode: number,
  fill: (temporary: string) => Promise<void>,
): Promise<void> {
  const name = `.${basename(target).slice(0, 200)}.${randomBytes(6).toString('hex')}.tmp`;
  const temporary = join(dirname(target), name);
  await (await open(temporary, 'wx', PRIVATE)).close();
  const remove = () => rmSync(temporary, { force: true });
  process.once('exit', remove);
  try {
    await fill(temporary);
    await usingFile(temporary, async (file) => {
      await file.chmod(mode);
      await file.sync();
    });
    await rename(temporary, target);
  } finally {
    remove();
    process.off('exit', remove);
  }
  await syncFolder(dirname(target));
}

/** Only then does the new name outlive a power cut. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function toStdout(io: Io, texts: Iterable<string>): Promise<boolean> {
  for (const chunk of inChunks(texts)) {
    if (io.outInTurn === undefined) io.out(chunk);
    else if (!(await io.outInTurn(chunk))) return false;
  }
  return true;
}

function* inChunks(texts: Iterable<string>): Generator<string> {
  let chunk = '';
  for (const text of texts) {
    chunk += text;
    if (chunk.length < CHUNK) continue;
    yield chunk;
    chunk = '';
  }
  if (chunk !== '') yield chunk;
}

async function usingFile(path: string, use: (file: FileHandle) => Promise<void>): Promise<void> {
  const file = await open(path, 'a');
  try {
    await use(file);
  } finally {
    await file.close();
  }
}

/** For what only a file can hold. Throws a `UsageError`. */
export function refuseDevice(path: string): void {
  if (!isDevice(realPathOf(path))) return;
  throw new UsageError(`${path} is not a file`, 'name a file');
}

/** A terminal, a pipe with a name, /dev/null: to put a file in its place would harm everyone who uses it. */
function isDevice(target: string): boolean {
  const stats = statSync(target, { throwIfNoEntry: false });
  return stats !== undefined && !stats.isFile();
}

function refuseUnfit(path: string, target: string): void {
  if (statSync(target, { throwIfNoEntry: false })?.isDirectory()) {
    throw new UsageError(`${path} is a folder`, 'name a file in it');
  }
  if (existsSync(dirname(target))) return;
  throw new UsageError(
    `the folder ${dirname(path)} does not exist`,
    'create it, or name another file',
  );
}

/** What the signal ended is begun anew by the next call: there is nothing to continue. */
class NotWritten extends OrgwalkError {
  override readonly exitCode: ExitCode;

  constructor(path: string, cause: Interrupted) {
    const message = `${cause.message}: ${path} was not written`;
    super('interrupted', message, 'run the same command again', { cause });
    this.exitCode = cause.exitCode;
  }
}

const REASONS: Readonly<Record<string, readonly [what: string, hint: string]>> = {
  ENOSPC: ['the disk is full', 'free some space, then run the same command again'],
  EDQUOT: ['the quota is used up', 'free some space, then run the same command again'],
  EFBIG: ['the file would be too large', 'raise the limit on the size of files'],
  EACCES: ['permission denied', 'check who may write to its folder'],
  EPERM: ['permission denied', 'check who may write to its folder'],
  EROFS: ['its file system is read-only', 'name a file on another disk'],
  ENAMETOOLONG: ['the name is too long', 'name another file'],
  EIO: ['the disk reports an error', 'check the disk, then run the same command again'],
};

/** What the file system refused, as one that tells what to do; anything else as it came. */
function told(error: unknown, path: string): unknown {
  if (error instanceof Interrupted) return new NotWritten(path, error);
  if (!(error instanceof Error) || !('code' in error) || error instanceof OrgwalkError) {
    return error;
  }
  const [what, hint] = REASONS[String(error.code)] ?? [];
  if (what === undefined || hint === undefined) return error;
  const message = `the file ${path} cannot be written: ${what}`;
  return new OrgwalkError('output', message, `${hint}; a file that was there is as it was`, {
    cause: error,
  });
}
