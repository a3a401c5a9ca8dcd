import {
  AbandonRequest,
  type BerWriter,
  BindRequest,
  ExtendedRequest,
  type Filter,
  UnbindRequest,
} from 'ldapts';
import { assertSelector } from '../../domain/attribute-name.ts';
import { encode, utf8 } from './encode.ts';

const OCTET_STRING = 0x04;
const SEARCH_REQUEST = 0x63;
const CONTROLS = 0xa0;
const PAGED_RESULTS_OID = '1.2.840.113556.1.4.319';
const START_TLS_OID = '1.3.6.1.4.1.1466.20037';
const SCOPES = { base: 0, one: 1, sub: 2 } as const;
/** derefAliases (RFC 4511 §4.5.1.3): an alias is an entry like any other. */
const NEVER_DEREFERENCE = 0;
const MAX_INT = 2_147_483_647;

export type Credentials =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'simple'; readonly dn: string; readonly password: string }
  | { readonly kind: 'external' };

export interface SearchSpec {
  /** As bytes where the DN came from the server: it may be no valid UTF-8. */
  readonly base: string | Buffer;
  readonly scope: 'base' | 'one' | 'sub';
  readonly filter: Filter;
  /** Empty: all user attributes. */
  readonly attributes: readonly string[];
  /** Entries; 0, the default: no limit of ours. */
  readonly sizeLimit?: number;
  /** 0, the default: no limit of ours. */
  readonly timeLimitSeconds?: number;
  readonly page?: {
    /** Entries, from 1 up. */
    readonly size: number;
    /** Empty for the first page, then what the last answer brought. */
    readonly cookie: Buffer;
    /** Whether a server that cannot page shall refuse (12) rather than ignore the control. */
    readonly critical?: boolean;
  };
}

/**
 * @throws {TypeError} a simple bind without a DN or without a password: servers take both for an
 * anonymous bind and answer success (RFC 4513 §5.1.2)
 */
export function bindRequest(messageId: number, credentials: Credentials): Buffer {
  switch (credentials.kind) {
    case 'anonymous':
      return new BindRequest({ messageId }).write();
    case 'external':
      return new BindRequest({ messageId, mechanism: 'EXTERNAL' }).write();
    case 'simple':
      return simpleBind(messageId, credentials.dn, credentials.password);
    default:
      return credentials satisfies never;
  }
}

function simpleBind(messageId: number, dn: string, password: string): Buffer {
  if (dn === '') throw new TypeError('A simple bind needs a DN');
  if (password === '') throw new TypeError('A simple bind needs a password that is not empty');
  utf8(dn);
  utf8(password);
  return new BindRequest({ messageId, dn, password }).write();
}

/** Not ldapts's SearchRequest: it takes no base as bytes, and limits the time to 10 s unasked. */
export function searchRequest(messageId: number, spec: SearchSpec): Buffer {
  for (const name of spec.attributes) assertSelector(name);
  return encode((writer) => {
    writer.startSequence();
    writer.writeInt(messageId);
    writer.startSequence(SEARCH_REQUEST);
    writeSearch(writer, spec);
    writer.endSequence();
    if (spec.page !== undefined) writePaging(writer, spec.page);
    writer.endSequence();
  });
}

function writeSearch(writer: BerWriter, spec: SearchSpec): void {
  writer.writeBuffer(typeof spec.base === 'string' ? utf8(spec.base) : spec.base, OCTET_STRING);
  writer.writeEnumeration(SCOPES[spec.scope]);
  writer.writeEnumeration(NEVER_DEREFERENCE);
  writer.writeInt(wholeNumber('sizeLimit', spec.sizeLimit ?? 0, 0));
  writer.writeInt(wholeNumber('timeLimitSeconds', spec.timeLimitSeconds ?? 0, 0));
  writer.writeBoolean(false);
  spec.filter.write(writer);
  writer.startSequence();
  for (const name of spec.attributes) writer.writeString(name);
  writer.endSequence();
}

/** By hand: ldapts writes the criticality even where it is the default (RFC 4511 §5.1 forbids). */
function writePaging(writer: BerWriter, page: NonNullable<SearchSpec['page']>): void {
  const value = encode((inner) => {
    inner.startSequence();
    inner.writeInt(wholeNumber('page.size', page.size, 1));
    inner.writeBuffer(page.cookie, OCTET_STRING);
    inner.endSequence();
  });
  writer.startSequence(CONTROLS);
  writer.startSequence();
  writer.writeString(PAGED_RESULTS_OID);
  if (page.critical === true) writer.writeBoolean(true);
  writer.writeBuffer(value, OCTET_STRING);
  writer.endSequence();
  writer.endSequence();
}

function wholeNumber(name: string, value: number, least: number): number {
  if (Number.isInteger(value) && value >= least && value <= MAX_INT) return value;
  throw new RangeError(`Expected \`${name}\` to be a whole number from ${least} up, got ${value}`);
}

export function startTlsRequest(messageId: number): Buffer {
  return new ExtendedRequest({ messageId, oid: START_TLS_OID }).write();
}

export function abandonRequest(messageId: number, abandonId: number): Buffer {
  return new AbandonRequest({ messageId, abandonId }).write();
}

export function unbindRequest(messageId: number): Buffer {
  return new UnbindRequest({ messageId }).write();
}
