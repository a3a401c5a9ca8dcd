import { describe, expect, it } from 'vitest';
import { parseLdapUrl, placeOf, requireLdapUrl } from '../../src/domain/ldap-url.ts';

describe('a directory URL', () => {
  it.each([
    ['ldap://host', 'host', 389, false],
    ['ldaps://host', 'host', 636, true],
    ['LDAP://Host.Example:3890/', 'host.example', 3890, false],
    ['ldap://[::1]:389', '::1', 389, false],
    ['ldaps://[2001:db8::7]', '2001:db8::7', 636, true],
    ['ldap://127.0.0.1:1', '127.0.0.1', 1, false],
    ['ldap://bücher.example', 'xn--bcher-kva.example', 389, false],
    ['ldap://[fe80::1%eth0]', 'fe80::1%eth0', 389, false],
    ['ldap://dc_1.example', 'dc_1.example', 389, false],
  ])('%s names host, port and TLS', (text, host, port, tls) => {
    expect(parseLdapUrl(text)).toMatchObject({ host, port, tls });
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
    'ldap://[::1%]',
    'ldap://[h]',
  ])('%s is refused without being repeated', (text) => {
    const refused = (): unknown => requireLdapUrl(text);
    expect(parseLdapUrl(text)).toBeUndefined();
    expect(refused).toThrow(TypeError);
    expect(refused).not.toThrow(/hunter2|dc=example/);
  });

  it('is shown as host and port, IPv6 in brackets', () => {
    expect(placeOf(requireLdapUrl('ldap://[::1]'))).toBe('[::1]:389');
    expect(placeOf(requireLdapUrl('ldaps://h'))).toBe('h:636');
  });
});
