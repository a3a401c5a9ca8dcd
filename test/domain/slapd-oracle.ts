// Asks a real slapd whether two spellings are one DN: each pair becomes an entry whose manager is the one spelling,
// and an LDAP Compare with the other.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { CompareRequest } from 'ldapts';
import { findTool } from '../support/ensure-openldap.ts';
import { type Slapd, withSlapd } from '../support/slapd.ts';

export type Pair = readonly [string, string];

/** `refused`: slapd takes at least one of the two for no DN. */
export type Verdict = 'equal' | 'different' | 'refused';

const SUFFIX = 'dc=pairs';

const ROOT = `dn: ${SUFFIX}
objectClass: domain
dc: pairs

`;

/** A type of caseExactMatch, for the standard schema has none that names entries. */
const SCHEMA = `attributetype ( 1.3.6.1.4.1.99999.1 NAME 'badge'
  EQUALITY caseExactMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )`;

/** With two, slapadd 2.5 sometimes aborts where entries are refused. */
const ONE_THREAD = 'tool-threads 1';

/** The verdicts in the order of the pairs. */
export function askSlapd(pairs: readonly Pair[]): Promise<readonly Verdict[]> {
  const options = { suffix: SUFFIX, ldif: ROOT, globalConfig: [SCHEMA, ONE_THREAD], indexes: [] };
  return withSlapd(options, async (server) => {
    await server.kill('SIGTERM');
    await addWhatIsTaken(server, pairs);
    await server.restart();
    return compareAll(server, pairs);
  });
}

/** `-c`: an entry that slapd refuses is left out, and answered with noSuchObject later. */
async function addWhatIsTaken(server: Slapd, pairs: readonly Pair[]): Promise<void> {
  const args = ['-c', '-q', '-f', join(server.dir, 'slapd.conf')];
  const child = spawn(findTool('slapadd') ?? 'slapadd', args, {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.stdin.on('error', () => undefined); // EPIPE: it gave up early, which its exit tells
  child.stdin.end(pairs.map(([a], index) => ldifEntry(index, a)).join('\n'));
  const [code, signal] = await once(child, 'close');
  if (code !== 0) throw new Error(`slapadd ended with ${code ?? signal}`);
}

function ldifEntry(index: number, manager: string): string {
  return `dn: ${pairDn(index)}
objectClass: organizationalRole
objectClass: extensibleObject
manager:: ${Buffer.from(manager).toString('base64')}
`;
}

function pairDn(index: number): string {
  return `cn=${index},${SUFFIX}`;
}

/** slapd ends a connection with more than 100 operations pending. */
const IN_FLIGHT = 50;

async function compareAll(server: Slapd, pairs: readonly Pair[]): Promise<readonly Verdict[]> {
  const socket = connect(server.port, '127.0.0.1');
  socket.on('error', () => undefined); // reading tells it too
  const answers = codesByMessage(socket);
  const verdicts: Verdict[] = [];
  try {
    for (let first = 0; first < pairs.length; first += IN_FLIGHT) {
      const chunk = pairs.slice(first, first + IN_FLIGHT);
      sendCompares(socket, chunk, first);
      verdicts.push(...(await takeVerdicts(answers, chunk.length)));
    }
  } finally {
    socket.destroy();
  }
  return verdicts;
}

function sendCompares(socket: Socket, chunk: readonly Pair[], first: number): void {
  for (const [offset, [, value]] of chunk.entries()) {
    const dn = pairDn(first + offset);
    const request = { messageId: offset + 1, dn, attribute: 'manager', value };
    socket.write(new CompareRequest(request).write());
  }
}

type Answers = AsyncGenerator<readonly [messageId: number, code: number]>;

async function takeVerdicts(answers: Answers, count: number): Promise<readonly Verdict[]> {
  const codes = new Map<number, number>();
  while (codes.size < count) {
    const { value } = await answers.next();
    if (value === undefined) throw new Error('slapd closed the connection');
    codes.set(...(value as readonly [number, number]));
  }
  return Array.from({ length: count }, (_, offset) => verdict(codes.get(offset + 1)));
}

/** A CompareResponse is 30 len · 02 01 id · 6f len · 0a 01 code · … (RFC 4511 §4.1.1, §4.1.9): all lengths short here. */
async function* codesByMessage(socket: Socket): Answers {
  let rest: Buffer = Buffer.alloc(0);
  for await (const bytes of socket) {
    rest = Buffer.concat([rest, bytes as Buffer]);
    while (rest.length > 1 && rest.length >= 2 + rest.readUInt8(1)) {
      yield [rest.readUInt8(4), rest.readUInt8(9)];
      rest = rest.subarray(2 + rest.readUInt8(1));
    }
  }
}

const COMPARE_TRUE = 6;
const COMPARE_FALSE = 5;
const INVALID_ATTRIBUTE_SYNTAX = 21;
const NO_SUCH_OBJECT = 32;

function verdict(code: number | undefined): Verdict {
  if (code === COMPARE_TRUE) return 'equal';
  if (code === COMPARE_FALSE) return 'different';
  if (code === INVALID_ATTRIBUTE_SYNTAX || code === NO_SUCH_OBJECT) return 'refused';
  throw new Error(`slapd answered a compare with result code ${code}`);
}
