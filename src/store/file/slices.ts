import { setImmediate } from 'node:timers/promises';

/** Rows handled before the event loop gets its turn: signals, deadlines and progress must not wait longer. */
export const SLICE = 10_000;

/** Reads and handles rows by ascending pid, a slice at a time. Rejects with the signal's reason between slices. */
export async function eachSlice<Row extends { readonly pid: number }>(
  read: (afterPid: number) => readonly Row[],
  handle: (rows: readonly Row[]) => void,
  signal: AbortSignal,
): Promise<void> {
  let after = 0;
  for (;;) {
    signal.throwIfAborted();
    const rows = read(after);
    if (rows.length === 0) return;
    handle(rows);
    after = rows.at(-1)?.pid ?? after;
    await setImmediate();
  }
}

/** Runs a statement that handles at most SLICE rows until it finds none. */
export async function untilNone(step: () => number, signal: AbortSignal): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    if (step() === 0) return;
    await setImmediate();
  }
}
