import { type Employee, PROFILE_COLUMNS } from '../../domain/employee.ts';
import type { RunNumbers } from '../run-numbers.ts';
import { linkHash } from './link-hash.ts';

/** What the directory says about a person: in this order in every statement, and in every row read back. */
export const CONTENT = ['dn', 'link', ...PROFILE_COLUMNS, 'active', 'attributes'] as const;

/** What a version says, and the fingerprint of what it was read from. */
export const WRITTEN = ['fingerprint', ...CONTENT] as const;

/** As who a version is known, and what tells whether it says the same. */
export const VERSION = [
  'vid',
  'pid',
  'from_run',
  'to_run',
  'id',
  'by_dn',
  'dn',
  'link',
  'fingerprint',
] as const;

export type Value = string | number | null;

export type VersionRow = readonly [
  vid: number,
  pid: number,
  from: number,
  to: number | null,
  id: string,
  byDn: 0 | 1,
  dn: string,
  link: string | null,
  fingerprint: number | null,
];

/** Stored as link where nothing can name the person; null would mean the DN. */
const NO_LINK = '';

/** Whether the version still holds: one that was closed belongs to someone who had left. */
export function stillHolds([, , , to]: VersionRow, { published }: RunNumbers): boolean {
  return to === null || to > published;
}

/** Whether it was read from the same, and so says the same. */
export function sameSource([, , , , , , , , fingerprint]: VersionRow, employee: Employee): boolean {
  return fingerprint !== null && fingerprint === employee.fingerprint;
}

/** In the order of `WRITTEN`. */
export function writtenOf(employee: Employee): Value[] {
  return [employee.fingerprint, ...contentOf(employee)];
}

/** In the order of `CONTENT`. */
export function contentOf(employee: Employee): Value[] {
  const content: Value[] = [employee.dn, linkOf(employee)];
  for (const column of PROFILE_COLUMNS) content.push(employee.profile[column]);
  content.push(employee.active ? 1 : 0, employee.attributes);
  return content;
}

function linkOf(employee: Employee): string | null {
  if (employee.link === null) return NO_LINK;
  return employee.link === employee.dn ? null : employee.link;
}

/** The link of a version row, from its columns `dn` and `link`; null where nothing can name the person. */
export function storedLink(dn: string, link: string | null): string | null {
  if (link === NO_LINK) return null;
  return link ?? dn;
}

export function hashOf(employee: Employee): number | null {
  return employee.linkKey === null ? null : linkHash(employee.linkKey);
}
