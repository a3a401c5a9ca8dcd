/** A run as the tables know it: what is published beside it decides which versions it may build on. */
export interface RunNumbers {
  readonly run: number;
  readonly published: number;
}

/** The condition that a row holds at the published run, so that readers see it. */
export const HOLDS = 'from_run <= @published AND (to_run IS NULL OR to_run > @published)';
