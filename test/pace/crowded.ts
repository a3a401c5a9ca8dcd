export interface Send {
  /** ms on a monotonic clock */
  readonly at: number;
  /** requests per second in force at that moment */
  readonly rate: number;
}

/**
 * The first send at which the second that ends with it holds more sends than the rate in force, if any.
 * Compares every send with every other in reach: independent of how the limiter keeps its record.
 */
export function crowdedSecond(sends: readonly Send[]): string | undefined {
  let first = 0;
  for (const [index, { at, rate }] of sends.entries()) {
    while (at - (sends[first]?.at ?? at) >= 1000) first++;
    const count = index - first + 1;
    const allowed = Math.max(1, Math.floor(rate));
    if (count > allowed) return `send ${index} at ${at} ms: ${count} in a second, rate ${rate}`;
  }
  return undefined;
}
