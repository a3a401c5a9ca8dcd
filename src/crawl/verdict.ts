import type { SearchFailure } from '../domain/errors.ts';
import type { ReleaseCost } from '../domain/ports.ts';

export interface Retry {
  /** How often a branch is tried before it counts as failed, from 1 up. */
  readonly tries: number;
  /** How often a busy server may refuse a branch while it serves others before it counts as failed, from 1 up. */
  readonly refusals: number;
  /** Time to wait (ms) before trying again after `attempts` vain ones. */
  readonly delayMs: (attempts: number) => number;
}

/** What the engine knows of a branch's past. */
export interface Tried {
  readonly attempts: number;
  readonly refusals: number;
  readonly outages: number;
}

/** What happens to the branches of a search that failed. */
export type Verdict<B> =
  | { readonly kind: 'wait'; readonly cost: ReleaseCost; readonly alone: boolean }
  | { readonly kind: 'again'; readonly cost: ReleaseCost; readonly delayMs: number }
  | { readonly kind: 'halve' }
  | { readonly kind: 'failed'; readonly branch: B };

/** Outages that begin while a branch is asked about, before it is suspected of causing them. */
const OUTAGES_BEFORE_SUSPICION = 3;

/** A suspect is tried alone, with nobody else at work: what then happens is its own doing. */
export function isSuspect({ outages }: Pick<Tried, 'outages'>): boolean {
  return outages >= OUTAGES_BEFORE_SUSPICION;
}

/** The culprit of a batch is found by halving; only a branch that stands alone can lose its attempts and fail. */
export function verdict<B extends Tried>(
  failure: Pick<SearchFailure, 'remedy' | 'inFlight'>,
  branches: readonly [B, ...B[]],
  retry: Retry,
  othersServed: boolean,
): Verdict<B> {
  const { remedy, inFlight } = failure;
  switch (remedy) {
    case 'outage':
      return inFlight ? inOutage(branches, retry) : { kind: 'wait', cost: 'nothing', alone: false };
    case 'retry':
      return othersServed ? again('refusal', retry.refusals, branches, retry) : patience(retry);
    case 'split':
      return again('attempt', branches.length === 1 ? retry.tries : 0, branches, retry);
    case 'fail':
      return halveOrFail(branches);
    default:
      return remedy satisfies never;
  }
}

/** Nobody loses an attempt, but a suspect: it was tried alone. */
function inOutage<B extends Tried>(branches: readonly [B, ...B[]], { tries }: Retry): Verdict<B> {
  const [branch] = branches;
  const outages = Math.max(...branches.map((each) => each.outages)) + 1;
  const guilty = branches.length === 1 && outages - OUTAGES_BEFORE_SUSPICION >= tries;
  if (guilty) return { kind: 'failed', branch };
  return { kind: 'wait', cost: 'outage', alone: outages >= OUTAGES_BEFORE_SUSPICION };
}

/** A server that refuses everyone is no branch's fault: how long that may last is the walk's to say. */
function patience<B>({ delayMs }: Retry): Verdict<B> {
  return { kind: 'again', cost: 'nothing', delayMs: delayMs(1) };
}

function again<B extends Tried>(
  cost: 'attempt' | 'refusal',
  most: number,
  branches: readonly [B, ...B[]],
  { delayMs }: Retry,
): Verdict<B> {
  const before = cost === 'attempt' ? 'attempts' : 'refusals';
  const tried = Math.max(...branches.map((branch) => branch[before])) + 1;
  if (tried < most) return { kind: 'again', cost, delayMs: delayMs(tried) };
  return halveOrFail(branches);
}

function halveOrFail<B>(branches: readonly [B, ...B[]]): Verdict<B> {
  const [branch, another] = branches;
  return another === undefined ? { kind: 'failed', branch } : { kind: 'halve' };
}
