// Small organisations written by hand, below dc=example,dc=com.

export const SUFFIX = 'dc=example,dc=com';

export const TOP = `dn: ${SUFFIX}
objectClass: dcObject
objectClass: organization
dc: example
o: Example
`;

export interface Person {
  readonly uid: string;
  /** Default `uid=<uid>,dc=example,dc=com`. */
  readonly dn?: string;
  /** Values of `manager`, as they shall stand in the directory. */
  readonly managers?: readonly string[];
  readonly more?: readonly string[];
}

export function dnOf(uid: string): string {
  return `uid=${uid},${SUFFIX}`;
}

export function ldifOf(people: readonly Person[]): string {
  return [TOP, ...people.map(entryOf)].join('\n');
}

function entryOf({ uid, dn = dnOf(uid), managers = [], more = [] }: Person): string {
  return [
    line('dn', dn),
    'objectClass: inetOrgPerson',
    line('uid', uid),
    line('cn', uid),
    line('sn', uid),
    ...managers.map((manager) => line('manager', manager)),
    ...more,
    '',
  ].join('\n');
}

/** In base64, which takes any value. */
function line(name: string, value: string): string {
  return `${name}:: ${Buffer.from(value).toString('base64')}`;
}

/** `ceo`, under whom each manager of one level has as many reports as the next of `spans` says. */
export function pyramid(spans: readonly number[]): readonly Person[] {
  const people: Person[] = [{ uid: 'ceo' }];
  let above: readonly Person[] = people;
  for (const span of spans) {
    above = above.flatMap(({ uid }) =>
      Array.from({ length: span }, (_, n) => ({ uid: `${uid}-${n}`, managers: [dnOf(uid)] })),
    );
    people.push(...above);
  }
  return people;
}
