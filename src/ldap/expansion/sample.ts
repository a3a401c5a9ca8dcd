import type { RawEntry } from '../messages/entry.ts';

/** An entry that was seen. */
export interface Seen {
  readonly dn: string;
  /** Whether the DN names the entry: some are no valid UTF-8. */
  readonly named: boolean;
  /** Its values of each candidate attribute, in the order of the candidates. */
  readonly values: readonly (readonly string[])[];
}

/** Entries that are remembered at most: what one request can leave out, and what came with the next answer. */
const MOST_REMEMBERED = 10_000;
/** Bytes of a value that are remembered. */
const MOST_BYTES = 1_024;
/** Entries at which the server's understanding of a filter can be tried. */
const MOST_WITNESSES = 3;

/** What the entries of an unfinished search came with: by it, the rest of them can be asked for in parts. */
export class Sample {
  /** In lower case. */
  readonly attributes: readonly string[];
  #always: boolean[];
  /** By DN. */
  #remembered = new Map<string, Seen>();
  #stride = 1;
  #size = 0;

  readonly #most: number;

  /**
   * @param attributes by which entries may be divided, the best first; in lower case
   * @param most entries that are remembered
   */
  constructor(attributes: readonly string[], most = MOST_REMEMBERED) {
    this.attributes = attributes;
    this.#most = most;
    this.#always = attributes.map(() => true);
  }

  /** Entries seen, remembered or not. */
  get size(): number {
    return this.#size;
  }

  get hasForgotten(): boolean {
    return this.#stride > 1;
  }

  has(dn: string): boolean {
    return this.#remembered.has(dn);
  }

  get remembered(): readonly Seen[] {
    return [...this.#remembered.values()];
  }

  /** DNs of a few of them. */
  get witnesses(): readonly string[] {
    const dns: string[] = [];
    for (const { dn, named } of this.#remembered.values()) {
      if (named) dns.push(dn);
      if (dns.length === MOST_WITNESSES) break;
    }
    return dns;
  }

  /** Whether every entry that was seen came with the attribute of that index. */
  hadAlways(attribute: number): boolean {
    return this.#always[attribute] === true;
  }

  add({ dn, dnValid, attributes }: Pick<RawEntry, 'dn' | 'dnValid' | 'attributes'>): void {
    const remembers = this.#size % this.#stride === 0;
    this.#size += 1;
    const values = this.attributes.map((name, n) => {
      const held = attributes.get(name);
      if (held === undefined || held.length === 0) this.#always[n] = false;
      return remembers ? (held ?? []).map(beginning) : [];
    });
    if (remembers) this.#remember({ dn, named: dnValid, values });
  }

  /** The search has begun anew: those who came may not come again. */
  clear(): void {
    this.#always = this.attributes.map(() => true);
    this.#remembered.clear();
    this.#stride = 1;
    this.#size = 0;
  }

  /** Adds those of another sample. Returns how many of them were not remembered here. */
  absorb(other: Sample): number {
    let fresh = 0;
    for (const seen of other.#remembered.values()) {
      if (!this.#remembered.has(seen.dn)) fresh += 1;
      this.#remember(seen);
    }
    this.#size += other.#size;
    this.#always = this.#always.map((always, n) => always && other.hadAlways(n));
    return fresh;
  }

  /** Indexes of the attributes that all had, those that tell most of them apart first. */
  ranking(): readonly number[] {
    return this.attributes
      .map((_, index) => index)
      .filter((index) => this.hadAlways(index))
      .map((index) => ({ index, variety: this.varietyOf(index) }))
      .sort((a, b) => b.variety - a.variety)
      .map(({ index }) => index);
  }

  /** How many values there are, less for people with several: they would be in several parts. */
  varietyOf(attribute: number): number {
    const values = this.remembered.flatMap((seen) => seen.values[attribute] ?? []);
    return new Set(values).size - 2 * (values.length - this.#remembered.size);
  }

  /** The same, by one of the attributes alone. */
  by(attribute: number): Sample {
    const sample = new Sample([this.attributes[attribute] ?? ''], this.#most);
    sample.#always = [this.hadAlways(attribute)];
    for (const { dn, named, values } of this.#remembered.values()) {
      sample.#remember({ dn, named, values: [values[attribute] ?? []] });
    }
    sample.#size = this.#size;
    return sample;
  }

  /** Those of whom `belongs` is true. What somebody came without, it counts as missing to all of them. */
  only(belongs: (seen: Seen) => boolean): Sample {
    const sample = new Sample(this.attributes, this.#most);
    sample.#always = [...this.#always];
    for (const seen of this.#remembered.values()) if (belongs(seen)) sample.#remember(seen);
    sample.#size = sample.#remembered.size;
    return sample;
  }

  /** When there are too many, every other one is forgotten: those that stay are still spread over all that came. */
  #remember(seen: Seen): void {
    this.#remembered.set(seen.dn, seen);
    if (this.#remembered.size < this.#most) return;
    this.#remembered = new Map([...this.#remembered].filter((_, n) => n % 2 === 0));
    this.#stride *= 2;
  }
}

function beginning(value: Buffer): string {
  return value.toString('utf8', 0, MOST_BYTES);
}
