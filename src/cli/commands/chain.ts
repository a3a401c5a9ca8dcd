import { EXIT, type ExitCode } from '../../domain/errors.ts';
import { chainOf } from '../../report/chain.ts';
import { type Person, Reader } from '../../store/reader.ts';
import type { Call } from '../command.ts';
import { printRows } from '../rows.ts';
import type { Io } from '../terminal.ts';
import { identity, personBy } from '../who.ts';

const COLUMNS = ['step', 'id', 'name', 'username', 'title', 'department', 'depth'];

export async function run({ config, argument }: Call<'chain'>, io: Io): Promise<ExitCode> {
  using reader = new Reader(config.db);
  const people = chainOf(reader, personBy(reader, argument));
  if (config.format === 'table') for (const line of drawnChain(people)) io.out(`${line}\n`);
  else printRows(io, config.format, COLUMNS, people.map(asRow));
  return EXIT.ok;
}

/** The root first, each step further to the right. */
export function drawnChain(chain: readonly Person[]): readonly string[] {
  return chain.toReversed().map((person, step) => {
    return `${step === 0 ? '' : `${'   '.repeat(step - 1)}└─ `}${identity(person)}`;
  });
}

function asRow(person: Person, step: number) {
  const { id, dn, username, name, email, title, department, active, depth } = person;
  return { step, id, dn, username, name, email, title, department, active, depth };
}
