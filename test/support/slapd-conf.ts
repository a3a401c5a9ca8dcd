// The slapd.conf of a test server, from the options of its fixture.
import { existsSync } from 'node:fs';

export type SlapdOptions = {
  /** An LDIF file to load. It must hold the entry of the suffix first. */
  readonly ldifPath?: string;
  /** The same as text. */
  readonly ldif?: string;
  /** Default `dc=example,dc=com`. */
  readonly suffix?: string;
  /** Whether the size limit is the one that slapd has unless told otherwise, 500. Default: no limit. */
  readonly shippedSizeLimit?: boolean;
  /** What follows `limits *`: `size=500`, `size.soft=500 size.prtotal=disabled`. Default: no limit. */
  readonly sizeLimit?: string;
  /** More slapd.conf lines, in the database's section. */
  readonly extraConfig?: readonly string[];
  /** More slapd.conf lines, before the database's section (TLSVerifyClient, sockbuf_max_incoming, …). */
  readonly globalConfig?: readonly string[];
  /** slapd.conf `index` lines without the keyword. Default: what a tended directory has. */
  readonly indexes?: readonly string[];
  /** `access to …` lines in place of "everyone reads everything". */
  readonly acl?: readonly string[];
  /** Paths of PEM files; then the server also listens on `ldapsUrl` and takes StartTLS. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly ca: string };
  /** Whether an unauthenticated connection may read. Default true. Ignored where `acl` is given. */
  readonly anonymous?: boolean;
  /** Default `secret`. */
  readonly rootPassword?: string;
  /** Adds `cn=reader,<suffix>` with this password: bound, but under the limits that root escapes. */
  readonly readerPassword?: string;
};

/** Where one server keeps what is its own. */
export type SlapdFiles = {
  readonly dir: string;
  readonly conf: string;
  readonly pid: string;
  readonly data: string;
};

const SCHEMA_DIRECTORIES = [
  '/etc/ldap/schema',
  '/etc/openldap/schema',
  '/usr/local/etc/openldap/schema',
];

const MODULE_DIRECTORIES = ['/usr/lib/ldap', '/usr/lib64/openldap', '/usr/local/libexec/openldap'];

/** Sparse, so this costs address space only; enough for a few million people. */
const MAX_SIZE_BYTES = 32 * 1024 ** 3;

const DEFAULT_INDEXES = [
  'objectClass,manager,uid,employeeNumber,mail,entryUUID,departmentNumber,roomNumber eq',
];

export function slapdConf(options: SlapdOptions, files: SlapdFiles): string {
  return [...globalLines(options, files), ...databaseLines(options, files), ''].join('\n');
}

/** The account that the fixture adds, or undefined where none was asked for. */
export function readerLdif(options: SlapdOptions): string | undefined {
  if (options.readerPassword === undefined) return undefined;
  const suffix = options.suffix ?? 'dc=example,dc=com';
  return `dn: cn=reader,${suffix}
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: reader
userPassword: ${options.readerPassword}
`;
}

function globalLines(options: SlapdOptions, files: SlapdFiles): readonly string[] {
  const schema = firstDirectory(SCHEMA_DIRECTORIES);
  const modules = firstDirectory(MODULE_DIRECTORIES);
  return [
    ...['core', 'cosine', 'inetorgperson'].map((name) => `include ${schema}/${name}.schema`),
    `pidfile ${files.pid}`,
    'loglevel none',
    'tool-threads 2',
    `modulepath ${modules}`,
    'moduleload back_mdb',
    ...tlsLines(options),
    ...(options.globalConfig ?? []),
  ];
}

function tlsLines({ tls }: SlapdOptions): readonly string[] {
  if (tls === undefined) return [];
  return [
    `TLSCertificateFile ${tls.cert}`,
    `TLSCertificateKeyFile ${tls.key}`,
    `TLSCACertificateFile ${tls.ca}`,
  ];
}

function databaseLines(options: SlapdOptions, files: SlapdFiles): readonly string[] {
  const suffix = options.suffix ?? 'dc=example,dc=com';
  return [
    'database mdb',
    `suffix "${suffix}"`,
    `rootdn "cn=admin,${suffix}"`,
    `rootpw ${options.rootPassword ?? 'secret'}`,
    `directory ${files.data}`,
    `maxsize ${MAX_SIZE_BYTES}`,
    'dbnosync', // the data is thrown away with the server
    ...(options.shippedSizeLimit === true ? [] : ['sizelimit unlimited']),
    ...(options.sizeLimit === undefined ? [] : [`limits * ${options.sizeLimit}`]),
    ...(options.indexes ?? DEFAULT_INDEXES).map((index) => `index ${index}`),
    ...(options.acl ?? defaultAcl(options.anonymous ?? true)),
    ...(options.extraConfig ?? []),
  ];
}

/** Binding needs "auth" on the password, and nobody reads it. */
function defaultAcl(anonymous: boolean): readonly string[] {
  const everyone = anonymous ? 'by * read' : 'by users read by * none';
  return ['access to attrs=userPassword by anonymous auth by * none', `access to * ${everyone}`];
}

function firstDirectory(candidates: readonly string[]): string {
  const found = candidates.find((path) => existsSync(path));
  if (found === undefined) throw new Error(`none of ${candidates.join(', ')} is there`);
  return found;
}
