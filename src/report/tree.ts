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
  /** Above 0, the line stands for so many reports of `person` that are left out because of the width, behind those shown. */
  readonly more: number;
}

interface Sprout {
  readonly person: Person;
  readonly lastAt: readonly boolean[];
  readonly more: number;
}

/**
 * The organisation under someone, `depth` levels deep (Infinity: all), with at most `width` reports to a manager. One line at a
 * time, so that size does not matter.
 */
export function* growTree(
  organisation: Organisation,
  top: Person,
  depth: number,
  width = Number.POSITIVE_INFINITY,
): Generator<TreeLine> {
  const stack: Sprout[] = [{ person: top, lastAt: [], more: 0 }];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { person, lastAt, more } = next;
    const level = lastAt.length;
    const goesOn = more === 0 && person.total_reports > 0;
    yield { person, level, lastAt, cut: goesOn && level >= depth, more };
    if (!goesOn || level >= depth) continue;
    for (const one of sprouts(person, organisation.reports(person.pid), lastAt, width).reverse())
      stack.push(one);
  }
}

/** What grows under somebody, in the order in which it is printed. */
function sprouts(
  manager: Person,
  reports: readonly Person[],
  lastAt: readonly boolean[],
  width: number,
): Sprout[] {
  // One left out would need a line as well.
  const shown = reports.length > width + 1 ? reports.slice(0, width) : reports;
  const more = reports.length - shown.length;
  const grown = shown.map((person, i) => {
    const last = more === 0 && i === shown.length - 1;
    return { person, lastAt: [...lastAt, last], more: 0 };
  });
  return more === 0 ? grown : [...grown, { person: manager, lastAt: [...lastAt, true], more }];
}
