import { EXIT, type ExitCode } from '../../domain/errors.ts';
import { growTree, type TreeLine } from '../../report/tree.ts';
import { type Person, Reader } from '../../store/reader.ts';
import type { Call } from '../command.ts';
import { printRows } from '../rows.ts';
import { count, type Io } from '../terminal.ts';
import { identity, personBy } from '../who.ts';

const COLUMNS = ['level', 'id', 'name', 'username', 'title', 'direct_reports', 'total_reports'];

export async function run({ config, argument }: Call<'tree'>, io: Io): Promise<ExitCode> {
  using reader = new Reader(config.db);
  const top = personBy(reader, argument);
  const depth = config.depth === 0 ? Number.POSITIVE_INFINITY : config.depth;
  const lines = growTree(reader, top, depth);
  if (config.format === 'table') for (const line of lines) io.out(`${drawn(line)}\n`);
  else printRows(io, config.format, COLUMNS, lines.map(asRow));
  return EXIT.ok;
}

/** One line of a drawn tree. */
export function drawn({ person, level, lastAt, cut }: TreeLine): string {
  const stems = lastAt.slice(0, -1).map((last) => (last ? '   ' : '│  '));
  const fork = level === 0 ? '' : lastAt.at(-1) ? '└─ ' : '├─ ';
  return `${stems.join('')}${fork}${identity(person)}${size(person)}${cut ? ' …' : ''}`;
}

function size({ direct_reports, total_reports }: Person): string {
  if (direct_reports === 0) return '';
  return `  [${count(direct_reports)} direct, ${count(total_reports)} in all]`;
}

function asRow({ person, level }: TreeLine) {
  const { id, dn, username, name, email, title, department, active } = person;
  const { depth, direct_reports, total_reports } = person;
  return {
    ...{ level, id, dn, username, name, email, title, department, active },
    ...{ depth, direct_reports, total_reports },
  };
}
