import { createServer, type Server } from 'node:net';
import { createSecureContext } from 'node:tls';
import type { Fault } from './faults.ts';
import type { SimulatedServerOptions } from './options.ts';
import { ClientConnection } from './serving/client-connection.ts';
import { ServerState } from './serving/server-state.ts';
import type { SimulatedStats } from './stats.ts';

export type { ObservedSearch, SimulatedServerOptions } from './options.ts';
export type { SimulatedStats } from './stats.ts';

/** A directory server that speaks LDAP v3 over TCP and never changes anything. For demonstrations, rehearsals and tests. */
export class SimulatedServer implements AsyncDisposable {
  readonly port: number;
  readonly url: string;
  readonly #server: Server;
  readonly #state: ServerState;
  readonly #connections: Set<ClientConnection>;

  /** @throws the system's error when the address cannot be listened on */
  static async listen(options: SimulatedServerOptions): Promise<SimulatedServer> {
    const { tls, host = '127.0.0.1', port = 0 } = options;
    const state = new ServerState(options, tls && createSecureContext(tls));
    const connections = new Set<ClientConnection>();
    const server = createServer((socket) => {
      const connection = new ClientConnection(socket, state);
      connections.add(connection);
      socket.once('close', () => connections.delete(connection));
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ port, host }, resolve);
    });
    return new SimulatedServer(server, state, connections);
  }

  private constructor(server: Server, state: ServerState, connections: Set<ClientConnection>) {
    this.#server = server;
    this.#state = state;
    this.#connections = connections;
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('Expected a TCP address');
    this.port = address.port;
    const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
    this.url = `${state.options.tls?.implicit ? 'ldaps' : 'ldap'}://${host}:${address.port}`;
  }

  get stats(): SimulatedStats {
    return this.#state.stats;
  }

  /** In place of those before; time windows count from now. */
  setFaults(...faults: readonly Fault[]): void {
    this.#state.setFaults(faults);
  }

  /** Ends all connections and stops listening. Safe to call twice. */
  async close(): Promise<void> {
    for (const connection of this.#connections) connection.destroy();
    if (!this.#server.listening) return;
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
