import type { AttributeValue } from '../directory.ts';

/** Some of the values of an attribute, and the option that says which. */
export interface ValueRange {
  /** With its semicolon; empty where all of them are there. */
  readonly option: string;
  readonly values: readonly AttributeValue[];
}

interface Bounds {
  readonly from: number;
  readonly to: number;
}

const RANGE = /;range=(\d+)-(\d+|\*)$/iu;

/** Active Directory's way with attributes of many values ([MS-ADTS] §3.1.1.3.1.3.3): `directReports;range=1500-*`. */
export class ValueRanges {
  readonly #most: number;
  readonly #asked = new Map<string, Bounds>();

  /** @param most values of an attribute in one answer, 0 for any number: Windows has 1,500, Samba no such limit */
  constructor(most: number) {
    this.#most = most === 0 ? Infinity : most;
  }

  /** Notes the range that an attribute is asked for with, and gives back its bare name. */
  note(selector: string): string {
    const range = RANGE.exec(selector);
    if (range === null) return selector;
    const bare = selector.slice(0, range.index);
    const to = range[2] === '*' ? Infinity : Number(range[2]);
    this.#asked.set(bare, { from: Number(range[1]), to });
    return bare;
  }

  /** What is sent of an attribute, one after the other. */
  of(attribute: string, values: readonly AttributeValue[]): readonly ValueRange[] {
    const asked = this.#asked.get(attribute);
    if (asked !== undefined) return [this.#cut(values, asked)];
    if (values.length <= this.#most) return [{ option: '', values }];
    // Whoever does not know of ranges sees an attribute without values.
    return [{ option: '', values: [] }, this.#cut(values, { from: 0, to: Infinity })];
  }

  #cut(values: readonly AttributeValue[], { from, to }: Bounds): ValueRange {
    const end = Math.min(to + 1, from + this.#most, values.length);
    const last = end >= values.length ? '*' : String(end - 1);
    return { option: `;range=${from}-${last}`, values: values.slice(from, end) };
  }
}
