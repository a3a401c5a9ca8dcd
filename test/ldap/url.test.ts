import { describe, expect, it } from 'vitest';
import { parseLdapUrl, placeOf } from '../../src/ldap/connection/url.ts';

describe('a directory URL', () => {
  it.each([
    ['ldap://host', 'host', 389, false],
    ['ldaps://host', 'host', 636, true],
    ['LDAP://Host.Example:3890/', 'host.example', 3890, false],
    ['ldap://[::1]:389', '::1', 389, false],
    ['ldaps://[2001:db8::7]', '2001:db8::7', 636, true],
    ['ldap://127.0.0.1:1', '127.0.0.1', 1, false],
    ['ldap://bücher.example', 'xn--bcher-kva.example', 389, false],
  ])('%s names host, port and TLS', (text, host, port, secure) => {
    expect(parseLdapUrl(text)).toEqual({ host, port, secure });
  });

  it.each([
    '',
    'host',
    'http://host',
    'ldapi:///tmp/socket',
    'ldap://',
    'ldap://host:0',
    'ldap://host:99999',
    'ldap://host/dc=example',
    'ldap://host?cn',
    'ldap://user:hunter2@host',
    'ldap://%ff',
  ])('%s is refused without being repeated', (text) => {
    const refused = (): unknown => parseLdapUrl(text);
    expect(refused).toThrow(TypeError);
    expect(refused).not.toThrow(/hunter2|dc=example/);
  });

  it('is shown as host and port, IPv6 in brackets', () => {
    expect(placeOf(parseLdapUrl('ldap://[::1]'))).toBe('[::1]:389');
    expect(placeOf(parseLdapUrl('ldaps://h'))).toBe('h:636');
  });
});
