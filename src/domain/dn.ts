/** Distinguished names: read (RFC 4514) and compared as a directory server compares them (RFC 4518). */
export type { DnKey } from './dn/key.ts';
export { dnKey, equalDn, isWithin } from './dn/key.ts';
export type { ParsedAva, ParsedDn, ParsedRdn } from './dn/parse.ts';
export { DnSyntaxError, parseDn } from './dn/parse.ts';
