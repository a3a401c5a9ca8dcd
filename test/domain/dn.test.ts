import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dnKeyInFull } from '../../src/domain/dn/key.ts';
import { DnSyntaxError, dnKey, equalDn, isWithin, parseDn } from '../../src/domain/dn.ts';
import { Dice, type Rdn, randomCase, spellDn } from './dn-spellings.ts';

const TYPES = ['cn', 'sn', 'ou', 'o', 'l', 'uid', 'title', 'shoeSize'];

const value = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }),
  fc.string({ unit: fc.constantFrom(...'aZ ,+"\\<>;=#\n'), minLength: 1, maxLength: 12 }),
);
const rdn: fc.Arbitrary<Rdn> = fc.uniqueArray(
  fc.record({ type: fc.constantFrom(...TYPES), value }),
  {
    selector: (ava) => ava.type,
    minLength: 1,
    maxLength: 3,
  },
);
const dn = fc.array(rdn, { minLength: 1, maxLength: 4 });
const seed = fc.integer();
const anyText = fc.string({ unit: 'binary' });

/** Without NUL, which no server agrees on in a value. */
const named = dn.filter((rdns) => rdns.flat().every((ava) => !ava.value.includes('\0')));

describe('parseDn', () => {
  it('finds the values of any DN again, however it is spelt', () => {
    fc.assert(
      fc.property(dn, seed, (rdns, dice) => {
        const found = parseDn(spellDn(rdns, new Dice(dice))).map(sortedValues);
        expect(found).toEqual(rdns.map(sortedValues));
      }),
    );
  });

  it('tells types as they are spelt', () => {
    expect(parseDn(' userId = a + 2.5.4.3 = b ; DC=c')).toEqual([
      [
        { type: 'userId', value: 'a', certain: true },
        { type: '2.5.4.3', value: 'b', certain: true },
      ],
      [{ type: 'DC', value: 'c', certain: true }],
    ]);
  });

  it('takes the empty text for the root', () => {
    expect(parseDn('')).toEqual([]);
  });

  it('keeps a space after any backslash, as OpenLDAP does', () => {
    const values = ['cn=a\\ ', 'cn=a\\\\ ', 'cn=a '].map((text) => parseDn(text)[0]?.[0]?.value);
    expect(values).toEqual(['a ', 'a\\ ', 'a']);
  });

  it.each([
    ['a type without a value', 'cn', 0],
    ['a trailing comma', 'cn=a,', 5],
    ['two commas', 'cn=a,,dc=b', 5],
    ['a trailing plus', 'cn=a+', 5],
    ['an option on a type', 'cn;lang-de=a', 0],
    ['a type that starts with a sign', '_cn=a', 0],
    ['an OID with a leading zero', '2.05.4.3=a', 0],
    ['an unescaped quote within a value', 'cn=a"b', 4],
    ['an unescaped angle bracket', 'cn=a<b', 4],
    ['an open quote', 'cn="a', 3],
    ['text after a quote', 'cn="a"b', 6],
    ['half a hex pair', 'cn=a\\2', 4],
    ['a backslash at the end', 'cn=a\\', 4],
    ['an escaped letter', 'cn=a\\x', 4],
    ['an odd number of hex digits', 'cn=#040', 6],
    ['no hex digits', 'cn=#', 3],
    ['NUL', 'cn=a\0', 4],
    ['a lone surrogate', 'cn=a\ud800', 4],
    ['blanks only', '  ', 0],
  ])('refuses %s and names the place', (_, text, position) => {
    expect(() => parseDn(text)).toThrow(
      expect.objectContaining({ name: 'DnSyntaxError', position }),
    );
  });

  it('throws nothing but DnSyntaxError, and never repeats the text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const error = errorOf(() => parseDn(`cn=secret${text}<`));
        expect(error).toBeInstanceOf(DnSyntaxError);
        expect(String(error)).not.toContain('secret');
      }),
    );
  });
});

describe('dnKey', () => {
  it('is the same for every spelling: escapes, quotes, case, spaces, aliases, OIDs, order', () => {
    fc.assert(
      fc.property(named, seed, seed, (rdns, one, other) => {
        const recased = rdns.map((avas) => avas.map((ava) => recase(ava, new Dice(other))));
        expect(dnKey(spellDn(recased, new Dice(other)))).toBe(dnKey(spellDn(rdns, new Dice(one))));
      }),
    );
  });

  it('differs where a value differs in more than case and spaces', () => {
    fc.assert(
      fc.property(named, seed, (rdns, dice) => {
        const [[first, ...avas] = [], ...above] = rdns;
        if (first === undefined) return;
        const other = [[{ ...first, value: `${first.value}!` }, ...avas], ...above];
        expect(dnKey(spellDn(other, new Dice(dice)))).not.toBe(
          dnKey(spellDn(rdns, new Dice(dice))),
        );
      }),
    );
  });

  it('is the same by the short cut and in full', () => {
    const usual = fc.string({
      unit: fc.constantFrom(...'aZ9 .-@_\u017f\u212a'),
      minLength: 1,
      maxLength: 6,
    });
    const level = fc.tuple(fc.constantFrom('cn=', 'OU=', 'uId=', 'dc=', 'o=', 'l=', 'x='), usual);
    const text = fc
      .array(
        level.map((parts) => parts.join('')),
        { maxLength: 4 },
      )
      .map((all) => all.join(','));
    fc.assert(
      fc.property(fc.oneof(text, anyText), (each) => {
        expect(dnKey(each)).toBe(dnKeyInFull(each));
      }),
      { numRuns: 2_000 },
    );
  });

  it('is the same by level as in full: the root, empty levels, more containers than are remembered', () => {
    const odd = [
      '',
      ',',
      'uid=a,',
      'uid=a, ',
      'uid=a;',
      'uid=a,<',
      'é=a,dc=x',
      'cn=é,dc=x',
      'uid=a,#',
    ];
    const many = Array.from({ length: 1_500 }, (_, n) => `uid=a,ou=é${n},dc=x`);
    for (const text of [...odd, ...many, ...many]) expect(dnKey(text)).toBe(dnKeyInFull(text));
  });

  it('never fails, and is the text itself where that is no DN', () => {
    fc.assert(
      fc.property(anyText, anyText, (a, b) => {
        expect(dnKey(`${a}<`) === dnKey(`${b}<`)).toBe(a === b);
      }),
    );
  });

  it('of a text that is no DN is never the key of a DN', () => {
    fc.assert(
      fc.property(named, anyText, seed, (rdns, text, dice) => {
        const key = dnKey(spellDn(rdns, new Dice(dice)));
        expect(dnKey(`${text}<`)).not.toBe(key);
        expect(key).toMatch(/^[a-z0-9]/);
      }),
    );
  });

  it('keeps lone surrogates apart, also as well-formed text', () => {
    const keys = ['cn=\ud800', 'cn=\ud801', 'cn=\ufffd', 'cn=\\ud800'].map((text) => dnKey(text));
    expect(new Set(keys).size).toBe(4);
    expect(keys.every((key) => key.isWellFormed())).toBe(true);
  });
});

const PERSON = 'cn=Müller\\, Jo,ou=R+o=x,dc=example,dc=com';

describe('equalDn', () => {
  it.each([
    ['case', 'CN=müller\\, JO,OU=r+O=X,DC=Example,dc=COM'],
    ['spaces around separators', ' cn = Müller\\, Jo , ou=R + o=x , dc = example ,dc=com '],
    ['spaces within a value', 'cn=  Müller\\,   Jo  ,ou=R+o=x,dc=example,dc=com'],
    ['an escaped comma as hex', 'cn=Müller\\2c Jo,ou=R+o=x,dc=example,dc=com'],
    ['a quoted value', 'cn="Müller, Jo",ou=R+o=x,dc=example,dc=com'],
    ['UTF-8 as hex pairs', 'cn=M\\C3\\bcller\\, Jo,ou=R+o=x,dc=example,dc=com'],
    ['a trailing \\20', 'cn=Müller\\, Jo\\20,ou=R+o=x,dc=example,dc=com'],
    ['OID names', '2.5.4.3=Müller\\, Jo,2.5.4.11=R+2.5.4.10=x,dc=example,dc=com'],
    ['alias names', 'commonName=Müller\\, Jo,ou=R+o=x,domainComponent=example,dc=com'],
    ['another order within an RDN', 'cn=Müller\\, Jo,o=x+ou=R,dc=example,dc=com'],
    ['NFD', 'cn=Mu\u0308ller\\, Jo,ou=R+o=x,dc=example,dc=com'],
    ['NFD in upper case', 'cn=MU\u0308LLER\\, JO,ou=R+o=x,dc=example,dc=com'],
    ['semicolons', 'cn=Müller\\, Jo;ou=R+o=x;dc=example;dc=com'],
  ])('sees through %s', (_, spelling) => {
    expect(equalDn(spelling, PERSON)).toBe(true);
  });

  it.each([
    ['a leading #, escaped or as hex', 'cn=\\#1', 'cn=\\231'],
    ['two marks on one letter', 'cn=ế', 'cn=e\u0302\u0301'],
    ['a newline, escaped or as hex', 'cn=a\\\nb', 'cn=a\\0Ab'],
    ['a newline within a value, raw or as hex', 'cn=a\nb', 'cn=a\\0ab'],
    ['a value of spaces only', 'cn=\\ ', 'cn=\\20\\20'],
    ['a BOM, raw or as hex', 'cn=\ufeffa', 'cn=\\ef\\bb\\bfa'],
    ['an emoji, raw or as hex', 'cn=😀', 'cn=\\f0\\9f\\98\\80'],
    ['equals signs in a value', 'cn=a=b', 'cn=a\\=b'],
    ['an unknown type in another case', 'shoeSize=a', 'SHOESIZE=a'],
    ['a country', 'c=DE', 'countryName=de'],
  ])('sees through %s', (_, a, b) => {
    expect(equalDn(a, b)).toBe(true);
  });

  it.each([
    ['an escaped comma and a level', 'cn=a\\,dc=x', 'cn=a,dc=x'],
    ['an escaped plus and a second value', 'cn=a\\+o=x', 'cn=a+o=x'],
    ['a backslash before a separator and an escape', 'cn=a\\\\,dc=x', 'cn=a\\\\\\,dc=x'],
    ['another order of levels', 'ou=a,ou=b', 'ou=b,ou=a'],
    ['a tab and a space', 'cn=a\\09b', 'cn=a b'],
    ['a trailing newline and none', 'cn=a\\0a', 'cn=a'],
    ['dotted and dotless i', 'cn=İ', 'cn=i'],
    ['İ and its decomposition', 'cn=İ', 'cn=I\u0307'],
    ['the two small sigmas', 'cn=Σ', 'cn=ς'],
    ['capital and small sharp s', 'cn=ẞ', 'cn=ß'],
    ['sharp s and ss', 'cn=ß', 'cn=ss'],
    ['Georgian in its two cases', 'cn=Ა', 'cn=ა'],
    ['Cherokee in its two cases', 'cn=Ꭰ', 'cn=ꭰ'],
    ['a soft hyphen and none', 'cn=a\u00adb', 'cn=ab'],
    ['values of an unknown type in another case', 'shoeSize=a', 'shoeSize=A'],
    ['a BER value and its text', 'cn=#040161', 'cn=a'],
    ['a BER value in another case', 'cn=#04016A', 'cn=#04016a'],
    ['an OID. prefix, which OpenLDAP refuses', 'OID.2.5.4.3=a', 'cn=a'],
    ['a type that comes twice', 'cn=a+cn=b', 'cn=b+cn=a'],
    ['octets that are not UTF-8', 'cn=\\ff', 'cn=\\FF'],
    ['NUL', 'cn=a\\00', 'CN=a\\00'],
    ['hex pairs in quotes, which servers read in two ways', 'cn="a\\2c"', 'cn=a\\2c'],
    ['ä in a domain component', 'dc=ä', 'dc=Ä'],
    ['a country of three letters', 'c=DEU', 'c=deu'],
    ['empty values', 'cn=', 'CN='],
  ])('leaves apart %s', (_, a, b) => {
    expect(equalDn(a, b)).toBe(false);
    expect(equalDn(a, a)).toBe(true);
  });

  it('reads a DN of 10 kB in any spelling', () => {
    const long = 'Ä, '.repeat(2_500);
    expect(
      equalDn(`cn="${long}x",dc=a`, `CN=${long.replaceAll(',', '\\2C').toLowerCase()}x,DC=a`),
    ).toBe(true);
  });
});

describe('isWithin', () => {
  it('holds for a DN and each of its ancestors, in any spelling', () => {
    fc.assert(
      fc.property(named, fc.nat(3), seed, seed, (rdns, up, one, other) => {
        const ancestor = rdns.slice(Math.min(up, rdns.length - 1));
        expect(isWithin(spellDn(rdns, new Dice(one)), spellDn(ancestor, new Dice(other)))).toBe(
          true,
        );
      }),
    );
  });

  it('does not hold the other way round', () => {
    fc.assert(
      fc.property(named, rdn, seed, (rdns, below, dice) => {
        const base = spellDn(rdns, new Dice(dice));
        expect(isWithin(base, spellDn([below, ...rdns], new Dice(dice)))).toBe(false);
      }),
    );
  });

  it.each([
    ['an escaped comma is no level', 'cn=a\\,dc=x', 'dc=x', false],
    ['a name that ends alike is no level', 'dc=ax', 'dc=x', false],
    ['everything lies below the root', 'dc=x', '', true],
    ['a text that is no DN lies nowhere', 'x', '', false],
    ['a text that is no DN lies within itself', 'x', 'x', true],
    [
      'a level known by its spelling only still has a place',
      'cn=#040161,OU=a,DC=x',
      'ou=A,dc=x',
      true,
    ],
    ['a base known by its spelling only holds itself only', 'ou=a,cn=#040161', 'cn=#040161', false],
  ])('%s', (_, below, base, within) => {
    expect(isWithin(below, base)).toBe(within);
  });

  it('reads 50,000 levels without a deep stack', () => {
    const deep = 'OU=a , '.repeat(50_000);
    expect(isWithin(`${deep}dc=x`, 'DC=X')).toBe(true);
    expect(parseDn(`${deep}dc=x`)).toHaveLength(50_001);
  });
});

function sortedValues(avas: readonly { readonly value: string }[]): readonly string[] {
  return avas.map((ava) => ava.value).sort();
}

/** ASCII letters in another case, but for the type of which nothing is known. */
function recase<T extends { readonly type: string; readonly value: string }>(
  ava: T,
  dice: Dice,
): T {
  return ava.type === 'shoeSize' ? ava : { ...ava, value: randomCase(ava.value, dice) };
}

function errorOf(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return undefined;
}
