// Reporting lines as a test writes them: a list of pairs.
import { employeeOf, type Lines, NONE } from '../../src/domain/lines.ts';

export type Line = readonly [employee: number, manager: number];

/** The first line of a person in the list comes first. */
export function linesOf(people: number, lines: readonly Line[]): Lines {
  const of = Array.from({ length: people }, (_, person) => lines.filter(([e]) => e === person));
  const further = of.flatMap(([, ...others]) => others);
  return {
    people,
    managers: Int32Array.from([
      ...of.map(([line]) => line?.[1] ?? NONE),
      ...further.map(([, m]) => m),
    ]),
    further: Int32Array.from(further, ([employee]) => employee),
  };
}

export function listOf(lines: Lines): readonly Line[] {
  const all = Array.from(lines.managers, (manager, i): Line => [employeeOf(lines, i), manager]);
  return all.filter(([, manager]) => manager !== NONE).sort(byNumbers);
}

export function byNumbers([e, m]: Line, [other, of]: Line): number {
  return e - other || m - of;
}
