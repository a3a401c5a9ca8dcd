// A 389 Directory Server of one's own: the shipped configuration with every path in one folder, filled while it is off.
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../support/own-process.ts';
import { installed, launch, run, type TestServer } from './server.ts';

export type DirsrvOptions = {
  /** It must hold the entry of the suffix first. */
  readonly ldifPath?: string;
  readonly ldif?: string;
  /** Default `dc=example,dc=com`. */
  readonly suffix?: string;
  /** nsslapd-sizelimit. Default as shipped: 2,000. */
  readonly sizeLimit?: number;
  /** nsslapd-lookthroughlimit and nsslapd-pagedlookthroughlimit. Default as shipped: 5,000 and the same. */
  readonly lookThroughLimit?: number;
  /** Attributes with an equality index beside those of the shipped configuration. Default: manager. */
  readonly indexes?: readonly string[];
};

/** In a manager value: OIDs of 0.9.… are refused (syntax); the others, if quoted with a quote within, name nobody here. */
export const DIRSRV_UNKNOWN = {
  spellings: ['oid', 'alias', 'nfd', 'full width', 'quoted'],
} as const;

/** A plain account: limits do not hold for the directory manager. */
export type Dirsrv = TestServer & { readonly readerDn: string; readonly readerPassword: string };

const TEMPLATE = '/usr/share/dirsrv/data/template-dse.ldif';
const SCHEMA = '/etc/dirsrv/schema/99user.ldif';
const COLLATIONS = '/etc/dirsrv/config/slapd-collations.conf';

const ROOT_DN = 'cn=Directory Manager';
const PASSWORD = 'secret-of-the-tests';
const READER_PASSWORD = 'secret-of-the-reader';
const BACKEND = 'userRoot';
const READY_WITHIN_MS = 60_000;

/** Whoever starts it stops it. */
export async function startDirsrv(options: DirsrvOptions = {}): Promise<Dirsrv> {
  const dir = await mkdtemp(join(tmpdir(), 'orgwalk-389-'));
  try {
    const port = await freePort();
    await prepare(dir, port, options);
    const base = suffixOf(options);
    const url = `ldap://127.0.0.1:${port}`;
    const server = await launch(
      { url, base, bindDn: ROOT_DN, password: PASSWORD },
      {
        dir,
        command: installed('ns-slapd'),
        args: ['-D', join(dir, 'config'), '-i', join(dir, 'run', 'pid'), '-d', '0'],
        address: '127.0.0.1',
        port,
        readyWithinMs: READY_WITHIN_MS,
      },
    );
    return Object.assign(server, { readerDn: readerOf(base), readerPassword: READER_PASSWORD });
  } catch (error) {
    await rm(dir, { recursive: true, force: true });
    throw error;
  }
}

function suffixOf({ suffix }: DirsrvOptions): string {
  return suffix ?? 'dc=example,dc=com';
}

function readerOf(suffix: string): string {
  return `cn=reader,${suffix}`;
}

async function prepare(dir: string, port: number, options: DirsrvOptions): Promise<void> {
  const folders = ['config/schema', 'db', 'log', 'run', 'lock', 'tmp', 'ldif', 'bak', 'inst'];
  for (const folder of folders) await mkdir(join(dir, folder), { recursive: true });
  await copyFile(SCHEMA, join(dir, 'config', 'schema', '99user.ldif'));
  await copyFile(COLLATIONS, join(dir, 'config', 'slapd-collations.conf'));
  await writeFile(join(dir, 'config', 'dse.ldif'), await dseLdif(dir, port, options));
  const people = join(dir, 'ldif', 'people.ldif');
  await writeFile(people, await importLdif(options));
  try {
    await run('ns-slapd', ['ldif2db', '-D', join(dir, 'config'), '-n', BACKEND, '-i', people]);
  } catch (error) {
    const log = await readFile(join(dir, 'log', 'errors'), 'utf8');
    throw new Error(`ldif2db failed: ${log.slice(-4_000)}`, { cause: error });
  }
  await rm(people);
}

async function importLdif(options: DirsrvOptions): Promise<string> {
  const { ldifPath } = options;
  const ldif = ldifPath === undefined ? (options.ldif ?? '') : await readFile(ldifPath, 'utf8');
  const suffix = suffixOf(options);
  // The rights belong to the entry of the suffix, which is the first one.
  const rights = `aci: (targetattr != "userPassword")(version 3.0; acl "all read"; allow (read, search, compare) userdn = "ldap:///anyone";)`;
  return `${ldif.replace('\n\n', `\n${rights}\n\n`)}
dn: ${readerOf(suffix)}
objectClass: applicationProcess
objectClass: simpleSecurityObject
cn: reader
userPassword: ${READER_PASSWORD}
`;
}

async function dseLdif(dir: string, port: number, options: DirsrvOptions): Promise<string> {
  const values = placeholders(dir, port, suffixOf(options));
  const template = await readFile(TEMPLATE, 'utf8');
  const dse = template.replace(/%(\w+)%/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`${TEMPLATE} has an unknown %${name}%`);
    return value;
  });
  return `${withLimits(dse, options).trimEnd()}\n\n${backend(dir, options)}`;
}

function placeholders(dir: string, port: number, suffix: string): Readonly<Record<string, string>> {
  const at = (name: string) => join(dir, name);
  return {
    schema_dir: at('config/schema'),
    lock_dir: at('lock'),
    tmp_dir: at('tmp'),
    cert_dir: at('config'),
    ldif_dir: at('ldif'),
    bak_dir: at('bak'),
    run_dir: at('run'),
    inst_dir: at('inst'),
    log_dir: at('log'),
    config_dir: at('config'),
    db_dir: at('db'),
    db_home_dir: at('db'),
    db_lib: 'bdb',
    fqdn: 'localhost',
    ds_port: String(port),
    ds_user: userInfo().username,
    ds_passwd: `{CLEAR}${PASSWORD}`,
    ds_suffix: suffix,
    rootdn: ROOT_DN,
    ldapi_enabled: 'off',
    ldapi: at('run/ldapi'),
    ldapi_autobind: 'off',
  };
}

function withLimits(dse: string, { sizeLimit, lookThroughLimit }: DirsrvOptions): string {
  const server = [
    'nsslapd-listenhost: 127.0.0.1',
    ...(sizeLimit === undefined ? [] : [`nsslapd-sizelimit: ${sizeLimit}`]),
  ];
  const databases =
    lookThroughLimit === undefined ? [] : [`nsslapd-lookthroughlimit: ${lookThroughLimit}`];
  const parent = 'cn=config,cn=ldbm database,cn=plugins,cn=config';
  return withLines(withLines(dse, 'cn=config', server), parent, databases);
}

function withLines(dse: string, dn: string, lines: readonly string[]): string {
  return dse.replace(`dn: ${dn}\n`, (first) => [first, ...lines.map((one) => `${one}\n`)].join(''));
}

function backend(dir: string, options: DirsrvOptions): string {
  const suffix = suffixOf(options);
  const parent = `cn=${BACKEND},cn=ldbm database,cn=plugins,cn=config`;
  return `dn: ${parent}
objectClass: top
objectClass: extensibleObject
objectClass: nsBackendInstance
nsslapd-suffix: ${suffix}
nsslapd-directory: ${join(dir, 'db', BACKEND)}
cn: ${BACKEND}

dn: cn=index,${parent}
objectClass: top
objectClass: extensibleObject
cn: index

${(options.indexes ?? ['manager']).map((name) => index(name, parent)).join('')}dn: cn="${suffix}",cn=mapping tree,cn=config
objectClass: top
objectClass: extensibleObject
objectClass: nsMappingTree
cn: ${suffix}
nsslapd-state: backend
nsslapd-backend: ${BACKEND}
`;
}

function index(name: string, parent: string): string {
  return `dn: cn=${name},cn=index,${parent}
objectClass: top
objectClass: nsIndex
cn: ${name}
nsSystemIndex: false
nsIndexType: eq

`;
}
