// An ApacheDS of one's own: the shipped configuration on ports of its own, filled over LDAP once it runs.
import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../support/own-process.ts';
import { installed, launch, type TestServer } from './server.ts';

const runFile = promisify(execFile);

export type ApachedsOptions = {
  /** Its first entry, that of the suffix, is there already and left out. */
  readonly ldif?: string;
  /** ads-maxSizeLimit, which the administrator escapes. Default as shipped: 1,000. */
  readonly sizeLimit?: number;
  /** Attributes with an index beside the shipped ones. Default: manager. */
  readonly indexes?: readonly string[];
};

export const APACHEDS_BASE = 'dc=example,dc=com';

/** A multi-valued RDN with its parts swapped is found as a base and not by a filter; nothing beyond 16 bits is taken. */
export const APACHEDS_UNKNOWN = {
  spellings: ['swapped parts'],
  characters: /[\u{10000}-\u{10ffff}]|\\f[0-4](?:\\[89ab][0-9a-f]){3}/gu,
} as const;

/** A plain account: limits do not hold for the administrator. */
export type Apacheds = TestServer & { readonly readerDn: string; readonly readerPassword: string };

const CLASSES = [
  '/usr/share/apacheds/lib/*',
  ...['caffeine', 'commons-collections4', 'commons-lang3'].map(
    (name) => `/usr/share/java/${name}.jar`,
  ),
].join(':');
const CONFIG = '/etc/apacheds';
const ADMIN = { bindDn: 'uid=admin,ou=system', password: 'secret' };
const READER = { dn: `cn=reader,${APACHEDS_BASE}`, password: 'secret-of-the-reader' };
const READY_WITHIN_MS = 120_000;

/** What /etc/default/apacheds registers, as far as the tests need it. */
const CONTROLS = ['cascade.Cascade', 'manageDsaIT.ManageDsaIT', 'search.pagedSearch.PagedResults']
  .map((name) => `org.apache.directory.api.ldap.codec.controls.${name}Factory`)
  .join(',');

/** Whoever starts it stops it. Its own self-signed certificate is on `ldapsUrl`. */
export async function startApacheds(options: ApachedsOptions = {}): Promise<Apacheds> {
  const dir = await mkdtemp(join(tmpdir(), 'orgwalk-apacheds-'));
  const port = await freePort();
  const tls = await freePort(port);
  await prepare(dir, { port, tls }, options).catch(async (error: unknown) => {
    await rm(dir, { recursive: true, force: true });
    throw error;
  });
  const access = {
    url: `ldap://127.0.0.1:${port}`,
    ldapsUrl: `ldaps://127.0.0.1:${tls}`,
    base: APACHEDS_BASE,
    ...ADMIN,
  };
  const how = { dir, address: '127.0.0.1', port, readyWithinMs: READY_WITHIN_MS };
  const server = await launch(access, { ...how, ...javaIn(dir) });
  try {
    await load(server, options);
    return Object.assign(server, { readerDn: READER.dn, readerPassword: READER.password });
  } catch (error) {
    await server.stop();
    throw error;
  }
}

type Ports = { readonly port: number; readonly tls: number };

async function prepare(dir: string, ports: Ports, options: ApachedsOptions): Promise<void> {
  for (const folder of ['conf', 'log', 'partitions', 'cache', 'run'])
    await mkdir(join(dir, folder));
  const config = await readFile(join(CONFIG, 'config.ldif'), 'utf8');
  await writeFile(join(dir, 'conf', 'config.ldif'), adapted(config, ports, options));
  await copyFile(join(CONFIG, 'log4j.properties'), join(dir, 'conf', 'log4j.properties'));
}

function adapted(config: string, { port, tls }: Ports, options: ApachedsOptions): string {
  const indexes = (options.indexes ?? ['manager']).map(indexEntry).join('');
  const text = config
    .replaceAll('0.0.0.0', '127.0.0.1')
    .replace('ads-systemport: 10389', `ads-systemport: ${port}`)
    .replace('ads-systemport: 10636', `ads-systemport: ${tls}`)
    .replaceAll('ads-partitionsynconwrite: TRUE', 'ads-partitionsynconwrite: FALSE')
    .replace('ads-maxSizeLimit: 1000', `ads-maxSizeLimit: ${options.sizeLimit ?? 1000}`);
  return `${text.trimEnd()}\n\n${indexes}`;
}

function indexEntry(name: string): string {
  const partition =
    'ads-partitionId=example,ou=partitions,ads-directoryServiceId=default,ou=config';
  return `dn: ads-indexAttributeId=${name},ou=indexes,${partition}
objectclass: top
objectclass: ads-base
objectclass: ads-index
objectclass: ads-jdbmIndex
ads-indexattributeid: ${name}
ads-indexHasReverse: FALSE
ads-indexcachesize: 100
ads-enabled: TRUE

`;
}

/** The server makes its own certificate by classes that Java hides since 16. */
const EXPORTS = ['x509', 'util'].map(
  (name) => `--add-exports=java.base/sun.security.${name}=ALL-UNNAMED`,
);

function javaIn(dir: string): { readonly command: string; readonly args: readonly string[] } {
  const properties = [
    '-Djava.awt.headless=true',
    `-Dapacheds.controls=${CONTROLS}`,
    `-Dlog4j.configuration=file:${join(dir, 'conf', 'log4j.properties')}`,
    `-Dapacheds.log.dir=${join(dir, 'log')}`,
  ];
  const program = ['-cp', CLASSES, 'org.apache.directory.server.UberjarMain', `${dir}/`];
  return { command: installed('java'), args: ['-Xmx512m', ...EXPORTS, ...properties, ...program] };
}

async function load(server: TestServer, { ldif = '' }: ApachedsOptions): Promise<void> {
  const people = ldif.slice(ldif.indexOf('\n\n') + 2);
  const reader = `dn: ${READER.dn}
objectClass: person
cn: reader
sn: reader
userPassword: ${READER.password}
`;
  const file = join(server.dir, 'people.ldif');
  await writeFile(file, `${people.trimEnd()}\n\n${reader}`);
  const who = ['-x', '-H', server.url, '-D', server.bindDn, '-w', server.password];
  await runFile(installed('ldapadd'), [...who, '-f', file], { maxBuffer: 1 << 28 });
  await rm(file);
}
