import { EXIT, type ExitCode } from '../../domain/errors.ts';
import { MOST_FOUND, type Person, Reader } from '../../store/reader.ts';
import { told } from '../as-of.ts';
import type { Call } from '../command.ts';
import { printRows } from '../rows.ts';
import { type Io, printable } from '../terminal.ts';
import { assertPublished } from '../who.ts';

const COLUMNS = ['id', 'name', 'username', 'title', 'department', 'email', 'manager_name'];

export async function run({ config, argument }: Call<'find'>, io: Io): Promise<ExitCode> {
  using reader = new Reader(config.db, config.asOf);
  assertPublished(reader);
  const people = reader.search(argument);
  if (config.asOf !== undefined && config.format === 'table') io.err(told(reader.state));
  if (people.length === 0) io.err(`Nobody is found by ${printable(argument)}\n`);
  printRows(io, config.format, COLUMNS, people.map(asRow));
  if (people.length === MOST_FOUND)
    io.err(`These are the first ${MOST_FOUND}: another word, or more of one, finds fewer\n`);
  return EXIT.ok;
}

function asRow({ id, name, username, title, department, email, manager_name }: Person) {
  return { id, name, username, title, department, email, manager_name };
}
