import { readFileSync } from 'node:fs';
import type { Config } from '../config/options.ts';
import { UsageError } from '../domain/errors.ts';
import type { Credentials, TlsOptions } from '../ldap/connection/connection.ts';
import type { DirectoryOptions } from '../ldap/directory.ts';
import { refuseSecrets } from '../ldap/mapping/secrets.ts';
import { FilterSyntaxError, parseFilter } from '../ldap/messages/filter-parser.ts';
import { version } from './version.ts';

/** How long a server that stumbles at the start is tried again. */
export const START_BUDGET_MS = 5_000;

/** What tells which directory is meant, and how to be let in. */
export type DirectoryConfig = Pick<Config<'crawl'>, keyof Config<'crawl'> & keyof Config<'check'>>;

/** Before anything is opened: what is wrong with the command line must leave no trace. */
export function refuseBadQuestion(config: DirectoryConfig): void {
  const { filter, roots, mapping = {}, attributes, managerAttribute, managerValue } = config;
  const columns = Object.values(mapping).flat();
  refuseSecrets([...columns, ...attributes, managerAttribute, managerValue]);
  if (filter !== undefined) assertFilter('--filter', filter);
  for (const root of roots) if (root.startsWith('(')) assertFilter('--root', root);
}

function assertFilter(option: string, text: string): void {
  try {
    parseFilter(text);
  } catch (cause) {
    if (!(cause instanceof FilterSyntaxError)) throw cause;
    const message = cause.message.replace(/^E/, 'e');
    throw new UsageError(`${option}: ${message}`, 'a filter reads like (uid=ceo), by RFC 4515', {
      cause,
    });
  }
}

export function directoryOptions(
  config: DirectoryConfig,
  password: string | undefined,
): DirectoryOptions {
  const { base, roots, filter, mapping, attributes } = config;
  const { managerAttribute, managerValue, pageSize } = config;
  return {
    urls: config.urls.map(({ text }) => text),
    credentials: credentialsOf(config, password),
    connect: {
      connectTimeoutMs: config.requestTimeoutMs,
      startTls: config.starttls,
      tls: tlsOptions(config),
    },
    base,
    roots,
    filter,
    mapping: { ...mapping, attributes },
    managerAttribute,
    managerValue,
    pageSize,
    requestTimeoutMs: config.requestTimeoutMs,
    startBudgetMs: START_BUDGET_MS,
    edition: version(),
  };
}

function credentialsOf(config: DirectoryConfig, password: string | undefined): Credentials {
  const { bindDn, certFile } = config;
  if (bindDn !== undefined) return { kind: 'simple', dn: bindDn, password: password ?? '' };
  return { kind: certFile === undefined ? 'anonymous' : 'external' };
}

function tlsOptions(config: DirectoryConfig): TlsOptions {
  const { caFile, certFile, keyFile, tlsServerName } = config;
  return {
    ...(caFile === undefined ? {} : { ca: readPem('--ca-file', caFile) }),
    ...(certFile === undefined ? {} : { cert: readPem('--cert-file', certFile) }),
    ...(keyFile === undefined ? {} : { key: readPem('--key-file', keyFile) }),
    ...(tlsServerName === undefined ? {} : { serverName: tlsServerName }),
  };
}

function readPem(option: string, path: string): Buffer {
  try {
    const pem = readFileSync(path);
    if (pem.includes('-----BEGIN ')) return pem;
  } catch (cause) {
    const reason = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
    throw new UsageError(`${option}: cannot read ${path}${reason}`, 'check the path', { cause });
  }
  throw new UsageError(`${option}: ${path} holds no PEM block`, 'give a file in PEM format');
}
