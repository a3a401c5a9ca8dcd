import {
  type ConnectOptions,
  LdapConnection,
  type SearchEnd,
  type SearchLimits,
  type SearchSpec,
} from '../../src/ldap/connection/connection.ts';
import { ConnectionError } from '../../src/ldap/connection/connection-error.ts';
import type { RawEntry } from '../../src/ldap/messages/entry.ts';
import { present } from '../../src/ldap/messages/filters.ts';
import {
  type Script,
  type ScriptedServer,
  withScriptedServer,
} from '../support/scripted-server.ts';

/** Long enough never to pass in a test that does not wait for it. */
export const PATIENT_MS = 30_000;
/** A deadline that a test waits for. */
export const BRIEF_MS = 60;

export const ANY_SEARCH: SearchSpec = {
  base: 'dc=example,dc=com',
  scope: 'sub',
  filter: present('objectClass'),
  attributes: ['cn'],
};

export const PATIENT: SearchLimits = { idleTimeoutMs: PATIENT_MS };

export type Session = (connection: LdapConnection, server: ScriptedServer) => Promise<void>;

/** A connection to a scripted server, closed at the end. */
export async function withConnection(
  script: Script,
  use: Session,
  options: Partial<ConnectOptions> = {},
): Promise<void> {
  await withScriptedServer(script, async (server) => {
    const defaults = { url: server.url, connectTimeoutMs: PATIENT_MS };
    await using connection = await LdapConnection.open({ ...defaults, ...options });
    await use(connection, server);
  });
}

export interface Answer {
  readonly end: SearchEnd;
  readonly entries: readonly RawEntry[];
}

export async function searchAll(
  connection: LdapConnection,
  spec: Partial<SearchSpec> = {},
  limits: Partial<SearchLimits> = {},
): Promise<Answer> {
  const entries: RawEntry[] = [];
  const request = { ...ANY_SEARCH, ...spec };
  const end = await connection.search(request, { ...PATIENT, ...limits }, (entry) =>
    entries.push(entry),
  );
  return { end, entries };
}

/** The ConnectionError that `promise` rejects with. */
export async function failureOf(promise: Promise<unknown>): Promise<ConnectionError> {
  const outcome = await promise.then(
    () => 'it resolved',
    (error: unknown) => error,
  );
  if (outcome instanceof ConnectionError) return outcome;
  throw new Error('Expected a ConnectionError', { cause: outcome });
}

export function textsOf(entry: RawEntry | undefined, name: string): readonly string[] {
  return (entry?.attributes.get(name) ?? []).map((value) => value.toString());
}
