import { EXIT, type ExitCode } from '../../domain/errors.ts';
import { chainOf } from '../../report/chain.ts';
import { type Person, Reader } from '../../store/reader.ts';
import { told } from '../as-of.ts';
import type { Call } from '../command.ts';
import { PersonLines } from '../person-line.ts';
import { printRows } from '../rows.ts';
import type { Io } from '../terminal.ts';
import { personBy } from '../who.ts';

const COLUMNS = [
  ...['step', 'id', 'dn', 'username', 'name', 'email', 'title', 'department', 'active', 'depth'],
];

export async function run({ config, argument }: Call<'chain'>, io: Io): Promise<ExitCode> {
  using reader = new Reader(config.db, config.asOf);
  const people = chainOf(reader, personBy(reader, argument, io));
  if (config.format !== 'table') {
    printRows(io, config.format, COLUMNS, people.map(asRow));
    return EXIT.ok;
  }
  if (config.asOf !== undefined) io.err(told(reader.state));
  drawChain(people, io);
  return EXIT.ok;
}

/** The root first, each step further to the right; the sizes of their organisations on a terminal. */
export function drawChain(chain: readonly Person[], io: Io, margin = ''): void {
  const lines = new PersonLines({ ...io, outColumns: io.outColumns - margin.length }, 'terminal');
  if (lines.heading !== '') io.out(`${margin}${lines.heading}\n`);
  for (const [step, person] of chain.toReversed().entries()) {
    const stem = step === 0 ? '' : `${'   '.repeat(step - 1)}└─ `;
    io.out(`${margin}${lines.person(stem, person)}\n`);
  }
}

function asRow(person: Person, step: number) {
  const { id, dn, username, name, email, title, department, active, depth } = person;
  return { step, id, dn, username, name, email, title, department, active, depth };
}
