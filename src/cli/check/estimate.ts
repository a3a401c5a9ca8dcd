import type { CheckResult } from '../../app/check-app.ts';

/** How a crawl would go about it. */
export interface CrawlManner {
  /** Requests/s of all workers; 0: no limit. */
  readonly rate: number;
  readonly workers: number;
  /** Managers to a search; undefined: adapts. */
  readonly batch: number | undefined;
  /** Entries to a page; 0: no paging. */
  readonly pageSize: number;
}

export interface Estimate {
  readonly searches: number;
  readonly seconds: number;
}

export const ESTIMATED_PEOPLE = 10_000;
/** Managers to a search that the adaptive batch settles at about, with a rate limit and without. */
const USUAL_BATCH = { limited: 100, unlimited: 50 } as const;
/** Of all people in an organisation of the usual shape. */
const SHARE_OF_MANAGERS = 0.12;
/** An entry that is fetched by name takes about so much of the time that reading it alone does: measured on Samba. */
const LISTED_SHARE = 0.5;
/** Two searches for each batch that a limit of the server halves. */
const COST_OF_HALVING = 2;

/**
 * What a crawl of 10,000 people costs about: everybody is asked about once, many in one search, and brings one entry on
 * average; those who are known to have no reports are not asked about.
 */
export function estimate({ survey }: CheckResult, manner: CrawlManner): Estimate {
  const asked = ESTIMATED_PEOPLE * (survey.leavesShow ? SHARE_OF_MANAGERS : 1);
  const batch = batchOf(survey, manner);
  const entries = entriesOf(survey, manner);
  const perSearch = Math.min(batch, (entries * asked) / ESTIMATED_PEOPLE);
  const halved = perSearch < batch ? COST_OF_HALVING : 1;
  const searches = Math.ceil((asked / perSearch) * halved + ESTIMATED_PEOPLE / entries);
  return { searches, seconds: secondsOf(survey, searches, perSearch, manner) };
}

function batchOf({ managerSearch }: CheckResult['survey'], { batch, rate }: CrawlManner): number {
  if (batch !== undefined) return batch;
  if (managerSearch.seemsUnindexed && rate === 0) return 1;
  return rate > 0 ? USUAL_BATCH.limited : USUAL_BATCH.unlimited;
}

/** That one answer brings at most. */
function entriesOf({ paging, size }: CheckResult['survey'], { pageSize }: CrawlManner): number {
  const page = paging.answer === 'accepted' && pageSize > 0 ? pageSize : Number.POSITIVE_INFINITY;
  const isLimit = size.ended !== 'unlimited' && size.ended !== 'everyone' && !size.pagesPassIt;
  const most = Math.min(page, paging.largestPage ?? page, isLimit ? size.entries : page);
  return Math.max(1, Number.isFinite(most) ? most : ESTIMATED_PEOPLE);
}

/** The rate bounds it, or the server: an index makes each manager of a batch cost the same again, a scan does not. */
function secondsOf(
  { managerSearch: { searchMs, readMs, ...search }, leavesShow }: CheckResult['survey'],
  searches: number,
  batch: number,
  { rate, workers }: CrawlManner,
): number {
  // Where the server lists reports, they are read there when a search is slow.
  const seemsUnindexed = search.seemsUnindexed && !leavesShow;
  const listed = search.seemsUnindexed && leavesShow ? ESTIMATED_PEOPLE * readMs * LISTED_SHARE : 0;
  const work = leavesShow
    ? 0
    : Math.max(0, (searchMs ?? 0) - readMs) * (seemsUnindexed ? 1 : batch);
  // A server that looks through everybody is busy with it, however many ask.
  const atOnce = seemsUnindexed ? 1 : workers;
  const served = ((searches * (readMs + work)) / atOnce + listed) / 1_000;
  return Math.max(served, rate > 0 ? searches / rate : 0);
}
