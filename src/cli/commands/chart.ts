import { EXIT, type ExitCode } from '../../domain/errors.ts';
import { chartData, unplaced } from '../../report/chart-data.ts';
import { frontEnd } from '../../report/chart-front-end.ts';
import { chartPage } from '../../report/chart-page.ts';
import { refuseOverwriting } from '../../store/file/own-files.ts';
import { Reader } from '../../store/reader.ts';
import type { Call } from '../command.ts';
import { writeOutput } from '../output-file.ts';
import { type Io, plural, printable } from '../terminal.ts';
import { assertPublished, personBy } from '../who.ts';

export async function run({ config, argument }: Call<'chart'>, io: Io): Promise<ExitCode> {
  if (config.out !== '-') refuseOverwriting(config.db, config.out);
  using reader = new Reader(config.db, config.asOf);
  assertPublished(reader);
  const top = argument === '' ? undefined : personBy(reader, argument, io);
  const data = chartData(reader, top);
  await writeOutput(io, config.out, chartPage(data, frontEnd()));
  if (config.out !== '-') {
    const people = plural(data.levels.length, 'person', 'people');
    io.err(`${people} of run ${data.run} in ${printable(config.out)}\n`);
  }
  const missing = top === undefined ? unplaced(reader) : 0;
  if (missing > 0) {
    io.err(`${plural(missing, 'person', 'people')} without a line to a root not shown\n`);
  }
  return EXIT.ok;
}
