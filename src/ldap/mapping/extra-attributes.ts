import { attributeType } from '../../domain/dn/attribute-types.ts';
import type { RawEntry } from '../messages/entry.ts';
import { isLong, MAX_VALUE_BYTES, textOf } from '../text.ts';
import { binaryType } from './binary.ts';

/** What is kept of all values of one attribute, as JSON: a list of ten thousand members belongs to a group, not to a person. */
const MOST_CHARACTERS = 16 * MAX_VALUE_BYTES;

/** What the column `attributes` holds of an entry. */
export interface Extras {
  /** An object of lists. Equal content is equal text: names and values are sorted, since their order at the server means nothing. */
  readonly json: string;
  /** Attributes of which something was cut or left out. */
  readonly capped: readonly string[];
}

interface List {
  readonly json: string;
  readonly complete: boolean;
}

/** A value as JSON, and what sorts it. */
interface Item {
  readonly key: string;
  readonly json: string;
}

/** Attributes that are kept beside the columns. */
export class ExtraAttributes {
  readonly #names: readonly string[];
  /** As asked for, by what servers may call it. */
  readonly #nameOf: ReadonlyMap<string, string>;

  constructor(names: readonly string[]) {
    this.#names = [...names].sort();
    this.#nameOf = new Map(
      names.flatMap((name) => {
        const asked = plain(name);
        return [[attributeType(asked).name, name] as const, [asked, name] as const];
      }),
    );
  }

  in(entry: RawEntry): Extras {
    return this.#names.length === 0 ? NO_EXTRAS : this.read(entry.attributes);
  }

  read(attributes: RawEntry['attributes']): Extras {
    const lists = this.#lists(attributes);
    const kept = this.#names.filter((name) => lists.has(name));
    const members = kept.map((name) => `${JSON.stringify(name)}:${lists.get(name)?.json}`);
    return {
      json: `{${members.join(',')}}`,
      capped: kept.filter((name) => lists.get(name)?.complete === false),
    };
  }

  /** An attribute may come in several: a range of its values, and an empty one without the range. */
  #lists(attributes: RawEntry['attributes']): ReadonlyMap<string, List> {
    const lists = new Map<string, List>();
    for (const [description, values] of attributes) {
      const name = this.#nameOf.get(plain(description));
      if (name === undefined || values.length === 0) continue;
      const list = listOf(description, values);
      lists.set(name, { ...list, complete: list.complete && !UNFINISHED.test(description) });
    }
    return lists;
  }
}

const NO_EXTRAS: Extras = { json: '{}', capped: [] };

/** How the values are transferred, not what they are: `;binary` (RFC 4522), Active Directory's `;range=0-1499`. */
const TRANSFER = /;(?:binary|range=[^;]*)(?=;|$)/g;
/** More values would have to be asked for; only `;range=…-*` says that there are none. */
const UNFINISHED = /;range=\d+-\d/;

function plain(description: string): string {
  return description.toLowerCase().replace(TRANSFER, '');
}

function listOf(description: string, values: readonly Buffer[]): List {
  const items = values.map((value) => itemOf(description, value));
  const sorted = items.filter((item) => item !== undefined).sort(byKey);
  let room = MOST_CHARACTERS;
  const kept = sorted.filter(({ json }) => {
    room -= json.length;
    return room >= 0;
  });
  return {
    json: `[${kept.map(({ json }) => json).join(',')}]`,
    complete: kept.length === values.length && !values.some(isLong),
  };
}

/** Undefined: too long. Half a text may still be read, half a picture is none. */
function itemOf(description: string, value: Buffer): Item | undefined {
  const type = binaryType(description, value);
  if (type === undefined) return { key: textOf(value), json: JSON.stringify(textOf(value)) };
  if (isLong(value)) return undefined;
  const base64 = value.toString('base64');
  return { key: base64, json: JSON.stringify({ base64, type }) };
}

/** By code units. */
function byKey(a: Item, b: Item): number {
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
}
