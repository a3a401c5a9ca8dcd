import { UsageError } from '../../domain/errors.ts';

/** Attributes that hold passwords, keys, or what they can be guessed from: each with its other names and its OID where they are known. */
const SECRETS: readonly string[] = [
  // RFC 4519 §2.41, RFC 3112, RFC 2798 §2.8
  'userPassword 2.5.4.35',
  'authPassword 1.3.6.1.4.1.4203.1.3.4',
  'userPKCS12 2.16.840.1.113730.3.1.216',
  // Earlier passwords: draft-behera-ldap-password-policy §5.3.6, 389
  'pwdHistory 1.3.6.1.4.1.42.2.27.8.1.20',
  'passwordHistory 2.16.840.1.113730.3.1.96',
  // [MS-ADA1] to [MS-ADA3], [MS-SFU], BitLocker
  'unicodePwd 1.2.840.113556.1.4.90',
  'dBCSPwd 1.2.840.113556.1.4.55',
  'ntPwdHistory 1.2.840.113556.1.4.94',
  'lmPwdHistory 1.2.840.113556.1.4.160',
  'supplementalCredentials 1.2.840.113556.1.4.125',
  'msDS-ManagedPassword 1.2.840.113556.1.4.2196',
  'msDS-ExecuteScriptPassword 1.2.840.113556.1.4.1783',
  'trustAuthIncoming 1.2.840.113556.1.4.129',
  'trustAuthOutgoing 1.2.840.113556.1.4.135',
  'initialAuthIncoming 1.2.840.113556.1.4.539',
  'initialAuthOutgoing 1.2.840.113556.1.4.540',
  'currentValue 1.2.840.113556.1.4.27',
  'priorValue 1.2.840.113556.1.4.100',
  'pekList 1.2.840.113556.1.4.865',
  'unixUserPassword 1.2.840.113556.1.4.1910',
  'msSFU30Password',
  'msPKIDPAPIMasterKeys 1.2.840.113556.1.4.1893',
  'msPKIAccountCredentials 1.2.840.113556.1.4.1894',
  'msFVE-RecoveryPassword 1.2.840.113556.1.4.1964',
  'msFVE-KeyPackage 1.2.840.113556.1.4.1999',
  'msTPM-OwnerInformation 1.2.840.113556.1.4.1966',
  'msKds-RootKeyData',
  // LAPS, the older and the newer
  'ms-Mcs-AdmPwd 1.2.840.113556.1.8000.2554.50051.45980.28112.18903.35903.6685103.1224907.2.1',
  'msLAPS-Password 1.2.840.113556.1.6.44.1.2',
  'msLAPS-EncryptedPassword 1.2.840.113556.1.6.44.1.3',
  'msLAPS-EncryptedPasswordHistory 1.2.840.113556.1.6.44.1.4',
  'msLAPS-EncryptedDSRMPassword 1.2.840.113556.1.6.44.1.5',
  'msLAPS-EncryptedDSRMPasswordHistory 1.2.840.113556.1.6.44.1.6',
  // Kerberos: MIT, Heimdal
  'krbPrincipalKey 2.16.840.1.113719.1.301.4.39.1',
  'krbPwdHistory 2.16.840.1.113719.1.301.4.44.1',
  'krbMKey 2.16.840.1.113719.1.301.4.46.1',
  'krb5Key 1.3.6.1.4.1.5322.10.1.10',
  // Samba with other servers
  'sambaNTPassword 1.3.6.1.4.1.7165.2.1.25',
  'sambaLMPassword 1.3.6.1.4.1.7165.2.1.24',
  'sambaPasswordHistory 1.3.6.1.4.1.7165.2.1.54',
  'sambaClearTextPassword 1.3.6.1.4.1.7165.2.1.68',
  'sambaPreviousClearTextPassword 1.3.6.1.4.1.7165.2.1.69',
  'ntPassword lmPassword',
  // FreeIPA, 389, eDirectory
  'ipaNTHash ipatokenOTPkey',
  'nsSymmetricKey 2.16.840.1.113730.3.1.2084',
  'nsDS5ReplicaCredentials 2.16.840.1.113730.3.1.582',
  'nspmPassword nspmPasswordHistory sasLoginSecret sasLoginSecretKey',
  // OpenLDAP: slapo-otp, slapd-config
  'oathSecret 1.3.6.1.4.1.5427.1.389.4226.4.1',
  'olcRootPW 1.3.6.1.4.1.4203.1.12.2.3.2.0.9',
  // PWM: the answers to the questions of a forgotten password
  'pwmResponseSet',
];

/** How vendors and companies call what holds a secret. At the end only: what comes after it, as in badPasswordTime, is about one. */
const SECRET_NAME =
  /(?:password|passwd|passphrase|rootpw|adminpw|bindpw|privatekey|secretkey|secret|credentials)$/;

const NAMES: ReadonlySet<string> = new Set(SECRETS.join(' ').toLowerCase().split(' '));

/** Whatever the config says: such an attribute is neither asked for nor stored. Throws a `UsageError` that names it. */
export function refuseSecrets(names: readonly string[]): void {
  const secret = names.find(isSecret);
  if (secret === undefined) return;
  throw new UsageError(`${secret} holds a secret and is never read`, 'name another attribute');
}

function isSecret(description: string): boolean {
  const [name = ''] = description.toLowerCase().split(';', 1);
  return NAMES.has(name) || SECRET_NAME.test(name);
}

/**
 * A filter on a secret would tell it bit by bit: who matches has it.
 * @param names the attributes that a filter compares; undefined: any that the matching rule knows (RFC 4511 §4.5.1.7.7)
 */
export function refuseSecretsInFilter(names: readonly (string | undefined)[]): void {
  refuseSecrets(names.filter((name) => name !== undefined));
  if (!names.includes(undefined)) return;
  throw new UsageError(
    'a filter that names no attribute would compare passwords, too',
    'name the attribute, as in (cn:caseExactMatch:=Ada)',
  );
}
