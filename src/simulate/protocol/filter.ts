import { canonicalAttribute } from '../search/schema-names.ts';
import { type BerDecoder, BerDecoder as Decoder, MalformedMessage } from './ber-decoder.ts';

/** A search filter as it came over the wire (RFC 4511 §4.5.1.7), attribute names canonical. */
export type Filter =
  | { readonly kind: 'and' | 'or'; readonly of: readonly Filter[] }
  | { readonly kind: 'not'; readonly of: Filter }
  | {
      readonly kind: 'equal' | 'atLeast' | 'atMost' | 'approx';
      readonly attribute: string;
      readonly value: Buffer;
    }
  | { readonly kind: 'substrings'; readonly attribute: string; readonly parts: SubstringParts }
  | { readonly kind: 'present'; readonly attribute: string }
  | { readonly kind: 'extensible'; readonly text: string };

export interface SubstringParts {
  readonly initial: string | undefined;
  readonly any: readonly string[];
  readonly final: string | undefined;
}

/** Deeper nesting is an attack on the stack; OpenLDAP refuses it too. */
const DEEPEST = 100;

/** @throws MalformedMessage */
export function readFilter(from: BerDecoder, depth = 0): Filter {
  if (depth > DEEPEST) throw new MalformedMessage('filter nested too deeply');
  const { tag, content } = from.next();
  const inner = new Decoder(content);
  switch (tag) {
    case 0xa0:
    case 0xa1:
      return { kind: tag === 0xa0 ? 'and' : 'or', of: readAll(inner, depth + 1) };
    case 0xa2:
      return { kind: 'not', of: readFilter(inner, depth + 1) };
    case 0xa3:
      return readAssertion('equal', inner);
    case 0xa4:
      return readSubstrings(inner);
    case 0xa5:
      return readAssertion('atLeast', inner);
    case 0xa6:
      return readAssertion('atMost', inner);
    case 0x87:
      return { kind: 'present', attribute: canonicalAttribute(content.toString()) };
    case 0xa8:
      return readAssertion('approx', inner);
    case 0xa9:
      return readExtensible(inner);
    default:
      throw new MalformedMessage(`unknown filter choice ${tag}`);
  }
}

function readAll(from: BerDecoder, depth: number): readonly Filter[] {
  const filters: Filter[] = [];
  while (!from.done) filters.push(readFilter(from, depth));
  return filters;
}

function readAssertion(kind: 'equal' | 'atLeast' | 'atMost' | 'approx', from: BerDecoder): Filter {
  return { kind, attribute: canonicalAttribute(from.text()), value: from.octets() };
}

function readSubstrings(from: BerDecoder): Filter {
  const attribute = canonicalAttribute(from.text());
  const pieces = from.enter(0x30);
  let initial: string | undefined;
  let final: string | undefined;
  const any: string[] = [];
  if (pieces.done) throw new MalformedMessage('substring filter without substrings');
  while (!pieces.done) {
    const { tag, content } = pieces.next();
    if (tag === 0x80) initial = content.toString();
    else if (tag === 0x81) any.push(content.toString());
    else if (tag === 0x82) final = content.toString();
    else throw new MalformedMessage(`unknown substring choice ${tag}`);
  }
  return { kind: 'substrings', attribute, parts: { initial, any, final } };
}

function readExtensible(from: BerDecoder): Filter {
  const parts = new Map<number, string>();
  while (!from.done) {
    const { tag, content } = from.next();
    parts.set(tag, content.toString());
  }
  const rule = parts.has(0x81) ? `:${parts.get(0x81)}` : '';
  const text = `${parts.get(0x82) ?? ''}${parts.has(0x84) ? ':dn' : ''}${rule}:=${escaped(parts.get(0x83) ?? '')}`;
  return { kind: 'extensible', text };
}

/** The filter as RFC 4515 writes it. */
export function filterText(filter: Filter): string {
  switch (filter.kind) {
    case 'and':
      return `(&${filter.of.map(filterText).join('')})`;
    case 'or':
      return `(|${filter.of.map(filterText).join('')})`;
    case 'not':
      return `(!${filterText(filter.of)})`;
    case 'present':
      return `(${filter.attribute}=*)`;
    case 'substrings':
      return `(${filter.attribute}=${substringText(filter.parts)})`;
    case 'extensible':
      return `(${filter.text})`;
    default:
      return `(${filter.attribute}${OPERATORS[filter.kind]}${escaped(filter.value.toString())})`;
  }
}

const OPERATORS = { equal: '=', atLeast: '>=', atMost: '<=', approx: '~=' } as const;

function substringText({ initial, any, final }: SubstringParts): string {
  return [initial ?? '', ...any, final ?? ''].map(escaped).join('*');
}

function escaped(value: string): string {
  return value.replace(
    /[\0()*\\]/gu,
    (char) => `\\${char.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}

export interface Assertion {
  readonly attribute: string;
  readonly value: string;
}

/** Every value that the filter compares with, in any depth. */
export function assertionsOf(filter: Filter): readonly Assertion[] {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.of.flatMap(assertionsOf);
    case 'not':
      return assertionsOf(filter.of);
    case 'present':
    case 'substrings':
    case 'extensible':
      return [];
    default:
      return [{ attribute: filter.attribute, value: filter.value.toString() }];
  }
}
