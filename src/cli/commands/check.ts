import { existsSync } from 'node:fs';
import { check } from '../../app/check-app.ts';
import { DatabaseError, EXIT, type ExitCode } from '../../domain/errors.ts';
import { Reader } from '../../store/reader.ts';
import { checkJson } from '../check/json.ts';
import { checkText } from '../check/text.ts';
import { type Counted, telling } from '../check/told.ts';
import type { Call } from '../command.ts';
import { passwordOf } from '../password.ts';
import type { Io } from '../terminal.ts';

export async function run({ config }: Call<'check'>, io: Io): Promise<ExitCode> {
  const password = await passwordOf(config, io);
  const result = await check(config, password, (line) => io.err(`${line}\n`));
  const told = telling(result, config, counted(config.db));
  io.out(config.json ? `${JSON.stringify(checkJson(told))}\n` : checkText(told));
  return EXIT.ok;
}

/** A database is no condition of a look at the directory: where it cannot be read, nothing was counted. */
function counted(db: string): Counted | undefined {
  if (!existsSync(db)) return undefined;
  try {
    using reader = new Reader(db);
    return reader
      .runs()
      .find(({ published_at, employees }) => published_at !== null && employees > 0);
  } catch (error) {
    if (error instanceof DatabaseError) return undefined;
    throw error;
  }
}
