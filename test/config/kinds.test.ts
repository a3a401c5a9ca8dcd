import { describe, expect, test } from 'vitest';
import * as kinds from '../../src/config/kinds.ts';

const url = (text: string, tls: boolean, host: string, port: number) => ({ text, tls, host, port });

const GOOD: readonly (readonly [string, kinds.Kind<unknown>, unknown, unknown])[] = [
  ['integer', kinds.integer(1, 10), '7', 7],
  ['integer', kinds.integer(1, 10), 10, 10],
  ['integer', kinds.integer(0, 10), '0', 0],
  ['integer', kinds.integer(0, 10), '007', 7],
  ['percent', kinds.percent, '20%', 0.2],
  ['percent', kinds.percent, '0', 0],
  ['percent', kinds.percent, 100, 1],
  ['percent', kinds.percent, '12.5%', 0.125],
  ['duration', kinds.duration('1s', '1h'), '1h', 3_600_000],
  ['timeOfDay', kinds.timeOfDay, '05:30', { hour: 5, minute: 30 }],
  ['choice', kinds.choice('a', 'b'), 'b', 'b'],
  ['flag', kinds.flag, true, true],
  ['flag', kinds.flag, 'TRUE', true],
  ['flag', kinds.flag, '0', false],
  ['flag', kinds.flag, 'no', false],
  ['text', kinds.text('x', 'x'), '*)(uid=*\\2a', '*)(uid=*\\2a'],
  ['path', kinds.path, './a b', './a b'],
  ['dn', kinds.dn, 'ou=a\\, b,dc=example', 'ou=a\\, b,dc=example'],
  ['filter', kinds.filter, '(uid=a)', '(uid=a)'],
  ['dnOrFilter', kinds.dnOrFilter, '(uid=ceo)', '(uid=ceo)'],
  ['dnOrFilter', kinds.dnOrFilter, 'uid=ceo,dc=example', 'uid=ceo,dc=example'],
  ['dnOrFilter', kinds.dnOrFilter, 'uid=a@b.c,dc=example', 'uid=a@b.c,dc=example'],
  ['dnOrFilter', kinds.dnOrFilter, "o'hara+x@example.com", "o'hara+x@example.com"],
  ['attributeName', kinds.attributeName, 'employeeNumber', 'employeeNumber'],
  ['attributeName', kinds.attributeName, '2.5.4.3', '2.5.4.3'],
  ['ldapUrl', kinds.ldapUrl, 'ldap://h', url('ldap://h:389', false, 'h', 389)],
  ['ldapUrl', kinds.ldapUrl, 'LDAPS://h/', url('ldaps://h:636', true, 'h', 636)],
  ['ldapUrl', kinds.ldapUrl, 'ldap://[::1]:1389', url('ldap://[::1]:1389', false, '::1', 1389)],
  [
    'ldapUrl',
    kinds.ldapUrl,
    'ldap://bücher.de',
    url('ldap://xn--bcher-kva.de:389', false, 'xn--bcher-kva.de', 389),
  ],
];

const BAD: readonly (readonly [string, kinds.Kind<unknown>, unknown])[] = [
  ...[0, 11, 'many', '', ' 5', '5.0', 1.5, '1e1', '0x5', '-1', true, null, Number.NaN].map(
    (raw) => ['integer', kinds.integer(1, 10), raw] as const,
  ),
  ...['101%', '-1', '%', 'half', '1e1', null].map(
    (raw) => ['percent', kinds.percent, raw] as const,
  ),
  ...['999ms', '1h1ms', 30, '30', '', null].map(
    (raw) => ['duration', kinds.duration('1s', '1h'), raw] as const,
  ),
  ...['24:00', '5', '05:60', '5:3', '05:30:00', '5.30', '', 330, null].map(
    (raw) => ['timeOfDay', kinds.timeOfDay, raw] as const,
  ),
  ...['c', 'A', '', 0, null].map((raw) => ['choice', kinds.choice('a', 'b'), raw] as const),
  ...['maybe', '', 2, null].map((raw) => ['flag', kinds.flag, raw] as const),
  ...['', '  ', 7, true, null].map((raw) => ['text', kinds.text('x', 'x'), raw] as const),
  ...['', 'a\0b', 7].map((raw) => ['path', kinds.path, raw] as const),
  ...['people', '=x', ''].map((raw) => ['dn', kinds.dn, raw] as const),
  ...['uid=a', '()', '(uid=a', '', 7].map((raw) => ['filter', kinds.filter, raw] as const),
  ...['ceo', '(uid=a', '', '@', 'ceo@', '@b', 'a@b@c', 'a b@c', '<a@b>'].map(
    (raw) => ['dnOrFilter', kinds.dnOrFilter, raw] as const,
  ),
  ...['', 'cn;lang-de', '1cn', 'a b', '2.5.', '2', '2.05', 'cn=', '__proto__'].map(
    (raw) => ['attributeName', kinds.attributeName, raw] as const,
  ),
  ...[
    'h',
    'http://h',
    'ldap:h',
    'ldap://',
    'ldap://h:0',
    'ldap://h:65536',
    'ldap://h:x',
    'ldap://h/dc=x',
    'ldap://h?x',
    'ldap://h#x',
    'ldap://u:p@h',
    'ldaps://a,ldaps://b',
    'ldaps://a,b',
    'ldap://[h]',
    'ldap://::1',
    'ldap://a b',
    'ldap://[::1',
    'ldapi://x',
    '',
    5,
  ].map((raw) => ['ldapUrl', kinds.ldapUrl, raw] as const),
];

describe('kinds of values', () => {
  test.each(GOOD)('%s: %#', (_, kind, raw, value) => {
    expect(kind.parse(raw)).toEqual(value);
  });

  test.each(BAD)('%s refuses %#', (_, kind, raw) => {
    expect(kind.parse(raw)).toBeUndefined();
  });

  test('a number without a unit is told which to add', () => {
    expect(kinds.duration('1s', '1h').hint?.('30')).toBe('add a unit, as in `30s`');
  });

  test('a base in a URL is told its option', () => {
    expect(kinds.ldapUrl.hint?.('ldap://h/dc=example')).toContain('--base');
  });

  test('several servers in one value are told how to give them', () => {
    expect(kinds.ldapUrl.hint?.('ldaps://a,ldaps://b')).toContain('repeat --url');
  });

  test('an attribute is asked for by its name: numbers are taken, not recommended', () => {
    expect(kinds.attributeName.expected).toBe('an attribute name such as `manager`');
  });

  test('a path is relative to the folder that is given with it', () => {
    expect(kinds.path.parse('ca.pem', '/etc/orgwalk')).toBe('/etc/orgwalk/ca.pem');
    expect(kinds.path.parse('/ca.pem', '/etc/orgwalk')).toBe('/ca.pem');
  });
});
