// What one search tells of many manager values is what a search for each would have told: on a real OpenLDAP.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ManagerAnswer } from '../../src/domain/ports.ts';
import type { LdapDirectory } from '../../src/ldap/directory.ts';
import { ldifOf, SUFFIX, TOP } from '../integration/ldif.ts';
import { team } from '../simulate/servers.ts';
import { findTool } from '../support/ensure-openldap.ts';
import { type Dn, respellAs, spellings, write } from '../support/organisation/dn.ts';
import { type Random, randomOf } from '../support/organisation/random.ts';
import { type Slapd, startSlapd, withSlapd } from '../support/slapd.ts';
import { NEVER, withDirectory, withOpen } from './directories.ts';

const AT_ONCE = 40;
/** Characters of which case tables, normal forms and servers think differently. */
const AWKWARD = [...'sSſßẞKkKΩωΩσςΣİıiIéÉＡaAﬁ①1 \u00a0\u3000-\u00ad\u200b,+"\\'];
const CEO = `uid=ceo,${SUFFIX}`;
const HIDDEN = `ou=hidden,${SUFFIX}`;
const SECRET = `cn=secret,${HIDDEN}`;
const SHOWN = `cn=shown,${HIDDEN}`;

const random = randomOf(7, 7);
const below: Dn = [[{ type: 'dc', value: 'example' }], [{ type: 'dc', value: 'com' }]];
const named = (values: readonly string[]): Dn => {
  const [cn = '', uid] = values;
  const rdn = [
    { type: 'cn', value: cn },
    ...(uid === undefined ? [] : [{ type: 'uid', value: uid }]),
  ];
  return [rdn, ...below];
};

function awkward(): string {
  const text = Array.from({ length: random.between(1, 3) }, () => random.pick(AWKWARD)).join('');
  return text.trim() === '' ? 'x' : text;
}

const NAMES = [
  ...Array.from({ length: 120 }, () => [awkward()]),
  ...Array.from({ length: 20 }, () => [awkward(), awkward()]),
  ...['Ångström, Åsa Maria', 'Straße', 'strasse', 'ΣΑΣ', 'o  neill'].map((cn) => [cn, 'boss']),
].map(named);

/** Each in several spellings, some of which name somebody else or nobody; and what never names anybody. */
function valuesOf(dice: Random): readonly string[] {
  const spelt = NAMES.flatMap((dn) => {
    const other = respellAs(dice.pick(spellings()), dn, dice);
    return [write(dn), write(dn).toUpperCase(), ...(other === undefined ? [] : [other])];
  });
  const odd = [
    'the boss',
    '',
    'cn=',
    'cn=a,',
    'cn=\ufffd',
    `badge=1,${SUFFIX}`,
    'cn=#0401',
    'o=elsewhere',
  ];
  const others = [SUFFIX, HIDDEN, SECRET, SHOWN, `uid=gone,${SUFFIX}`, CEO];
  return [...new Set([...spelt, ...odd, ...others])];
}

function shuffled<T>(list: readonly T[], dice: Random): readonly T[] {
  return list
    .map((item) => ({ item, at: dice.between(0, 1_000_000) }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

let server: Slapd;

beforeAll(async () => {
  const acl = [`access to dn.exact="${SECRET}" by * disclose`, 'access to * by * read'];
  server = await startSlapd({ ldif: TOP, globalConfig: ['tool-threads 1'], indexes: [], acl });
  await server.kill('SIGTERM');
  const people = NAMES.map((dn, n) => ({ uid: n % 2 ? 'boss' : `n${n}`, dn: write(dn) }));
  const hidden = ['secret', 'shown'].map((cn) => ({ uid: cn, dn: `cn=${cn},${HIDDEN}` }));
  const unit = `dn: ${HIDDEN}\nobjectClass: organizationalUnit\nou: hidden\n`;
  await added([unit, ldifOf([{ uid: 'ceo' }, ...people, ...hidden]).replace(TOP, '')].join('\n'));
  await server.restart();
}, 60_000);

afterAll(async () => {
  await server.stop();
});

/** But for those whom slapd takes for the same as another one, or for nobody. */
async function added(ldif: string): Promise<void> {
  const args = ['-c', '-f', join(server.dir, 'slapd.conf')];
  const child = spawn(findTool('slapadd') ?? 'slapadd', args, {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.stdin.on('error', () => undefined); // EPIPE: it gave up early, which its exit tells
  child.stdin.end(ldif);
  const [code, signal] = await once(child, 'close');
  if (code === null) throw new Error(`slapadd ended with ${signal}`);
}

async function alone(directory: LdapDirectory, value: string): Promise<ManagerAnswer | 'failed'> {
  return directory.askManager(value, 0, NEVER).catch(() => 'failed' as const);
}

describe('what one search tells of many manager values', () => {
  it('is what a search for each would have told, whatever the spellings', async () => {
    await withDirectory(server.url, { roots: [CEO] }, async ({ directory }) => {
      await directory.open(NEVER);
      const values = shuffled(valuesOf(random), random);
      let told = 0;
      for (let at = 0; at < values.length; at += AT_ONCE) {
        const asked = values.slice(at, at + AT_ONCE);
        const answers = await directory.askManagers(asked, 0, NEVER);
        for (const [i, answer] of answers.entries()) {
          if (answer === undefined) continue;
          told += 1;
          expect([asked[i], answer]).toEqual([
            asked[i],
            await alone(directory, asked[i] as string),
          ]);
        }
      }
      expect(told).toBeGreaterThan(values.length / 4);
    });
  });

  it('takes one search, and is nothing about whoever does not come: hidden, no employee, outside the base, or nobody', async () => {
    await withDirectory(server.url, { roots: [CEO] }, async ({ directory, admitted }) => {
      await directory.open(NEVER);
      const before = admitted();
      const values = [SECRET, `UserID=CEO , ${SUFFIX}`, HIDDEN, 'o=elsewhere', 'the boss', SHOWN];
      const kinds = (await directory.askManagers(values, 0, NEVER)).map((answer) => answer?.kind);
      expect(kinds).toEqual([undefined, 'employee', undefined, undefined, undefined, 'employee']);
      expect(admitted()).toBe(before + 1);
      // What keeps a manager who is hidden from being taken for one who is gone.
      await expect(directory.askManager(SECRET, 0, NEVER)).rejects.toMatchObject({
        reason: 'denied',
      });
    });
  });

  it('is nothing about two values that look alike', async () => {
    await withDirectory(server.url, { roots: [CEO] }, async ({ directory }) => {
      await directory.open(NEVER);
      const values = [CEO, SHOWN, CEO.toUpperCase(), HIDDEN];
      const kinds = (await directory.askManagers(values, 0, NEVER)).map((answer) => answer?.kind);
      expect(kinds).toEqual([undefined, 'employee', undefined, undefined]);
    });
  });
});

describe('many manager values', () => {
  const people = ldifOf(['ceo', 'a', 'b', 'c', 'd'].map((uid) => ({ uid })));
  const values = ['a', 'b', 'c', 'd'].map((uid) => `userid=${uid},${SUFFIX}`);
  const open = values.map(() => undefined);

  it('are asked about one by one where the server refuses to tell of all, and the next are not tried', async () => {
    await withSlapd({ ldif: people, sizeLimit: 'size=3' }, async ({ url }) => {
      await withDirectory(url, { roots: [CEO] }, async ({ directory, admitted }) => {
        await directory.open(NEVER);
        const before = admitted();
        expect(await directory.askManagers(values, 0, NEVER)).toEqual(open);
        expect(await directory.askManagers(values.slice(2), 0, NEVER)).toEqual(open.slice(2));
        expect(admitted()).toBe(before + 1);
      });
    });
  });

  it('are asked about one by one where servers are not known to find entries by DN', async () => {
    await withOpen({ directory: team(4) }, {}, async ({ directory, searches }) => {
      const before = searches.length;
      const some = ['p1', 'p2'].map((uid) => `userid=${uid},${SUFFIX}`);
      expect(await directory.askManagers(some, 0, NEVER)).toEqual([undefined, undefined]);
      expect(searches.length).toBe(before);
    });
  });
});
