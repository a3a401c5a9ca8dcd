import { BerCursor, BerError } from './ber.ts';

const BOOLEAN = 0x01;
const INTEGER = 0x02;
const OCTET_STRING = 0x04;
const ENUMERATED = 0x0a;
const SEQUENCE = 0x30;
const CONTROLS = 0xa0;
const REFERRAL = 0xa3;
const RESPONSE_NAME = 0x8a;

/** Tags of the responses that can reach us (RFC 4511 §4.2–4.13). */
export const Response = {
  bind: 0x61,
  entry: 0x64,
  done: 0x65,
  reference: 0x73,
  extended: 0x78,
  intermediate: 0x79,
} as const;

const PAGED_RESULTS_OID = '1.2.840.113556.1.4.319';
/** RFC 4511 §4.4.1. */
export const NOTICE_OF_DISCONNECTION_OID = '1.3.6.1.4.1.1466.20036';

/** An LDAPMessage whose operation has not been looked into yet. */
export interface Message {
  /** 0: unsolicited. */
  readonly id: number;
  readonly tag: number;
  /** Stands at the content of the operation. */
  readonly cursor: BerCursor;
  /** Where the operation ends and its controls may begin. */
  readonly operationEnd: number;
  readonly end: number;
  readonly bytes: number;
}

/** How an LDAP operation ended (RFC 4511 §4.1.9). */
export interface LdapResult {
  /** 0 is success. */
  readonly code: number;
  readonly matchedDn: string;
  /** The server's words: may hold personal data, never for a log line as they are. */
  readonly diagnostic: string;
  readonly referrals: readonly string[];
}

/** The paging control of an answer (RFC 2696). */
export interface PagingAnswer {
  /** Empty: no more pages. A copy, free of the network buffer. */
  readonly cookie: Buffer;
  /** The server's estimate of the total, 0 where it has none. */
  readonly estimate: number;
}

/** @throws {BerError} */
export function decodeMessage(buffer: Buffer, start = 0, limit = buffer.length): Message {
  const cursor = new BerCursor(buffer, start);
  const end = cursor.enter(SEQUENCE, limit);
  const id = cursor.integer(INTEGER, end);
  const tag = cursor.peek(end);
  if (id < 0 || tag === -1) throw new BerError('A message has no valid number or no operation');
  const operationEnd = cursor.enter(tag, end);
  return { id, tag, cursor, operationEnd, end, bytes: limit - start };
}

/** @throws {BerError} */
export function decodeResult({ cursor, operationEnd }: Message): LdapResult {
  const code = cursor.integer(ENUMERATED, operationEnd);
  const matchedDn = cursor.text(OCTET_STRING, operationEnd);
  const diagnostic = cursor.text(OCTET_STRING, operationEnd);
  const hasReferral = cursor.peek(operationEnd) === REFERRAL;
  const referrals = hasReferral ? textsUntil(cursor, cursor.enter(REFERRAL, operationEnd)) : [];
  return { code, matchedDn, diagnostic, referrals };
}

/** The URIs of a SearchResultReference. */
export function decodeReference({ cursor, operationEnd }: Message): readonly string[] {
  return textsUntil(cursor, operationEnd);
}

/** The OID of an ExtendedResponse whose result has just been decoded. */
export function decodeResponseName({ cursor, operationEnd }: Message): string | undefined {
  while (cursor.offset < operationEnd) {
    if (cursor.peek(operationEnd) === RESPONSE_NAME)
      return cursor.text(RESPONSE_NAME, operationEnd);
    cursor.skip(operationEnd);
  }
  return undefined;
}

/** The paging control of an answer, undefined where it carries none. */
export function decodePaging(message: Message): PagingAnswer | undefined {
  const { cursor } = message;
  cursor.offset = message.operationEnd;
  if (cursor.peek(message.end) !== CONTROLS) return undefined;
  const end = cursor.enter(CONTROLS, message.end);
  let answer: PagingAnswer | undefined;
  while (cursor.offset < end) answer = decodeControl(cursor, end) ?? answer;
  return answer;
}

function decodeControl(cursor: BerCursor, limit: number): PagingAnswer | undefined {
  const end = cursor.enter(SEQUENCE, limit);
  const oid = cursor.text(OCTET_STRING, end);
  if (cursor.peek(end) === BOOLEAN) cursor.skip(end);
  const answer =
    oid === PAGED_RESULTS_OID ? decodePagingValue(cursor.bytes(OCTET_STRING, end)) : undefined;
  cursor.offset = end;
  return answer;
}

function decodePagingValue(value: Buffer): PagingAnswer {
  const cursor = new BerCursor(value);
  const end = cursor.enter(SEQUENCE, value.length);
  const estimate = cursor.integer(INTEGER, end);
  return { estimate, cookie: Buffer.from(cursor.bytes(OCTET_STRING, end)) };
}

function textsUntil(cursor: BerCursor, end: number): string[] {
  const texts: string[] = [];
  while (cursor.offset < end) texts.push(cursor.text(OCTET_STRING, end));
  return texts;
}
