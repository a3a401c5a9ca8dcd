import { describe, expect, it } from 'vitest';
import { growTree } from '../../src/report/tree.ts';
import { Organisation } from './people.ts';

//       0
//    1     2
//   3 4    5
//     6
const managers = [null, 0, 0, 1, 1, 2, 4];

function lines(organisation: Organisation, top: number, depth: number): readonly string[] {
  return [...growTree(organisation, organisation.person(top), depth)].map(
    ({ person, level, lastAt, cut }) =>
      `${person.pid} at ${level} ${lastAt.map((last) => (last ? '└' : '│')).join('')}${cut ? '…' : ''}`.trim(),
  );
}

describe('a tree', () => {
  it('has everyone below the top, each after their manager, with the bars to draw', () => {
    expect(lines(new Organisation(managers), 0, Number.POSITIVE_INFINITY)).toEqual([
      '0 at 0',
      '1 at 1 │',
      '3 at 2 ││',
      '4 at 2 │└',
      '6 at 3 │└└',
      '2 at 1 └',
      '5 at 2 └└',
    ]);
  });

  it('begins at anybody', () => {
    expect(lines(new Organisation(managers), 4, 9)).toEqual(['4 at 0', '6 at 1 └']);
    expect(lines(new Organisation(managers), 6, 9)).toEqual(['6 at 0']);
  });

  it('marks where the depth cuts reports off, and only there', () => {
    expect(lines(new Organisation(managers), 0, 2)).toEqual([
      '0 at 0',
      '1 at 1 │',
      '3 at 2 ││',
      '4 at 2 │└…',
      '2 at 1 └',
      '5 at 2 └└',
    ]);
    expect(lines(new Organisation(managers), 0, 0)).toEqual(['0 at 0 …']);
  });

  it('asks for no reports of those who have none', () => {
    const organisation = new Organisation(managers);
    lines(organisation, 0, 9);
    expect(organisation.asked).toEqual([0, 1, 4, 2]);
  });

  it('asks for nobody beyond the depth', () => {
    const organisation = new Organisation(managers);
    lines(organisation, 0, 1);
    expect(organisation.asked).toEqual([0]);
  });

  it('may be no wider than told: a line stands for those who are left out, after the last who are not', () => {
    const wide = new Organisation([null, 0, 0, 0, 0, 1, 1]);
    const shown = [...growTree(wide, wide.person(0), 9, 2)].map(
      ({ person, lastAt, more }) => `${person.pid} ${lastAt.join()} ${more}`,
    );
    expect(shown).toEqual([
      '0  0',
      '1 false 0',
      '5 false,false 0',
      '6 false,true 0',
      '2 false 0',
      '0 true 2',
    ]);
  });

  it('shows the one who alone would be left out', () => {
    const wide = new Organisation([null, 0, 0, 0]);
    const shown = [...growTree(wide, wide.person(0), 9, 2)].map(({ person }) => person.pid);
    expect(shown).toEqual([0, 1, 2, 3]);
  });

  it('grows one line at a time: who stops early has asked little', () => {
    const organisation = new Organisation(managers);
    const tree = growTree(organisation, organisation.person(0), 9);
    tree.next();
    tree.next();
    expect(organisation.asked).toEqual([0]);
  });

  it('may be a chain deeper than any stack', () => {
    const count = 2_000;
    const chain = new Organisation([null]);
    const person = chain.person(0);
    const deep = {
      reports: (pid: number) =>
        pid + 1 < count ? [{ ...person, pid: pid + 1, total_reports: count - pid - 2 }] : [],
    };
    const top = { ...person, total_reports: count - 1 };
    expect([...growTree(deep, top, Number.POSITIVE_INFINITY)].at(-1)?.level).toBe(count - 1);
  });
});
