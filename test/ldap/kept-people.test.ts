import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Employee } from '../../src/domain/employee.ts';
import { KeptPeople, Places } from '../../src/ldap/expansion/kept-people.ts';
import { Leaves } from '../../src/ldap/expansion/leaves.ts';
import { Mapper, type MapperOptions } from '../../src/ldap/mapping.ts';
import { Fingerprint } from '../../src/ldap/messages/fingerprint.ts';
import { DEFAULT_MAPPING } from '../../src/ldap/vendors.ts';
import { decodeEntry } from '../support/entries.ts';
import { entry, type Values } from '../support/ldap-bytes.ts';

type Attributes = readonly (readonly [string, Values])[];

const mapperOf = (options: Partial<MapperOptions> = {}) =>
  new Mapper({
    ...{ mapping: DEFAULT_MAPPING, idAttribute: 'entryUUID', managerAttribute: 'manager' },
    ...{ managerValue: 'dn', edition: '1', ...options },
  });

const person = (name: string, more: Attributes = []) =>
  decodeEntry(
    entry(1, `cn=${name},dc=x`, [
      ['cn', [name]],
      ['entryUUID', [`id ${name}`]],
      ['manager', ['cn=boss,dc=x']],
      ...more,
    ]),
  );

/** All of it, whenever it is decoded. */
const whole = ({ linkKey, profile, active, ...outline }: Employee) => ({
  ...outline,
  ...{ linkKey, profile, active },
});

describe('the people of a page', () => {
  it('are those that an entry each would have given, in their order, however often', () => {
    const texts = fc.array(fc.oneof(fc.string(), fc.constant('x'.repeat(20_000))), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(texts, (titles) => {
        const mapper = mapperOf({ mapping: { ...DEFAULT_MAPPING, attributes: ['ou'] } });
        const entries = titles.map((title, n) =>
          person(`p${n}`, [
            ['title', [title]],
            ['ou', [title, 'a']],
            // In two parts, as no server should send it.
            ...(n % 3 === 0 ? ([['title', ['second']]] as const) : []),
          ]),
        );
        const people = new KeptPeople(mapper, new Places().of(0));
        for (const each of entries) people.add(each);
        const expected = entries.map((each) => whole(mapper.employee(each)));
        expect(people.length).toBe(titles.length);
        expect([...people].map(whole)).toEqual(expected);
        // Asked for late, when the others have been gone through.
        const later = [...people];
        expect(later.map(whole)).toEqual(expected);
      }),
    );
  });

  it('are gone when the next page is put into their place, and not before', () => {
    const mapper = mapperOf();
    const places = new Places();
    const people = new KeptPeople(mapper, places.of(0));
    people.add(person('a'));
    new KeptPeople(mapper, places.of(1)).add(person('b'));
    const [a] = people;
    expect(a?.profile.name).toBe('a');
    const [late] = people;
    new KeptPeople(mapper, places.of(0)).add(person('c'));
    expect(() => late?.profile).toThrow('let go');
    expect(() => [...people]).toThrow('let go');
  });

  it('are leaves where that was told when they came', () => {
    const leaves = new Leaves('directReports', 'manager');
    const mapper = mapperOf({ leaves });
    const people = new KeptPeople(mapper, new Places().of(0));
    people.add(person('boss', [['directReports;range=0-0', ['cn=a,dc=x']]]));
    people.add(person('a'));
    leaves.forget();
    people.add(person('b'));
    expect([...people].map(({ leaf }) => leaf)).toEqual([false, true, false]);
  });
});

describe('the fingerprint of an entry', () => {
  const of = (more: Attributes, options: Partial<MapperOptions> = {}) =>
    mapperOf(options).employee(person('a', more)).fingerprint;
  const usual = of([['title', ['x']]]);

  it('is the same for the same entry, read again', () => {
    expect(of([['title', ['x']]])).toBe(usual);
  });

  it.each<[string, Attributes, Partial<MapperOptions>]>([
    ['has another value', [['title', ['y']]], {}],
    ['has it elsewhere', [['ou', ['x']]], {}],
    ['has one more', [['title', ['x', 'x']]], {}],
    ['is read by another program', [['title', ['x']]], { edition: '2' }],
    [
      'is read into other columns',
      [['title', ['x']]],
      { mapping: { ...DEFAULT_MAPPING, title: [] } },
    ],
    ['has its id elsewhere', [['title', ['x']]], { idAttribute: 'uid' }],
  ])('is another where the entry %s', (_, more, options) => {
    expect(of(more, options)).not.toBe(usual);
  });

  it.each<[string, readonly number[]]>([
    ['at the end', [16, 17, 18, 19, 20, 21]],
    ['in both halves', [1, 2, 5, 6, 9, 10]],
    ['at the ends of words', [3, 7, 11, 15, 2, 6]],
  ])('tells hundreds of thousands of numbers %s apart', (_, places) => {
    const count = 300_000;
    const bytes = Buffer.from('cn=somebody,ou=p0000000');
    const numbers = new Set<number>();
    for (let i = 0; i < count; i += 1) {
      const digits = String(i).padStart(places.length, '0');
      for (const [n, at] of places.entries()) bytes[at] = digits.charCodeAt(n);
      const print = new Fingerprint();
      print.add(bytes, 0, bytes.length);
      numbers.add(print.number);
    }
    expect(numbers.size).toBe(count);
  });

  it('tells byte strings that differ in any bit, and is exact as a number', () => {
    const number = (bytes: Uint8Array) => {
      const print = new Fingerprint();
      print.add(Buffer.from(bytes), 0, bytes.length);
      return print.number;
    };
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.nat(319), (bytes, bit) => {
        const other = Uint8Array.from(bytes);
        const at = (bit >> 3) % bytes.length;
        other[at] = (other[at] as number) ^ (1 << (bit & 7));
        expect(number(other)).not.toBe(number(bytes));
        expect(Number.isSafeInteger(number(bytes)) && number(bytes) >= 0).toBe(true);
      }),
    );
  });
});
