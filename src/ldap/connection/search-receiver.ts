import { RawEntry } from '../messages/entry.ts';
import type { Layout } from '../messages/layout.ts';
import {
  decodePaging,
  decodeReference,
  decodeResult,
  type LdapResult,
  type Message,
  Response,
} from '../messages/message.ts';
import { ConnectionError } from './connection-error.ts';

/** How a search ended, whatever its result code. */
export interface SearchEnd {
  readonly result: LdapResult;
  /** Entries that arrived, those before an error included. */
  readonly entries: number;
  /** Size of all answers. */
  readonly bytes: number;
  /** URIs of search references: recorded, never followed. */
  readonly references: readonly string[];
  /** Of the paging control in the answer: empty after the last page, undefined without control. */
  readonly cookie: Buffer | undefined;
  /** The server's estimate of the total of a paged search; 0: none. */
  readonly estimate: number;
}

/** Collects the answers to one search. */
export class SearchReceiver {
  readonly #layout: Layout;
  readonly #maxBytes: number;
  readonly #onEntry: (entry: RawEntry) => void;
  readonly #references: string[] = [];
  #entries = 0;
  #bytes = 0;

  constructor(layout: Layout, maxBytes: number | undefined, onEntry: (entry: RawEntry) => void) {
    this.#layout = layout;
    this.#maxBytes = maxBytes ?? Number.POSITIVE_INFINITY;
    this.#onEntry = onEntry;
  }

  /** Returns the end with the last answer. */
  receive(message: Message): SearchEnd | undefined {
    this.#bytes += message.bytes;
    if (this.#bytes > this.#maxBytes) throw tooLarge(this.#maxBytes);
    switch (message.tag) {
      case Response.entry:
        this.#entries += 1;
        this.#onEntry(new RawEntry(message.cursor, message.operationEnd, this.#layout));
        return undefined;
      case Response.reference:
        for (const uri of decodeReference(message)) this.#references.push(uri);
        return undefined;
      case Response.done:
        return this.#end(message);
      default:
        throw new ConnectionError('protocol', 'The server answered a search with something else');
    }
  }

  #end(message: Message): SearchEnd {
    const result = decodeResult(message);
    const paging = decodePaging(message);
    return {
      result,
      entries: this.#entries,
      bytes: this.#bytes,
      references: this.#references,
      cookie: paging?.cookie,
      estimate: paging?.estimate ?? 0,
    };
  }
}

function tooLarge(maxBytes: number): ConnectionError {
  return new ConnectionError('too-large', `The answers to a search went over ${maxBytes} bytes`);
}
