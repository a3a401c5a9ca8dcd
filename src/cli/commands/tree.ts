import { EXIT, type ExitCode } from '../../domain/errors.ts';
import { growTree, type TreeLine } from '../../report/tree.ts';
import { Reader } from '../../store/reader.ts';
import { told } from '../as-of.ts';
import type { Call } from '../command.ts';
import { PersonLines } from '../person-line.ts';
import { printRows } from '../rows.ts';
import { count, type Io, plural } from '../terminal.ts';
import { personBy } from '../who.ts';

const COLUMNS = [
  ...['level', 'id', 'dn', 'username', 'name', 'email', 'title', 'department', 'active'],
  ...['depth', 'direct_reports', 'total_reports', 'manager_id'],
];
/** More reports of one manager would push the others off the screen. */
const WIDTH = 50;

export async function run({ config, argument }: Call<'tree'>, io: Io): Promise<ExitCode> {
  using reader = new Reader(config.db, config.asOf);
  const top = personBy(reader, argument, io);
  const depth = config.depth === 0 ? Number.POSITIVE_INFINITY : config.depth;
  if (config.format !== 'table') {
    const cut = { below: 0 };
    printRows(io, config.format, COLUMNS, rowsOf(growTree(reader, top, depth), cut));
    tellBelow(cut.below, io);
    return EXIT.ok;
  }
  if (config.asOf !== undefined) io.err(told(reader.state));
  const width = io.outIsTerminal ? WIDTH : Number.POSITIVE_INFINITY;
  tellBelow(draw(growTree(reader, top, depth, width), io), io);
  return EXIT.ok;
}

/** What is cut off looks like all there is, also to a program. */
function tellBelow(below: number, io: Io): void {
  if (below === 0) return;
  const people = plural(below, 'person', 'people');
  io.err(`${people} further down: --depth shows more levels, 0 all\n`);
}

/** Prints a tree line by line. Returns how many people are below where the depth cuts it. */
export function draw(tree: Iterable<TreeLine>, io: Io, margin = ''): number {
  const lines = new PersonLines({ ...io, outColumns: io.outColumns - margin.length });
  if (lines.heading !== '') io.out(`${margin}${lines.heading}\n`);
  let below = 0;
  for (const line of tree) {
    io.out(`${margin}${drawn(line, lines)}\n`);
    if (line.cut) below += line.person.total_reports;
  }
  return below;
}

function drawn({ person, lastAt, cut, more }: TreeLine, lines: PersonLines): string {
  const stems = lastAt.slice(0, -1).map((last) => (last ? '   ' : '│  '));
  const fork = lastAt.length === 0 ? '' : lastAt.at(-1) ? '└─ ' : '├─ ';
  const stem = `${stems.join('')}${fork}`;
  if (more > 0) return lines.others(stem, `… and ${count(more)} more`);
  return lines.person(stem, person, cut);
}

function* rowsOf(tree: Iterable<TreeLine>, told: { below: number }) {
  for (const { person, level, cut } of tree) {
    if (cut) told.below += person.total_reports;
    const { id, dn, username, name, email, title, department, active, manager_id } = person;
    const { depth, direct_reports, total_reports } = person;
    yield {
      ...{ level, id, dn, username, name, email, title, department, active },
      ...{ depth, direct_reports, total_reports, manager_id },
    };
  }
}
