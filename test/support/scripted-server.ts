import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, Socket } from 'node:net';
import { createSecureContext, createServer as createTlsServer, TLSSocket } from 'node:tls';
import { elements, extentAt } from './ldap-bytes.ts';

/** A request as it came: `tag` is the operation's, `content` its bytes. */
export interface ScriptedRequest {
  readonly id: number;
  readonly tag: number;
  readonly content: Buffer;
  /** The content of each control. */
  readonly controls: readonly Buffer[];
  readonly raw: Buffer;
}

export interface ServerKeys {
  readonly cert: Buffer;
  readonly key: Buffer;
  /** Asks the client for a certificate of this CA. */
  readonly clientCa?: Buffer;
}

export interface ScriptedServer {
  readonly url: string;
  readonly port: number;
  /** Connections accepted so far. */
  readonly connections: () => number;
}

export type Script = (peer: Peer) => Promise<void> | void;

/** The server's end of one connection, told what to do by a script. */
export class Peer {
  #socket: Socket;
  #buffered: Buffer = Buffer.alloc(0);
  readonly #waiting: (() => void)[] = [];
  readonly #closed = Promise.withResolvers<void>();
  #over = false;
  /** Everything that the client sent, in the clear or decrypted. */
  readonly received: Buffer[] = [];

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#listen(socket);
  }

  get socket(): Socket {
    return this.#socket;
  }

  /** Resolves when the client's end is gone. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  /** The next request; undefined when the client has gone. */
  async request(): Promise<ScriptedRequest | undefined> {
    for (;;) {
      const end = extentAt(this.#buffered, 0)?.end ?? Number.POSITIVE_INFINITY;
      if (end <= this.#buffered.length) return parseRequest(this.#take(end));
      if (this.#over) return undefined;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** The next request, which must come. */
  async expect(): Promise<ScriptedRequest> {
    const request = await this.request();
    if (request === undefined) throw new Error('The client left instead of asking');
    return request;
  }

  send(...bytes: readonly Buffer[]): void {
    this.#socket.write(Buffer.concat(bytes));
  }

  /** One write to the socket for each slice, each after the one before has left. */
  async sendInSlices(bytes: Buffer, size: number): Promise<void> {
    this.#socket.setNoDelay(true);
    for (let at = 0; at < bytes.length; at += size) {
      await new Promise<void>((resolve) => {
        this.#socket.write(bytes.subarray(at, at + size), () => resolve());
      });
    }
  }

  /** FIN. */
  end(): void {
    this.#socket.end();
  }

  /** RST. */
  reset(): void {
    this.#socket.resetAndDestroy();
  }

  /** Goes over to TLS as the server, on the same connection. */
  async secure(keys: ServerKeys): Promise<void> {
    const plain = this.#socket;
    plain.removeAllListeners('data');
    const context = { secureContext: createSecureContext({ cert: keys.cert, key: keys.key }) };
    const secured = new TLSSocket(plain, { isServer: true, ...context });
    this.#socket = secured;
    this.#listen(secured);
    await Promise.race([once(secured, 'secure'), this.closed]);
  }

  #listen(socket: Socket): void {
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      this.received.push(chunk);
      this.#buffered = Buffer.concat([this.#buffered, chunk]);
      this.#wake();
    });
    socket.on('close', () => {
      this.#over = true;
      this.#closed.resolve();
      this.#wake();
    });
  }

  #wake(): void {
    for (const resume of this.#waiting.splice(0)) resume();
  }

  #take(length: number): Buffer {
    const taken = this.#buffered.subarray(0, length);
    this.#buffered = this.#buffered.subarray(length);
    return taken;
  }
}

function parseRequest(raw: Buffer): ScriptedRequest {
  const [outer] = elements(raw);
  const [id, operation, controls] = elements(outer?.content ?? Buffer.alloc(0));
  if (id === undefined || operation === undefined) throw new Error('Not an LDAP request');
  return {
    id: id.content.readIntBE(0, id.content.length),
    tag: operation.tag,
    content: operation.content,
    controls: controls === undefined ? [] : elements(controls.content).map((one) => one.content),
    raw,
  };
}

/**
 * A server on a loopback port that does to each connection what the script says. Ends when all scripts
 * have ended, so a script that waits for the client to leave fails a test whose client does not. An
 * error in a script fails the caller.
 */
export async function withScriptedServer<T>(
  script: Script,
  use: (server: ScriptedServer) => Promise<T>,
  keys?: ServerKeys,
): Promise<T> {
  const sockets = new Set<Socket>();
  const scripts: Promise<void>[] = [];
  const accept = (socket: Socket): void => {
    const running = play(script, socket);
    running.catch(() => {});
    scripts.push(running);
  };
  const server = keys === undefined ? createServer(accept) : tlsServer(keys, accept);
  server.on('connection', (socket: unknown) => {
    if (socket instanceof Socket) track(sockets, socket);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const url = `${keys === undefined ? 'ldap' : 'ldaps'}://127.0.0.1:${port}`;
  try {
    const result = await use({ url, port, connections: () => scripts.length });
    await Promise.all(scripts);
    return result;
  } finally {
    await shut(server, sockets);
  }
}

/** A script that fails cuts its connection, so that nobody waits for it. */
async function play(script: Script, socket: Socket): Promise<void> {
  try {
    await script(new Peer(socket));
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

function tlsServer({ cert, key, clientCa }: ServerKeys, accept: (socket: Socket) => void): Server {
  const client = clientCa === undefined ? {} : { ca: clientCa, requestCert: true };
  const server = createTlsServer({ cert, key, ...client }, accept);
  return server.on('tlsClientError', () => {});
}

function track(sockets: Set<Socket>, socket: Socket): void {
  sockets.add(socket);
  socket.on('error', () => {});
  socket.on('close', () => sockets.delete(socket));
}

async function shut(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  server.close();
  for (const socket of sockets) socket.destroy();
  if (server.listening) await once(server, 'close');
}
