import type { ManagerSearchTime } from '../expansion/manager-link.ts';

export interface ManagerSearch extends Pick<ManagerSearchTime, 'searchMs' | 'readMs'> {
  /** Whether the server seems to look through everybody. */
  readonly seemsUnindexed: boolean;
}

/** A search that takes so many times as long as reading an entry, and at least so long, is no look-up in an index. */
const TIMES_SLOWER = 10;
const SLOW_MS = 5;

export function judged({ searchMs, readMs }: ManagerSearchTime): ManagerSearch {
  const seemsUnindexed =
    searchMs === null || (searchMs > SLOW_MS && searchMs > readMs * TIMES_SLOWER);
  return { searchMs, readMs, seemsUnindexed };
}
