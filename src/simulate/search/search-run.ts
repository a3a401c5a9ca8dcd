import {
  ANSWER_TAG,
  CODE,
  EntryWriter,
  type Result,
  writeReference,
  writeResult,
} from '../protocol/answers.ts';
import { BerEncoder } from '../protocol/ber-encoder.ts';
import type { SearchRequest } from '../protocol/requests.ts';
import { ValueRanges } from '../protocol/value-ranges.ts';
import type { Effects } from '../serving/effects.ts';
import type { Operation } from '../serving/operation.ts';
import type { Outlet } from '../serving/outlet.ts';
import type { ServerState } from '../serving/server-state.ts';
import { BREATHE } from './matches.ts';
import type { Cursor } from './paged-searches.ts';

/** Entries that one answer may have, for the several reasons there are. */
export interface Limits {
  /** Of the whole search, all pages together. */
  readonly total: number;
  /** Of this answer, by a limit of the server. */
  readonly answer: number;
  /** Of this page, as the client asked. */
  readonly page: number;
  /** When time is up, on the server's clock. */
  readonly deadline: number;
}

/** Why the entries of an answer ended. `gone`: nobody waits for the rest. `struck`: a fault is to have its way now. */
export type Ending = 'complete' | 'page' | 'size' | 'time' | 'lookThrough' | 'struck' | 'gone';

/** An unindexed search has looked at more entries than the server allows. */
export class LookedThrough extends Error {}

const FLUSH_BYTES = 48 * 1024;

/** Sends the entries of one answer, no faster than the socket takes them, and lets others run in between. */
export class SearchRun {
  readonly #state: ServerState;
  readonly #outlet: Outlet;
  readonly #operation: Operation;
  readonly #effects: Effects;
  readonly #encoder = new BerEncoder();
  readonly #writer: EntryWriter;

  constructor(
    state: ServerState,
    outlet: Outlet,
    operation: Operation,
    request: SearchRequest,
    effects: Effects,
  ) {
    this.#state = state;
    this.#outlet = outlet;
    this.#operation = operation;
    this.#effects = effects;
    const { vendor, maxValues = 0 } = state.options;
    const ranges = vendor === 'ad-like' ? new ValueRanges(maxValues) : undefined;
    this.#writer = new EntryWriter(request.attributes, request.typesOnly, ranges);
  }

  async sendEntries(cursor: Cursor, limits: Limits): Promise<Ending> {
    try {
      return await this.#send(cursor, limits);
    } catch (error) {
      if (error instanceof LookedThrough) return 'lookThrough';
      throw error;
    }
  }

  /** Ends the search. What it returns is to be awaited. */
  finish(result: Result, cookie?: Buffer): Promise<void> | undefined {
    if (!this.#operation.isAlive) return undefined;
    if (cookie !== undefined) this.#state.stats.pages++;
    writeResult(this.#encoder, this.#operation.id, ANSWER_TAG.done, result, { cookie });
    return this.#outlet.send(this.#encoder.take());
  }

  /** Sends what is written so far. False when nobody waits for more. */
  async flush(): Promise<boolean> {
    if (this.#encoder.length > 0) await this.#outlet.send(this.#encoder.take());
    return this.#breathe();
  }

  async #send(cursor: Cursor, limits: Limits): Promise<Ending> {
    const strikeAt = this.#strikeAt();
    const { referencesAfterEntries } = this.#effects;
    for (let inAnswer = 0; ; ) {
      if (inAnswer === referencesAfterEntries) this.#writeReferences();
      if (inAnswer === strikeAt) return 'struck';
      const next = cursor.matches.peek();
      if (next === BREATHE) {
        if (!(await this.#breathe())) return 'gone';
        if (this.#state.clock.now() >= limits.deadline) return 'time';
        continue;
      }
      if (next === undefined) return this.#unlessStruck('complete');
      if (inAnswer >= limits.page) return this.#unlessStruck('page');
      if (cursor.sent >= limits.total || inAnswer >= limits.answer) return 'size';
      this.#writer.write(this.#encoder, this.#operation.id, next);
      cursor.matches.take();
      cursor.last = next;
      cursor.sent++;
      inAnswer++;
      this.#state.stats.entries++;
      if (this.#encoder.length >= FLUSH_BYTES) {
        if (!(await this.flush())) return 'gone';
        if (this.#state.clock.now() >= limits.deadline) return 'time';
      }
    }
  }

  /** The entry that came last, once more. */
  repeat(cursor: Cursor): void {
    if (cursor.last !== undefined)
      this.#writer.write(this.#encoder, this.#operation.id, cursor.last);
  }

  /** After how many entries of this answer a fault ends it. */
  #strikeAt(): number {
    const { result, resultAfterEntries = 0, hangUp, hangUpAfterEntries = 0 } = this.#effects;
    return Math.min(
      result === undefined ? Infinity : resultAfterEntries,
      hangUp === undefined ? Infinity : hangUpAfterEntries,
    );
  }

  #unlessStruck(ending: Ending): Ending {
    return this.#strikeAt() < Infinity ? 'struck' : ending;
  }

  #writeReferences(): void {
    writeReference(this.#encoder, this.#operation.id, this.#effects.references ?? []);
  }

  async #breathe(): Promise<boolean> {
    await new Promise((resolve) => setImmediate(resolve));
    return this.#operation.isAlive && this.#outlet.isOpen;
  }
}

/** The result that an ending stands for. */
export function resultOf(ending: Exclude<Ending, 'struck' | 'gone'>): Result {
  switch (ending) {
    case 'complete':
    case 'page':
      return { code: CODE.success };
    case 'size':
      return { code: CODE.sizeLimitExceeded, message: 'size limit exceeded' };
    case 'time':
      return { code: CODE.timeLimitExceeded, message: 'time limit exceeded' };
    case 'lookThrough':
      return { code: CODE.adminLimitExceeded, message: 'look-through limit exceeded' };
    default:
      return ending satisfies never;
  }
}
