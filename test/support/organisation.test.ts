import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Client, NoSuchObjectError } from 'ldapts';
import { describe, expect, it } from 'vitest';
import { type Dn, respellAs, spellings, write } from './organisation/dn.ts';
import { randomOf } from './organisation/random.ts';
import { shapeOf } from './organisation/shape.ts';
import { type Organisation, type OrganisationOptions, writeOrganisation } from './organisation.ts';
import { withSlapd } from './slapd.ts';
import { withTemporaryDirectory } from './temporary.ts';
import { dnKey } from './truth/dn-key.ts';
import { type LdifEntry, readLdifFile } from './truth/ldif-reader.ts';
import { readTruth } from './truth.ts';

type Written = { readonly organisation: Organisation; readonly entries: readonly LdifEntry[] };

function withOrganisation<T>(
  options: OrganisationOptions,
  use: (written: Written) => Promise<T>,
): Promise<T> {
  return withTemporaryDirectory(async (dir) => {
    const organisation = writeOrganisation(join(dir, 'org.ldif'), options);
    return use({ organisation, entries: [...readLdifFile(organisation.path)] });
  });
}

const hashOf = (options: OrganisationOptions) =>
  withOrganisation(options, async ({ organisation }) => {
    const hash = createHash('sha256');
    await pipeline(createReadStream(organisation.path), hash);
    return hash.digest('hex');
  });

const values = (entries: readonly LdifEntry[], name: string) =>
  entries.flatMap((entry) => entry.attributes.get(name) ?? []);

describe('the shape of an organisation', () => {
  it.each([2_000, 10_000, 100_000])('of %i people is that of a real one', (people) => {
    const { parents, spans, depths } = shapeOf(people, 7);
    expect(parents.filter((parent) => parent < 0)).toHaveLength(1);
    const managers = [...spans].filter((span) => span > 0);
    const usual = managers.filter((span) => span >= 3 && span <= 12);
    expect(usual.length / managers.length).toBeGreaterThan(0.95);
    expect(Math.min(...managers)).toBeGreaterThanOrEqual(3);
    expect(managers.some((span) => span > 100)).toBe(true);
    expect(managers.some((span) => span > 1_500)).toBe(people >= 10_000);
    const depth = depths.reduce((most, one) => Math.max(most, one), 0);
    expect(depth).toBeGreaterThanOrEqual(8);
    expect(depth).toBeLessThanOrEqual(12);
  });
});

describe('a generated organisation', () => {
  it('is the same for the same seed and another for another', async () => {
    const [one, again, other] = await Promise.all([
      hashOf({ people: 300, seed: 5 }),
      hashOf({ people: 300, seed: 5 }),
      hashOf({ people: 300, seed: 6 }),
    ]);
    expect(again).toBe(one);
    expect(other).not.toBe(one);
  });

  it('has every oddity, whatever the seed', async () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      await withOrganisation({ people: 100, seed }, async ({ organisation }) => {
        const absent = Object.entries(organisation.plan.oddities).filter(
          ([, count]) => count === 0,
        );
        expect(absent).toEqual([]);
      });
    }
  });

  it('has no oddity when told', async () => {
    await withOrganisation({ people: 200, odd: false }, async ({ organisation, entries }) => {
      const truth = readTruth(organisation.path, { roots: [organisation.rootDn] });
      expect(truth.employees.size).toBe(200);
      expect(values(entries, 'manager')).toHaveLength(199);
      const people = entries.filter((entry) => entry.attributes.has('uid'));
      expect(people.filter(({ dn }) => !/^uid=\w+,ou=people,dc=/.test(dn))).toEqual([]);
    });
  });

  it('has the DNs and values that trip up programs', async () => {
    await withOrganisation({ people: 10_000 }, async ({ organisation, entries }) => {
      const dns = entries.map((entry) => entry.dn);
      const kinds = {
        comma: /\\,/,
        quote: /\\"/,
        plus: /\\\+/,
        hash: /^cn=\\#/,
        'leading space': /^cn=\\ /,
        'trailing space': /\\ ,ou/,
        backslash: /\\\\/,
        'two octets': /[À-ÿ]/,
        'four octets': /🦊/u,
        'multi-valued RDN': /^cn=[^,]*[^\\]\+uid=/,
        'other case': /^UID=/,
      };
      const absent = Object.entries(kinds).filter(([, kind]) => !dns.some((dn) => kind.test(dn)));
      expect(absent).toEqual([]);
      expect(organisation.rootDn.normalize('NFC')).toBe(organisation.rootDn);
      const exact = new Set(dns);
      const keys = new Set(dns.map(dnKey));
      const respelt = values(entries, 'manager').filter(
        (value) => !exact.has(value) && keys.has(dnKey(value)),
      );
      expect(respelt.length).toBeGreaterThan(500);
      expect(respelt.some((value) => /userid=/i.test(value))).toBe(true);
      expect(respelt.some((value) => /\\2c/i.test(value))).toBe(true);
      expect(respelt.some((value) => /, /.test(value))).toBe(true);
    });
  });

  it('has unique ids and employee numbers with leading zeros', async () => {
    await withOrganisation({ people: 3_000 }, async ({ entries }) => {
      const ids = values(entries, 'entryuuid');
      expect(new Set(ids).size).toBe(entries.length);
      expect(ids.every((id) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id))).toBe(true);
      const numbers = values(entries, 'employeenumber');
      expect(new Set(numbers).size).toBe(3_000);
      expect(numbers.every((number) => /^0\d{6}$/.test(number))).toBe(true);
    });
  });

  it.each(['dn', 'employeeNumber'] as const)(
    'means what the truth reads from it, linked by %s',
    async (managerValue) => {
      await withOrganisation({ people: 3_000, managerValue }, async ({ organisation }) => {
        const truth = readTruth(organisation.path, {
          roots: [organisation.rootDn],
          managerAttribute: organisation.managerAttribute,
          managerValue,
        });
        const { found, meant } = linksOf(organisation, truth.employees);
        expect(truth.employees.size).toBeGreaterThan(2_900);
        expect(found).toEqual(meant);
      });
    },
  );
});

/** Lines between people of the crawl, as read from the file and as the generator meant them. */
function linksOf(organisation: Organisation, employees: ReturnType<typeof readTruth>['employees']) {
  const meant: string[] = [];
  const found: string[] = [];
  for (let number = 0; number < organisation.people; number += 1) {
    const { entryUUID } = organisation.identity(number);
    const employee = employees.get(entryUUID);
    for (const { managerId } of employee?.lines ?? []) found.push(`${entryUUID} ${managerId}`);
    if (employee === undefined) continue;
    for (const target of organisation.plan.targets(number)) {
      const id = target.kind === 'person' ? organisation.identity(target.person).entryUUID : '';
      meant.push(`${entryUUID} ${employees.has(id) ? id : null}`);
    }
  }
  return { found: found.toSorted(), meant: meant.toSorted() };
}

describe('spellings of a DN', () => {
  const dn: Dn = [
    [
      { type: 'cn', value: 'Müller, "José" X' },
      { type: 'uid', value: 'mueller' },
    ],
    [{ type: 'dc', value: 'x' }],
  ];

  it.each(spellings())('%s: another text, the same key', (name) => {
    const text = respellAs(name, dn, randomOf(1, 1));
    expect(text).toBeTypeOf('string');
    expect(text).not.toBe(write(dn));
    expect(dnKey(text ?? '')).toBe(dnKey(write(dn)));
  });
});

describe('on a real OpenLDAP', () => {
  it('every manager value names whom the truth says, in every spelling', async () => {
    await withOrganisation({ people: 2_000, seed: 3 }, ({ organisation, entries }) =>
      withSlapd({ ldifPath: organisation.path }, async (server) => {
        const byKey = new Map(
          entries.map((entry) => [dnKey(entry.dn), entry.attributes.get('entryuuid')?.[0]]),
        );
        const client = new Client({ url: server.url });
        const exact = new Set(entries.map((entry) => entry.dn));
        const odd = new Set(values(entries, 'manager').filter((value) => !exact.has(value)));
        const wrong: string[] = [];
        for (const value of odd) {
          const answer = await idBehind(client, value);
          if (answer !== byKey.get(dnKey(value))) wrong.push(`${value}: ${answer}`);
        }
        await client.unbind();
        expect(odd.size).toBeGreaterThan(100);
        expect(wrong).toEqual([]);
      }),
    );
  });
});

async function idBehind(client: Client, dn: string): Promise<string | undefined> {
  try {
    const found = await client.search(dn, { scope: 'base', attributes: ['entryUUID'] });
    return found.searchEntries[0]?.['entryUUID'] as string | undefined;
  } catch (error) {
    if (error instanceof NoSuchObjectError) return undefined;
    throw error;
  }
}
