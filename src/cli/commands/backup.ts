import { statSync } from 'node:fs';
import { EXIT, type ExitCode } from '../../domain/errors.ts';
import { refuseOverwriting } from '../../store/file/own-files.ts';
import { copyDatabase } from '../../store/keeping/backup.ts';
import type { Call } from '../command.ts';
import { refuseDevice, replaceFile } from '../output-file.ts';
import { type Io, megabytes } from '../terminal.ts';

export async function run({ config, argument }: Call<'backup'>, io: Io): Promise<ExitCode> {
  refuseOverwriting(config.db, argument);
  refuseDevice(argument);
  await replaceFile(argument, config.mode, async (temporary) => {
    copyDatabase(config.db, temporary, argument);
  });
  io.err(`${config.db} is copied to ${argument} (${megabytes(statSync(argument).size)})\n`);
  return EXIT.ok;
}
