import { EXIT, type ExitCode } from '../../domain/errors.ts';
import { type Change, changeOf } from '../../report/diff.ts';
import { type States, statesToCompare } from '../../report/states.ts';
import { Reader, type State } from '../../store/reader.ts';
import { differenceCounts, differencesOf } from '../../store/reading/differences.ts';
import type { Call } from '../command.ts';
import { diffHeading, diffLine } from '../diff-text.ts';
import { printRows } from '../rows.ts';
import type { Io } from '../terminal.ts';
import { assertPublished } from '../who.ts';

const COLUMNS = ['kind', 'employee_id', 'name', 'username', 'before', 'after'];

export async function run({ config, argument }: Call<'diff'>, io: Io): Promise<ExitCode> {
  using reader = new Reader(config.db);
  const words = argument.split(/\s+/).filter((word) => word !== '');
  assertPublished(reader);
  const states = statesToCompare(reader, reader.state as State, words);
  if (config.format === 'table') printForPeople(reader, states, io);
  else printRows(io, config.format, COLUMNS, changes(reader, states, config.format));
  return EXIT.ok;
}

function printForPeople(reader: Reader, states: States, io: Io): void {
  const { from, to } = states;
  const counts = reader.answer((database) => differenceCounts(database, from.run, to.run));
  io.err(`${diffHeading(from, to, counts)}\n`);
  for (const difference of differences(reader, states)) io.out(`${diffLine(difference)}\n`);
}

function* changes(reader: Reader, states: States, format: string) {
  for (const difference of differences(reader, states)) {
    const change = changeOf(difference);
    yield format === 'csv' ? withText(change) : change;
  }
}

/** A cell of CSV holds JSON as text. */
function withText({ before, after, ...change }: Change) {
  return {
    ...change,
    before: before && JSON.stringify(before),
    after: after && JSON.stringify(after),
  };
}

function differences(reader: Reader, { from, to }: States) {
  return reader.answer((database) => differencesOf(database, from.run, to.run));
}
