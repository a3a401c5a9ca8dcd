import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { ConfigError } from '../../src/config/problem.ts';
import { isLoopback } from '../../src/config/rules.ts';

const PASSWORD = { ORGWALK_BIND_PASSWORD: 'x' };

describe('rules across options', () => {
  test('a crawl needs a server and a root', () => {
    expect(brokenBy({})).toEqual(['url', 'root']);
  });

  test('an account needs a password', () => {
    expect(broken({ bindDn: 'cn=a' })).toEqual(['bindDn']);
  });

  test.each([
    ['a password file', { bindPasswordFile: 'p' }, {}, false],
    ['the environment', {}, PASSWORD, false],
    ['a systemd credential', {}, { CREDENTIALS_DIRECTORY: '/run/c' }, false],
    ['a person', {}, {}, true],
  ])('the password may come from %s', (_, flags, env, interactive) => {
    expect(broken({ bindDn: 'cn=a', ...flags }, env, interactive)).toEqual([]);
  });

  test('a password file needs an account', () => {
    expect(broken({ bindPasswordFile: 'p' })).toEqual(['bindPasswordFile']);
  });

  test('a password does not cross the network in clear', () => {
    const flags = { url: ['ldap://10.0.0.1'], bindDn: 'cn=a' };
    expect(broken(flags, PASSWORD)).toEqual(['url']);
    expect(broken({ ...flags, starttls: true }, PASSWORD)).toEqual([]);
    expect(broken({ ...flags, allowPlaintext: true }, PASSWORD)).toEqual([]);
    expect(broken({ ...flags, url: ['ldaps://10.0.0.1'] }, PASSWORD)).toEqual([]);
    expect(broken({ ...flags, url: ['ldap://127.0.0.1'] }, PASSWORD)).toEqual([]);
  });

  test('one plain server among several is enough to refuse', () => {
    const url = ['ldaps://a', 'ldap://b'];
    expect(broken({ url, bindDn: 'cn=a' }, PASSWORD)).toEqual(['url']);
  });

  test('nobody is asked to secure an anonymous crawl', () => {
    expect(broken({ url: ['ldap://10.0.0.1'] })).toEqual([]);
  });

  test('StartTLS does not go with ldaps', () => {
    expect(broken({ starttls: true })).toEqual(['starttls']);
    expect(broken({ starttls: true, url: ['ldap://h'] })).toEqual([]);
  });

  test('a client certificate and its key come together', () => {
    expect(broken({ certFile: 'c' })).toEqual(['certFile']);
    expect(broken({ keyFile: 'k' })).toEqual(['keyFile']);
    expect(broken({ certFile: 'c', keyFile: 'k' })).toEqual([]);
  });

  test('a client certificate is no sign-in at a server without TLS', () => {
    const flags = { certFile: 'c', keyFile: 'k', url: ['ldaps://a', 'ldap://b'] };
    expect(broken(flags)).toEqual(['certFile']);
    expect(broken({ ...flags, url: ['ldap://a', 'ldap://b'] })).toEqual(['certFile']);
    expect(broken({ ...flags, url: ['ldap://a', 'ldap://b'], starttls: true })).toEqual([]);
    expect(broken({ ...flags, bindDn: 'cn=a', allowPlaintext: true }, PASSWORD)).toEqual([]);
  });

  test.each([['caFile'], ['tlsServerName']])('%s needs TLS', (name) => {
    expect(broken({ [name]: 'x', url: ['ldap://h'] })).toEqual([name]);
    expect(broken({ [name]: 'x', url: ['ldap://h'], starttls: true })).toEqual([]);
  });

  test('the source of the option is named', () => {
    const input = {
      flags: { url: 'ldaps://h', root: '(uid=a)' },
      env: { ORGWALK_STARTTLS: 'yes' },
    };
    expect(() => loadConfig('crawl', input)).toThrow(
      /^ORGWALK_STARTTLS: expected ldap:\/\/ servers/,
    );
  });

  test('an option that was refused by itself is not blamed twice', () => {
    expect(brokenBy({ url: 'x', root: 'y', starttls: true })).toEqual(['url', 'root']);
  });
});

describe('loopback', () => {
  test.each(['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1', 'localhost', 'LOCALHOST.'])(
    '%s is',
    (host) => {
      expect(isLoopback(host)).toBe(true);
    },
  );

  test.each([
    '10.0.0.1',
    '0.0.0.0',
    '::',
    'example.com',
    'localhost.example.com',
    'evil.localhost',
    'localhost..',
    'notlocalhost',
    '127.0.0.1.example.com',
    '::ffff:10.0.0.1',
  ])('%s is not', (host) => {
    expect(isLoopback(host)).toBe(false);
  });
});

/** The options blamed, with a server and a root unless given otherwise. */
function broken(
  flags: Record<string, unknown>,
  env: Record<string, string> = {},
  interactive = false,
) {
  const url = hasItems(flags['url']) ? flags['url'] : ['ldaps://h'];
  return brokenBy({ ...flags, url, root: ['(uid=a)'] }, env, interactive);
}

function brokenBy(
  flags: Record<string, unknown>,
  env: Record<string, string> = {},
  interactive = false,
) {
  try {
    loadConfig('crawl', { flags, env, interactive });
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(({ option }) => option);
    throw error;
  }
}

function hasItems(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0;
}
