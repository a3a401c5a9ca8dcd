import { AndFilter, type Filter, NotFilter, OrFilter, PresenceFilter } from 'ldapts';
import { isAttributeName, isMatchingRule } from '../../domain/attribute-name.ts';
import { refuseSecretsInFilter } from '../mapping/secrets.ts';
import {
  AssertionFilter,
  type AssertionKind,
  ExtensibleMatchFilter,
  SubstringsFilter,
} from './filter-objects.ts';

/** Bounds the recursion, here and in the server. */
const MAX_DEPTH = 100;

const OPERATORS: Readonly<Record<string, AssertionKind | 'extensible'>> = {
  '>': 'greaterOrEqual',
  '<': 'lessOrEqual',
  '~': 'approx',
  ':': 'extensible',
};

/** A filter text that RFC 4515 does not allow. The message does not repeat the filter. */
export class FilterSyntaxError extends Error {
  override readonly name = 'FilterSyntaxError';
  /** Of the character at fault, counted from 1. */
  readonly position: number;

  constructor(expected: string, position: number) {
    super(`Expected ${expected} at position ${position} of the filter`);
    this.position = position;
  }
}

/**
 * A filter from its text (RFC 4515). Escapes stand for bytes: `\c3\a9` is é, `\ff` is a byte that is
 * no UTF-8. Space between components is allowed, inside a value it belongs to the value.
 * @throws {FilterSyntaxError}
 * @throws {UsageError} where it compares an attribute that holds a secret
 */
export function parseFilter(text: string): Filter {
  const parser = new FilterParser(text);
  const filter = parser.parse();
  refuseSecretsInFilter(parser.attributes);
  return filter;
}

class FilterParser {
  /** What is compared; undefined: whatever the matching rule knows. */
  readonly attributes: (string | undefined)[] = [];
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): Filter {
    this.#skipSpace();
    const filter = this.#filter(1);
    this.#skipSpace();
    if (this.#at < this.#text.length) throw this.#expected('the end');
    return filter;
  }

  #filter(depth: number): Filter {
    if (depth > MAX_DEPTH) throw this.#expected(`at most ${MAX_DEPTH} nested filters`);
    this.#take('(');
    this.#skipSpace();
    const filter = this.#component(depth);
    this.#take(')');
    return filter;
  }

  #component(depth: number): Filter {
    switch (this.#text[this.#at]) {
      case '&':
        return new AndFilter({ filters: this.#list(depth) });
      case '|':
        return new OrFilter({ filters: this.#list(depth) });
      case '!':
        return this.#negation(depth);
      default:
        return this.#item();
    }
  }

  #list(depth: number): Filter[] {
    this.#at += 1;
    const filters: Filter[] = [];
    this.#skipSpace();
    while (this.#text[this.#at] === '(') {
      filters.push(this.#filter(depth + 1));
      this.#skipSpace();
    }
    return filters;
  }

  #negation(depth: number): Filter {
    this.#at += 1;
    this.#skipSpace();
    const filter = new NotFilter({ filter: this.#filter(depth + 1) });
    this.#skipSpace();
    return filter;
  }

  #item(): Filter {
    const start = this.#at;
    const end = this.#text.indexOf('=', start);
    if (end === -1) throw this.#expected('a filter such as `attribute=value`');
    const kind = OPERATORS[this.#text[end - 1] ?? ''];
    const left = this.#text.slice(start, kind === undefined ? end : end - 1);
    if (kind === 'extensible') return this.#extensible(left, start, end + 1);
    if (!isAttributeName(left)) throw this.#expected('an attribute name');
    this.attributes.push(left);
    this.#at = end + 1;
    if (kind !== undefined) return new AssertionFilter(kind, left, this.#value());
    return this.#equalityOrSubstrings(left);
  }

  #equalityOrSubstrings(attribute: string): Filter {
    const start = this.#at;
    const parts = [this.#value()];
    while (this.#text[this.#at] === '*') {
      this.#at += 1;
      parts.push(this.#value());
    }
    const [initial, ...others] = parts;
    const final = others.pop();
    if (initial === undefined || final === undefined) {
      return new AssertionFilter('equality', attribute, initial ?? Buffer.alloc(0));
    }
    return this.#substrings(attribute, { initial, any: others, final }, start);
  }

  #substrings(
    attribute: string,
    parts: { readonly initial: Buffer; readonly any: readonly Buffer[]; readonly final: Buffer },
    start: number,
  ): Filter {
    const { initial, any, final } = parts;
    if (any.some((part) => part.length === 0)) {
      this.#at = start;
      throw this.#expected('text between the asterisks');
    }
    const empty = initial.length + final.length === 0 && any.length === 0;
    if (empty) return new PresenceFilter({ attribute });
    return new SubstringsFilter(attribute, {
      initial: initial.length === 0 ? undefined : initial,
      any,
      final: final.length === 0 ? undefined : final,
    });
  }

  /** `attribute[:dn][:rule]` or `[:dn]:rule`, what stands before `:=`. */
  #extensible(left: string, start: number, valueAt: number): Filter {
    const [attribute = '', ...others] = left.split(':');
    const dnAttributes = others[0]?.toLowerCase() === 'dn';
    const [rule, ...surplus] = dnAttributes ? others.slice(1) : others;
    const named = attribute === '' ? rule !== undefined : isAttributeName(attribute);
    if (!named || surplus.length > 0 || (rule !== undefined && !isMatchingRule(rule))) {
      this.#at = start;
      throw this.#expected('an extensible match such as `attribute:rule:=value`');
    }
    this.#at = valueAt;
    const value = this.#value();
    const given = attribute === '' ? undefined : attribute;
    this.attributes.push(given);
    return new ExtensibleMatchFilter({ attribute: given, rule, dnAttributes, value });
  }

  /** The bytes up to the next `*` or `)`. */
  #value(): Buffer {
    const pieces: Buffer[] = [];
    for (;;) {
      const plain = /[^\0()*\\]*/y;
      plain.lastIndex = this.#at;
      const run = plain.exec(this.#text)?.[0] ?? '';
      if (!run.isWellFormed()) throw this.#expected('valid Unicode');
      pieces.push(Buffer.from(run, 'utf8'));
      this.#at += run.length;
      if (this.#text[this.#at] !== '\\') break;
      pieces.push(this.#escape());
    }
    return Buffer.concat(pieces);
  }

  #escape(): Buffer {
    const digits = this.#text.slice(this.#at + 1, this.#at + 3);
    if (!/^[0-9A-Fa-f]{2}$/.test(digits)) throw this.#expected('two hexadecimal digits after `\\`');
    this.#at += 3;
    return Buffer.from(digits, 'hex');
  }

  #take(character: string): void {
    if (this.#text[this.#at] !== character) throw this.#expected(`\`${character}\``);
    this.#at += 1;
  }

  #skipSpace(): void {
    while (/^\s$/.test(this.#text[this.#at] ?? '')) this.#at += 1;
  }

  #expected(what: string): FilterSyntaxError {
    return new FilterSyntaxError(what, this.#at + 1);
  }
}
