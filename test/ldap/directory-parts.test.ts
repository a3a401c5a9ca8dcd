// How a branch that is cut each time is divided: whatever the values, whoever was seen, nobody is in no part.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LoneBranch } from '../../src/ldap/expansion/lone-branch.ts';
import { divide, filtersOf, type Part, WHOLE } from '../../src/ldap/expansion/parts.ts';
import { proven } from '../../src/ldap/expansion/proof.ts';
import { Sample } from '../../src/ldap/expansion/sample.ts';
import { keyOf, termsOf } from '../../src/ldap/expansion/terms.ts';
import { CuttingServer, type Person, type Rules, rawOf, testOf } from './parts.ts';

const ATTRIBUTES = ['uid', 'mail', 'cn'];
const FORWARD = { attribute: 'cn', fromEnd: false };
const PLAIN: Rules = { exact: false, unmatched: [], ascii: [] };

/** Few letters, so that values are alike; all that filters, folding and UTF-8 could trip over. */
const LETTERS = [
  'a',
  'A',
  'b',
  '*',
  '(',
  ')',
  '\\',
  ' ',
  '\0',
  'é',
  'e\u0301',
  'İ',
  'ß',
  'ﬁ',
  '\u{1f600}',
  '\u{1f601}',
  '�',
];
const value = fc.string({ unit: fc.constantFrom(...LETTERS), maxLength: 5 });
const attributes = fc.record(
  {
    uid: fc.array(value, { minLength: 1, maxLength: 3 }),
    mail: fc.array(value, { minLength: 1, maxLength: 2 }),
    cn: fc.array(value, { minLength: 1, maxLength: 1 }),
  },
  { requiredKeys: [] },
);
const people = fc
  .array(attributes, { minLength: 1, maxLength: 25 })
  .map((list) =>
    list.map((each, n): Person => ({ dn: `entry=${n}`, attributes: definedOf(each) })),
  );
const rules = fc.record({
  exact: fc.boolean(),
  unmatched: fc.subarray(ATTRIBUTES),
  ascii: fc.subarray(ATTRIBUTES),
});

function definedOf(given: Partial<Record<string, string[]>>): Record<string, readonly string[]> {
  return Object.fromEntries(Object.entries(given).flatMap(([k, v]) => (v ? [[k, v]] : [])));
}

function sampleOf(seen: readonly Person[]): Sample {
  const sample = new Sample(ATTRIBUTES);
  for (const person of seen) sample.add(rawOf(person));
  return sample;
}

function divided(part: Part, everyone: readonly Person[], seen: readonly Person[], server: Rules) {
  const sample = sampleOf(seen);
  return divide(part, sample, (terms) =>
    proven(terms, sample.witnesses, async (dn, filter) => {
      const person = everyone.find((each) => each.dn === dn) as Person;
      return filter === undefined || testOf(filter, server)(person) === true;
    }),
  );
}

function membersOf(part: Part, everyone: readonly Person[], server: Rules) {
  const tests = filtersOf(part).map((filter) => testOf(filter, server));
  return everyone.filter((each) => tests.every((test) => test(each) === true));
}

describe('the parts of a branch', () => {
  it('hold everyone, seen or not, whatever their values and whatever the server understands', async () => {
    await fc.assert(
      fc.asyncProperty(people, fc.nat(24), rules, async (everyone, last, server) => {
        const seen = everyone.slice(0, last + 1);
        const parts = await divided(WHOLE, everyone, seen, server);
        if (parts === undefined) return;
        const held = parts.flatMap((part) => membersOf(part, everyone, server));
        expect(new Set(held)).toEqual(new Set(everyone));
      }),
      { numRuns: 2_000 },
    );
  });

  it('of a part hold everyone whom it holds', async () => {
    await fc.assert(
      fc.asyncProperty(people, fc.nat(24), rules, async (everyone, last, server) => {
        const parts = await divided(WHOLE, everyone, everyone.slice(0, last + 1), server);
        for (const part of parts ?? []) {
          const members = membersOf(part, everyone, server);
          const seen = members.slice(0, last + 1);
          const smaller = seen.length > 0 && (await divided(part, everyone, seen, server));
          if (!smaller) continue;
          const held = smaller.flatMap((each) => membersOf(each, everyone, server));
          expect(new Set(held)).toEqual(new Set(members));
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('are made by no attribute that someone who was seen came without', async () => {
    const everyone = [
      { dn: 'entry=1', attributes: { uid: ['a'], cn: ['x'] } },
      { dn: 'entry=2', attributes: { cn: ['y'] } },
    ];
    const parts = await divided(WHOLE, everyone, everyone, PLAIN);
    expect(parts?.map(({ attribute }) => attribute)).toEqual([2, 2, 2]);
    expect(
      await divided(WHOLE, everyone, everyone, { ...PLAIN, unmatched: ['cn'] }),
    ).toBeUndefined();
  });

  it('are made by no term that the server does not understand', async () => {
    const names = ['anna', 'bert', 'émile'];
    const everyone = names.map((cn, n) => ({ dn: `entry=${n}`, attributes: { cn: [cn] } }));
    const parts = await divided(WHOLE, everyone, everyone, { ...PLAIN, ascii: ['cn'] });
    const members = parts?.map((part) => membersOf(part, everyone, { ...PLAIN, ascii: ['cn'] }));
    expect(members?.map((held) => held.flatMap((each) => each.attributes['cn']))).toEqual([
      ['émile'],
      ['anna'],
      ['bert'],
    ]);
  });

  it('are none where all who were seen are alike', async () => {
    const everyone = [1, 2].map((n) => ({ dn: `entry=${n}`, attributes: { cn: ['same'] } }));
    const [, exact] = (await divided(WHOLE, everyone, everyone, PLAIN)) ?? [];
    expect(exact && membersOf(exact, everyone, PLAIN)).toEqual(everyone);
    expect(exact && (await divided(exact, everyone, everyone, PLAIN))).toBeUndefined();
  });
});

describe('the terms of a division', () => {
  it.each([
    ['after what the values have in common', ['maria', 'mario', 'mark'], '', ['mari', 'mark']],
    ['one for the value that ends there', ['ann', 'anna', 'annb'], '', ['=ann', 'anna', 'annb']],
    ['for either case once', ['Anna', 'anne', 'ANNO'], '', ['Anna', 'anne', 'ANNO']],
    ['of values in any case', ['ax', 'AY', 'Az'], 'A', ['ax', 'AY', 'Az']],
    ['never of half a character', ['\u{1f600}', '\u{1f601}'], '', ['\u{1f600}', '\u{1f601}']],
    ['of values beneath the prefix only', ['ab', 'ac', 'b'], 'a', ['ab', 'ac']],
    ['none without values', [], '', []],
    ['none for the empty value', [''], '', []],
    [
      'none where values are alike for too long',
      [`${'x'.repeat(300)}1`, `${'x'.repeat(300)}2`],
      '',
      [],
    ],
  ])('are %s', (_, values, prefix, expected) => {
    const terms = termsOf(FORWARD, values, prefix, new Set());
    const told = terms.map(({ text, exact }) => (exact ? `=${text}` : text));
    expect(told.toSorted()).toEqual(expected.toSorted());
  });

  it('are longer than those that were tried', () => {
    const tried = ['A', 'b', 'c'].map((text) => keyOf({ text, exact: false }));
    const used = new Set([...tried, keyOf({ text: 'b', exact: true })]);
    const terms = termsOf(FORWARD, ['aa', 'ab', 'b', 'c', 'd'], '', used);
    const told = terms.map(({ text, exact }) => (exact ? `=${text}` : text));
    expect(told.toSorted()).toEqual(['=c', 'aa', 'ab', 'd']);
  });

  it('are at most so many that a request holds them, for the commonest beginnings', () => {
    const rare = Array.from({ length: 500 }, (_, n) => String.fromCodePoint(0x4e00 + n));
    const terms = termsOf(FORWARD, [...rare, 'aa', 'ab'], '', new Set());
    expect([terms.length, terms[0]?.text]).toEqual([200, 'a']);
  });
});

describe('a branch that is cut each time', () => {
  /** Reads again and again, as often as an attempt fails; everyone found, and whether a page was marked the last. */
  async function readAll(server: CuttingServer) {
    const branch = new LoneBranch();
    const found: Person[] = [];
    let last = 0;
    const failure = await (async () => {
      for await (const page of branch.read(server.searching(ATTRIBUTES))) {
        expect(last).toBe(0);
        found.push(...page.people);
        if (page.last) last += 1;
      }
    })().catch((error: unknown) => error);
    return { found: new Set(found.map(({ dn }) => dn)), last, failure };
  }

  const numbered = fc
    .array(fc.tuple(attributes, value), { minLength: 1, maxLength: 60 })
    .map((list) =>
      list.map(([each, text], n): Person => {
        return { dn: `entry=${n}`, attributes: { ...definedOf(each), cn: [`${text}${n}`] } };
      }),
    );

  it('is read whole, however little passes at a time, where something tells its people apart', async () => {
    const server = fc.record({
      exact: fc.boolean(),
      unmatched: fc.subarray(['uid', 'mail']),
      ascii: fc.subarray(['uid', 'mail']),
    });
    const sizes = fc.record({
      perConnection: fc.integer({ min: 1, max: 20 }),
      pageSize: fc.nat(40),
    });
    await fc.assert(
      fc.asyncProperty(
        numbered,
        server,
        sizes,
        async (everyone, asked, { perConnection, pageSize }) => {
          const { found, last, failure } = await readAll(
            new CuttingServer(everyone, asked, perConnection, pageSize),
          );
          expect([found.size, last, failure]).toEqual([everyone.length, 1, undefined]);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('is never called complete without its people', async () => {
    await fc.assert(
      fc.asyncProperty(
        people,
        rules,
        fc.integer({ min: 1, max: 9 }),
        async (everyone, server, few) => {
          const { found, last, failure } = await readAll(
            new CuttingServer(everyone, server, few, 3),
          );
          expect(last).toBe(failure === undefined ? 1 : 0);
          if (last === 1) expect(found.size).toBe(everyone.length);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('costs a small multiple of what there is to read', async () => {
    const everyone = Array.from({ length: 5_000 }, (_, n) => {
      return { dn: `entry=${n}`, attributes: { cn: [`Person ${String(n).padStart(6, '0')}`] } };
    });
    const server = new CuttingServer(everyone, PLAIN, 400, 100);
    const { found, last } = await readAll(server);
    expect([found.size, last]).toEqual([5_000, 1]);
    expect(server.entries).toBeLessThan(4 * 5_000);
  });

  it('keeps what is complete, and reads all that can be read before it gives up', async () => {
    const alike = Array.from({ length: 30 }, (_, n) => ({
      dn: `twin=${n}`,
      attributes: { cn: ['z'] },
    }));
    const others = Array.from({ length: 30 }, (_, n) => ({
      dn: `entry=${n}`,
      attributes: { cn: [`a${n}`] },
    }));
    const server = new CuttingServer([...alike, ...others], PLAIN, 10, 5);
    const branch = new LoneBranch();
    const found = new Set<string>();
    const read = async () => {
      for await (const { people: some } of branch.read(server.searching(ATTRIBUTES))) {
        for (const { dn } of some) found.add(dn);
      }
    };
    await expect(read()).rejects.toMatchObject({ remedy: 'split' });
    expect(others.every(({ dn }) => found.has(dn))).toBe(true);
    const before = server.entries;
    await expect(read()).rejects.toMatchObject({ remedy: 'split' });
    expect(server.entries - before).toBeLessThanOrEqual(20);
  });
});
