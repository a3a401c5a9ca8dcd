/** Marks "none" among numbers of people, lines and steps. */
export const NONE = -1;

/**
 * Who reports to whom, by numbers of people from 0. Nearly everyone has one manager at most, so that the number of a line
 * is that of its employee; `further` tells whose the others are.
 */
export interface Lines {
  /** Number of people. */
  readonly people: number;
  /** By line: first one of each person, NONE for who has none, then the further ones. */
  readonly managers: Int32Array<ArrayBuffer>;
  /** Line `people + i` is of `further[i]`: ascending, so that those of one person stand together. */
  readonly further: Int32Array<ArrayBuffer>;
}

export function employeeOf({ people, further }: Lines, line: number): number {
  return line < people ? line : (further[line - people] as number);
}
