import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { findTool } from './ensure-openldap.ts';
import { ldapsearch } from './ldapsearch.ts';
import { type Slapd, type SlapdOptions, startSlapd, withSlapd } from './slapd.ts';

const LDIF = `dn: dc=example,dc=com
objectClass: dcObject
objectClass: organization
dc: example
o: Example

dn: uid=a,dc=example,dc=com
objectClass: account
uid: a

dn: uid=b,dc=example,dc=com
objectClass: account
uid: b
`;

const withExample = <T>(options: SlapdOptions, use: (server: Slapd) => Promise<T>) =>
  withSlapd({ ldif: LDIF, ...options }, use);

const accounts = async (server: Slapd, ...args: string[]) => {
  const filter = ['-b', server.suffix, ...args, '(objectClass=account)', '1.1'];
  const { stdout, code } = await ldapsearch(server.url, filter);
  return { code, dns: stdout.match(/^dn: .*$/gm) ?? [] };
};

/** An orphan that has ended may stay as a zombie where nobody waits for it: that one is dead. */
function isAlive(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  return /^[^Z\s]/.test(stdout);
}

describe('a test slapd', () => {
  it('serves the LDIF and leaves neither process nor files', async () => {
    const { pid, dir } = await withExample({}, async (server) => {
      expect((await accounts(server)).dns).toHaveLength(2);
      return { pid: server.pid, dir: server.dir };
    });
    expect(isAlive(pid)).toBe(false);
    expect(existsSync(dir)).toBe(false);
  });

  it('leaves nothing when the test throws', async () => {
    let seen: { pid: number; dir: string } | undefined;
    const test = withExample({}, async ({ pid, dir }) => {
      seen = { pid, dir };
      throw new Error('red');
    });
    await expect(test).rejects.toThrow('red');
    expect(isAlive(seen?.pid ?? 0)).toBe(false);
    expect(existsSync(seen?.dir ?? '/')).toBe(false);
  });

  it('leaves nothing when it is stopped while it is paused', async () => {
    const pid = await withExample({}, async (server) => {
      server.pause();
      return server.pid;
    });
    expect(isAlive(pid)).toBe(false);
  });

  // An exit handler runs on `exit` only; after SIGKILL it is the kernel that ends the child.
  it.each(findTool('setpriv') === undefined ? ['exit'] : ['exit', 'SIGKILL'])(
    'dies with the process that started it, ended by %s',
    async (how) => {
      const fixture = fileURLToPath(new URL('slapd.ts', import.meta.url));
      const script = `import { startSlapd } from ${JSON.stringify(fixture)};
        const server = await startSlapd();
        process.stdout.write(server.pid + ' ' + server.dir);
        if (${JSON.stringify(how)} === 'exit') process.stdin.once('data', () => process.exit());`;
      const child = spawn(process.execPath, ['--input-type=module', '-e', script]);
      const [said] = await once(child.stdout, 'data');
      const [pid = 0, dir = ''] = [Number.parseInt(String(said), 10), String(said).split(' ')[1]];
      expect(isAlive(pid)).toBe(true);
      if (how === 'exit') child.stdin.write('now');
      else child.kill('SIGKILL');
      await once(child, 'exit');
      await expect.poll(() => isAlive(pid)).toBe(false);
      rmSync(dir, { recursive: true });
    },
  );

  it('has the same data on the same port after a restart', async () => {
    await withExample({}, async (server) => {
      const { url, pid } = server;
      await server.restart();
      expect(server.url).toBe(url);
      expect(server.pid).not.toBe(pid);
      expect((await accounts(server)).dns).toHaveLength(2);
    });
  });

  it('refuses connections once killed, until it is restarted', async () => {
    await withExample({}, async (server) => {
      await server.kill('SIGTERM');
      expect((await accounts(server)).code).toBe(255);
      await server.restart();
      expect((await accounts(server)).code).toBe(0);
    });
  });

  it('answers nothing while it is paused, and everything afterwards', async () => {
    await withExample({}, async (server) => {
      server.pause();
      let isAnswered = false;
      const answer = accounts(server).finally(() => {
        isAnswered = true;
      });
      // A whole server started and searched elsewhere: time enough for an answer here.
      await withExample({}, async (other) => expect((await accounts(other)).code).toBe(0));
      expect(isAnswered).toBe(false);
      server.resume();
      expect((await answer).dns).toHaveLength(2);
    });
  });

  it('limits the size for readers, and not for root', async () => {
    const options = { sizeLimit: 'size.soft=1 size.hard=1', readerPassword: 'word' };
    await withExample(options, async (server) => {
      const asReader = ['-D', server.readerDn ?? '', '-w', 'word'];
      const asRoot = ['-D', server.rootDn, '-w', server.rootPassword];
      expect((await accounts(server)).code).toBe(4);
      expect((await accounts(server, ...asReader)).code).toBe(4);
      expect(await accounts(server, ...asRoot)).toMatchObject({ code: 0, dns: { length: 2 } });
    });
  });

  it('shows nothing to strangers where anonymous access is off', async () => {
    await withExample({ anonymous: false, readerPassword: 'word' }, async (server) => {
      expect((await accounts(server)).code).toBe(32);
      const asReader = ['-D', server.readerDn ?? '', '-w', 'word'];
      expect((await accounts(server, ...asReader)).dns).toHaveLength(2);
    });
  });

  it('says what slapadd found wrong in an LDIF', async () => {
    await expect(startSlapd({ ldif: 'dn: dc=example,dc=com\nno: such\n' })).rejects.toThrow(
      /slapadd failed with 1: .*no/s,
    );
  });
});
