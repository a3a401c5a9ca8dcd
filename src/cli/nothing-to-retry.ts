import type { CrawlResult } from '../app/crawl-app.ts';
import { NO_WORK } from '../domain/employee.ts';
import { summaryJson } from './summary.ts';

const NO_CRAWL: Omit<CrawlResult, 'employees'> = {
  run: { id: 0, resumed: false, base: 0, expected: 0, abandoned: null },
  ...{
    published: null,
    unreached: null,
    interrupted: null,
    found: 0,
    waiting: 0,
    failures: [],
    seconds: 0,
  },
  counts: { ...NO_WORK, retries: 0, splits: 0 },
  load: {
    ...{ maxInFlight: 0, requestsPerSecond: 0, p50Ms: 0, p95Ms: 0 },
    ...{ throttledSeconds: 0, refused: 0, slowestRate: null },
  },
};

/** `--json` where `--retry-failed` had nothing to do: every field of a crawl's. @param employees of the published state */
export function nothingToRetryJson(employees: number): Readonly<Record<string, unknown>> {
  const fields = summaryJson({ ...NO_CRAWL, employees });
  return { ...fields, runId: null, status: 'nothing_to_retry' };
}
