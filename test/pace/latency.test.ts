import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LoadRecorder } from '../../src/pace/latency.ts';
import { VirtualClock } from './virtual-clock.ts';

describe('the load recorder', () => {
  test('is all noughts before the first request', () => {
    const load = new LoadRecorder(new VirtualClock()).summary();
    expect(load).toEqual({ maxInFlight: 0, requestsPerSecond: 0, p50Ms: 0, p95Ms: 0 });
  });

  test('tells the most requests that were in flight at once', async () => {
    const recorder = new LoadRecorder(new VirtualClock());
    const [first, second] = [recorder.start(), recorder.start()];
    first();
    second();
    recorder.start()();
    expect(recorder.summary().maxInFlight).toBe(2);
  });

  test('counts a request once, however often its end is told', () => {
    const recorder = new LoadRecorder(new VirtualClock());
    const end = recorder.start();
    end();
    end();
    recorder.start();
    recorder.start();
    expect(recorder.summary().maxInFlight).toBe(2);
  });

  test('requests per second leave out the silence before the first and after the last', async () => {
    const clock = new VirtualClock();
    const recorder = new LoadRecorder(clock);
    await clock.advance(50_000);
    for (let i = 0; i < 20; i++) await request(recorder, clock, 100);
    await clock.advance(50_000);
    expect(recorder.summary().requestsPerSecond).toBeCloseTo(10);
  });

  test('a request still in flight counts up to now', async () => {
    const clock = new VirtualClock();
    const recorder = new LoadRecorder(clock);
    recorder.start();
    await clock.advance(4_000);
    expect(recorder.summary().requestsPerSecond).toBe(0.25);
  });

  test('percentiles are within 5 % of the exact ones', async () => {
    const latency = fc.double({ min: 0.02, max: 100_000, noNaN: true });
    await fc.assert(
      fc.asyncProperty(fc.array(latency, { minLength: 1, maxLength: 30 }), async (latencies) => {
        const { p50Ms, p95Ms } = recorded(latencies);
        expect(Math.abs(p50Ms / exact(latencies, 0.5) - 1)).toBeLessThan(0.05);
        expect(Math.abs(p95Ms / exact(latencies, 0.95) - 1)).toBeLessThan(0.05);
      }),
    );
  });

  test('latencies of nought and of days have a place', () => {
    expect(recorded([0]).p50Ms).toBeLessThan(0.02);
    expect(recorded([3 * 86_400_000]).p50Ms).toBeGreaterThan(3_600_000);
  });
});

async function request(recorder: LoadRecorder, clock: VirtualClock, ms: number): Promise<void> {
  const end = recorder.start();
  await clock.advance(ms);
  end();
}

function recorded(latencies: readonly number[]) {
  let now = 0;
  const recorder = new LoadRecorder({ now: () => now, sleep: async () => undefined });
  for (const ms of latencies) {
    now = 0;
    const end = recorder.start();
    now = ms;
    end();
  }
  return recorder.summary();
}

function exact(latencies: readonly number[], share: number): number {
  const sorted = latencies.toSorted((a, b) => a - b);
  return sorted[Math.ceil(latencies.length * share) - 1] ?? Number.NaN;
}
