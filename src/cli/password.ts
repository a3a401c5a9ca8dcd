import { readBindPassword } from '../config/password.ts';
import type { Io } from './terminal.ts';

/** The password of the account to bind as; undefined where there is no account. Rejects with a `UsageError`. */
export async function passwordOf(
  config: { readonly bindDn: string | undefined; readonly bindPasswordFile: string | undefined },
  io: Io,
): Promise<string | undefined> {
  const { bindDn, bindPasswordFile } = config;
  if (bindDn === undefined) return undefined;
  const { env, prompt } = io;
  const sources = { bindDn, file: bindPasswordFile, env, ...(prompt ? { prompt } : {}) };
  return (await readBindPassword(sources)).reveal();
}
