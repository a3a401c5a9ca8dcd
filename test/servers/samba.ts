// A Samba Active Directory domain controller of one's own: provisioned into a folder, filled while it is off.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isFree } from '../support/own-process.ts';
import { type Access, installed, launch, run, type TestServer } from './server.ts';

export type SambaOptions = {
  /** Entries, managers before their reports where they can be. */
  readonly ldif?: string;
  /** Changes after that: links to entries that come later. */
  readonly changes?: string;
  /** Whether `manager` gets an index, which it has on no domain as shipped. Default false. */
  readonly indexed?: boolean;
  /** Whether a simple bind without TLS is refused, as it is as shipped. Default false. */
  readonly strongAuth?: boolean;
  /** PEM files for the address that it gets; then it also listens on `ldapsUrl` and takes StartTLS. */
  readonly tls?: (address: string) => Promise<PemFiles>;
};

export type PemFiles = { readonly cert: string; readonly key: string; readonly ca: string };

export const SAMBA_BASE = 'DC=example,DC=com';

const PASSWORD = 'Passw0rd!of-the-tests';

/** Samba has no option for them: LDAP, LDAP over TLS, and the global catalogue's two. */
const PORTS = [389, 636, 3268, 3269];

const READY_WITHIN_MS = 60_000;

/** Whoever starts it stops it. Needs root, for its ports are below 1024. */
export async function startSamba(options: SambaOptions = {}): Promise<TestServer> {
  const dir = await mkdtemp(join(tmpdir(), 'orgwalk-samba-'));
  try {
    const address = await freeAddress();
    await prepare(dir, address, options);
    return await launch(accessTo(address, options), {
      dir,
      command: installed('samba'),
      args: ['-F', '-M', 'single', '--no-process-group', '-s', confIn(dir), '--debug-stdout'],
      address,
      port: 389,
      readyWithinMs: READY_WITHIN_MS,
    });
  } catch (error) {
    await rm(dir, { recursive: true, force: true });
    throw error;
  }
}

function accessTo(address: string, { tls }: SambaOptions): Access {
  return {
    url: `ldap://${address}`,
    ldapsUrl: tls && `ldaps://${address}`,
    base: SAMBA_BASE,
    bindDn: `CN=Administrator,CN=Users,${SAMBA_BASE}`,
    password: PASSWORD,
  };
}

async function prepare(dir: string, address: string, options: SambaOptions): Promise<void> {
  const conf = smbConf(dir, address, options, await options.tls?.(address));
  await mkdir(join(dir, 'cache'));
  await writeFile(confIn(dir), conf);
  await provision(dir);
  await writeFile(confIn(dir), conf); // a provision adds what a file server needs
  if (options.ldif !== undefined) await edit('ldbadd', dir, options.ldif, ['-o', 'batch_mode:1']);
  if (options.changes !== undefined) await change(dir, options.changes);
  // Last: while the index is made, entries cannot be added in batch mode.
  if (options.indexed === true) await edit('ldbmodify', dir, INDEX_ON_MANAGER, SCHEMA_UPDATE);
}

/** Its own smb.conf comes first: a provision reads, and completes, the one that it is given. */
async function provision(dir: string): Promise<void> {
  await run('samba-tool', [
    ...['domain', 'provision', `--configfile=${confIn(dir)}`, `--targetdir=${dir}`],
    ...['--realm=EXAMPLE.COM', '--domain=EXAMPLE', '--server-role=dc', '--dns-backend=NONE'],
    ...['--host-name=dc1', '--host-ip=127.0.0.1', `--adminpass=${PASSWORD}`, '--quiet'],
  ]);
}

/** [MS-ADA1] searchFlags: 1 is fATTINDEX; 16, as shipped, keeps the value on a tombstone's copy. */
const INDEX_ON_MANAGER = `dn: CN=Manager,CN=Schema,CN=Configuration,${SAMBA_BASE}
changetype: modify
replace: searchFlags
searchFlags: 17
`;

const SCHEMA_UPDATE = ['--option=dsdb:schema update allowed=true'];

function change(dir: string, changes: string): Promise<void> {
  return edit('ldbmodify', dir, changes, []);
}

/**
 * Straight into the database of a server that is off. batch_mode keeps the index in memory to the end: without it
 * the time grows with the square of the people, and 10,000 take minutes.
 */
async function edit(
  tool: 'ldbadd' | 'ldbmodify',
  dir: string,
  ldif: string,
  more: readonly string[],
): Promise<void> {
  const file = join(dir, `${tool}.ldif`);
  await writeFile(file, ldif);
  const database = ['-H', join(dir, 'private', 'sam.ldb'), `--configfile=${confIn(dir)}`];
  const said = await run(tool, [...database, '--nosync', ...more, file]);
  // It exits with 0 where it stops at an entry that it cannot read.
  const entries = ldif.match(/^dn:/gm)?.length ?? 0;
  if (!said.includes(` ${entries} records successfully`)) throw new Error(`${tool}: ${said}`);
  await rm(file);
}

/** objectGUID of every person by DN, in the text form of Samba's own tools. */
export function guidsOf(server: TestServer): Promise<ReadonlyMap<string, string>> {
  return stored(server, '(objectClass=person)', 'objectGUID');
}

/** One attribute of entries as the database has it, by DN: read without a bind. */
export async function stored(
  server: TestServer,
  filter: string,
  attribute: string,
): Promise<ReadonlyMap<string, string>> {
  const database = ['-H', join(server.dir, 'private', 'sam.ldb')];
  const config = `--configfile=${confIn(server.dir)}`;
  const ldif = await run('ldbsearch', [...database, config, filter, attribute]);
  return new Map(valuesIn(ldif, attribute));
}

function* valuesIn(ldif: string, attribute: string): Iterable<readonly [string, string]> {
  for (const block of ldif.replace(/\n /g, '').split('\n\n')) {
    const dn = /^dn: (.*)$/m.exec(block)?.[1] ?? decoded(/^dn:: (.*)$/m.exec(block)?.[1]);
    const value = new RegExp(`^${attribute}: (.*)$`, 'm').exec(block)?.[1];
    if (dn !== undefined && value !== undefined) yield [dn, value];
  }
}

function decoded(base64: string | undefined): string | undefined {
  return base64 === undefined ? undefined : Buffer.from(base64, 'base64').toString();
}

function confIn(dir: string): string {
  return join(dir, 'etc.conf');
}

function smbConf(
  dir: string,
  address: string,
  { strongAuth }: SambaOptions,
  tls: PemFiles | undefined,
): string {
  const at = (name: string) => join(dir, name);
  return [
    '[global]',
    'netbios name = DC1',
    'realm = EXAMPLE.COM',
    'workgroup = EXAMPLE',
    'server role = active directory domain controller',
    'server services = ldap',
    `interfaces = ${address}/8`,
    'bind interfaces only = yes',
    `ldap server require strong auth = ${strongAuth === true ? 'yes' : 'no'}`,
    `private dir = ${at('private')}`,
    `state directory = ${at('state')}`,
    `lock directory = ${dir}`,
    `cache directory = ${at('cache')}`,
    `binddns dir = ${at('bind-dns')}`,
    `pid directory = ${dir}`,
    `ncalrpc dir = ${at('ncalrpc')}`,
    `winbindd socket directory = ${at('winbindd')}`,
    `log file = ${at('log')}`,
    ...tlsLines(tls),
    '',
  ].join('\n');
}

/** Left alone it makes an RSA key of 4,096 bits at its first start, which takes half a minute. */
function tlsLines(tls: PemFiles | undefined): readonly string[] {
  if (tls === undefined) return ['tls enabled = no'];
  return [`tls certfile = ${tls.cert}`, `tls keyfile = ${tls.key}`, `tls cafile = ${tls.ca}`];
}

/** Somewhere in 127.0.0.0/8 where its ports are free. */
async function freeAddress(): Promise<string> {
  for (;;) {
    const part = () => 1 + Math.floor(Math.random() * 254);
    const address = `127.${part()}.${part()}.${part()}`;
    const free = await Promise.all(PORTS.map((port) => isFree(port, address)));
    if (free.every(Boolean)) return address;
  }
}
