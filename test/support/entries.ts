// Entries as a connection hands them over, made of bytes as a server sends them.
import { RawEntry } from '../../src/ldap/messages/entry.ts';
import { Layout } from '../../src/ldap/messages/layout.ts';
import { decodeMessage } from '../../src/ldap/messages/message.ts';
import { entry, type Values } from './ldap-bytes.ts';

/** @param bytes of a message with an entry */
export function decodeEntry(bytes: Buffer, layout = new Layout()): RawEntry {
  const { cursor, operationEnd } = decodeMessage(bytes);
  return new RawEntry(cursor, operationEnd, layout);
}

export function entryWith(given: Readonly<Record<string, Values>>, dn: Buffer | string): RawEntry {
  return decodeEntry(entry(1, dn, Object.entries(given)));
}
