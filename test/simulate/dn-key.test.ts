import { expect, test } from 'vitest';
import { dnKey, isWithin, parentKey } from '../../src/simulate/search/dn-key.ts';

test.for([
  ['uid=a,dc=x', 'UID=A, DC=X'],
  ['uid=a,dc=x', ' uid = a , dc = x '],
  ['uid=a,dc=x', 'userid=a,domainComponent=x'],
  ['uid=a,dc=x', '0.9.2342.19200300.100.1.1=a,dc=x'],
  ['uid=a,dc=x', 'OID.0.9.2342.19200300.100.1.1=a,dc=x'],
  ['cn=Doe\\, John,dc=x', 'cn=Doe\\2C John,dc=x'],
  ['cn=Doe\\, John,dc=x', 'cn="Doe, John",dc=x'],
  ['cn=Müller,dc=x', 'cn=M\\C3\\BCLLER,dc=x'],
  ['cn=Müller,dc=x', 'cn=Mu\u0308ller,dc=x'],
  ['cn=a+uid=b,dc=x', 'uid=b+cn=a,dc=x'],
  ['cn=a b,dc=x', 'cn=a   b,dc=x'],
  ['cn=abc,dc=x', 'cn=#0403616263,dc=x'],
  ['', ''],
] as const)('%s is also written %s', ([one, other]) => {
  expect(dnKey(one)).toBeDefined();
  expect(dnKey(other)).toBe(dnKey(one));
});

test.for([
  ['uid=a,dc=x', 'uid=b,dc=x'],
  ['uid=a,dc=x', 'cn=a,dc=x'],
  ['cn=a\\,dc=x', 'cn=a,dc=x'],
  ['cn=a\\+uid=b,dc=x', 'cn=a+uid=b,dc=x'],
  ['cn=\\#0403616263,dc=x', 'cn=#0403616263,dc=x'],
] as const)('%s is not %s', ([one, other]) => {
  expect(dnKey(one)).not.toBe(dnKey(other));
});

test.for(['nonsense', 'uid=a,,dc=x', '=a', 'uid=a,b', 'cn="a,dc=x', 'cn=a\\', 'cn=#04'])(
  '%s is no DN',
  (text) => {
    expect(dnKey(text)).toBeUndefined();
  },
);

test('an escaped comma does not separate a parent', () => {
  expect(parentKey('cn=a\\,b,dc=x')).toBe('dc=x');
  expect(parentKey('dc=x')).toBe('');
  expect(isWithin('cn=a\\,dc=x', 'dc=x')).toBe(false);
  expect(isWithin('cn=a,dc=x', 'dc=x')).toBe(true);
  expect(isWithin('cn=a,dc=xx', 'dc=x')).toBe(false);
  expect(isWithin('dc=x', 'dc=x')).toBe(true);
});
