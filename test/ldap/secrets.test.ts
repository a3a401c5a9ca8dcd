import { describe, expect, it } from 'vitest';
import { refuseSecrets } from '../../src/ldap/mapping/secrets.ts';
import { FilterSyntaxError, parseFilter } from '../../src/ldap/messages/filters.ts';

const SECRETS = [
  ...['userPassword', 'userpassword', 'USERPASSWORD;x-1;binary', '2.5.4.35', '2.5.4.35;x-1'],
  ...['authPassword', 'userPKCS12', 'pwdHistory', 'passwordHistory'],
  ...['unicodePwd', '1.2.840.113556.1.4.90', 'dBCSPwd', '1.2.840.113556.1.4.55', 'ntPwdHistory'],
  ...['1.2.840.113556.1.4.94', 'lmPwdHistory', 'supplementalCredentials', 'unixUserPassword'],
  ...['msDS-ManagedPassword', 'msFVE-RecoveryPassword', 'trustAuthIncoming', 'trustAuthOutgoing'],
  ...['ms-Mcs-AdmPwd', 'msLAPS-Password', 'MSLAPS-EncryptedPassword', '1.2.840.113556.1.6.44.1.2'],
  ...['krbPrincipalKey', '2.16.840.1.113719.1.301.4.39.1', 'krb5Key', 'krbPwdHistory', 'krbMKey'],
  ...['oathSecret', '1.3.6.1.4.1.5427.1.389.4226.4.1', 'olcRootPW', 'nsslapd-rootpw'],
  ...['ipaPrivateKey', 'ipaSecretKey', 'nsds5ReplicaBootstrapCredentials', 'ibm-slapdAdminPw'],
  ...['racfPassword', 'orclPassword', 'pwmResponseSet', 'clearTextPassword', 'sambaTrustPassword'],
  ...['acmePASSWD;x-1', 'vpn-passphrase', 'appBindPw', 'signingPrivateKey', 'clientSecret'],
  ...['sambaNTPassword', 'sambaLMPassword', '1.3.6.1.4.1.7165.2.1.25', 'ipaNTHash'],
];

describe('a secret', () => {
  it.each(SECRETS)('%s is never read', (name) => {
    expect(() => refuseSecrets(['cn', name])).toThrow(`${name} holds a secret and is never read`);
  });

  it.each([
    ...SECRETS.map((name) => `(${name}=x)`),
    ...['(&(cn=a)(|(cn=b)(!(userPassword=*))))', '(userPassword=a*)', '(userPassword>=a)'],
    ...['(userPassword~=a)', '(userPassword:2.5.13.17:=a)', '(userPassword:dn:=a)'],
  ])('is not guessed by asking who matches %s', (filter) => {
    expect(() => parseFilter(filter)).toThrow(/ holds a secret and is never read$/);
  });

  it.each(['(:2.5.13.17:=a)', '(:dn:caseExactMatch:=a)'])(
    'is not guessed by a match of whatever attribute there is: %s',
    (filter) => {
      expect(() => parseFilter(filter)).toThrow('would compare passwords');
    },
  );
});

it('what only sounds like one is read', () => {
  const names = [
    ...['pwdLastSet', 'pwdAccountLockedTime', 'ibm-pwdAccountLocked', 'passwordPolicy'],
    ...['secretary', 'passwordExpirationTime', 'badPasswordTime', 'msDS-KeyCredentialLink'],
    'msDS-UserPasswordExpiryTimeComputed',
  ];
  expect(() => refuseSecrets(names)).not.toThrow();
});

it('a filter that is none is told to be none, whatever it names', () => {
  expect(() => parseFilter('(userPassword=a')).toThrow(FilterSyntaxError);
});
