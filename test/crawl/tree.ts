// A tree in memory behind the ports of the engine: a frontier that watches over its own contract, and an expander
// whose answers a test can hold back, refuse or leave unfinished.
import { isSuspect, type Tried } from '../../src/crawl/verdict.ts';
import type {
  BranchFailure,
  Expander,
  ExpansionPage,
  Frontier,
  ReleaseCost,
} from '../../src/domain/ports.ts';

/** A branch of the tree. */
export interface Twig<K = number> extends Tried {
  readonly key: K;
}

export const UNTRIED: Tried = { attempts: 0, refusals: 0, outages: 0 };

const COUNTED_AS = { attempt: 'attempts', refusal: 'refusals', outage: 'outages' } as const;

export type Leaves = readonly number[];

/** Called before an operation takes effect and again before its answer arrives. */
export type Gate = (operation: string) => Promise<void>;

const open: Gate = async () => {};

interface Group<K> {
  readonly keys: readonly K[];
}

/** The contract of `Frontier` over keys of any kind; every breach of it is written down in `breaches`. */
export class MemoryFrontier<K = number> implements Frontier<Twig<K>, readonly K[]> {
  readonly breaches: string[] = [];
  /** In the order in which they were completed. */
  readonly done: K[] = [];
  readonly failed = new Map<K, BranchFailure>();
  readonly inProgress = new Set<K>();
  /** Operations that were called and have not been answered. */
  pending = 0;
  readonly #tried = new Map<K, Tried>();
  readonly #gate: Gate;
  #groups: Group<K>[] = [];
  #fresh: K[] = [];
  #head = 0;

  constructor(roots: readonly K[], gate: Gate = open) {
    this.#gate = gate;
    this.#discover(roots);
  }

  /** How many wait at this instant. */
  get waitingNow(): number {
    const returned = this.#groups.reduce((sum, { keys }) => sum + keys.length, 0);
    return returned + this.#fresh.length - this.#head;
  }

  /** Everyone ever discovered. */
  get known(): ReadonlySet<K> {
    return new Set(this.#tried.keys());
  }

  /** Whether any is suspected of bringing the other side down. */
  get hasSuspects(): boolean {
    return [...this.#tried.values()].some(isSuspect);
  }

  /** What a restart does: whatever was in progress waits again. */
  restart(): void {
    this.#groups.push({ keys: [...this.inProgress] });
    this.#groups = this.#groups.filter(({ keys }) => keys.length > 0);
    this.inProgress.clear();
  }

  waiting(): Promise<number> {
    return this.#answer('waiting', () => this.waitingNow);
  }

  take(max: number): Promise<readonly Twig<K>[]> {
    return this.#answer('take', () => {
      if (!(max >= 1)) this.breaches.push(`take(${max})`);
      const keys = this.#takeGroup(max) ?? this.#takeFresh(max);
      for (const key of keys) {
        if (this.inProgress.has(key)) this.breaches.push(`${key} taken twice`);
        this.inProgress.add(key);
      }
      return keys.map((key) => ({ key, ...(this.#tried.get(key) ?? UNTRIED) }));
    });
  }

  commit(page: readonly K[], done: readonly Twig<K>[]): Promise<void> {
    return this.#answer('commit', () => {
      this.#discover(page);
      for (const { key } of done) this.done.push(this.#finish(key));
    });
  }

  release(branches: readonly Twig<K>[], groupOf: number, cost: ReleaseCost): Promise<void> {
    return this.#answer('release', () => {
      const keys = branches.map(({ key }) => this.#finish(key));
      for (const { key, attempts, refusals, outages } of branches) {
        const tried = { attempts, refusals, outages };
        if (cost === 'nothing') this.#tried.set(key, tried);
        else this.#tried.set(key, { ...tried, [COUNTED_AS[cost]]: tried[COUNTED_AS[cost]] + 1 });
      }
      for (let i = 0; i < keys.length; i += groupOf) {
        this.#groups.push({ keys: keys.slice(i, i + groupOf) });
      }
    });
  }

  fail(branch: Twig<K>, failure: BranchFailure): Promise<void> {
    return this.#answer('fail', () => {
      this.failed.set(this.#finish(branch.key), failure);
    });
  }

  async #answer<T>(operation: string, effect: () => T): Promise<T> {
    this.pending += 1;
    try {
      await this.#gate(operation);
      const value = effect();
      await this.#gate(`${operation} answered`);
      return value;
    } finally {
      this.pending -= 1;
    }
  }

  #discover(keys: readonly K[]): void {
    for (const key of keys) {
      if (this.#tried.has(key)) continue;
      this.#tried.set(key, UNTRIED);
      this.#fresh.push(key);
    }
  }

  #finish(key: K): K {
    if (!this.inProgress.delete(key)) this.breaches.push(`${key} ended, not being in progress`);
    return key;
  }

  #takeGroup(max: number): readonly K[] | undefined {
    const group = this.#groups.pop();
    if (group === undefined || group.keys.length <= max) return group?.keys;
    this.#groups.push({ keys: group.keys.slice(max) });
    return group.keys.slice(0, max);
  }

  #takeFresh(max: number): readonly K[] {
    const keys = this.#fresh.slice(this.#head, this.#head + max);
    this.#head += keys.length;
    return keys;
  }
}

export interface TreeOptions {
  readonly children: (key: number) => Leaves;
  /** Children to a page; default: all of them. */
  readonly pageSize?: number;
  /** Passed before each page. */
  readonly gate?: (keys: readonly number[], signal: AbortSignal) => Promise<void>;
  /** What goes wrong with a search after so many pages. */
  readonly fault?: (keys: readonly number[], pages: number) => Error | undefined;
  /** What a probe finds; default: that others are served. */
  readonly servesOthers?: () => boolean;
  /** No page is marked as the last. */
  readonly cutShort?: boolean;
}

/** Lists children as a server would: page by page, one search at a time on a slot. */
export class TreeExpander implements Expander<Twig, Leaves> {
  /** The keys of each search, in the order in which they began. */
  readonly searches: (readonly number[])[] = [];
  readonly slots = new Set<number>();
  readonly breaches: string[] = [];
  mostActive = 0;
  readonly #active = new Set<number>();
  readonly #options: TreeOptions;

  constructor(options: TreeOptions) {
    this.#options = options;
  }

  get active(): number {
    return this.#active.size;
  }

  async *expand(
    branches: readonly Twig[],
    slot: number,
    signal: AbortSignal,
  ): AsyncGenerator<ExpansionPage<Leaves>> {
    const keys = branches.map(({ key }) => key);
    this.#begin(slot, keys);
    try {
      yield* this.#pages(keys, signal);
    } finally {
      this.#active.delete(slot);
    }
  }

  async probe(): Promise<boolean> {
    return this.#options.servesOthers?.() ?? true;
  }

  async *#pages(
    keys: readonly number[],
    signal: AbortSignal,
  ): AsyncGenerator<ExpansionPage<Leaves>> {
    const {
      children,
      gate,
      fault,
      cutShort = false,
      pageSize = Number.POSITIVE_INFINITY,
    } = this.#options;
    const found = keys.flatMap((key) => [...children(key)]);
    const pages = Math.max(1, Math.ceil(found.length / pageSize));
    for (let at = 0; at < pages; at += 1) {
      signal.throwIfAborted();
      await gate?.(keys, signal);
      const failure = fault?.(keys, at);
      if (failure !== undefined) throw failure;
      const page = pages === 1 ? found : found.slice(at * pageSize, (at + 1) * pageSize);
      yield { page, last: at === pages - 1 && !cutShort };
    }
  }

  #begin(slot: number, keys: readonly number[]): void {
    if (this.#active.has(slot)) this.breaches.push(`two searches on slot ${slot}`);
    this.#active.add(slot);
    this.slots.add(slot);
    this.searches.push(keys);
    this.mostActive = Math.max(this.mostActive, this.#active.size);
  }
}
