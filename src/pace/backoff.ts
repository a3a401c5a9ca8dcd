export interface BackoffPolicy {
  /** Upper bound of the first wait, in ms. */
  readonly baseMs: number;
  /** No wait is longer than this, in ms. */
  readonly capMs: number;
  /** A number from 0 up to, not including, 1. */
  readonly random: () => number;
}

/**
 * The wait before retry number `attempt` (0 for the first), in ms: exponential with full jitter, so anywhere from 0 to
 * the bound. Workers that failed together must not come back together.
 * Source: Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
 */
export function backoffMs(attempt: number, policy: BackoffPolicy): number {
  const bound = Math.min(policy.capMs, policy.baseMs * 2 ** attempt);
  return policy.random() * bound;
}
