// A company of which every night tells itself apart: a tenth gets a new title, another manager, and one finding is another one.
import { type Company, dnOf, person } from '../crawl/company.ts';

const SPAN = 8;
const TENTHS = 10;

/** What a reader sees in one statement. */
export interface Seen {
  readonly run: number;
  /** Title of the root: another one each night. */
  readonly stamp: string;
  /** Titles of everyone below, with how many have them. */
  readonly titles: Readonly<Record<string, number>>;
  readonly people: number;
  /** People below the root, by its row. */
  readonly below: number;
  /** Whose manager is nobody that is shown. */
  readonly orphans: number;
  readonly primaryLines: number;
  /** Counts of the run, by its row. */
  readonly counted: readonly number[];
  /** The same, by the rows of `changes`. */
  readonly changes: readonly number[];
  readonly newestChange: number | null;
  readonly versionsThatHold: number;
  /** Versions that hold, and say what `employees` does not. */
  readonly outdated: number;
  readonly findings: string;
}

export function companyAt(night: number, people: number): Company {
  const numbers = Array.from({ length: people }, (_, i) => i);
  return { people: numbers.map((i) => personAt(night, i)), roots: ['p0'] };
}

function personAt(night: number, i: number) {
  const title = titleAt(night, i);
  if (i === 0) return person('p0', [], { title });
  const manager = `p${managerAt(night, i)}`;
  const lost = i === 1 ? [dnOf(`nobody${night}`)] : [];
  return person(`p${i}`, [], { title, managers: [dnOf(manager), ...lost] });
}

/** The last night on which it was the turn of the person's tenth; the root has a turn every night. */
function turnsUpTo(night: number, i: number): number {
  return Math.floor((night + TENTHS - (i % TENTHS)) / TENTHS);
}

function titleAt(night: number, i: number): string {
  if (i === 0) return `night ${night}`;
  const turns = turnsUpTo(night, i);
  return `night ${Math.max(0, (turns - 1) * TENTHS + (i % TENTHS))}`;
}

/** One of two people with lower numbers, in turn: never a cycle. */
function managerAt(night: number, i: number): number {
  const first = Math.floor((i - 1) / SPAN);
  return Math.max(0, first - (turnsUpTo(night, i) % 2));
}

/** What a reader must see while the run of that night is the published one. Runs are numbered as nights are, from 1. */
export function seenAt(night: number, people: number): Seen {
  const others = Array.from({ length: people - 1 }, (_, i) => i + 1);
  const count = (differs: (i: number) => boolean) =>
    night === 1 ? 0 : others.filter(differs).length;
  const moved = count((i) => managerAt(night, i) !== managerAt(night - 1, i));
  const titled = count((i) => titleAt(night, i) !== titleAt(night - 1, i));
  const changes = [0, 0, 0, 0, moved, night === 1 ? 0 : titled + 1];
  const titles: Record<string, number> = {};
  for (const title of others.map((i) => titleAt(night, i))) {
    titles[title] = (titles[title] ?? 0) + 1;
  }
  return {
    run: night,
    stamp: `night ${night}`,
    titles,
    people,
    below: people - 1,
    orphans: 0,
    primaryLines: people - 1,
    counted: [people, 0, ...changes],
    changes,
    newestChange: night === 1 ? null : night,
    versionsThatHold: people,
    outdated: 0,
    findings: `dangling_manager ${dnOf(`nobody${night}`)}`,
  };
}
