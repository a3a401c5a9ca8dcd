import { describe, expect, it } from 'vitest';
import { chainOf } from '../../src/report/chain.ts';
import { Organisation } from './people.ts';

const managers = [null, 0, 1, 2, null];
const pids = (organisation: Organisation, from: number) =>
  chainOf(organisation, organisation.person(from)).map(({ pid }) => pid);

describe('a chain of command', () => {
  it('leads from the person up to the root, both included', () => {
    expect(pids(new Organisation(managers), 3)).toEqual([3, 2, 1, 0]);
  });

  it('of a root is the root', () => {
    expect(pids(new Organisation(managers), 4)).toEqual([4]);
  });

  it('ends at a manager who is not in the published state', () => {
    const organisation = new Organisation(managers);
    const above = { person: (pid: number) => (pid === 1 ? undefined : organisation.person(pid)) };
    expect(chainOf(above, organisation.person(3)).map(({ pid }) => pid)).toEqual([3, 2]);
  });
});
