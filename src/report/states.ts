import { UsageError } from '../domain/errors.ts';
import type { Reader, State } from '../store/reader.ts';
import { publishedBefore } from '../store/reading/differences.ts';

export interface States {
  readonly from: State;
  readonly to: State;
}

/**
 * The two states to compare: each a run, a date or a time. One: that and the published one. None: the two that were
 * published last. Throws a `UsageError` where there are none such.
 */
export function statesToCompare(
  reader: Reader,
  published: State,
  words: readonly string[],
): States {
  const [first, second, ...others] = words;
  if (others.length > 0) {
    throw new UsageError(
      `two states can be compared, not ${words.length}`,
      'name each by a run, a date or a time without blanks: orgwalk diff 6 2026-11-23T06:00:00Z',
    );
  }
  if (first === undefined) return { from: beforeThat(reader, published), to: published };
  const from = reader.stateAsOf(first);
  if (second === undefined) return inOrder(from, published);
  const to = reader.stateAsOf(second);
  if (from.run <= to.run) return { from, to };
  throw new UsageError(
    `run ${from.run} is newer than run ${to.run}`,
    `the older one goes first: orgwalk diff ${to.run} ${from.run}`,
  );
}

/** A run that is held is newer than what is published. */
function inOrder(one: State, other: State): States {
  return one.run <= other.run ? { from: one, to: other } : { from: other, to: one };
}

function beforeThat(reader: Reader, { run }: State): State {
  const before = reader.answer((database) => publishedBefore(database, run));
  if (before !== undefined) return reader.stateAsOf(String(before));
  throw new UsageError(
    `no state before that of run ${run} is kept`,
    'crawl again: there is a difference from the second published run on',
  );
}
