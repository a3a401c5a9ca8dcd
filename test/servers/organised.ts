// A generated organisation as a server other than OpenLDAP can hold it, and the truth with the ids that the server gave.
import { join } from 'node:path';
import { ldapsearch } from '../support/ldapsearch.ts';
import { spellings } from '../support/organisation/dn.ts';
import { type Attribute, ldifEntry } from '../support/organisation/ldif.ts';
import { writeOrganisation } from '../support/organisation.ts';
import { withTemporaryDirectory } from '../support/temporary.ts';
import { dnKey } from '../support/truth/dn-key.ts';
import { type LdifEntry, readLdif, readLdifFile } from '../support/truth/ldif-reader.ts';
import type { Access } from './server.ts';

export type Organised = {
  readonly rootDn: string;
  /** Without ids: the server gives its own. */
  readonly ldif: string;
  /** What the truth is read from, with ids by DN. */
  truthLdif(ids: ReadonlyMap<string, string>): string;
};

/** What a server does not take. */
export type Unknown = {
  /** Spellings of DNs that it refuses, or takes for another DN. */
  readonly spellings: readonly string[];
  /** Characters that it refuses. */
  readonly characters?: RegExp;
};

type Entry = { readonly dn: string; readonly attributes: readonly Attribute[] };

export function organised(people: number, unknown: Unknown, seed = 1): Promise<Organised> {
  return withTemporaryDirectory(async (dir) => {
    const known = spellings().filter((name) => !unknown.spellings.includes(name));
    const options = { people, seed, spellings: known };
    const { path, rootDn } = writeOrganisation(join(dir, 'organisation.ldif'), options);
    const entries = [...readLdifFile(path)].map((entry) => adapted(entry, unknown));
    return {
      rootDn,
      ldif: entries.map(({ dn, attributes }) => ldifEntry(dn, attributes)).join(''),
      truthLdif: (ids) => entriesWithIds(entries, ids),
    };
  });
}

function adapted({ dn, attributes }: LdifEntry, { characters }: Unknown): Entry {
  const allowed = (text: string) =>
    characters === undefined ? text : text.replaceAll(characters, '?');
  const lines = [...attributes].flatMap(([name, values]) =>
    name === 'entryuuid' ? [] : values.map((value): Attribute => [name, allowed(value)]),
  );
  return { dn: allowed(dn), attributes: lines };
}

/** LDIF that the truth is read from: with the ids that the server gave, by DN. */
export function withIds(ldif: string, ids: ReadonlyMap<string, string>): string {
  const entries = [...readLdif(ldif.split('\n'))].map((entry) => adapted(entry, { spellings: [] }));
  return entriesWithIds(entries, ids);
}

function entriesWithIds(entries: readonly Entry[], ids: ReadonlyMap<string, string>): string {
  const byKey = new Map([...ids].map(([dn, id]) => [dnKey(dn), id]));
  return entries
    .map(({ dn, attributes }) => {
      const id = byKey.get(dnKey(dn));
      return ldifEntry(dn, id === undefined ? attributes : [['entryUUID', id], ...attributes]);
    })
    .join('');
}

/** The value of `attribute` of every person, by DN, as OpenLDAP's client reads it. */
export async function idsOf(
  server: Access,
  attribute: string,
): Promise<ReadonlyMap<string, string>> {
  const who = ['-D', server.bindDn, '-w', server.password, '-E', 'pr=500/noprompt'];
  const search = ['-b', server.base, '(objectClass=person)', attribute];
  const { stdout, stderr, code } = await ldapsearch(server.url, [...who, ...search]);
  if (code !== 0) throw new Error(`ldapsearch failed with ${code}: ${stderr}`);
  const found = [...readLdif(stdout.split('\n'))].flatMap(({ dn, attributes }) => {
    const [id] = attributes.get(attribute.toLowerCase()) ?? [];
    return id === undefined ? [] : [[dn, id] as const];
  });
  return new Map(found);
}
