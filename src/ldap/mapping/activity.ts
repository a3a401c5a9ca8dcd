import type { RawEntry } from '../messages/entry.ts';

/** ADS_UF_ACCOUNTDISABLE, [MS-ADTS] §2.2.16. */
const ACCOUNT_DISABLED = 0x2;
/** "Locked until an administrator unlocks it": draft-behera-ldap-password-policy §5.3.3. A later time passes by itself. */
const LOCKED_FOR_GOOD = '000001010000Z';

/** What says that an account is disabled, each in the way of its servers. No two of them give one name two meanings. */
const MARKS: readonly (readonly [attribute: string, disables: (value: string) => boolean])[] = [
  ['userAccountControl', (value) => (Number(value) & ACCOUNT_DISABLED) !== 0],
  ['nsAccountLock', isTrue],
  ['loginDisabled', isTrue],
  ['ibm-pwdAccountLocked', isTrue],
  ['pwdAccountLockedTime', (value) => value === LOCKED_FOR_GOOD],
];

/** Operational ones come only where they are named; who does not know them leaves them out (RFC 4511 §4.5.1.8). */
export const ACTIVITY_ATTRIBUTES: readonly string[] = MARKS.map(([attribute]) => attribute);

const IN_LOWER_CASE = MARKS.map(([name, disables]) => [name.toLowerCase(), disables] as const);

/** True where nothing says otherwise. */
export function isActive(attributes: RawEntry['attributes']): boolean {
  return !IN_LOWER_CASE.some(([name, disables]) => {
    const value = attributes.get(name)?.[0];
    return value !== undefined && disables(value.toString());
  });
}

function isTrue(value: string): boolean {
  return value.toLowerCase() === 'true';
}
