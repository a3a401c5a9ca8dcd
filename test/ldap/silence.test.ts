import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { bindAnswer, done, entry } from '../support/ldap-bytes.ts';
import { withScriptedServer } from '../support/scripted-server.ts';

const PROGRAM = `
  import { LdapConnection } from '${new URL('../../src/ldap/connection/connection.ts', import.meta.url)}';
  import { equality } from '${new URL('../../src/ldap/messages/filters.ts', import.meta.url)}';
  const connection = await LdapConnection.open({ url: process.argv[1], connectTimeoutMs: 20_000 });
  await connection.bind({ kind: 'simple', dn: 'cn=SECRET', password: 'SECRET' }, 20_000);
  const filter = equality('uid', 'SECRET');
  const spec = { base: 'o=SECRET', scope: 'sub', filter, attributes: ['cn'] };
  let entries = 0;
  await connection.search(spec, { idleTimeoutMs: 20_000 }, () => (entries += 1));
  connection.close();
  console.log(entries);
`;

describe('the connection', () => {
  it('prints nothing of what it asks and gets, whatever NODE_DEBUG says', async () => {
    await withScriptedServer(
      async (peer) => {
        peer.send(bindAnswer((await peer.expect()).id));
        const { id } = await peer.expect();
        peer.send(entry(id, 'cn=SECRET', [['cn', ['SECRET']]]), done(id));
      },
      async ({ url }) => {
        const env = { ...process.env, NODE_DEBUG: 'ldapts' };
        const child = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM, url], { env });
        const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
        expect(stdout).toBe('1\n');
        expect(stderr).not.toMatch(/SECRET|ldapts/i);
      },
    );
  });
});
