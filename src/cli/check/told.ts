import type { CheckResult } from '../../app/check-app.ts';
import type { Config } from '../../config/options.ts';
import type { KnownSource } from '../../domain/ports.ts';
import { ESTIMATED_PEOPLE, type Estimate, estimate } from './estimate.ts';

/** What an earlier run has counted. */
export interface Counted {
  readonly employees: number;
  readonly searches: number;
}

/** What the database knows; nothing of it has to be. */
export interface Past {
  readonly source: KnownSource | null;
  readonly counted: Counted | null;
}

export const NO_HISTORY: Past = { source: null, counted: null };

/** What `orgwalk check` tells. */
export interface Told {
  readonly result: CheckResult;
  readonly config: Config<'check'>;
  /** How long the certificate of the server holds; null without TLS. */
  readonly daysLeft: number | null;
  /** Whether the database belongs to another directory. */
  readonly otherSource: boolean;
  /** For 10,000 people. */
  readonly estimate: Estimate;
  /** For as many as the last published run found; null where there is none. */
  readonly inAll: (Estimate & { readonly employees: number }) | null;
}

const DAY_MS = 86_400_000;

export function telling(
  result: CheckResult,
  config: Config<'check'>,
  { source, counted }: Past,
): Told {
  const validTo = result.server.tls?.validTo;
  const guess = estimate(result, config);
  const { key, formerKey } = result.profile;
  const otherSource = source !== null && source.key !== key && source.key !== formerKey;
  return {
    result,
    config,
    daysLeft: validTo === undefined ? null : Math.floor((validTo.getTime() - Date.now()) / DAY_MS),
    otherSource,
    estimate: guess,
    inAll: counted === null || otherSource ? null : inAll(guess, counted),
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
