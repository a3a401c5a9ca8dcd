import { expect, it } from 'vitest';
import { Leaves } from '../../src/ldap/expansion/leaves.ts';

const REPORT = Buffer.from('CN=x,OU=a,DC=example');

/** An entry whose attributes have these names, with a value each. */
function bare(dn: string, ...names: readonly string[]) {
  return { dn, attributes: new Map(names.map((name) => [name, [REPORT]])) };
}

/** The same, with a manager. */
function entry(dn: string, ...names: readonly string[]) {
  return bare(dn, 'manager', ...names);
}

function knowing(...managers: readonly string[]): Leaves {
  const leaves = new Leaves('directReports', 'manager');
  for (const dn of managers) leaves.isLeaf(entry(dn, 'directreports'));
  return leaves;
}

it.each(['directreports', 'directreports;range=0-0', 'directreports;range=0-*'])(
  'an entry with %s is no leaf, and proves that others of its container may be',
  (name) => {
    const leaves = new Leaves('directReports', 'manager');
    expect(leaves.isLeaf(entry('CN=a,OU=a,DC=example'))).toBe(false);
    expect(leaves.isLeaf(entry('CN=b,OU=a,DC=example', name))).toBe(false);
    expect(leaves.isLeaf(entry('CN=c,OU=a,DC=example', 'cn'))).toBe(true);
  },
);

it('a list without values proves nothing', () => {
  const leaves = new Leaves('directReports', 'manager');
  const empty = { dn: 'CN=b,OU=a', attributes: new Map([['directreports', []]]) };
  expect(leaves.isLeaf(empty)).toBe(false);
  expect(leaves.isLeaf(entry('CN=c,OU=a'))).toBe(false);
});

it.each([
  ['CN=a,OU=b,DC=example', false],
  ['CN=a,DC=example', false],
  ['CN=King\\, Ada,OU=a,DC=example', true],
  ['CN=a\\\\,OU=a,DC=example', true],
  ['CN=a\\,OU=b,OU=a,DC=example', true],
])('what one container proves holds for %s: %s', (dn, expected) => {
  expect(knowing('CN=b,OU=a,DC=example').isLeaf(entry(dn))).toBe(expected);
});

it('a container is not believed any more where a leaf turned out to have reports', () => {
  const leaves = knowing('CN=b,OU=a,DC=example', 'CN=b,OU=b,DC=example');
  expect(leaves.distrust([{ dn: 'CN=c,OU=a,DC=example' }])).toBe(true);
  expect(leaves.distrust([{ dn: 'CN=c,OU=a,DC=example' }])).toBe(false);
  expect(leaves.distrust([{ dn: 'CN=c,OU=c,DC=example' }])).toBe(false);
  leaves.isLeaf(entry('CN=d,OU=a,DC=example', 'directreports'));
  expect(leaves.isLeaf(entry('CN=e,OU=a,DC=example'))).toBe(false);
  expect(leaves.isLeaf(entry('CN=e,OU=b,DC=example'))).toBe(true);
});

it('an entry that does not show its manager may hide its reports as well', () => {
  expect(knowing('CN=b,OU=a,DC=example').isLeaf(bare('CN=c,OU=a,DC=example', 'cn'))).toBe(false);
});

it('nobody is a leaf once that was withdrawn', () => {
  const leaves = knowing('CN=b,OU=a,DC=example');
  leaves.withdraw();
  expect(leaves.isLeaf(entry('CN=c,OU=a,DC=example'))).toBe(false);
});
