// One crawl for each message of a session and each thing that a server can do instead of answering it.
import {
  DropConnection,
  type Fault,
  GarbageBytes,
  NoticeOfDisconnection,
  type Occasion,
  ResetConnection,
  ResultCode,
  Silence,
} from '../../src/simulate/faults.ts';
import type { SimulatedServerOptions } from '../../src/simulate/server.ts';
import { withServer } from '../simulate/servers.ts';
import { company } from './company.ts';
import { crawlInto, type Databases, type WiredOptions, withDatabases } from './wired.ts';

const ACCOUNT = { bindDn: 'cn=reader,dc=example,dc=com', password: 'secret' };
/** Only silence waits for it. On a busy machine an answer must not take so long. */
const REQUEST_TIMEOUT_MS = 400;

const OPTIONS: WiredOptions = {
  credentials: { kind: 'simple', dn: ACCOUNT.bindDn, password: ACCOUNT.password },
  connect: { connectTimeoutMs: REQUEST_TIMEOUT_MS },
  requestTimeoutMs: REQUEST_TIMEOUT_MS,
};

export interface Stumble {
  readonly at: (occasion: Occasion) => Fault;
  /** The first message that it may befall (1). */
  readonly from?: number;
}

/** Any of them once, at any message, must change nothing. */
export const STUMBLES: Readonly<Record<string, Stumble>> = {
  'busy (51)': { at: (when) => new ResultCode(51, when) },
  'busy (51) after an entry': { at: (when) => new ResultCode(51, when, 1) },
  'unavailable (52)': { at: (when) => new ResultCode(52, when) },
  'other (80)': { at: (when) => new ResultCode(80, when) },
  'protocol error (2)': { at: (when) => new ResultCode(2, when) },
  'unwilling to perform (53)': { at: (when) => new ResultCode(53, when) },
  'operations error (1)': { at: (when) => new ResultCode(1, when) },
  FIN: { at: (when) => new DropConnection(when) },
  'FIN after an entry': { at: (when) => new DropConnection(when, 1) },
  RST: { at: (when) => new ResetConnection(when) },
  'RST after an entry': { at: (when) => new ResetConnection(when, 1) },
  silence: { at: (when) => new Silence(when) },
  'silence after an entry': { at: (when) => new Silence(when, 1) },
  // What begins with them is no LDAP server.
  'garbage bytes': { from: 2, at: (when) => new GarbageBytes(64, when) },
  'a notice of disconnection': { at: (when) => new NoticeOfDisconnection(52, when) },
};

export interface Conversation {
  readonly databases: Databases;
  /** Of the database that an undisturbed crawl makes. */
  readonly digest: string;
  /** Messages that an undisturbed crawl sends, binds included. */
  readonly messages: number;
}

export async function withConversation<T>(use: (talk: Conversation) => Promise<T>): Promise<T> {
  return withDatabases(async (databases) => {
    const { digest, messages } = await crawlOnce(databases, []);
    return use({ databases, digest, messages });
  });
}

async function crawlOnce(databases: Databases, faults: readonly Fault[]) {
  const options: Partial<SimulatedServerOptions> = { directory: company(), ...ACCOUNT, faults };
  return withServer(options, async (server) => {
    const digest = await databases.digestOf((db) => crawlInto(db, server.url, OPTIONS));
    return { digest, messages: server.stats.requests };
  });
}

export interface Tally {
  tried: number;
  readonly different: string[];
}

/** The fault at every `step`-th message. What differs is named by the number of the message. */
export async function stumbleEverywhere(
  { databases, digest, messages }: Conversation,
  { at, from = 1 }: Stumble,
  step: number,
): Promise<Tally> {
  const tally: Tally = { tried: 0, different: [] };
  for (let nth = from; nth <= messages; nth += step) {
    tally.tried += 1;
    const once = crawlOnce(databases, [at({ kind: 'any', nth })]);
    const made = await once.then((crawled) => crawled.digest).catch(String);
    if (made !== digest) tally.different.push(`${nth}: ${made}`);
  }
  return tally;
}
