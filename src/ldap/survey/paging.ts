import { ResultCode } from '../result-codes.ts';
import type { Ask } from './ask.ts';

/** What the server makes of the paged results control (RFC 2696). */
export type PagingAnswer = 'accepted' | 'ignored' | 'refused';

export interface PagingFacts {
  /** Whether the rootDSE lists the control. */
  readonly offered: boolean;
  readonly answer: PagingAnswer;
  /** Result code with which it was refused; null where it was not. */
  readonly resultCode: number | null;
  /** Entries of the largest page that came, up to 2,000; null without paging. */
  readonly largestPage: number | null;
}

/** How many entries one search brings. */
export interface SizeFacts {
  /** Entries of an unpaged search that came. */
  readonly entries: number;
  /** What ended it: nothing did up to 2,000, everyone was there, or a limit of the server. */
  readonly ended: 'unlimited' | 'everyone' | 'size' | 'time' | 'administrative' | 'other';
  readonly resultCode: number;
  /** Where it is a limit and the server pages: whether all pages together may bring more. */
  readonly pagesPassIt: boolean | null;
}

/** As far as limits are looked for, in entries. */
export const LOOKED_FOR = 2_000;
const FIRST_PAGE = 2;
/** Tried where the largest is refused: the limits that servers are shipped with. */
const SMALLER_PAGES = [1_000, 500, 100] as const;
const NO_COOKIE = Buffer.alloc(0);

export async function surveyPaging(ask: Ask, offered: boolean): Promise<PagingFacts> {
  const first = await ask({ page: pageOf(FIRST_PAGE) });
  const refused = { offered, largestPage: null };
  if (first.code !== ResultCode.success) {
    return { ...refused, answer: 'refused', resultCode: first.code };
  }
  if (first.cookie === undefined) return { ...refused, answer: 'ignored', resultCode: null };
  const largestPage = await largest(ask);
  return { offered, answer: 'accepted', resultCode: null, largestPage };
}

async function largest(ask: Ask): Promise<number> {
  for (const size of [LOOKED_FOR, ...SMALLER_PAGES]) {
    const { code, entries, cookie } = await ask({ page: pageOf(size) });
    if (code !== ResultCode.success) continue;
    // Fewer than were asked for, and more to come: the server's own bound.
    return cookie !== undefined && cookie.length > 0 ? Math.min(size, entries.length) : size;
  }
  return FIRST_PAGE;
}

export async function surveySize(
  ask: Ask,
  { answer, largestPage }: PagingFacts,
): Promise<SizeFacts> {
  const { code, entries } = await ask({ sizeLimit: LOOKED_FOR });
  const ended = endedBy(code, entries.length);
  const isLimit = ended !== 'unlimited' && ended !== 'everyone';
  const pages = isLimit && answer === 'accepted' && entries.length > 0;
  const pagesPassIt = pages ? await passed(ask, entries.length, largestPage ?? FIRST_PAGE) : null;
  return { entries: entries.length, ended, resultCode: code, pagesPassIt };
}

function endedBy(code: number, entries: number): SizeFacts['ended'] {
  switch (code) {
    case ResultCode.success:
      return 'everyone';
    case ResultCode.sizeLimitExceeded:
      return entries >= LOOKED_FOR ? 'unlimited' : 'size';
    case ResultCode.timeLimitExceeded:
      return 'time';
    case ResultCode.adminLimitExceeded:
      return 'administrative';
    default:
      return 'other';
  }
}

/** Whether pages together bring more than `limit` entries: tried with two pages that do not and one that would. */
async function passed(ask: Ask, limit: number, largestPage: number): Promise<boolean | null> {
  const size = Math.min(Math.max(1, Math.ceil(limit / 2)), largestPage);
  // Small pages of a large limit would take too many requests.
  if (size * 4 < limit) return null;
  let cookie: Buffer = NO_COOKIE;
  let seen = 0;
  while (seen <= limit) {
    const answer = await ask({ page: { ...pageOf(size), cookie } });
    seen += answer.entries.length;
    if (answer.code !== ResultCode.success) return seen > limit;
    if (answer.cookie === undefined || answer.cookie.length === 0)
      return seen > limit ? true : null;
    if (answer.entries.length === 0) return null;
    cookie = answer.cookie;
  }
  return true;
}

/** The first page. @param size in entries, from 1 up */
export function pageOf(size: number) {
  return { size, cookie: NO_COOKIE, critical: true } as const;
}
