// An organisation as an Active Directory holds it: one manager each, no dangling values, contacts, disabled accounts.
import { join } from 'node:path';
import { type Ava, type Rdn, write } from '../support/organisation/dn.ts';
import { UNITS } from '../support/organisation/identity.ts';
import { type Attribute, ldifEntry } from '../support/organisation/ldif.ts';
import { type Organisation, writeOrganisation } from '../support/organisation.ts';
import { withTemporaryDirectory } from '../support/temporary.ts';
import { dnKey } from '../support/truth/dn-key.ts';
import { type LdifEntry, readLdifFile } from '../support/truth/ldif-reader.ts';

export type Domain = {
  readonly rootDn: string;
  /** Whoever has `wide` direct reports; the root's first report. */
  readonly wideDn: string;
  /** People, root included, those whom the root does not reach included. */
  readonly people: number;
  /** For `SambaOptions`. */
  readonly ldif: string;
  readonly changes: string;
  /** What the truth is read from: the same people with the ids that the server gave them, by DN. */
  truthLdif(ids: ReadonlyMap<string, string>): string;
};

export type DomainOptions = {
  readonly people: number;
  /** How many direct reports one manager gets beside those that there are. Default 0. */
  readonly wide?: number;
  readonly seed?: number;
};

type Person = {
  readonly dn: string;
  /** By number: people come in the order of theirs. */
  readonly manager: number | undefined;
  readonly isContact: boolean;
  readonly isDisabled: boolean;
  readonly attributes: readonly Attribute[];
};

const SUFFIX = 'DC=example,DC=com';
const CONTACT_ONE_IN = 50;
const DISABLED_ONE_IN = 30;
const WIDE_MANAGER = 1;
/** Accounts of machines are persons to the schema, and name managers too; no truth knows them. */
const COMPUTERS = 3;

export async function makeDomain({ people, wide = 0, seed = 1 }: DomainOptions): Promise<Domain> {
  const everyone = [...(await organised(people - wide, seed)), ...team(people - wide, wide)];
  return {
    rootDn: everyone[0]?.dn ?? '',
    wideDn: everyone[WIDE_MANAGER]?.dn ?? '',
    people,
    ldif: [
      ...containers(),
      ...everyone.map((who, at) => entryOf(who, at, everyone)),
      ...everyone.slice(0, COMPUTERS).map(computerOf),
    ].join(''),
    changes: everyone.map((who, at) => changeOf(who, at, everyone)).join(''),
    truthLdif: (ids) => {
      const byKey = new Map([...ids].map(([dn, id]) => [dnKey(dn), id]));
      return everyone.map((who) => truthOf(who, everyone, byKey)).join('');
    },
  };
}

/** The generated organisation, as far as a directory with a single-valued link can hold it. */
function organised(people: number, seed: number): Promise<readonly Person[]> {
  return withTemporaryDirectory(async (dir) => {
    const organisation = writeOrganisation(join(dir, 'organisation.ldif'), { people, seed });
    const entries = new Map<number, LdifEntry>();
    for (const entry of readLdifFile(organisation.path)) {
      const number = firstOf(entry, 'employeeNumber');
      if (number !== undefined) entries.set(Number(number), entry);
    }
    return Array.from({ length: people }, (_, at) => personOf(organisation, at, entries.get(at)));
  });
}

function personOf(organisation: Organisation, at: number, entry: LdifEntry | undefined): Person {
  if (entry === undefined) throw new Error(`the organisation lacks person ${at}`);
  const { rdn, dn } = organisation.identity(at);
  const name = commonName(rdn, `${firstOf(entry, 'displayName')} ${at}`);
  const unit = dn[1]?.[0]?.value ?? UNITS[0];
  return {
    dn: dnBelow({ type: 'OU', value: unit }, { type: 'CN', value: name }),
    manager: managerOf(organisation, at),
    isContact: at % CONTACT_ONE_IN === CONTACT_ONE_IN - 1,
    isDisabled: at % DISABLED_ONE_IN === DISABLED_ONE_IN - 1,
    attributes: [['cn', name], ...profileOf(entry)],
  };
}

/** Within the domain, outermost part first. Samba's own tools take no bare `=` in a value, though RFC 4514 §2.4 does. */
function dnBelow(...parts: readonly Ava[]): string {
  const texts = parts.map((part) => write([[part]]).replace(/(?<==.*)=/g, '\\='));
  return [...texts.toReversed(), SUFFIX].join(',');
}

/** Active Directory has no multi-valued RDN and names people by `cn`; it takes no space at either end. */
function commonName(rdn: Rdn, otherwise: string): string {
  const [first, second] = rdn;
  return first?.type === 'cn' && second === undefined ? first.value.trim() : otherwise;
}

const PROFILE = ['sn', 'givenName', 'displayName', 'mail', 'title', 'l', 'telephoneNumber'];

function profileOf(entry: LdifEntry): readonly Attribute[] {
  const attributes = PROFILE.map((name): Attribute => [name, firstOf(entry, name) ?? '']);
  const department = firstOf(entry, 'departmentNumber') ?? '';
  const account = [
    ['uid', firstOf(entry, 'uid') ?? ''],
    ['employeeNumber', firstOf(entry, 'employeeNumber') ?? ''],
  ] as const;
  return [...attributes, ['department', department] as const, ...account].filter(
    ([, value]) => value !== '',
  );
}

function firstOf(entry: LdifEntry, name: string): string | undefined {
  return entry.attributes.get(name.toLowerCase())?.[0];
}

/** Who made the organisation put the real manager first for even numbers and last for odd ones. */
function managerOf({ plan }: Organisation, at: number): number | undefined {
  const named = plan.targets(at).flatMap((one) => (one.kind === 'person' ? [one.person] : []));
  if (at === 0) return named.find((person) => person !== 0); // a cycle through the root
  return at % 2 === 0 ? named[0] : named.at(-1);
}

/** Many who report to one; the last of them has reports of its own. */
function team(first: number, size: number): readonly Person[] {
  const below = size > 10 ? 5 : 0;
  return Array.from({ length: size }, (_, i) => ({
    dn: `CN=Member ${first + i},OU=people,${SUFFIX}`,
    manager: i < size - below ? WIDE_MANAGER : first + size - below - 1,
    isContact: false,
    isDisabled: false,
    attributes: [
      ['cn', `Member ${first + i}`],
      ['sn', String(first + i)],
      ['uid', `m${first + i}`],
    ],
  }));
}

function containers(): readonly string[] {
  return UNITS.map((unit) => {
    const dn = dnBelow({ type: 'OU', value: unit });
    return ldifEntry(dn, [
      ['objectClass', 'organizationalUnit'],
      ['ou', unit],
    ]);
  });
}

/** ADS_UF_ACCOUNTDISABLE and ADS_UF_PASSWD_NOTREQD on ADS_UF_NORMAL_ACCOUNT ([MS-ADTS] §2.2.16). */
const ACCOUNT = { disabled: '514', enabled: '544' };

function entryOf(who: Person, at: number, everyone: readonly Person[]): string {
  const link = at > (who.manager ?? at) ? managerLine(who, everyone) : [];
  return ldifEntry(who.dn, [...classOf(who), ...who.attributes.flatMap(asIn(who)), ...link]);
}

function computerOf({ dn }: Person, at: number): string {
  return ldifEntry(`CN=PC ${at},OU=people,${SUFFIX}`, [
    ['objectClass', 'computer'],
    ['sAMAccountName', `PC${at}$`],
    ['userAccountControl', '4096'], // ADS_UF_WORKSTATION_TRUST_ACCOUNT
    ['manager', dn],
  ]);
}

function classOf({ isContact, isDisabled }: Person): readonly Attribute[] {
  if (isContact) return [['objectClass', 'contact']];
  return [
    ['objectClass', 'user'],
    ['userAccountControl', isDisabled ? ACCOUNT.disabled : ACCOUNT.enabled],
  ];
}

/** A contact has no account and no number. */
function asIn({ isContact }: Person): (attribute: Attribute) => readonly Attribute[] {
  return ([name, value]) => {
    if (isContact && (name === 'uid' || name === 'employeeNumber')) return [];
    return [[name === 'uid' ? 'sAMAccountName' : name, value]];
  };
}

function managerLine({ manager }: Person, everyone: readonly Person[]): readonly Attribute[] {
  const dn = manager === undefined ? undefined : everyone[manager]?.dn;
  return dn === undefined ? [] : [['manager', dn]];
}

/** A link must name an entry that is there: those to later entries, and to oneself, are added at the end. */
function changeOf(who: Person, at: number, everyone: readonly Person[]): string {
  if (who.manager === undefined || who.manager < at) return '';
  return ldifEntry(who.dn, [
    ['changetype', 'modify'],
    ['add', 'manager'],
    ...managerLine(who, everyone),
  ]);
}

function truthOf(who: Person, everyone: readonly Person[], ids: ReadonlyMap<string, string>) {
  const id = ids.get(dnKey(who.dn));
  if (id === undefined) throw new Error(`the server has not got ${who.dn}`);
  const profile = who.attributes.filter((attribute) => asIn(who)(attribute).length > 0);
  return ldifEntry(who.dn, [
    ['objectClass', 'person'],
    ['entryUUID', id],
    ...profile,
    ...(who.isContact ? [] : classOf(who).slice(1)),
    ...managerLine(who, everyone),
  ]);
}
