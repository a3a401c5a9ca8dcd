import type { RawEntry } from '../messages/entry.ts';
import type { Numbers, Wanted } from './wanted.ts';

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

/** Tells whether an account is active: it is where nothing says otherwise. */
export class Activity {
  readonly #marks: readonly (readonly [Numbers, (value: string) => boolean])[];

  constructor(wanted: Wanted) {
    this.#marks = MARKS.map(([name, disables]) => [wanted.numbersOf([name]), disables]);
  }

  isActive(wanted: Wanted, entry: RawEntry): boolean {
    for (const [numbers, disables] of this.#marks) {
      const place = wanted.find(numbers);
      if (place === undefined) continue;
      if (disables(entry.text(entry.layout.firstValue(place)))) return false;
    }
    return true;
  }
}

function isTrue(value: string): boolean {
  return value.toLowerCase() === 'true';
}
