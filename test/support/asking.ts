// One search at a time on a connection of the program's own, told in a few words.
import { LdapConnection } from '../../src/ldap/connection/connection.ts';
import type { RawEntry } from '../../src/ldap/messages/entry.ts';
import { parseFilter } from '../../src/ldap/messages/filters.ts';

const PATIENT_MS = 60_000;

export type Question = {
  readonly base: string;
  /** Default `sub`. */
  readonly scope?: 'base' | 'one' | 'sub';
  /** RFC 4515. Default `(objectClass=*)`. */
  readonly filter?: string;
  readonly attributes?: readonly string[];
  /** Entries a page. Default: no paging control. */
  readonly page?: number;
  readonly cookie?: Buffer;
  readonly critical?: boolean;
};

export type Told = {
  readonly code: number;
  readonly dns: readonly string[];
  readonly entries: readonly RawEntry[];
  readonly cookie: Buffer | undefined;
  readonly references: readonly string[];
};

export type Account = { readonly bindDn: string; readonly password: string };

/** Bound, or anonymous where no account is given; closed at the end. */
export async function withAsker<T>(
  url: string,
  account: Account | undefined,
  use: (connection: LdapConnection) => Promise<T>,
): Promise<T> {
  await using connection = await LdapConnection.open({ url, connectTimeoutMs: PATIENT_MS });
  if (account !== undefined) {
    const { bindDn: dn, password } = account;
    const { code } = await connection.bind({ kind: 'simple', dn, password }, PATIENT_MS);
    if (code !== 0) throw new Error(`the bind was refused with ${code}`);
  }
  return await use(connection);
}

/** The result code of a bind with these. */
export async function bindCode(url: string, { bindDn, password }: Account): Promise<number> {
  await using connection = await LdapConnection.open({ url, connectTimeoutMs: PATIENT_MS });
  return (await connection.bind({ kind: 'simple', dn: bindDn, password }, PATIENT_MS)).code;
}

export async function ask(connection: LdapConnection, question: Question): Promise<Told> {
  const { base, scope = 'sub', filter = '(objectClass=*)', attributes = ['cn'] } = question;
  const { page, cookie = Buffer.alloc(0), critical = false } = question;
  const entries: RawEntry[] = [];
  const spec = { base, scope, filter: parseFilter(filter), attributes };
  const paged = page === undefined ? spec : { ...spec, page: { size: page, cookie, critical } };
  const limits = { idleTimeoutMs: PATIENT_MS };
  const end = await connection.search(paged, limits, (entry) => entries.push(entry));
  const { result, references } = end;
  return {
    code: result.code,
    dns: entries.map(({ dn }) => dn),
    entries,
    cookie: end.cookie,
    references,
  };
}

/** Page by page to the end: how many entries each page had, and the last result code. */
export async function askPaged(
  connection: LdapConnection,
  question: Question & { readonly page: number },
): Promise<{
  readonly pages: readonly number[];
  readonly code: number;
  readonly control: boolean;
}> {
  const pages: number[] = [];
  for (let cookie = Buffer.alloc(0); ; ) {
    const told = await ask(connection, { ...question, cookie });
    pages.push(told.dns.length);
    const more = told.cookie !== undefined && told.cookie.length > 0;
    if (told.code !== 0 || !more) {
      return { pages, code: told.code, control: told.cookie !== undefined };
    }
    cookie = Buffer.from(told.cookie);
  }
}

export function valuesOf(entry: RawEntry | undefined, name: string): readonly string[] {
  return (entry?.attributes.get(name.toLowerCase()) ?? []).map((value) => value.toString());
}

/** A value within a filter, every octet of it escaped (RFC 4515 §3). */
export function literal(value: string): string {
  return Buffer.from(value).toString('hex').replace(/../g, '\\$&');
}
