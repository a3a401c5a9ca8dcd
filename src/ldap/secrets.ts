import { UsageError } from '../domain/errors.ts';

/** Attributes that hold passwords or keys (RFC 4519 §2.41, RFC 3112, [MS-ADA], LAPS, MIT and Heimdal Kerberos, Samba, FreeIPA). */
const SECRETS: ReadonlySet<string> = new Set(
  [
    ...['userPassword', '2.5.4.35', 'authPassword', 'userPKCS12'],
    ...['unicodePwd', 'dBCSPwd', 'ntPwdHistory', 'lmPwdHistory', 'supplementalCredentials'],
    ...['msDS-ManagedPassword', 'trustAuthIncoming', 'trustAuthOutgoing', 'currentValue'],
    ...['ms-Mcs-AdmPwd', 'msLAPS-Password'],
    ...['msLAPS-EncryptedPassword', 'msLAPS-EncryptedPasswordHistory'],
    ...['msLAPS-EncryptedDSRMPassword', 'msLAPS-EncryptedDSRMPasswordHistory'],
    ...['krbPrincipalKey', 'krbPwdHistory', 'krbMKey', 'krb5Key'],
    ...['sambaNTPassword', 'sambaLMPassword', 'sambaPasswordHistory', 'ipaNTHash'],
  ].map((name) => name.toLowerCase()),
);

/** Whatever the config says: such an attribute is neither asked for nor stored. Throws a `UsageError` that names it. */
export function refuseSecrets(names: readonly string[]): void {
  const secret = names.find((name) => SECRETS.has(name.toLowerCase().split(';', 1)[0] ?? ''));
  if (secret === undefined) return;
  throw new UsageError(`${secret} holds a secret and is never read`, 'name another attribute');
}
