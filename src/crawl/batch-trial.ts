/** Standard errors by which two sizes must differ from what is asked: five samples of each at least. */
const CERTAIN = 2.6;
/** Samples of each after which what is likelier is believed; more are not kept, whatever keeps the other from its turn. */
const AMPLE = 25;

/**
 * Two sizes of a batch against each other, by searches that take turns: what is asked for, and with it the time, changes
 * over a crawl. Told apart by ranks (Mann and Whitney 1947), which the slowest answers cannot mislead.
 */
export class Trial {
  readonly rung: number;
  readonly rival: number;
  readonly #factor: number;
  /** Times (ms) per manager and entry. */
  readonly #times: number[] = [];
  readonly #rivals: number[];

  /**
   * Whether a search with `rung` takes more than `factor` times as long for each manager as with `rival`.
   * @param before the trial that has just ended: if `rival` took part in it, that many searches are spared
   */
  constructor(rung: number, rival: number, factor: number, before?: Trial) {
    this.rung = rung;
    this.rival = rival;
    this.#factor = factor;
    this.#rivals = before === undefined ? [] : [...before.#timesOf(rival)];
  }

  /** The rung of the next search: by what came back, for several workers may ask before the next answer comes. */
  get turn(): number {
    return this.#times.length < this.#rivals.length ? this.rung : this.rival;
  }

  /** @param time in ms per manager and entry */
  observe(rung: number, time: number): void {
    const times = this.#timesOf(rung);
    if (times.length < AMPLE) times.push(time);
  }

  /** The time with `rung` for one with `rival`, as soon as it is known. */
  get ratio(): number | undefined {
    const few = Math.min(this.#times.length, this.#rivals.length);
    if (few === 0 || (few < AMPLE && Math.abs(this.#standing()) < CERTAIN)) return undefined;
    // Hodges and Lehmann's estimate (1963), which goes with the test.
    return median(this.#times.flatMap((time) => this.#rivals.map((rival) => time / rival)));
  }

  /** Standard errors by which `rung` is worse, or, below 0, better. */
  #standing(): number {
    const [m, n] = [this.#times.length, this.#rivals.length];
    const signs = this.#times.flatMap((time) =>
      this.#rivals.map((rival) => Math.sign(time - this.#factor * rival)),
    );
    const wins = signs.reduce((sum, sign) => sum + sign, 0);
    return wins / Math.sqrt((m * n * (m + n + 1)) / 3);
  }

  #timesOf(rung: number): number[] {
    if (rung === this.rung) return this.#times;
    return rung === this.rival ? this.#rivals : [];
  }
}

export function median(samples: readonly number[]): number {
  return samples.toSorted((a, b) => a - b)[samples.length >> 1] as number;
}
