// LdapDirectory against a server: what it asks, what it makes of the answers, and how often it asked the limiter.
import { dnKey } from '../../src/domain/dn.ts';
import type { Branch, Employee, Page } from '../../src/domain/employee.ts';
import { DirectoryError, SearchFailure } from '../../src/domain/errors.ts';
import type { Clock, ExpansionPage } from '../../src/domain/ports.ts';
import { type DirectoryOptions, LdapDirectory } from '../../src/ldap/directory.ts';
import { systemClock } from '../../src/pace/clock.ts';
import {
  type ObservedSearch,
  SimulatedServer,
  type SimulatedServerOptions,
} from '../../src/simulate/server.ts';
import { person, SUFFIX, team } from '../simulate/servers.ts';
import { done, elements, entry, type Values } from '../support/ldap-bytes.ts';
import { type Peer, type Script, withScriptedServer } from '../support/scripted-server.ts';
import { PATIENT_MS } from './sessions.ts';

export const NEVER = new AbortController().signal;
export const P1 = `uid=p1,${SUFFIX}`;

export interface Opened {
  readonly directory: LdapDirectory;
  /** How often the limiter was asked so far. */
  readonly admitted: () => number;
  /** What the limiter was told of each answer: `served`, `busy` or `silent`. */
  readonly told: readonly string[];
}

export interface Observed extends Opened {
  readonly server: SimulatedServer;
  /** What the server was asked so far. */
  readonly searches: readonly ObservedSearch[];
}

type Options = Partial<DirectoryOptions>;

/** A directory that is not open yet, closed after `use`. */
export async function withDirectory<T>(
  url: string,
  options: Options,
  use: (opened: Opened) => Promise<T>,
  clock: Clock = systemClock,
): Promise<T> {
  let admitted = 0;
  const told: string[] = [];
  const pace = {
    rate: 0,
    admit: async () => {
      admitted += 1;
    },
    served: () => void told.push('served'),
    refused: (why: string) => void told.push(why),
  };
  const load = { start: () => () => {} };
  const directory = new LdapDirectory(
    {
      urls: [url],
      credentials: { kind: 'anonymous' },
      connect: { connectTimeoutMs: PATIENT_MS },
      base: undefined,
      roots: [P1],
      filter: '(objectClass=person)',
      managerAttribute: 'manager',
      managerValue: 'dn',
      pageSize: 500,
      requestTimeoutMs: PATIENT_MS,
      ...options,
    },
    { pace, load, clock },
  );
  try {
    return await use({ directory, admitted: () => admitted, told });
  } finally {
    await directory.close();
  }
}

/** The same on a simulated server: three people, p1 manages all, unless told otherwise. */
export async function withSimulated<T>(
  serverOptions: Partial<SimulatedServerOptions>,
  options: Options,
  use: (observed: Observed) => Promise<T>,
): Promise<T> {
  const searches: ObservedSearch[] = [];
  await using server = await SimulatedServer.listen({
    directory: team(3),
    onSearch: (search) => searches.push(search),
    ...serverOptions,
  });
  return await withDirectory(server.url, options, (opened) => use({ ...opened, server, searches }));
}

/** The same, open. */
export async function withOpen<T>(
  serverOptions: Partial<SimulatedServerOptions>,
  options: Options,
  use: (observed: Observed) => Promise<T>,
): Promise<T> {
  return withSimulated(serverOptions, options, async (observed) => {
    await observed.directory.open(NEVER);
    return use(observed);
  });
}

export function branch(uid: string, link = `uid=${uid},${SUFFIX}`): Branch {
  return {
    person: 1,
    id: uid,
    dn: link,
    link,
    linkKey: link.includes('=') ? dnKey(link) : link,
    attempts: 0,
    refusals: 0,
    outages: 0,
  };
}

/** A page whose people have been gone through, as it must be before the next is asked for. */
interface ReadPage extends ExpansionPage {
  readonly page: Page & { readonly employees: readonly Employee[] };
}

export interface Expansion {
  readonly pages: readonly ReadPage[];
  /** User names, or DNs where there is none, in the order of arrival. */
  readonly found: readonly string[];
  readonly completed: boolean;
  readonly error: unknown;
}

/** Everything that an expansion yields before it ends or throws. */
export async function expand(
  directory: LdapDirectory,
  branches: readonly Branch[],
  { slot = 0, signal = NEVER }: { readonly slot?: number; readonly signal?: AbortSignal } = {},
): Promise<Expansion> {
  const pages: ReadPage[] = [];
  let error: unknown;
  try {
    for await (const { page, last } of directory.expand(branches, slot, signal)) {
      pages.push({ page: { ...page, employees: [...page.employees].map(whole) }, last });
    }
  } catch (thrown) {
    error = thrown;
  }
  const found = pages.flatMap(({ page }) =>
    page.employees.map(({ profile, dn }) => profile.username ?? dn),
  );
  return { pages, found, completed: pages.some(({ last }) => last), error };
}

/** With what would be decoded when it is asked for. */
function whole(employee: Employee): Employee {
  const { linkKey, profile, active } = employee;
  return { ...employee, linkKey, profile, active };
}

/** The SearchFailure that an expansion threw, as plain values. */
export function failureIn({ error }: Expansion) {
  if (!(error instanceof SearchFailure))
    throw new Error('Expected a SearchFailure', { cause: error });
  const { remedy, reason, resultCode } = error;
  return { remedy, reason, resultCode };
}

/** The code of the DirectoryError that `promise` rejects with. */
export async function refusalOf(promise: Promise<unknown>): Promise<string> {
  const outcome = await promise.then(
    () => 'it resolved',
    (error: unknown) => error,
  );
  if (outcome instanceof DirectoryError) return outcome.code;
  throw new Error('Expected a DirectoryError', { cause: outcome });
}

/** `count` persons r1, r2, …, managed by p1. */
export function reports(count: number) {
  return Array.from({ length: count }, (_, n) => person(`r${n + 1}`));
}

export interface ScriptedSearch {
  readonly id: number;
  readonly base: string;
  readonly sizeLimit: number;
}

type Attributes = readonly (readonly [string, Values])[];

export interface Scripted {
  /** Attributes of the rootDSE; undefined: it is not shown. */
  readonly rootDse?: Attributes | undefined;
  /** Answers whatever is neither for the rootDSE nor for whether anybody is there. */
  readonly answer?: (peer: Peer, search: ScriptedSearch) => void;
}

const ROOT_DSE: Attributes = [
  ['namingContexts', [SUFFIX]],
  ['supportedControl', ['1.2.840.113556.1.4.319']],
];
const SEARCH = 0x63;

/** A directory at a server that answers what `scripted` says. */
export function withScripted<T>(
  scripted: Scripted,
  options: Options,
  use: (opened: Opened) => Promise<T>,
): Promise<T> {
  return withScriptedServer(scriptOf({ rootDse: ROOT_DSE, ...scripted }), ({ url }) =>
    withDirectory(url, options, use),
  );
}

function scriptOf({ rootDse, answer }: Scripted): Script {
  return async (peer) => {
    for (;;) {
      const request = await peer.request();
      if (request === undefined) return;
      if (request.tag !== SEARCH) continue;
      const search = searchOf(request.id, request.content);
      if (search.base === '') {
        const shown = rootDse === undefined ? [] : [entry(search.id, '', rootDse)];
        peer.send(...shown, done(search.id));
      } else if (search.sizeLimit === 1) {
        peer.send(entry(search.id, P1, []), done(search.id));
      } else answer?.(peer, search);
    }
  };
}

/** RFC 4511 §4.5.1: baseObject, scope, derefAliases, sizeLimit, … */
function searchOf(id: number, content: Buffer): ScriptedSearch {
  const [base, , , sizeLimit] = elements(content).map((element) => element.content);
  if (base === undefined || sizeLimit === undefined) throw new Error('Not a search');
  return { id, base: base.toString(), sizeLimit: sizeLimit.readIntBE(0, sizeLimit.length) };
}
