import type { CheckResult } from '../../app/check-app.ts';
import type { Config } from '../../config/options.ts';
import { ESTIMATED_PEOPLE, type Estimate, estimate } from './estimate.ts';

/** What an earlier run has counted. */
export interface Counted {
  readonly employees: number;
  readonly searches: number;
}

/** What `orgwalk check` tells. */
export interface Told {
  readonly result: CheckResult;
  readonly config: Config<'check'>;
  /** How long the certificate of the server holds; null without TLS. */
  readonly daysLeft: number | null;
  /** For 10,000 people. */
  readonly estimate: Estimate;
  /** For as many as the last published run found; null where there is none. */
  readonly inAll: (Estimate & { readonly employees: number }) | null;
}

const DAY_MS = 86_400_000;

export function telling(
  result: CheckResult,
  config: Config<'check'>,
  counted: Counted | undefined,
): Told {
  const validTo = result.server.tls?.validTo;
  const guess = estimate(result, config);
  return {
    result,
    config,
    daysLeft: validTo === undefined ? null : Math.floor((validTo.getTime() - Date.now()) / DAY_MS),
    estimate: guess,
    inAll: counted === undefined ? null : inAll(guess, counted),
  };
}

/** Its searches are known; that each takes as long as estimated is assumed. */
function inAll({ searches, seconds }: Estimate, counted: Counted) {
  const { employees } = counted;
  const perSearch = seconds / searches;
  const guessed = Math.ceil((searches * employees) / ESTIMATED_PEOPLE);
  const needed = counted.searches > 0 ? counted.searches : guessed;
  return { employees, searches: needed, seconds: needed * perSearch };
}
