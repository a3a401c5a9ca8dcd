import type { AttributeValue, SimulatedEntry } from '../directory.ts';
import { canonicalAttribute } from '../search/schema-names.ts';
import type { BerEncoder } from './ber-encoder.ts';
import { PAGED_RESULTS } from './requests.ts';
import type { ValueRange, ValueRanges } from './value-ranges.ts';

/** Result codes of RFC 4511 appendix A that the server gives by itself. */
export const CODE = {
  success: 0,
  operationsError: 1,
  protocolError: 2,
  timeLimitExceeded: 3,
  sizeLimitExceeded: 4,
  authMethodNotSupported: 7,
  adminLimitExceeded: 11,
  unavailableCriticalExtension: 12,
  noSuchObject: 32,
  invalidDnSyntax: 34,
  invalidCredentials: 49,
  insufficientAccess: 50,
  busy: 51,
  unwillingToPerform: 53,
} as const;

/** What Active Directory says to whoever did not bind ([MS-ADTS] §3.1.1.3.1.9): clients look for the number. */
export const AD_NOT_BOUND =
  '000004DC: LdapErr: DSID-0C090A5C, comment: In order to perform this operation a successful bind must be completed on the connection., data 0, v4f7c';

export const ANSWER_TAG = {
  bind: 0x61,
  entry: 0x64,
  done: 0x65,
  reference: 0x73,
  extended: 0x78,
} as const;

export interface Result {
  readonly code: number;
  readonly matchedDn?: string;
  readonly message?: string;
  readonly referrals?: readonly string[];
}

/** What an answer carries beside its result. */
export interface Extras {
  /** Cookie of a paged results control; empty says that the search is complete. */
  readonly cookie?: Buffer | undefined;
  /** Extended response name and value. */
  readonly oid?: string;
  readonly value?: string;
}

export function writeResult(
  to: BerEncoder,
  id: number,
  tag: number,
  result: Result,
  extras: Extras = {},
): void {
  to.begin(0x30).integer(id).begin(tag);
  to.integer(result.code, 0x0a)
    .octets(result.matchedDn ?? '')
    .octets(result.message ?? '');
  if (result.referrals !== undefined) writeTexts(to, 0xa3, result.referrals);
  if (extras.oid !== undefined) to.octets(extras.oid, 0x8a);
  if (extras.value !== undefined) to.octets(extras.value, 0x8b);
  to.end();
  if (extras.cookie !== undefined) writePagingControl(to, extras.cookie);
  to.end();
}

function writePagingControl(to: BerEncoder, cookie: Buffer): void {
  to.begin(0xa0).begin(0x30).octets(PAGED_RESULTS);
  to.begin(0x04).begin(0x30).integer(0).octets(cookie).end().end();
  to.end().end();
}

function writeTexts(to: BerEncoder, tag: number, texts: readonly string[]): void {
  to.begin(tag);
  for (const text of texts) to.octets(text);
  to.end();
}

export function writeReference(to: BerEncoder, id: number, urls: readonly string[]): void {
  to.begin(0x30).integer(id);
  writeTexts(to, ANSWER_TAG.reference, urls);
  to.end();
}

/** RFC 4511 §4.4.1: unasked for, message id 0, and the connection ends. */
export function writeNoticeOfDisconnection(to: BerEncoder, code: number, message: string): void {
  writeResult(to, 0, ANSWER_TAG.extended, { code, message }, { oid: '1.3.6.1.4.1.1466.20036' });
}

/** Sends the attributes that one search asked for (RFC 4511 §4.5.1.8). */
export class EntryWriter {
  readonly #asked: readonly string[];
  readonly #ranges: ValueRanges | undefined;
  readonly #allUser: boolean;
  readonly #allOperational: boolean;
  readonly #typesOnly: boolean;
  #source: readonly string[] | undefined;
  #selected: readonly Selected[] = [];

  /** @param ranges where the server knows ranges of values */
  constructor(attributes: readonly string[], typesOnly: boolean, ranges?: ValueRanges) {
    this.#ranges = ranges;
    const names = attributes.map(canonicalAttribute);
    this.#asked = ranges === undefined ? names : names.map((name) => ranges.note(name));
    this.#allUser = attributes.length === 0 || attributes.includes('*');
    this.#allOperational = attributes.includes('+');
    this.#typesOnly = typesOnly;
  }

  write(to: BerEncoder, id: number, entry: SimulatedEntry): void {
    to.begin(0x30).integer(id).begin(ANSWER_TAG.entry).octets(entry.dn).begin(0x30);
    for (const { name, canonical } of this.#selection(entry)) {
      const values = entry.values(canonical);
      if (values.length === 0) continue;
      if (this.#ranges === undefined) this.#writeAttribute(to, name, values);
      else this.#writeRanges(to, name, this.#ranges.of(canonical, values));
    }
    to.end().end().end();
  }

  #writeRanges(to: BerEncoder, name: string, ranges: readonly ValueRange[]): void {
    for (const { option, values } of ranges) this.#writeAttribute(to, name + option, values);
  }

  #writeAttribute(to: BerEncoder, name: string, values: readonly AttributeValue[]): void {
    to.begin(0x30).octets(name).begin(0x31);
    if (!this.#typesOnly) for (const value of values) to.octets(value);
    to.end().end();
  }

  #selection(entry: SimulatedEntry): readonly Selected[] {
    if (this.#source === entry.userAttributes) return this.#selected;
    this.#source = entry.userAttributes;
    this.#selected = [
      ...this.#select(entry.userAttributes, this.#allUser),
      ...this.#select(entry.operationalAttributes, this.#allOperational),
    ];
    return this.#selected;
  }

  #select(names: readonly string[], all: boolean): readonly Selected[] {
    return names
      .map((name) => ({ name, canonical: canonicalAttribute(name) }))
      .filter(({ canonical }) => all || this.#asked.some((asked) => isSubtype(canonical, asked)));
  }
}

interface Selected {
  readonly name: string;
  readonly canonical: string;
}

/** Asking for `cn` brings `cn;lang-de` along (RFC 4512 §2.5.2). */
function isSubtype(canonical: string, asked: string): boolean {
  return canonical === asked || canonical.startsWith(`${asked};`);
}
