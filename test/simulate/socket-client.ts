// A client at the level of messages: it shows what the simulated server really sends, and keeps nothing back.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { elements, extentAt, integer, message, tlv } from '../support/ldap-bytes.ts';
import { filterBytes } from './filter-bytes.ts';

export interface Received {
  readonly id: number;
  readonly tag: number;
  readonly content: Buffer;
  /** Cookie of the paged results control, undefined without one. */
  readonly cookie: Buffer | undefined;
}

export interface ReceivedEntry {
  readonly dn: string;
  readonly attributes: ReadonlyMap<string, readonly Buffer[]>;
}

export interface SearchAnswer {
  readonly entries: readonly ReceivedEntry[];
  readonly references: readonly string[];
  readonly code: number;
  readonly matchedDn: string;
  readonly cookie: Buffer | undefined;
}

export interface Search {
  readonly base?: string;
  readonly scope?: 'base' | 'one' | 'sub' | 'children';
  readonly filter?: string;
  readonly attributes?: readonly string[];
  readonly sizeLimit?: number;
  readonly timeLimit?: number;
  readonly typesOnly?: boolean;
  readonly page?: number;
  readonly cookie?: Buffer | undefined;
  readonly controls?: readonly Buffer[];
}

const SCOPES = ['base', 'one', 'sub', 'children'] as const;

/** How the server ended the connection. */
export type End = 'fin' | 'rst';

export class SocketClient {
  socket: Socket;
  /** Everything that came, as bytes, chunk by chunk. */
  chunks: Buffer[] = [];
  /** Settles when the server has ended the connection. */
  readonly ended: Promise<End>;
  #end: End | undefined;
  #pending: Buffer = Buffer.alloc(0);
  #messages: Received[] = [];
  #wake: () => void = () => undefined;
  #lastId = 0;
  #settleEnd: (end: End) => void = () => undefined;

  constructor(socket: Socket) {
    this.socket = socket;
    this.ended = new Promise((resolve) => {
      this.#settleEnd = resolve;
    });
    this.#listen();
  }

  async startTls(ca: Buffer): Promise<void> {
    const plain = this.socket;
    plain.removeAllListeners();
    const secure = connectTls({ socket: plain, ca, host: '127.0.0.1' });
    await once(secure, 'secureConnect');
    this.socket = secure;
    this.#listen();
  }

  send(operation: Buffer, ...controls: readonly Buffer[]): number {
    const id = ++this.#lastId;
    this.socket.write(message(id, operation, ...controls));
    return id;
  }

  sendSearch(search: Search): number {
    const paging = search.page === undefined ? [] : [pagingControl(search.page, search.cookie)];
    return this.send(searchOperation(search), ...paging, ...(search.controls ?? []));
  }

  /** The next message, whatever its id. Rejects when the connection ends instead. */
  async next(): Promise<Received> {
    for (;;) {
      const first = this.#messages.shift();
      if (first !== undefined) return first;
      if (this.#end !== undefined) throw new Error(`ended by ${this.#end}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async answer(id: number): Promise<SearchAnswer> {
    const entries: ReceivedEntry[] = [];
    const references: string[] = [];
    for (;;) {
      const received = await this.next();
      if (received.id !== id) throw new Error(`expected an answer to ${id}, got ${received.id}`);
      if (received.tag === 0x64) entries.push(entryOf(received.content));
      else if (received.tag === 0x73) references.push(...textsOf(received.content));
      else return { entries, references, cookie: received.cookie, ...resultOf(received) };
    }
  }

  search(search: Search): Promise<SearchAnswer> {
    return this.answer(this.sendSearch(search));
  }

  async request(operation: Buffer): Promise<Received & { readonly code: number }> {
    this.send(operation);
    const received = await this.next();
    return { ...received, code: resultOf(received).code };
  }

  #listen(): void {
    this.socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    this.socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNRESET') this.#finish('rst');
    });
    this.socket.on('end', () => this.#finish('fin'));
    this.socket.on('close', () => this.#finish('fin'));
  }

  #receive(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.#pending = Buffer.concat([this.#pending, chunk]);
    for (;;) {
      const end = extentAt(this.#pending, 0)?.end;
      if (end === undefined || end > this.#pending.length) break;
      this.#messages.push(receivedOf(this.#pending.subarray(0, end)));
      this.#pending = this.#pending.subarray(end);
    }
    this.#wake();
  }

  #finish(end: End): void {
    this.#end ??= end;
    this.#settleEnd(this.#end);
    this.#wake();
  }
}

/** A connected client, gone after `use`. */
export async function withClient<T>(
  server: { readonly port: number },
  use: (client: SocketClient) => Promise<T>,
): Promise<T> {
  const socket = connect({ port: server.port, host: '127.0.0.1' });
  try {
    const client = new SocketClient(socket);
    await once(socket, 'connect');
    return await use(client);
  } finally {
    socket.destroy();
  }
}

/** Lets the event loop turn until it is so. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

export function bindOperation(dn: string, password: string): Buffer {
  return tlv(0x60, integer(3), tlv(0x04, dn), tlv(0x80, password));
}

export function extendedOperation(oid: string): Buffer {
  return tlv(0x77, tlv(0x80, oid));
}

export function abandonOperation(id: number): Buffer {
  return integer(id, 0x50);
}

export function searchOperation(search: Search): Buffer {
  const { base = 'dc=example,dc=com', scope = 'sub', filter = '(objectClass=*)' } = search;
  const { attributes = ['1.1'], sizeLimit = 0, timeLimit = 0, typesOnly = false } = search;
  return tlv(
    0x63,
    tlv(0x04, base),
    tlv(0x0a, Buffer.from([SCOPES.indexOf(scope)])),
    tlv(0x0a, Buffer.from([0])),
    integer(sizeLimit),
    integer(timeLimit),
    tlv(0x01, Buffer.from([typesOnly ? 0xff : 0])),
    filterBytes(filter),
    tlv(0x30, ...attributes.map((name) => tlv(0x04, name))),
  );
}

export function pagingControl(
  size: number,
  cookie: Buffer = Buffer.alloc(0),
  critical = true,
): Buffer {
  const value = tlv(0x30, integer(size), tlv(0x04, cookie));
  return controlOf('1.2.840.113556.1.4.319', critical, value);
}

export function controlOf(oid: string, critical: boolean, value: Buffer): Buffer {
  const flag = tlv(0x01, Buffer.from([critical ? 0xff : 0]));
  return tlv(0x30, tlv(0x04, oid), flag, tlv(0x04, value));
}

function receivedOf(bytes: Buffer): Received {
  const [whole] = elements(bytes);
  const [id, operation, controls] = elements(whole?.content ?? Buffer.alloc(0));
  if (id === undefined || operation === undefined) throw new Error('not an LDAP message');
  const number = id.content.readUIntBE(0, id.content.length);
  const cookie = controls && cookieOf(controls.content);
  return { id: number, tag: operation.tag, content: operation.content, cookie };
}

function cookieOf(controls: Buffer): Buffer | undefined {
  for (const control of elements(controls)) {
    const value = elements(control.content).at(-1);
    const [sequence] = elements(value?.content ?? Buffer.alloc(0));
    return elements(sequence?.content ?? Buffer.alloc(0))[1]?.content;
  }
  return undefined;
}

export function resultOf({ content }: Received): {
  readonly code: number;
  readonly matchedDn: string;
} {
  const [code, matched] = elements(content);
  return { code: code?.content[0] ?? -1, matchedDn: matched?.content.toString() ?? '' };
}

function entryOf(content: Buffer): ReceivedEntry {
  const [dn, list] = elements(content);
  const attributes = elements(list?.content ?? Buffer.alloc(0)).map((attribute) => {
    const [name, values] = elements(attribute.content);
    const held = elements(values?.content ?? Buffer.alloc(0)).map((value) => value.content);
    return [name?.content.toString() ?? '', held] as const;
  });
  return { dn: dn?.content.toString() ?? '', attributes: new Map(attributes) };
}

function textsOf(content: Buffer): readonly string[] {
  return elements(content).map((text) => text.content.toString());
}
