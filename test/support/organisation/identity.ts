// Names, ids and DNs of the people of a generated organisation, each a function of seed and number alone.
import type { Dn, Rdn } from './dn.ts';
import { type Random, randomOf, scramble } from './random.ts';

export type Identity = {
  readonly uid: string;
  readonly givenName: string;
  readonly surname: string;
  readonly employeeNumber: string;
  readonly entryUUID: string;
  /** Leftmost part first. */
  readonly rdn: Rdn;
  readonly dn: Dn;
  /** The rest of this person's attributes is drawn from it. */
  readonly random: Random;
};

const GIVEN_NAMES = [
  'Anna',
  'José',
  'Zoë',
  'Björn',
  'Łukasz',
  'Mary Ann',
  'Nguyễn',
  'Олена',
  '美咲',
  'Ian',
  'Fatima',
  'Søren',
  'Chloé',
  'Rajesh',
  'Grace',
  'Tomás',
  'Ingrid',
  'Malik',
  'Yuki',
  'Peter',
  'Aoife',
  'Carlos',
] as const;

const SURNAMES = [
  'Smith',
  'Müller',
  "O'Neil",
  'García',
  'Ødegård',
  'van der Berg',
  'Nowak',
  'Иванова',
  '山田',
  'Singh',
  'Kowalczyk',
  'Dubois',
  'Rossi',
  'Ñandú',
  'Hansen',
  'Okafor',
  'Chen',
  'Yılmaz',
  'Costa',
  'Novák',
  'Ito',
] as const;

/** Containers below the suffix; the second and third have names that need escaping or are no ASCII. */
export const UNITS = ['people', 'Sales, EMEA', 'Ünïts "R+D"', 'contractors'] as const;

/** One person in so many has a DN that is not `uid=…`. */
const ODD_DN_ONE_IN = 11;

type OddValue = (given: string, surname: string, number: number) => string;

/** Every value holds the person's number, so that no two are equal whatever a server ignores. */
const ODD_VALUES: readonly OddValue[] = [
  (given, surname, number) => `${surname}, ${given} (${number})`,
  (given, surname, number) => `${given} "Nick" ${surname} ${number}`,
  (_given, surname, number) => `R+D ${surname} ${number}`,
  (_given, surname, number) => `#${number} ${surname}`,
  (_given, surname, number) => ` ${surname} ${number}`,
  (given, _surname, number) => `${given} ${number} `,
  (given, _surname, number) => `a\\b;c<d>e=f ${given} ${number}`,
  (given, surname, number) => `${given} ${surname} ${number}`,
  (_given, _surname, number) => `🦊 山田 太郎 ${number}`,
  (given, surname, number) => `${given}  ${surname}  ${number}`,
];

/** Whether the DN is a plain `uid=` one below the first container: its order hangs on no escape and no alias. */
export function isPlain(seed: number, person: number, odd: boolean): boolean {
  const draw = scramble(seed ^ scramble(person));
  return !odd || (draw % ODD_DN_ONE_IN !== 0 && unitOf(draw, odd) === 0);
}

export function identityOf(seed: number, person: number, odd: boolean, suffix: Dn): Identity {
  const draw = scramble(seed ^ scramble(person));
  const random = randomOf(seed, person + 10);
  const givenName = random.pick(GIVEN_NAMES);
  const surname = random.pick(SURNAMES);
  const uid = `${ascii(givenName).slice(0, 1)}${ascii(surname).slice(0, 6)}${person}`.toLowerCase();
  const employeeNumber = String(person).padStart(7, '0');
  const plain: Rdn = [{ type: 'uid', value: uid }];
  const isOdd = odd && draw % ODD_DN_ONE_IN === 0;
  const rdn = isOdd ? oddRdn(draw, person, givenName, surname, uid) : plain;
  const unit: Rdn = [{ type: 'ou', value: UNITS[unitOf(draw, odd)] ?? UNITS[0] }];
  const entryUUID = uuid(seed, person);
  return {
    uid,
    givenName,
    surname,
    employeeNumber,
    entryUUID,
    rdn,
    dn: [rdn, unit, ...suffix],
    random,
  };
}

function unitOf(draw: number, odd: boolean): number {
  const roll = (draw >>> 8) % 20;
  return odd && roll < UNITS.length ? roll : 0;
}

function oddRdn(draw: number, person: number, given: string, surname: string, uid: string): Rdn {
  const which = Math.floor(draw / ODD_DN_ONE_IN) % (ODD_VALUES.length + 1);
  const value = ODD_VALUES[which]?.(given, surname, person);
  if (value !== undefined) return [{ type: 'cn', value }];
  return [
    { type: 'cn', value: `${given} ${surname}` },
    { type: 'uid', value: uid },
  ];
}

function ascii(name: string): string {
  const letters = name.normalize('NFD').replace(/[^A-Za-z]/g, '');
  return letters === '' ? 'x' : letters;
}

/** The person's number, scrambled, makes the first group: ids are distinct and in no useful order. */
export function uuid(seed: number, person: number): string {
  const first = scramble(person + 1_000);
  const words = [first, ...[1, 2, 3].map((i) => scramble(scramble(seed + i) ^ first))];
  const hex = words.map((word) => word.toString(16).padStart(8, '0')).join('');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20),
  ].join('-');
}
