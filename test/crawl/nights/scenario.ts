// Organisations, and what may happen to them and to the crawls of several nights.
import fc from 'fast-check';
import type { Remedy } from '../../../src/domain/errors.ts';
import { type Failing, FLAWLESS, MANNERS } from './failing.ts';
import { HAPPENINGS, type Happening } from './world.ts';

/** `after` so many moments since the one before. */
export interface Later {
  readonly after: number;
  readonly happening: Happening;
}

/** One session of a crawl. */
export interface Crawling {
  readonly kind: 'crawl';
  /** `retry`: reads only what failed in the published run. */
  readonly mode: 'whole' | 'dry' | 'retry';
  readonly fresh: boolean;
  readonly during: readonly Later[];
  /** After so many moments the process is asked to stop, or killed. */
  readonly stop: { readonly after: number; readonly killed: boolean } | null;
  readonly failing: Failing;
  /** Requests that fail once, and how. */
  readonly passing: readonly {
    readonly at: number;
    readonly remedy: Exclude<Remedy, 'fail'>;
  }[];
  readonly workers: number;
  readonly batch: number;
  readonly pageSize: number;
  readonly maxDrop: number;
}

export type Step =
  | Crawling
  | { readonly kind: 'day'; readonly happenings: readonly Happening[] }
  | { readonly kind: 'release' };

export interface Scenario {
  /** See `World`. */
  readonly managers: readonly number[];
  readonly roots: 1 | 2;
  readonly steps: readonly Step[];
}

export const CRAWL: Crawling = {
  kind: 'crawl',
  mode: 'whole',
  fresh: false,
  during: [],
  stop: null,
  failing: FLAWLESS,
  passing: [],
  workers: 1,
  batch: 4,
  pageSize: 100,
  maxDrop: 1,
};

const number = fc.nat({ max: 59 });

const happening: fc.Arbitrary<Happening> = fc.record({
  kind: fc.constantFrom('move', 'move', 'move', 'return', ...HAPPENINGS),
  who: number,
  whom: number,
});

const some = fc.array(number, { minLength: 1, maxLength: 2 });
const none = fc.constant<readonly number[]>([]);

const failing: fc.Arbitrary<Failing> = fc.oneof(
  { arbitrary: fc.constant(FLAWLESS), weight: 3 },
  {
    arbitrary: fc.record({
      branches: fc.oneof(none, some, some),
      people: fc.oneof(none, some),
      names: fc.oneof(none, some),
      manner: fc.constantFrom(...MANNERS),
    }),
    weight: 2,
  },
);

const passing: fc.Arbitrary<Crawling['passing']> = fc.array(
  fc.record({
    at: fc.nat({ max: 40 }),
    remedy: fc.constantFrom<Exclude<Remedy, 'fail'>>('split', 'retry', 'outage'),
  }),
  { maxLength: 2 },
);

const stop: fc.Arbitrary<Crawling['stop']> = fc.oneof(
  { arbitrary: fc.constant(null), weight: 3 },
  {
    arbitrary: fc.record({
      after: fc.oneof(fc.nat({ max: 12 }), fc.nat({ max: 60 })),
      killed: fc.boolean(),
    }),
    weight: 2,
  },
);

const crawl: fc.Arbitrary<Crawling> = fc.record({
  kind: fc.constant('crawl'),
  mode: fc.constantFrom('whole', 'whole', 'whole', 'whole', 'whole', 'dry', 'retry'),
  fresh: fc.constantFrom(false, false, false, true),
  during: fc.array(fc.record({ after: fc.nat({ max: 8 }), happening }), { maxLength: 6 }),
  stop,
  failing,
  passing: fc.oneof(fc.constant<Crawling['passing']>([]), passing),
  workers: fc.constantFrom(1, 1, 2, 3),
  batch: fc.constantFrom(1, 2, 5, 20),
  pageSize: fc.constantFrom(1, 2, 5, 100),
  maxDrop: fc.constantFrom(1, 1, 0.2, 0),
});

const day: fc.Arbitrary<Step> = fc.record({
  kind: fc.constant('day'),
  happenings: fc.array(happening, { minLength: 1, maxLength: 4 }),
});

const release: fc.Arbitrary<Step> = fc.constant({ kind: 'release' });

/** Nights, and what happens by day; the first night is always a plain one, so that there is something to lose. */
export const scenarios: fc.Arbitrary<Scenario> = fc.record({
  managers: fc.oneof(
    { arbitrary: fc.array(number, { minLength: 3, maxLength: 16 }), weight: 4 },
    { arbitrary: fc.array(number, { minLength: 20, maxLength: 40 }), weight: 1 },
  ),
  roots: fc.constantFrom<1 | 2>(1, 1, 1, 2),
  steps: fc
    .array(
      fc.oneof(
        { arbitrary: crawl, weight: 5 },
        { arbitrary: day, weight: 4 },
        { arbitrary: release, weight: 1 },
      ),
      { minLength: 2, maxLength: 9 },
    )
    .map((steps) => [CRAWL, ...steps]),
});
