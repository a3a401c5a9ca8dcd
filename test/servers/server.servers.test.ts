// A test server leaves nothing behind.
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ldifOf } from '../integration/ldif.ts';
import { accepts } from '../support/own-process.ts';
import { startApacheds } from './apacheds.ts';
import { startDirsrv } from './dirsrv.ts';
import { startSamba } from './samba.ts';

const ldif = ldifOf([{ uid: 'ceo' }]);

test.each([
  ['Samba', () => startSamba()],
  ['389 Directory Server', () => startDirsrv({ ldif })],
  ['ApacheDS', () => startApacheds({ ldif })],
])(
  '%s, once stopped, is gone with its process and its folder; to stop it again does nothing',
  async (_, start) => {
    const server = await start();
    const { hostname, port } = new URL(server.url);
    const reached = () => accepts(Number(port || 389), hostname);
    expect(await reached()).toBe(true);
    await server.stop();
    await server.stop();
    expect(await reached()).toBe(false);
    expect(existsSync(server.dir)).toBe(false);
    expect(() => process.kill(server.pid, 0)).toThrow('ESRCH');
  },
);

test('a server that cannot start says why, and its folder is gone', async () => {
  await expect(startDirsrv({ ldif: 'dn: no suffix\n\n' })).rejects.toThrow(/ldif2db/);
  await expect(startSamba({ ldif: 'dn: no=such\nthing: 1\n\n' })).rejects.toThrow(/ldbadd/);
});
