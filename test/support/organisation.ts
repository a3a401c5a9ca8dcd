// A made-up organisation as an LDIF file: like a real one in shape and in all that is odd. The same seed gives the same file.
import { type Dn, respell, spellings, write } from './organisation/dn.ts';
import { type Identity, identityOf, isPlain, UNITS, uuid } from './organisation/identity.ts';
import { type Attribute, ldifEntry, writeLdif } from './organisation/ldif.ts';
import { LEAST_ODD_PEOPLE, type Plan, planOf, type Target } from './organisation/plan.ts';
import { randomOf } from './organisation/random.ts';

export type OrganisationOptions = {
  /** How many person entries, root included, those whom the root does not reach included. */
  readonly people: number;
  /** Default 1. */
  readonly seed?: number;
  /** Default `dc=example,dc=com`; `dc=` parts only. */
  readonly suffix?: string;
  /** Oddities of the data. Default: from 100 people on. */
  readonly odd?: boolean;
  /** Which other spellings of DNs occur, by the names in `spellings()`. Default: all that OpenLDAP takes. */
  readonly spellings?: readonly string[];
  /** What a link holds: the manager's DN (default) or employee number. */
  readonly managerValue?: 'dn' | 'employeeNumber';
  /** The attribute with the link. Default `manager`, and `roomNumber` for employee numbers. */
  readonly managerAttribute?: string;
};

export type Organisation = {
  readonly path: string;
  readonly people: number;
  readonly suffix: string;
  readonly managerAttribute: string;
  readonly managerValue: 'dn' | 'employeeNumber';
  readonly rootDn: string;
  readonly rootId: string;
  readonly rootUid: string;
  readonly rootEmployeeNumber: string;
  /** Who was meant to name whom: what the truth read from the file is checked against. */
  readonly plan: Plan;
  identity(person: number): Identity;
};

type Context = Required<OrganisationOptions> & { readonly suffixDn: Dn };

/** Attributes of a person entry beside `objectClass`, of which each value of the mapping is fed. */
const DEPARTMENTS = ['Research', 'Sales, EMEA', 'Vertrieb Süd', 'IT & Operations', 'Legal', '人事'];
const TITLES = [
  'Engineer',
  'Manager',
  'Analyst',
  'Techniker für Prüfstände',
  'Director',
  'Trainee',
];
const PLACES = ['Berlin', 'München', 'São Paulo', 'Dublin', '東京', 'Kraków', 'Austin'];

/** One manager value in so many is written otherwise than the DN that it names. */
const RESPELT_ONE_IN = 11;

/** Writes the LDIF. 100,000 people take some seconds and about 65 MB. */
export function writeOrganisation(path: string, options: OrganisationOptions): Organisation {
  const context = contextOf(options);
  const { seed, odd, people, suffixDn } = context;
  const plan = planOf(people, seed, odd, (person) => isPlain(seed, person, odd));
  const identity = (person: number) => identityOf(seed, person, odd, suffixDn);
  writeLdif(path, entries(context, plan, identity));
  const root = identity(0);
  return {
    path,
    people,
    suffix: context.suffix,
    managerAttribute: context.managerAttribute,
    managerValue: context.managerValue,
    rootDn: write(root.dn),
    rootId: root.entryUUID,
    rootUid: root.uid,
    rootEmployeeNumber: root.employeeNumber,
    plan,
    identity,
  };
}

function contextOf(options: OrganisationOptions): Context {
  const suffix = options.suffix ?? 'dc=example,dc=com';
  const managerValue = options.managerValue ?? 'dn';
  const suffixDn = suffix
    .split(',')
    .map((part) => [{ type: 'dc', value: part.replace(/^dc=/, '') }]);
  return {
    people: options.people,
    seed: options.seed ?? 1,
    odd: options.odd ?? options.people >= LEAST_ODD_PEOPLE,
    suffix,
    suffixDn,
    spellings: options.spellings ?? spellings(),
    managerValue,
    managerAttribute:
      options.managerAttribute ?? (managerValue === 'dn' ? 'manager' : 'roomNumber'),
  };
}

function* entries(
  context: Context,
  plan: Plan,
  identity: (person: number) => Identity,
): Iterable<string> {
  yield* containers(context);
  if (context.odd) yield* nonPersons(context, identity(0));
  for (const person of shuffled(context.people, context.seed)) {
    yield personEntry(context, plan, person, identity);
  }
}

/** Managers must not always come before their reports. */
function shuffled(people: number, seed: number): Uint32Array {
  const random = randomOf(seed, 3);
  const order = Uint32Array.from({ length: people }, (_, person) => person);
  for (let i = people - 1; i > 0; i -= 1) {
    const j = random.between(0, i);
    const kept = order[i] ?? 0;
    order[i] = order[j] ?? 0;
    order[j] = kept;
  }
  return order;
}

function* containers(context: Context): Iterable<string> {
  const dc = context.suffixDn[0]?.[0]?.value ?? '';
  yield ldifEntry(context.suffix, [
    ['objectClass', 'top'],
    ['objectClass', 'dcObject'],
    ['objectClass', 'organization'],
    ['dc', dc],
    ['o', 'Example'],
    ['entryUUID', uuid(context.seed, -1)],
  ]);
  for (const [i, ou] of ['groups', ...UNITS].entries()) {
    yield ldifEntry(write([[{ type: 'ou', value: ou }], ...context.suffixDn]), [
      ['objectClass', 'top'],
      ['objectClass', 'organizationalUnit'],
      ['ou', ou],
      ['entryUUID', uuid(context.seed, -2 - i)],
    ]);
  }
}

/** A group that serves as a manager, and a robot that names one without being a person. */
function* nonPersons(context: Context, root: Identity): Iterable<string> {
  yield ldifEntry(groupDn(context), [
    ['objectClass', 'top'],
    ['objectClass', 'groupOfNames'],
    ['cn', 'board'],
    ['member', write(root.dn)],
    ['entryUUID', uuid(context.seed, -20)],
  ]);
  const link = context.managerValue === 'dn' ? write(root.dn) : root.employeeNumber;
  yield ldifEntry(`cn=robot,ou=groups,${context.suffix}`, [
    ['objectClass', 'top'],
    ['objectClass', 'applicationProcess'],
    ['objectClass', 'extensibleObject'],
    ['cn', 'robot'],
    [context.managerAttribute, link],
    ['entryUUID', uuid(context.seed, -21)],
  ]);
}

function groupDn(context: Context): string {
  return `cn=board,ou=groups,${context.suffix}`;
}

function personEntry(
  context: Context,
  plan: Plan,
  person: number,
  identity: (person: number) => Identity,
): string {
  const who = identity(person);
  const values = plan.targets(person).map((target) => linkValue(context, target, who, identity));
  const attributes = [...profile(who, person), ...values.map(managerLine(context))];
  const { random } = who;
  const shouting = context.odd && random.onceIn(40);
  return ldifEntry(shouting ? respell(who.dn, random, ['upper case']) : write(who.dn), attributes);
}

function managerLine(context: Context): (value: string) => Attribute {
  return (value) => [context.managerAttribute, value];
}

function linkValue(
  context: Context,
  target: Target,
  who: Identity,
  identity: (person: number) => Identity,
): string {
  if (context.managerValue === 'employeeNumber') return numberOf(target, identity);
  if (target.kind !== 'person') return dnOf(context, target);
  const { dn } = identity(target.person);
  return context.odd && who.random.onceIn(RESPELT_ONE_IN)
    ? respell(dn, who.random, context.spellings)
    : write(dn);
}

function dnOf(context: Context, target: Exclude<Target, { kind: 'person' }>): string {
  switch (target.kind) {
    case 'dangling':
      return `uid=gone${target.number},ou=people,${context.suffix}`;
    case 'foreign':
      return `cn=Partner ${target.number},o=Elsewhere`;
    case 'group':
      return groupDn(context);
    case 'unit':
      return `ou=people,${context.suffix}`;
  }
}

function numberOf(target: Target, identity: (person: number) => Identity): string {
  switch (target.kind) {
    case 'person':
      return identity(target.person).employeeNumber;
    case 'dangling':
    case 'foreign':
      return `9${String(target.number).padStart(8, '0')}`;
    case 'group':
    case 'unit':
      return target.kind;
  }
}

function profile(who: Identity, person: number): readonly Attribute[] {
  const { random, uid, givenName, surname } = who;
  const [first] = who.rdn;
  const cn = first?.type === 'cn' ? first.value : `${givenName} ${surname}`;
  const attributes: Attribute[] = [
    ['objectClass', 'top'],
    ['objectClass', 'person'],
    ['objectClass', 'organizationalPerson'],
    ['objectClass', 'inetOrgPerson'],
    ['uid', uid],
    ['cn', cn],
    ['sn', surname],
    ['givenName', givenName],
    ['displayName', `${givenName} ${surname}`],
    ['mail', `${uid}@example.com`],
    ['title', random.pick(TITLES)],
    ['departmentNumber', random.pick(DEPARTMENTS)],
    ['employeeNumber', who.employeeNumber],
    ['l', random.pick(PLACES)],
    ['employeeType', random.onceIn(9) ? 'contractor' : 'employee'],
    ['entryUUID', who.entryUUID],
  ];
  if (!random.onceIn(20)) attributes.push(['telephoneNumber', `+49 30 ${1_000_000 + person}`]);
  return attributes;
}
