import type { SimulatedDirectory, SimulatedEntry } from '../directory.ts';
import type { SearchRequest } from '../protocol/requests.ts';
import { isWithin, parentKey } from './dn-key.ts';
import { type Schema, testOf } from './filter-test.ts';
import { indexPlan } from './search-plan.ts';

/** Nothing found for a while: the searcher is to let others run before it goes on. */
export const BREATHE = Symbol('breathe');

const ENTRIES_BETWEEN_BREATHS = 256;

/** The matches of one search, found as they are taken, with a look at the next one before it is. */
export class Matches {
  readonly #found: Iterator<SimulatedEntry | typeof BREATHE>;
  #next: SimulatedEntry | undefined;
  #ended = false;

  constructor(found: Iterator<SimulatedEntry | typeof BREATHE>) {
    this.#found = found;
  }

  /** The next match, left where it is; undefined at the end. */
  peek(): SimulatedEntry | typeof BREATHE | undefined {
    if (this.#next !== undefined || this.#ended) return this.#next;
    const { value, done } = this.#found.next();
    if (done) this.#ended = true;
    else if (value === BREATHE) return BREATHE;
    else this.#next = value;
    return this.#next;
  }

  /** Takes what `peek` showed. */
  take(): void {
    this.#next = undefined;
  }
}

/** @param examine called for each entry looked at without an index; what it throws ends the search */
export function matchesOf(
  request: SearchRequest,
  base: SimulatedEntry,
  directory: SimulatedDirectory,
  schema: Schema,
  examine: () => void = () => undefined,
): Matches {
  const within = scopeTest(request.scope, base.key);
  const plan = request.scope === 'base' ? undefined : indexPlan(request.filter, directory, schema);
  if (plan !== undefined) {
    const passes = plan.test ?? (() => true);
    return new Matches(passing(plan.entries, (entry) => within(entry) && passes(entry) === true));
  }
  const test = testOf(request.filter, schema);
  const scanned = (entry: SimulatedEntry) => {
    examine();
    return within(entry) && test(entry) === true;
  };
  return new Matches(passing(candidates(request.scope, base, directory), scanned));
}

function candidates(
  scope: SearchRequest['scope'],
  base: SimulatedEntry,
  directory: SimulatedDirectory,
): Iterable<SimulatedEntry> {
  switch (scope) {
    case 'base':
      return [base];
    case 'one':
      return directory.children(base.key);
    case 'sub':
    case 'children':
      return directory.subtree(base.key);
    default:
      return scope satisfies never;
  }
}

function scopeTest(
  scope: SearchRequest['scope'],
  base: string,
): (entry: SimulatedEntry) => boolean {
  switch (scope) {
    case 'base':
      return ({ key }) => key === base;
    case 'one':
      return ({ key }) => parentKey(key) === base;
    case 'sub':
      return ({ key }) => isWithin(key, base);
    case 'children':
      return ({ key }) => key !== base && isWithin(key, base);
    default:
      return scope satisfies never;
  }
}

function* passing(
  entries: Iterable<SimulatedEntry>,
  passes: (entry: SimulatedEntry) => boolean,
): Iterator<SimulatedEntry | typeof BREATHE> {
  let fruitless = 0;
  for (const entry of entries) {
    if (passes(entry)) {
      fruitless = 0;
      yield entry;
    } else if (++fruitless % ENTRIES_BETWEEN_BREATHS === 0) {
      yield BREATHE;
    }
  }
}
