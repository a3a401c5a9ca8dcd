// A database on a network file system is refused: locks and shared memory do not reach from machine to machine.
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { networkFileSystem } from '../../src/store/file/file-system.ts';
import { crawlOf, expectRefusal, runOrgwalk, withPlace } from '../cli/orgwalk.ts';
import { withServer } from '../simulate/servers.ts';

const PRELOAD = fileURLToPath(new URL('./preload-network-disk.ts', import.meta.url));
const node = ['--import', PRELOAD];

describe('a file system of several machines', () => {
  test.each([
    ['NFS', 0x6969],
    ['SMB', 0x517b],
    ['CIFS', 0xff534d42],
    ['CIFS', 0xff534d42 | 0],
    ['SMB2', 0xfe534d42],
    ['SMB2', 0xfe534d42 | 0],
    ['AFS', 0x5346414f],
    ['Ceph', 0x00c36400],
    ['Lustre', 0x0bd00bd0],
  ])('is known as %s by %i', (name, type) => {
    expect(networkFileSystem(type)).toBe(name);
  });

  test.each([
    ['ext4', 0xef53],
    ['XFS', 0x58465342],
    ['Btrfs', 0x9123683e],
    ['ZFS', 0x2fc12fc1],
    ['tmpfs', 0x01021994],
    ['overlay', 0x794c7630],
    ['FUSE', 0x65735546],
    ['APFS', 26],
    ['nothing that is told', 0],
  ])('is not %s', (_, type) => {
    expect(networkFileSystem(type)).toBeUndefined();
  });

  test('is refused by a crawl before anything is there: exit 7, and the server is asked nothing', async () => {
    await withPlace(({ folder, db }) =>
      withServer({}, async (server) => {
        expectRefusal(await runOrgwalk(crawlOf(server, db), { node }), {
          code: 7,
          error: /^the database .*people\.db is on a network file system \(NFS\)$/,
          hint: /on a disk of this machine/,
        });
        expect(await readdir(folder)).toEqual([]);
        expect(server.stats.connections).toBe(0);
      }),
    );
  });

  test('is refused by those who read, and the database stays as it is', async () => {
    await withPlace(({ folder, db }) =>
      withServer({}, async (server) => {
        expect((await runOrgwalk(crawlOf(server, db))).code).toBe(0);
        const files = await readdir(folder);
        const outcome = await runOrgwalk(['query', 'SELECT 1', '--db', db], { node });
        expectRefusal(outcome, { code: 7, error: /is on a network file system \(NFS\)$/ });
        expect(await readdir(folder)).toEqual(files);
      }),
    );
  });
});
