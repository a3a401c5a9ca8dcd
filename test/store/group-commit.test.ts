import { describe, expect, it } from 'vitest';
import { GroupCommit } from '../../src/store/recording/group-commit.ts';

function grouped(most: number, fail: (items: readonly number[]) => boolean = () => false) {
  const written: (readonly number[])[] = [];
  const commit = new GroupCommit<number>(
    (item) => item,
    most,
    (items) => {
      if (fail(items)) throw new Error('full');
      written.push(items);
    },
  );
  return { commit, written };
}

describe('a group commit', () => {
  it('writes what came in one turn of the event loop together, in the order in which it came', async () => {
    const { commit, written } = grouped(1_000);
    await Promise.all([commit.add(1), commit.add(3), commit.add(2)]);
    await commit.add(4);
    expect(written).toEqual([[1, 3, 2], [4]]);
  });

  it('has told nobody before it is written', async () => {
    const { commit, written } = grouped(1_000);
    const seen: number[] = [];
    await Promise.all([1, 2].map((item) => commit.add(item).then(() => seen.push(written.length))));
    expect(seen).toEqual([1, 1]);
  });

  it('leaves the rest to the next turn where a group is large, and takes one that is larger by itself', async () => {
    const { commit, written } = grouped(10);
    await Promise.all([5, 5, 1, 50, 2].map((item) => commit.add(item)));
    expect(written).toEqual([[5, 5], [1, 50], [2]]);
  });

  it('fails for those of the group, and for nobody else', async () => {
    const { commit, written } = grouped(10, (items) => items.includes(13));
    const told = await Promise.allSettled([9, 13, 4].map((item) => commit.add(item)));
    expect(told.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
    await commit.add(1);
    expect(written).toEqual([[4], [1]]);
  });
});
