import { SearchFailure } from '../../domain/errors.ts';
import type { ExpansionPage } from '../../domain/ports.ts';

/**
 * The pages as they come, as long as they come from one server: another one may be behind, or ahead, and what lies
 * between two answers would be lost. Then all is asked again. Not a generator: that would keep each page until the next
 * one is here.
 */
export class OneServer implements AsyncIterableIterator<ExpansionPage, undefined> {
  readonly #pages: AsyncIterator<ExpansionPage>;
  readonly #serverNow: () => number;
  #server: number | undefined;

  /**
   * @param serverNow the number of the server that gave the latest page
   * @param server the one that all of them must come from; that of the first page unless given
   */
  constructor(pages: AsyncIterable<ExpansionPage>, serverNow: () => number, server?: number) {
    this.#server = server;
    this.#pages = pages[Symbol.asyncIterator]();
    this.#serverNow = serverNow;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<ExpansionPage, undefined>> {
    const step = await this.#pages.next();
    const server = this.#serverNow();
    this.#server ??= server;
    if (server === this.#server) return step.done ? { done: true, value: undefined } : step;
    await this.#pages.return?.();
    throw new SearchFailure('retry', 'timeout', 'another server answers now');
  }

  async return(): Promise<IteratorResult<ExpansionPage, undefined>> {
    await this.#pages.return?.();
    return { done: true, value: undefined };
  }
}
