import type { Clock } from '../domain/ports.ts';

/** The wall clock may be set, and stands still for no sleeping machine: it is looked at this often. */
const LOOK_EVERY_MS = 60_000;

/** Resolves when the wall clock has reached `at` (ms since 1970). Rejects with the signal's reason. */
export async function wallClockReaches(
  at: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  for (let left = at - Date.now(); left > 0; left = at - Date.now()) {
    await clock.sleep(Math.min(left, LOOK_EVERY_MS), signal);
  }
}
