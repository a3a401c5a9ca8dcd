import { resolve } from 'node:path';
import { isAttributeType } from '../domain/attribute-name.ts';
import { parseDn } from '../domain/dn.ts';
import { type LdapUrl, parseLdapUrl } from '../domain/ldap-url.ts';
import { parseTimeOfDay, type TimeOfDay } from '../domain/time-of-day.ts';
import { formatDuration, parseDuration } from './duration.ts';

/** Something that is wrong with a part of a value. */
export interface Fault {
  /** The name of the part. */
  readonly part: string;
  /** Completes "expected …". */
  readonly expected: string;
  readonly got: unknown;
  readonly hint?: string;
}

/** How one sort of value is read from a flag, an environment variable or the config file. */
export interface Kind<T> {
  /** Completes "expected …". */
  readonly expected: string;
  /** One word for `--help`; empty where the flag takes no value. */
  readonly placeholder: string;
  /**
   * Undefined where `raw` is none. The file brings numbers and booleans as such, flags and variables bring text.
   * @param folder what a relative path is relative to; the working directory where undefined
   */
  parse(raw: unknown, folder?: string): T | undefined;
  /** What to do about a value that was refused, where that is not plain from `expected`. */
  hint?(raw: unknown): string | undefined;
  /** What is wrong with single parts of a value that has some; then these are told in place of the whole. */
  faults?(raw: unknown): readonly Fault[];
  /** How many values one environment variable holds for a repeatable option. By default one a line. */
  readonly separator?: RegExp;
  /** The value may hold a secret: what came is not shown. */
  readonly hidden?: (raw: unknown) => boolean;
}

/** A whole number from `min` to `max`. @param zero what 0 means, where it means something else */
export function integer(min: number, max: number, zero?: string): Kind<number> {
  return {
    expected: `a whole number from ${min} to ${max}${zero ? ` (0 = ${zero})` : ''}`,
    placeholder: 'number',
    parse: (raw) => within(numeral(raw), min, max),
  };
}

/** 0 to 100, with or without the sign, as a share from 0 to 1. */
export const percent: Kind<number> = {
  expected: 'a percentage from 0% to 100%',
  placeholder: 'percent',
  parse(raw) {
    const [, digits] = /^(\d{1,3}(?:\.\d+)?)%?$/.exec(String(raw)) ?? [];
    const value = within(digits === undefined ? undefined : Number(digits), 0, 100);
    return value === undefined ? undefined : value / 100;
  },
};

/** A length of time from `min` to `max`, both written as durations, in ms. */
export function duration(min: string, max: string): Kind<number> {
  const [low, high] = [parseDuration(min) ?? 0, parseDuration(max) ?? Number.MAX_SAFE_INTEGER];
  return {
    expected: `a duration from ${formatDuration(low)} to ${formatDuration(high)}, such as \`30s\`, \`10m\` or \`1h30m\``,
    placeholder: 'duration',
    parse: (raw) => within(typeof raw === 'string' ? parseDuration(raw) : undefined, low, high),
    hint: (raw) => (/^\d+$/.test(String(raw)) ? `add a unit, as in \`${raw}s\`` : undefined),
  };
}

/** A time by the clock of this machine. */
export const timeOfDay: Kind<TimeOfDay> = {
  expected: 'a local time of day from 00:00 to 23:59, such as `05:30`',
  placeholder: 'HH:MM',
  parse: (raw) => (typeof raw === 'string' ? parseTimeOfDay(raw) : undefined),
  hint: (raw) => (String(raw) === '24:00' ? 'midnight is `00:00`' : undefined),
};

export function choice<const T extends string>(...values: readonly T[]): Kind<T> {
  return {
    expected: `one of ${values.map((value) => `\`${value}\``).join(', ')}`,
    placeholder: values.join('|'),
    parse: (raw) => values.find((value) => value === raw),
  };
}

const FLAG_WORDS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['yes', true],
  ['1', true],
  ['false', false],
  ['no', false],
  ['0', false],
]);

export const flag: Kind<boolean> = {
  expected: '`true` or `false`',
  placeholder: '',
  parse: (raw) => (typeof raw === 'boolean' ? raw : FLAG_WORDS.get(String(raw).toLowerCase())),
};

/** Text that is not empty. @param noun with its article, completes "expected …" */
export function text(noun: string, placeholder: string): Kind<string> {
  return {
    expected: noun,
    placeholder,
    parse: filledText,
    hint: (raw) => (typeof raw === 'number' || typeof raw === 'boolean' ? 'quote it' : undefined),
  };
}

export const path: Kind<string> = {
  ...text('a path', 'path'),
  parse(raw, folder) {
    const value = filledText(raw);
    if (value?.includes('\0')) return undefined;
    return value !== undefined && folder !== undefined ? resolve(folder, value) : value;
  },
};

/** Permissions of a file, in octal: nobody but the owner may write. */
export const fileMode: Kind<number> = {
  expected: 'permissions from `0400` to `0644`, such as `0640`',
  placeholder: 'mode',
  parse: (raw) =>
    /^0?[46][04][04]$/.test(String(raw)) ? Number.parseInt(String(raw), 8) : undefined,
};

export const ldapUrl: Kind<LdapUrl> = {
  expected: 'a server such as `ldaps://ldap.example.com` or `ldap://10.0.0.5:1389`',
  placeholder: 'url',
  separator: /\s+/,
  // A comma is none of a host name's, though the URL parser takes it.
  parse: (raw) => (typeof raw === 'string' && !raw.includes(',') ? parseLdapUrl(raw) : undefined),
  hidden: (raw) => String(raw).includes('@'),
  hint(raw) {
    if (String(raw).includes('@')) return 'name the account with --bind-dn, never in the URL';
    if (String(raw).includes(',')) return 'several servers: repeat --url for each';
    return /^ldaps?:\/\/[^/]+\/./i.test(String(raw)) ? 'give the base with --base' : undefined;
  },
};

/** A distinguished name (RFC 4514), not the empty one. */
export const dn: Kind<string> = {
  ...text('a distinguished name such as `ou=people,dc=example,dc=com`', 'dn'),
  parse(raw) {
    const value = filledText(raw);
    return value !== undefined && isDn(value) ? value : undefined;
  },
};

/** A search filter (RFC 4515) by its parentheses; the directory adapter reads the rest. */
export const filter: Kind<string> = {
  ...text('a filter in parentheses such as `(objectClass=person)`', 'filter'),
  parse: (raw) => (isFiltered(raw) ? raw : undefined),
};

/** One entry: its DN, a filter that finds it, or a mail address. What has an `=` is no address, though it could be. */
export const dnOrFilter: Kind<string> = {
  ...text(
    'a distinguished name, a filter in parentheses such as `(uid=ceo)`, or a mail address',
    'dn|filter|mail',
  ),
  parse: (raw) => (isFiltered(raw) || isAddress(raw) ? raw : dn.parse(raw)),
};

/** A short name or a dotted number (RFC 4512 §1.4), without options. */
export const attributeName: Kind<string> = {
  expected: 'an attribute name such as `manager`',
  placeholder: 'attribute',
  parse: (raw) => (typeof raw === 'string' && isAttributeType(raw) ? raw : undefined),
};

function numeral(raw: unknown): number | undefined {
  if (typeof raw === 'number') return Number.isInteger(raw) ? raw : undefined;
  return typeof raw === 'string' && /^\d{1,15}$/.test(raw) ? Number(raw) : undefined;
}

function within(value: number | undefined, min: number, max: number): number | undefined {
  const fits = value !== undefined && value >= min && value <= max;
  return fits ? value : undefined;
}

function filledText(raw: unknown): string | undefined {
  return typeof raw === 'string' && raw.trim() !== '' ? raw : undefined;
}

function isFiltered(raw: unknown): raw is string {
  return typeof raw === 'string' && /^\(.+\)$/s.test(raw);
}

function isAddress(raw: unknown): raw is string {
  return typeof raw === 'string' && /^[^\s@=()<>]+@[^\s@=()<>]+$/.test(raw);
}

function isDn(value: string): boolean {
  try {
    parseDn(value);
    return true;
  } catch {
    return false;
  }
}
