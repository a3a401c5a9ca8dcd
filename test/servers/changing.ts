// Changes to a server that runs, by OpenLDAP's client.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type Access, installed } from './server.ts';

/** Result code of the first change that is refused, or 0. */
export async function change(server: Access, ldif: string): Promise<number> {
  const who = ['-x', '-H', server.url, '-D', server.bindDn, '-w', server.password];
  const child = spawn(installed('ldapmodify'), who, { stdio: ['pipe', 'ignore', 'ignore'] });
  child.stdin.end(ldif);
  const [code] = await once(child, 'close');
  return Number(code);
}
