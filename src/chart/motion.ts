import type { Placed } from './layout.ts';

/** Where an item stands, and from where to where its reports reach. */
export interface Spot {
  readonly x: number;
  readonly y: number;
  readonly firstY: number;
  readonly lastY: number;
}

/** Takes items from where they stood in the last layout to where they stand in this one. */
export class Motion {
  #from: ReadonlyMap<string, Spot> = new Map();
  #to: ReadonlyMap<string, Spot> = new Map();
  #share = 1;

  /** New items come out of their manager. `share` of the way (0–1) is behind them at once. */
  aim(placed: readonly Placed[], share: number): void {
    const from = new Map<string, Spot>();
    for (const one of placed) {
      const { key } = one.item;
      const manager = one.above && from.get(one.above.item.key);
      const y = manager?.y ?? one.y;
      from.set(key, this.#spot(key) ?? { x: one.x, y, firstY: y, lastY: y });
    }
    this.#to = new Map(placed.map((one) => [one.item.key, one]));
    this.#from = from;
    this.#share = share;
  }

  step(share: number): void {
    this.#share = share;
  }

  at(placed: Placed): Spot {
    return this.#spot(placed.item.key) ?? placed;
  }

  #spot(key: string): Spot | undefined {
    const [from, to] = [this.#from.get(key), this.#to.get(key)];
    if (from === undefined || to === undefined || this.#share === 1) return to;
    const between = (name: keyof Spot) => from[name] + (to[name] - from[name]) * this.#share;
    return { x: between('x'), y: between('y'), firstY: between('firstY'), lastY: between('lastY') };
  }
}

const DURATION_MS = 220;

/** Calls `step` with 0 < share <= 1 until 1, frame by frame; at once where the person wants no motion. */
export class Animation {
  #frame = 0;

  run(step: (share: number) => void): void {
    cancelAnimationFrame(this.#frame);
    if (wantsNoMotion()) {
      step(1);
      return;
    }
    const start = performance.now();
    const next = (now: number) => {
      const t = Math.min(1, Math.max(0, now - start) / DURATION_MS);
      step(1 - (1 - t) ** 3);
      if (t < 1) this.#frame = requestAnimationFrame(next);
    };
    this.#frame = requestAnimationFrame(next);
  }

  stop(): void {
    cancelAnimationFrame(this.#frame);
  }
}

function wantsNoMotion(): boolean {
  return matchMedia('(prefers-reduced-motion: reduce)').matches;
}
