import type { CrawlProgress } from '../app/crawl-app.ts';
import { count, elapsed, type Io, plural } from './terminal.ts';

const BAR_INTERVAL_MS = 200;
const LOG_INTERVAL_MS = 10_000;
/** Seconds over which a speed is taken, so that the line can be read. */
const SPEED_OVER = 2;

export type ProgressKind = 'auto' | 'bar' | 'log' | 'none';

/** Shows a crawl going on: one live line on a terminal, a log line every 10 s elsewhere. Release it before printing anything else. */
export class ProgressDisplay implements Disposable {
  readonly #io: Io;
  readonly #live: boolean;
  readonly #read: () => CrawlProgress;
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #speeds = { employees: new Speed(), searches: new Speed(), done: new Speed() };
  readonly #began = performance.now();
  #shown = false;

  constructor(io: Io, kind: ProgressKind, read: () => CrawlProgress) {
    this.#io = io;
    this.#read = read;
    this.#live = kind === 'bar' || (kind === 'auto' && io.errIsTerminal);
    const interval = this.#live ? BAR_INTERVAL_MS : LOG_INTERVAL_MS;
    this.#timer = kind === 'none' ? undefined : setInterval(() => this.#show(), interval);
    this.#timer?.unref();
  }

  /** A line of talk that does not tear the live one. */
  say(text: string): void {
    this.#clear();
    this.#io.err(`${text}\n`);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#clear();
  }

  #show(): void {
    const line = this.#line(this.#read());
    if (!this.#live) {
      this.#io.err(`${new Date().toISOString()} ${line}\n`);
      return;
    }
    this.#io.err(`\r${line.slice(0, this.#io.errColumns - 1)}\x1b[K`);
    this.#shown = true;
  }

  #clear(): void {
    if (this.#shown) this.#io.err('\r\x1b[K');
    this.#shown = false;
  }

  #line(progress: CrawlProgress): string {
    const { phase, employees, waiting, failed, searches, workers, busy, outageMs } = progress;
    const seconds = (performance.now() - this.#began) / 1_000;
    const speed = this.#speeds.employees.at(seconds, employees);
    const searchSpeed = this.#speeds.searches.at(seconds, searches);
    if (outageMs !== null) {
      return `the directory does not answer; waiting for it since ${elapsed(outageMs / 1_000)}`;
    }
    if (phase === 'connecting') return 'connecting …';
    const people = `${plural(employees, 'employee')} (${count(speed)}/s)`;
    if (phase !== 'walking') return `${phase}${GAP}${people}`;
    const parts = [
      people,
      ...this.#share(progress, seconds),
      `${count(waiting)} waiting`,
      ...(failed > 0 ? [`${count(failed)} failed`] : []),
      `${count(searchSpeed)} searches/s`,
      `${count(workers - busy)} idle`,
    ];
    return this.#live ? fitting(parts, this.#io.errColumns - 1) : parts.join(GAP);
  }

  /**
   * Percent and time left, where a former run told the size: by the branches that are done, since almost everyone is
   * found long before they have been asked about.
   */
  #share(progress: CrawlProgress, seconds: number): readonly string[] {
    const { employees, waiting, inProgress, expected } = progress;
    const done = employees - waiting - inProgress;
    const speed = this.#speeds.done.at(seconds, done);
    if (expected === 0) return [];
    const all = Math.max(expected, employees);
    const percent = `${Math.floor((done * 100) / all)} %`;
    return speed > 0 ? [percent, `${elapsed((all - done) / speed)} left`] : [percent];
  }
}

const GAP = ' · ';

/** As many of the parts, the most important of which come first, as there is room for. */
function fitting(parts: readonly string[], columns: number): string {
  const [first = '', ...others] = parts;
  let line = first;
  for (const part of others) {
    if (line.length + GAP.length + part.length > columns) break;
    line += GAP + part;
  }
  return line;
}

/** Change per second over the last moments. */
class Speed {
  readonly #samples: (readonly [seconds: number, value: number])[] = [];

  at(seconds: number, value: number): number {
    this.#samples.push([seconds, value]);
    while (this.#samples.length > 2 && seconds - (this.#samples[0]?.[0] ?? 0) > SPEED_OVER) {
      this.#samples.shift();
    }
    const [from, before] = this.#samples[0] ?? [0, 0];
    return seconds > from ? (value - before) / (seconds - from) : value / Math.max(seconds, 0.001);
  }
}
