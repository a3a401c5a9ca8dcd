import type { RawEntry } from '../messages/entry.ts';

/** An entry that was seen: its values of each candidate attribute, in the order of the candidates. */
export type Seen = readonly (readonly string[])[];

/** Entries that are remembered at most: enough to tell how to divide the rest. */
const MOST_REMEMBERED = 2_000;
/** Bytes of a value that are remembered. */
const MOST_BYTES = 1_024;
/** Entries at which the server's understanding of a filter can be tried. */
const MOST_WITNESSES = 3;

/** What the entries of an unfinished search came with: by it, the rest of them can be asked for in parts. */
export class Sample {
  /** In lower case. */
  readonly attributes: readonly string[];
  readonly #always: boolean[];
  readonly #witnesses: string[] = [];
  #remembered: Seen[] = [];
  #stride = 1;
  #size = 0;

  /** @param attributes by which entries may be divided, the best first; in lower case */
  constructor(attributes: readonly string[]) {
    this.attributes = attributes;
    this.#always = attributes.map(() => true);
  }

  /** Entries seen, remembered or not. */
  get size(): number {
    return this.#size;
  }

  get remembered(): readonly Seen[] {
    return this.#remembered;
  }

  /** DNs of a few of them. */
  get witnesses(): readonly string[] {
    return this.#witnesses;
  }

  /** Whether every entry that was seen came with the attribute of that index. */
  hadAlways(attribute: number): boolean {
    return this.#always[attribute] === true;
  }

  add({ dn, dnValid, attributes }: Pick<RawEntry, 'dn' | 'dnValid' | 'attributes'>): void {
    const remembers = this.#size % this.#stride === 0;
    this.#size += 1;
    if (dnValid && this.#witnesses.length < MOST_WITNESSES) this.#witnesses.push(dn);
    const seen = this.attributes.map((name, n) => {
      const values = attributes.get(name);
      if (values === undefined || values.length === 0) this.#always[n] = false;
      return remembers ? (values ?? []).map(beginning) : [];
    });
    if (remembers) this.#remember(seen);
  }

  /** When there are too many, every other one is forgotten: those that stay are still spread over all that came. */
  #remember(seen: Seen): void {
    this.#remembered.push(seen);
    if (this.#remembered.length < MOST_REMEMBERED) return;
    this.#remembered = this.#remembered.filter((_, n) => n % 2 === 0);
    this.#stride *= 2;
  }
}

function beginning(value: Buffer): string {
  return value.toString('utf8', 0, MOST_BYTES);
}
