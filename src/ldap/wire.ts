import { NO_WORK, type Work } from '../domain/employee.ts';
import type { Clock, LoadMeter, Pace } from '../domain/ports.ts';
import type {
  LdapConnection,
  SearchEnd,
  SearchLimits,
  SearchSpec,
} from './connection/connection.ts';
import { ConnectionError } from './connection/connection-error.ts';
import type { RawEntry } from './messages/entry.ts';
import { isBusy, ResultCode } from './result-codes.ts';

/** How much the newest request weighs in the typical latency. */
const SMOOTHING = 0.1;

/** How a search ended, and how long the server took (ms), the wait for the limiter left out. */
export interface TimedEnd extends SearchEnd {
  readonly elapsedMs: number;
}

/** A search that was answered, whatever the code. */
export interface Answer {
  readonly entries: readonly RawEntry[];
  readonly code: number;
  readonly diagnostic: string;
  /** Of the paging control in the answer: empty after the last page, undefined without control. */
  readonly cookie: Buffer | undefined;
  /** How long the server took, the wait for the limiter left out. */
  readonly elapsedMs: number;
}

/** Samba sends everything, whatever size limit it is asked to keep: what is more than that is abandoned. */
class Enough extends Error {}

/** Every request goes through here: held back by the limiter, timed and counted. */
export class Wire {
  readonly #pace: Pace;
  readonly #load: LoadMeter;
  readonly #clock: Clock;
  #work: { -readonly [K in keyof Work]: Work[K] } = { ...NO_WORK };
  #latencyMs = 0;

  constructor(pace: Pace, load: LoadMeter, clock: Clock) {
    this.#pace = pace;
    this.#load = load;
    this.#clock = clock;
  }

  /** Time of a typical request (ms), the wait for the limiter left out. */
  get latencyMs(): number {
    return this.#latencyMs;
  }

  /** One request that is no search: a bind, StartTLS. @param codeOf the result code of its answer, where it has one */
  async request<T>(
    send: () => Promise<T>,
    signal: AbortSignal | undefined,
    codeOf: (answer: T) => number | undefined = () => undefined,
  ): Promise<T> {
    await this.#pace.admit(signal);
    const done = this.#load.start();
    const began = this.#clock.now();
    try {
      const answer = await send();
      this.#learn(this.#clock.now() - began);
      if (isBusy(codeOf(answer))) this.#pace.refused('busy');
      else this.#pace.served();
      return answer;
    } catch (error) {
      this.#tell(error);
      throw error;
    } finally {
      done();
    }
  }

  async search(
    connection: LdapConnection,
    spec: SearchSpec,
    limits: SearchLimits,
    onEntry: (entry: RawEntry) => void,
  ): Promise<TimedEnd> {
    const send = async () => {
      if (!connection.closed) this.#work.searches += 1;
      const began = this.#clock.now();
      const end = await connection.search(spec, limits, onEntry);
      const elapsedMs = this.#clock.now() - began;
      this.#work.pages += 1;
      this.#work.entries += end.entries;
      return { ...end, elapsedMs };
    };
    return this.request(send, limits.signal, ({ result }) => result.code);
  }

  /** All entries of one answer. */
  async collect(
    connection: LdapConnection,
    spec: SearchSpec,
    limits: SearchLimits,
  ): Promise<Answer> {
    const entries: RawEntry[] = [];
    const enough = new Enough();
    const most = spec.sizeLimit || Number.POSITIVE_INFINITY;
    const keep = (entry: RawEntry) => {
      if (entries.length === most) throw enough;
      entries.push(entry.copy());
    };
    const began = this.#clock.now();
    try {
      const { result, cookie, elapsedMs } = await this.search(connection, spec, limits, keep);
      return { entries, code: result.code, diagnostic: result.diagnostic, cookie, elapsedMs };
    } catch (error) {
      if (error !== enough) throw error;
      const elapsedMs = this.#clock.now() - began;
      return {
        entries,
        code: ResultCode.sizeLimitExceeded,
        diagnostic: '',
        cookie: undefined,
        elapsedMs,
      };
    }
  }

  countReconnect(): void {
    this.#work.reconnects += 1;
  }

  /** Work done since the last call. */
  takeWork(): Work {
    const work = this.#work;
    this.#work = { ...NO_WORK };
    return work;
  }

  /** A connection that dies tells nothing of the load, unless by silence, or by a notice that says so. */
  #tell(error: unknown): void {
    if (!(error instanceof ConnectionError)) return;
    const { kind, resultCode } = error;
    if (kind === 'timeout' || kind === 'connect-timeout') this.#pace.refused('silent');
    else if (isBusy(resultCode)) this.#pace.refused('busy');
  }

  #learn(elapsedMs: number): void {
    const weight = this.#latencyMs === 0 ? 1 : SMOOTHING;
    this.#latencyMs += (elapsedMs - this.#latencyMs) * weight;
  }
}
