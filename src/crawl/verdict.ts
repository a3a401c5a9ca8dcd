import type { SearchFailure } from '../domain/errors.ts';

export interface Retry {
  /** How often a branch is tried before it counts as failed, from 1 up. */
  readonly tries: number;
  /** Time to wait (ms) before trying again after `attempts` vain ones. */
  readonly delayMs: (attempts: number) => number;
}

/** What happens to the branches of a search that failed. */
export type Verdict<B> =
  | { readonly kind: 'wait' }
  | { readonly kind: 'again'; readonly delayMs: number }
  | { readonly kind: 'halve' }
  | { readonly kind: 'failed'; readonly branch: B };

/** The culprit of a batch is found by halving; only a branch that stands alone can lose its attempts and fail. */
export function verdict<B extends { readonly attempts: number }>(
  { remedy }: Pick<SearchFailure, 'remedy'>,
  branches: readonly B[],
  { tries, delayMs }: Retry,
): Verdict<B> {
  const [first] = branches;
  if (remedy === 'outage' || first === undefined) return { kind: 'wait' };
  const alone = branches.length === 1;
  const attempts = Math.max(...branches.map((branch) => branch.attempts)) + 1;
  const mayRetry = attempts < tries && (remedy === 'retry' || (remedy === 'split' && alone));
  if (mayRetry) return { kind: 'again', delayMs: delayMs(attempts) };
  return alone ? { kind: 'failed', branch: first } : { kind: 'halve' };
}
