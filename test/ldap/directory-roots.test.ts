// Roots by mail address, and several of them.
import { describe, expect, it } from 'vitest';
import { staticDirectory } from '../../src/simulate/organisation.ts';
import { person, SUFFIX, team, top } from '../simulate/servers.ts';
import { NEVER, P1, refusalOf, withOpen } from './directories.ts';

const ADA = person('ada', { mail: ['ada@example.com', 'a.king@example.com'] });
const BOB = person('bob', { mail: ['bob@example.com'], employeeType: ['guest'] });
const TWINS = ['eve', 'mallory'].map((uid) => person(uid, { mail: ['sales@example.com'] }));
const DIRECTORY = team(1, [ADA, BOB, ...TWINS]);

const served = { directory: DIRECTORY } as const;

describe('a root by mail address', () => {
  it.each([
    ['ada@example.com', 'ada'],
    ['A.King@Example.COM', 'ada'],
    ['bob@example.com', 'bob'],
  ])('%s is whoever has it among the mail addresses', async (root, uid) => {
    await withOpen(served, { roots: [root] }, async ({ directory, searches }) => {
      const [found] = await directory.findRoots(NEVER);
      expect(found?.profile.username).toBe(uid);
      expect(searches.at(-1)?.filter).toBe(`(&(objectclass=person)(mail=${root}))`);
    });
  });

  it.each([
    ['that nobody has', 'nobody@example.com', 'root-not-found'],
    ['that two have', 'sales@example.com', 'root-ambiguous'],
    ['with a star in it, which is one', '*@example.com', 'root-not-found'],
  ])('%s is refused by name', async (_, root, code) => {
    await withOpen(served, { roots: [root] }, async ({ directory }) => {
      const refused = directory.findRoots(NEVER);
      expect(await refusalOf(refused)).toBe(code);
      await expect(refused).rejects.toThrow(root);
    });
  });

  it('is refused where the filter of those who are walked leaves them out', async () => {
    const options = { roots: ['bob@example.com'], filter: '(!(employeeType=guest))' };
    await withOpen(served, options, async ({ directory }) => {
      expect(await refusalOf(directory.findRoots(NEVER))).toBe('root-not-found');
    });
  });

  it('is also looked for as proxy address and sign-in name on an Active Directory', async () => {
    const account = (cn: string, more: Record<string, readonly string[]>) => ({
      dn: `cn=${cn},${SUFFIX}`,
      attributes: { objectClass: ['top', 'person', 'user'], cn: [cn], ...more },
    });
    const directory = staticDirectory(
      [
        top,
        account('Ada', { proxyAddresses: ['SMTP:ada@example.com', 'smtp:old@example.com'] }),
        account('Bob', { userPrincipalName: ['bob@corp.example.com'] }),
      ],
      SUFFIX,
    );
    const roots = ['old@example.com', 'bob@corp.example.com'];
    await withOpen({ directory, vendor: 'ad-like' }, { roots }, async (observed) => {
      const found = await observed.directory.findRoots(NEVER);
      expect(found.map(({ dn }) => dn)).toEqual([`cn=Ada,${SUFFIX}`, `cn=Bob,${SUFFIX}`]);
    });
  });
});

describe('several roots', () => {
  it('take one request each, and may be the same person twice', async () => {
    const roots = [P1, '(uid=bob)', 'ada@example.com', 'a.king@example.com'];
    await withOpen(served, { roots }, async ({ directory, searches }) => {
      const before = searches.length;
      const found = await directory.findRoots(NEVER);
      expect(found.map(({ profile }) => profile.username)).toEqual(['p1', 'bob', 'ada', 'ada']);
      expect(searches.length - before).toBe(roots.length);
    });
  });

  it.each([`uid=nobody,${SUFFIX}`, '(uid=nobody)', 'nobody@example.com'])(
    'are refused where one of them is not there: %s',
    async (missing) => {
      await withOpen(served, { roots: [P1, missing, '(uid=bob)'] }, async ({ directory }) => {
        const refused = directory.findRoots(NEVER);
        expect(await refusalOf(refused)).toBe('root-not-found');
        await expect(refused).rejects.toThrow(missing);
      });
    },
  );
});
