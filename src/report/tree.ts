import type { Person } from '../store/reader.ts';

/** What a tree is grown from. */
export interface Organisation {
  reports(pid: number): readonly Person[];
}

/** A person in a tree, in the order in which they are printed. */
export interface TreeLine {
  readonly person: Person;
  /** Steps below the top of this tree. */
  readonly level: number;
  /** For each level from 1 to `level`: whether the branch drawn there has come to its end. */
  readonly lastAt: readonly boolean[];
  /** Whether reports of this person are left out because of the depth. */
  readonly cut: boolean;
}

/** The organisation under someone, `depth` levels deep (Infinity: all). One line at a time, so that size does not matter. */
export function* growTree(
  organisation: Organisation,
  top: Person,
  depth: number,
): Generator<TreeLine> {
  const stack: { person: Person; lastAt: readonly boolean[] }[] = [{ person: top, lastAt: [] }];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { person, lastAt } = next;
    const level = lastAt.length;
    const reports = person.total_reports > 0 ? organisation.reports(person.pid) : [];
    yield { person, level, lastAt, cut: level >= depth && reports.length > 0 };
    if (level >= depth) continue;
    for (const [i, report] of [...reports.entries()].reverse()) {
      stack.push({ person: report, lastAt: [...lastAt, i === reports.length - 1] });
    }
  }
}
