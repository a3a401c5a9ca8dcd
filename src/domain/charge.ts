import type { ReleaseCost } from './ports.ts';

const COUNTED_AS = { attempt: 'attempts', refusal: 'refusals', outage: 'outages' } as const;

type Counts = Readonly<Record<(typeof COUNTED_AS)[keyof typeof COUNTED_AS], number>>;

/** The branch as it is when it has been given back at this cost. */
export function charged<B extends Counts>(branch: B, cost: ReleaseCost): B {
  if (cost === 'nothing') return branch;
  const counter = COUNTED_AS[cost];
  return { ...branch, [counter]: branch[counter] + 1 };
}
