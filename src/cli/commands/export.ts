import { EXIT, type ExitCode } from '../../domain/errors.ts';
import { type Breaks, Forest } from '../../report/export/forest.ts';
import { exported } from '../../report/export/texts.ts';
import { refuseOverwriting } from '../../store/file/own-files.ts';
import { Reader } from '../../store/reader.ts';
import type { Call } from '../command.ts';
import { writeOutput } from '../output-file.ts';
import { type Io, plural } from '../terminal.ts';
import { assertPublished, personBy } from '../who.ts';

export async function run({ config, argument }: Call<'export'>, io: Io): Promise<ExitCode> {
  if (config.out !== '-') refuseOverwriting(config.db, config.out);
  using reader = new Reader(config.db, config.asOf);
  assertPublished(reader);
  const top = argument === '' ? undefined : personBy(reader, argument, io);
  const forest = Forest.of(reader, top);
  const texts = exported(forest, config.format, { raw: config.raw });
  const complete = await writeOutput(io, config.out, texts);
  if (complete) tell(forest, config.out, io);
  return EXIT.ok;
}

function tell(forest: Forest, out: string, io: Io): void {
  if (out !== '-') io.err(`${plural(forest.people, 'employee')} in ${out}\n`);
  const left = leftOut(forest.breaks());
  if (left.length > 0) io.err(`Left out: ${left.join(', ')}; orgwalk findings lists them\n`);
}

function leftOut({ further, nobody, circles, unplaced }: Breaks): readonly string[] {
  return [
    ...counted(
      unplaced,
      'employee whom no line connects with a root',
      'employees whom no line connects with a root',
    ),
    ...counted(further, 'line to a further manager', 'lines to further managers'),
    ...counted(
      nobody,
      'manager value that names nobody here',
      'manager values that name nobody here',
    ),
    ...counted(circles, 'line that closes a circle', 'lines that close circles'),
  ];
}

function counted(value: number, one: string, many: string): readonly string[] {
  return value === 0 ? [] : [plural(value, one, many)];
}
