import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../src/pace/clock.ts';

describe('the monotonic clock', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test('does not follow the wall clock', () => {
    const before = systemClock.now();
    vi.setSystemTime(Date.now() + 3_600_000);
    expect(systemClock.now()).toBe(before);
  });

  test('sleeps on when a timer fires before its time', async () => {
    const wake = track(systemClock.sleep(100.7));
    await vi.advanceTimersByTimeAsync(100);
    expect(wake.done).toBe(false);
    await vi.advanceTimersByTimeAsync(2);
    expect(wake.done).toBe(true);
  });

  test('sleeps longer than the longest timer', async () => {
    const days = 30 * 86_400_000;
    const wake = track(systemClock.sleep(days));
    await vi.advanceTimersByTimeAsync(days - 1);
    expect(wake.done).toBe(false);
    await vi.advanceTimersByTimeAsync(2);
    expect(wake.done).toBe(true);
  });

  test('a sleep ends with the reason of its signal and leaves no timer', async () => {
    const abort = new AbortController();
    const sleep = systemClock.sleep(1_000, abort.signal);
    abort.abort('stop');
    await expect(sleep).rejects.toBe('stop');
    expect(vi.getTimerCount()).toBe(0);
  });

  test('a sleep under a signal that is aborted already does not begin', async () => {
    await expect(systemClock.sleep(0, AbortSignal.abort('stop'))).rejects.toBe('stop');
  });

  test('a sleep that ended leaves no listener on its signal', async () => {
    const { signal } = new AbortController();
    const add = vi.spyOn(signal, 'addEventListener');
    const remove = vi.spyOn(signal, 'removeEventListener');
    const sleep = systemClock.sleep(10, signal);
    await vi.advanceTimersByTimeAsync(20);
    await sleep;
    expect(remove).toHaveBeenCalledTimes(add.mock.calls.length);
  });
});

function track(promise: Promise<void>): { done: boolean } {
  const state = { done: false };
  void promise.then(() => {
    state.done = true;
  });
  return state;
}
