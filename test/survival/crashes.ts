// A server that one search brings down, all connections with it, and a supervisor that starts it again.
import { setTimeout as delay } from 'node:timers/promises';
import type { SimulatedDirectory } from '../../src/simulate/organisation.ts';
import { type ObservedSearch, SimulatedServer } from '../../src/simulate/server.ts';

export interface Crashing {
  readonly url: string;
  /** How often it went down so far. */
  readonly crashes: number;
  /** Searches, over all its lives. */
  readonly searches: readonly ObservedSearch[];
}

export interface CrashOptions {
  readonly directory: SimulatedDirectory;
  /** The DN of a manager: the server goes down whenever a search names it. */
  readonly culprit: string;
  /** How long nobody listens then. */
  readonly downMs: number;
}

export async function withCrashing<T>(
  options: CrashOptions,
  use: (crashing: Crashing) => Promise<T>,
): Promise<T> {
  await using supervisor = await Supervisor.start(options);
  return await use(supervisor);
}

class Supervisor implements Crashing, AsyncDisposable {
  readonly #options: CrashOptions;
  readonly searches: ObservedSearch[] = [];
  #server: SimulatedServer | undefined;
  #restarting: Promise<void> | undefined;
  #port = 0;
  crashes = 0;

  static async start(options: CrashOptions): Promise<Supervisor> {
    const supervisor = new Supervisor(options);
    await supervisor.#listen();
    return supervisor;
  }

  private constructor(options: CrashOptions) {
    this.#options = options;
  }

  get url(): string {
    return `ldap://127.0.0.1:${this.#port}`;
  }

  async #listen(): Promise<void> {
    this.#server = await SimulatedServer.listen({
      directory: this.#options.directory,
      port: this.#port,
      onSearch: (search) => this.#arrived(search),
    });
    this.#port = this.#server.port;
  }

  #arrived(search: ObservedSearch): void {
    this.searches.push(search);
    if (!search.managers.includes(this.#options.culprit) || this.#restarting !== undefined) return;
    this.crashes += 1;
    this.#restarting = this.#crash().finally(() => {
      this.#restarting = undefined;
    });
  }

  async #crash(): Promise<void> {
    await this.#server?.close();
    await delay(this.#options.downMs);
    await this.#listen();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#restarting;
    await this.#server?.close();
  }
}
