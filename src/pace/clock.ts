import type { Clock } from '../domain/ports.ts';

// setTimeout takes a longer delay for 1 ms.
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The monotonic clock of this process: never the wall clock, which an administrator or NTP may set. No sleep ends early. */
export const systemClock: Clock = {
  now: () => performance.now(),
  async sleep(ms, signal) {
    const end = performance.now() + ms;
    // At least one pass: a sleep of nothing still notices a signal that was aborted before.
    let left = ms;
    do {
      await nap(Math.min(left, LONGEST_TIMER_MS), signal);
      // Node's timers fire up to a millisecond early.
      left = end - performance.now();
    } while (left > 0);
  },
};

function nap(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', abort, { once: true });
  });
}
