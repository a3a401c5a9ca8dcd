import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../domain/errors.ts';
import { shown } from './problem.ts';
import { Secret } from './secret.ts';
import { PASSWORD_VARIABLE } from './sources.ts';

export interface PasswordSources {
  /** The account, for the question at the terminal. */
  readonly bindDn: string;
  /** `--bind-password-file` */
  readonly file: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Asks the person; absent where there is no terminal. */
  readonly prompt?: (question: string) => Promise<string>;
}

/** Names of the systemd credential (LoadCredential=, SetCredentialEncrypted=), the first that exists. */
const CREDENTIALS = ['orgwalk-bind-password', 'bind-password'] as const;

/**
 * The bind password, from the first of these that is there: the password file, the environment, a systemd credential, the
 * person at the terminal. Never the command line, which every user of the machine can read.
 * @throws UsageError where there is none, where it is empty, and where the file is readable by others
 */
export async function readBindPassword(sources: PasswordSources): Promise<Secret> {
  const password =
    (await fromPasswordFile(sources.file)) ??
    sources.env[PASSWORD_VARIABLE] ??
    (await fromCredential(sources.env['CREDENTIALS_DIRECTORY'])) ??
    (await sources.prompt?.(`Password of ${shown(sources.bindDn)}: `));
  if (password === undefined) throw new UsageError('There is no password to bind with', WAYS);
  // RFC 4513 §5.1.2: a name without a password is an anonymous bind, which would seem to succeed.
  if (password === '') throw new UsageError('The password to bind with is empty', WAYS);
  return new Secret(password);
}

const WAYS = `use --bind-password-file, ${PASSWORD_VARIABLE} or a systemd credential, or run it at a terminal`;

async function fromPasswordFile(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  try {
    return await readPrivate(path);
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    throw unreadable(path, cause);
  }
}

async function readPrivate(path: string): Promise<string> {
  await using file = await open(path, 'r');
  // Of the open file, so that nobody can swap it in between.
  const stats = await file.stat();
  // A pipe is one of a shell: `--bind-password-file <(pass show directory)`.
  if (!stats.isFile() && !stats.isFIFO()) throw notAFile(path);
  const mode = stats.mode & 0o777;
  // Windows has no such bits, and makes them up.
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    const octal = mode.toString(8).padStart(4, '0');
    throw new UsageError(
      `The password file ${shown(path)} can be used by others (mode ${octal})`,
      `chmod 600 ${path}`,
    );
  }
  return decode(path, await file.readFile());
}

async function fromCredential(folder: string | undefined): Promise<string | undefined> {
  if (folder === undefined || folder === '') return undefined;
  for (const name of CREDENTIALS) {
    const content = await readIfThere(join(folder, name));
    if (content !== undefined) return content;
  }
  return undefined;
}

// systemd alone decides who reads these.
async function readIfThere(path: string): Promise<string | undefined> {
  try {
    await using file = await open(path, 'r');
    return decode(path, await file.readFile());
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return undefined;
    if (cause instanceof UsageError) throw cause;
    throw unreadable(path, cause);
  }
}

// Editors and `echo` end a file with a newline that is no part of the password.
function decode(path: string, bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).replace(/\r?\n$/, '');
  } catch (cause) {
    throw new UsageError(`The password file ${shown(path)} is not UTF-8 text`, WAYS, { cause });
  }
}

function notAFile(path: string): UsageError {
  const hint = 'give a file that holds the password and nothing else, with mode 0600';
  return new UsageError(`The password file ${shown(path)} is not a regular file`, hint);
}

function unreadable(path: string, cause: unknown): UsageError {
  const reason = codeOf(cause) ?? String(cause);
  const hint = 'check the path and that you may read it';
  return new UsageError(`The password file ${shown(path)} cannot be read: ${reason}`, hint, {
    cause,
  });
}

function codeOf(cause: unknown): string | undefined {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : undefined;
}
