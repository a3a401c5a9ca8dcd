// OpenLDAP's own client, for what must be seen through other eyes than the program's.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { findTool } from './ensure-openldap.ts';

const run = promisify(execFile);

export type LdapsearchAnswer = {
  readonly stdout: string;
  readonly stderr: string;
  /** The LDAP result code, or what the client says of a broken connection (255). */
  readonly code: number;
};

/** Unfolded LDIF without comments. Never throws for what the server answers. */
export async function ldapsearch(
  url: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<LdapsearchAnswer> {
  const command = findTool('ldapsearch');
  if (command === undefined) throw new Error('ldapsearch is not installed');
  const all = ['-x', '-LLL', '-o', 'ldif-wrap=no', '-H', url, ...args];
  const options = { maxBuffer: 1 << 28, env: { ...process.env, ...env } };
  try {
    return { ...(await run(command, all, options)), code: 0 };
  } catch (error) {
    return failed(error);
  }
}

function failed(error: unknown): LdapsearchAnswer {
  const { code, stdout, stderr } = error as Partial<LdapsearchAnswer>;
  if (typeof code !== 'number') throw error;
  return { code, stdout: stdout ?? '', stderr: stderr ?? '' };
}
