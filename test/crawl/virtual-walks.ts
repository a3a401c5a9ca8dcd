// Walks of an organisation by the engine, the limiter and the batch sizes of a crawl, behind a link of a given round trip,
// in virtual time. The directory is simulated behind the port: a socket is the kernel's, and knows real time only.
import { BatchSize } from '../../src/crawl/batch-size.ts';
import { Shares } from '../../src/crawl/shares.ts';
import { walk } from '../../src/crawl/walk.ts';
import type { Expander, ExpansionPage, Frontier } from '../../src/domain/ports.ts';
import { Wire } from '../../src/ldap/wire.ts';
import { LoadRecorder } from '../../src/pace/latency.ts';
import { Pacer } from '../../src/pace/pacer.ts';
import { VirtualTime } from '../pace/virtual-time.ts';
import { type Twig, UNTRIED } from './tree.ts';

/** A tree of people with numbers, 0 at its root; those who report to one have consecutive numbers. */
export interface Organisation {
  readonly people: number;
  reportsOf(person: number): { readonly first: number; readonly count: number };
}

export interface Link {
  readonly roundTripMs: number;
  /** Requests a second; 0: no limit. */
  readonly rate: number;
  readonly workers: number;
  /** Whether the server tells who has reports. */
  readonly tellsLeaves?: boolean;
}

export interface Walked {
  readonly people: number;
  readonly requests: number;
  readonly ms: number;
  /** Of requests each of which needed the one before it: to find whom it asks about, or to go on with the next page. */
  readonly longestChain: number;
}

type People = readonly number[];

const PAGE_SIZE = 500;

/** Person 0 to the last, each found once and nobody in vain. */
class Numbered implements Frontier<Twig, People> {
  found = 1;
  readonly #waits: (person: number) => boolean;
  readonly #queue: number[] = [0];
  #head = 0;

  constructor(waits: (person: number) => boolean) {
    this.#waits = waits;
  }

  async waiting(): Promise<number> {
    return this.#queue.length - this.#head;
  }

  async take(max: number): Promise<readonly Twig[]> {
    const taken = this.#queue.slice(this.#head, this.#head + max);
    this.#head += taken.length;
    return taken.map((key) => ({ key, ...UNTRIED }));
  }

  async commit(page: People): Promise<void> {
    this.found += page.length;
    for (const person of page) if (this.#waits(person)) this.#queue.push(person);
  }

  async release(): Promise<void> {
    throw new Error('nothing is given back where nothing fails');
  }

  async fail(): Promise<void> {
    throw new Error('nothing fails');
  }
}

/** Lists reports page by page. Each page is one request: admitted by the limiter, answered after a round trip. */
class FarDirectory implements Expander<Twig, People> {
  requests = 0;
  longestChain = 0;
  readonly #organisation: Organisation;
  readonly #answer: () => Promise<void>;
  readonly #wire: Wire;
  /** By person: the requests that had to be made, one after the other, to find them. */
  readonly #chains: Int32Array;

  constructor(organisation: Organisation, wire: Wire, answer: () => Promise<void>) {
    this.#organisation = organisation;
    this.#wire = wire;
    this.#answer = answer;
    this.#chains = new Int32Array(organisation.people);
  }

  get latencyMs(): number {
    return this.#wire.latencyMs;
  }

  async *expand(
    twigs: readonly Twig[],
    _slot: number,
    signal: AbortSignal,
  ): AsyncGenerator<ExpansionPage<People>> {
    const found = twigs.flatMap(({ key }) => this.#reportsOf(key));
    let chain = Math.max(...twigs.map(({ key }) => this.#chains[key] ?? 0));
    for (let at = 0; at === 0 || at < found.length; at += PAGE_SIZE) {
      await this.#wire.request(this.#answer, signal);
      this.requests += 1;
      chain += 1;
      this.longestChain = Math.max(this.longestChain, chain);
      const page = found.slice(at, at + PAGE_SIZE);
      for (const person of page) this.#chains[person] = chain;
      yield { page, last: at + PAGE_SIZE >= found.length };
    }
  }

  async probe(): Promise<boolean> {
    return true;
  }

  #reportsOf(person: number): People {
    const { first, count } = this.#organisation.reportsOf(person);
    return Array.from({ length: count }, (_, i) => first + i);
  }
}

/** From the root to everybody. */
export async function walkFar(organisation: Organisation, link: Link): Promise<Walked> {
  const time = new VirtualTime();
  return time.run(async () => {
    const pace = new Pacer({ rate: link.rate, clock: time });
    try {
      return await walkPaced(organisation, link, pace, time);
    } finally {
      pace.close();
    }
  });
}

async function walkPaced(
  organisation: Organisation,
  { roundTripMs, workers, tellsLeaves = false }: Link,
  pace: Pacer,
  clock: VirtualTime,
): Promise<Walked> {
  const wire = new Wire(pace, new LoadRecorder(clock), clock);
  const expander = new FarDirectory(organisation, wire, () => clock.sleep(roundTripMs));
  const frontier = new Numbered((n) => !tellsLeaves || organisation.reportsOf(n).count > 0);
  const batch = new BatchSize();
  const shares = new Shares(workers, { pace, directory: expander });
  await walk<Twig, People>({
    ...{ frontier, expander, workers, clock, onFailure: 'continue' },
    share: (waiting) => shares.of(waiting, batch.size),
    lanes: () => shares.lanes,
    retry: { tries: 1, refusals: 1, delayMs: () => 0 },
    ...{ patienceMs: 0, outageOver: async () => {}, signal: new AbortController().signal },
    observe: {
      sizeOf: (page) => page.length,
      expanded: (branches, entries, ms) => batch.observe(branches.length, entries, ms),
    },
  });
  const { requests, longestChain } = expander;
  return { people: frontier.found, requests, ms: clock.now(), longestChain };
}
