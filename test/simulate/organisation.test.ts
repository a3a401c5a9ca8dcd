import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type SimulatedEntry,
  type SyntheticOrganisation,
  syntheticOrganisation,
} from '../../src/simulate/organisation.ts';
import { dnKey } from '../../src/simulate/search/dn-key.ts';

/** Walks from the root over `reportsOf` and counts how often each person comes. */
function visitsFromRoot(organisation: SyntheticOrganisation): Uint8Array {
  const visits = new Uint8Array(organisation.people);
  const waiting = [0];
  for (let person = waiting.pop(); person !== undefined; person = waiting.pop()) {
    visits[person] = (visits[person] ?? 0) + 1;
    const { first, count } = organisation.reportsOf(person);
    for (let report = first; report < first + count; report++) waiting.push(report);
  }
  return visits;
}

function text(entry: SimulatedEntry, attribute: string): string | undefined {
  return entry.values(attribute)[0]?.toString();
}

describe('the synthetic organisation', () => {
  for (const people of [1, 2, 100, 5000, 100_000]) {
    test.for([0, 1, 7, 2_147_483_647])(`of ${people} people is a tree, seed %i`, (seed) => {
      const organisation = syntheticOrganisation({ people, seed });
      const visits = visitsFromRoot(organisation);
      expect(visits.every((count) => count === 1)).toBe(true);
      expect(organisation.size).toBe(people + 2);
    });
  }

  test.for([
    [5000, 8, 10],
    [100_000, 10, 12],
  ] as const)('of %i people is %i to %i deep', ([people, least, most]) => {
    for (let seed = 0; seed < 50; seed++) {
      const depth = syntheticOrganisation({ people, seed }).depthOf(people - 1);
      expect(depth).toBeGreaterThanOrEqual(least);
      expect(depth).toBeLessThanOrEqual(most);
    }
  });

  test('has spans of 0 and of 3 to 12, and some over 100', () => {
    const organisation = syntheticOrganisation({ people: 5000, seed: 1 });
    const spans = Array.from({ length: 5000 }, (_, person) => organisation.reportsOf(person).count);
    const usual = spans.filter((span) => span === 0 || (span >= 3 && span <= 12));
    expect(usual.length).toBeGreaterThan(4980);
    expect(spans.filter((span) => span > 100).length).toBeGreaterThanOrEqual(3);
    expect(spans.filter((span) => span === 0).length).toBeGreaterThan(4000);
  });

  test('manager and reports are each other’s inverse among ten million', () => {
    const organisation = syntheticOrganisation({ people: 10_000_000, seed: 3 });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9_999_999 }), (person) => {
        const { first, count } = organisation.reportsOf(person);
        if (count > 0) {
          expect(organisation.managerOf(first)).toBe(person);
          expect(organisation.managerOf(first + count - 1)).toBe(person);
        }
        const manager = organisation.managerOf(person);
        expect(manager === undefined).toBe(person === 0);
        if (manager === undefined) return;
        const reports = organisation.reportsOf(manager);
        expect(manager).toBeLessThan(person);
        expect(person).toBeGreaterThanOrEqual(reports.first);
        expect(person).toBeLessThan(reports.first + reports.count);
        expect(organisation.depthOf(person)).toBe(organisation.depthOf(manager) + 1);
      }),
      { numRuns: 5000 },
    );
  });

  test('finds everybody by each index among ten million', () => {
    const organisation = syntheticOrganisation({ people: 10_000_000, seed: 3 });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9_999_999 }), (number) => {
        const person = organisation.person(number);
        expect(organisation.find(person.key)?.id).toBe(number);
        for (const attribute of ['uid', 'mail', 'employeenumber', 'entryuuid']) {
          const value = text(person, attribute);
          if (value === undefined) continue;
          const found = [...(organisation.lookup(attribute, value) ?? [])];
          expect(found.map(({ id }) => id)).toEqual([number]);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('finds nobody by a value that looks right but is nobody’s', () => {
    const organisation = syntheticOrganisation({ people: 100, seed: 3 });
    const uid = text(organisation.person(41), 'uid') ?? '';
    const lookups: readonly (readonly [string, string])[] = [
      ['uid', `x${uid}`],
      ['uid', uid.replace('42', '43')],
      ['uid', uid.replace('42', '042')],
      ['uid', 'somebody101'],
      ['uid', 'somebody0'],
      ['mail', `${uid}@example.org`],
      ['employeenumber', '42'],
      ['employeenumber', '0000000'],
      ['employeenumber', '0000101'],
      ['entryuuid', '00000000-0000-4000-8000-000000000000'],
      ['manager', `uid=x${uid},ou=people,dc=example,dc=com`],
    ];
    for (const [attribute, value] of lookups) {
      expect([...(organisation.lookup(attribute, value) ?? [])], `${attribute}=${value}`).toEqual(
        [],
      );
    }
  });

  test('is the same for the same seed, and another for another', () => {
    const names = (seed: number) => {
      const organisation = syntheticOrganisation({ people: 1000, seed });
      return Array.from({ length: 1000 }, (_, person) => text(organisation.person(person), 'cn'));
    };
    expect(names(5)).toEqual(names(5));
    expect(names(5)).not.toEqual(names(6));
  });

  test('gives every person of 20,000 a DN, an entryUUID, a uid and an employee number of their own', () => {
    const organisation = syntheticOrganisation({ people: 20_000, seed: 9 });
    for (const attribute of ['entrydn', 'entryuuid', 'uid', 'employeenumber']) {
      const seen = new Set<string | undefined>();
      for (const entry of organisation.children(organisation.containerKey)) {
        seen.add(text(entry, attribute));
      }
      expect(seen.size).toBe(20_000);
      expect(seen.has(undefined)).toBe(false);
    }
  });

  test('writes values as a directory does', () => {
    const organisation = syntheticOrganisation({ people: 3000, seed: 2 });
    const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
    const cities = new Set<string | undefined>();
    let withoutMail = 0;
    for (const entry of organisation.children(organisation.containerKey)) {
      expect(text(entry, 'entryuuid')).toMatch(uuid);
      expect(text(entry, 'employeenumber')).toBe(String(entry.id + 1).padStart(7, '0'));
      expect(text(entry, 'uid')).toMatch(/^[a-z]+\.[a-z]+\d+$/);
      expect(dnKey(entry.dn)).toBe(entry.key);
      if (text(entry, 'mail') === undefined) withoutMail++;
      cities.add(text(entry, 'l'));
    }
    expect(withoutMail).toBeGreaterThan(10);
    expect(withoutMail).toBeLessThan(200);
    expect(cities.has('Zürich')).toBe(true);
  });

  test('names managers that exist, and none for the root', () => {
    const organisation = syntheticOrganisation({ people: 500, seed: 4 });
    expect(organisation.person(0).values('manager')).toEqual([]);
    expect(organisation.rootDn).toBe(organisation.person(0).dn);
    for (let person = 1; person < 500; person++) {
      const manager = dnKey(text(organisation.person(person), 'manager') ?? '');
      expect(organisation.find(manager ?? '')?.id).toBe(organisation.managerOf(person));
    }
  });

  test('puts titles by depth and departments by branch', () => {
    const organisation = syntheticOrganisation({ people: 5000, seed: 1 });
    expect(text(organisation.person(0), 'title')).toBe('Chief Executive Officer');
    expect(text(organisation.person(1), 'title')).toBe('Chief Technology Officer');
    const { first } = organisation.reportsOf(1);
    expect(text(organisation.person(first), 'ou')).toBe('Engineering');
    expect(text(organisation.person(first), 'title')).toContain('Engineer');
  });

  test('takes another suffix, with mail to match', () => {
    const organisation = syntheticOrganisation({
      people: 5,
      seed: 1,
      suffix: 'DC=Corp, DC=Example',
    });
    expect(organisation.rootDn).toMatch(/^uid=.*,ou=people,DC=Corp, DC=Example$/);
    expect(text(organisation.person(0), 'mail')).toMatch(/@corp\.example$/);
    expect(organisation.find(dnKey(organisation.rootDn) ?? '')?.id).toBe(0);
  });

  test('is a chain where every span is 1', () => {
    const chain = syntheticOrganisation({ people: 100_000, seed: 1, spans: [1] });
    expect(chain.depthOf(99_999)).toBe(99_999);
    expect(chain.managerOf(5)).toBe(4);
  });

  test('refuses what is no tree', () => {
    expect(() => syntheticOrganisation({ people: 0, seed: 1 })).toThrow(/from 1 up, got `0`/);
    expect(() => syntheticOrganisation({ people: 9, seed: 1, spans: [] })).toThrow(
      /at least one span/,
    );
    expect(() => syntheticOrganisation({ people: 9, seed: 1, spans: [2, 0, 0, 9] })).toThrow(
      RangeError,
    );
    expect(() => syntheticOrganisation({ people: 9, seed: 1, suffix: 'nonsense' })).toThrow(
      /suffix/,
    );
  });
});
