import { existsSync } from 'node:fs';
import { check } from '../../app/check-app.ts';
import { DatabaseError, EXIT, type ExitCode } from '../../domain/errors.ts';
import { Reader } from '../../store/reader.ts';
import { checkJson } from '../check/json.ts';
import { checkText } from '../check/text.ts';
import { NO_HISTORY, type Past, telling } from '../check/told.ts';
import type { Call } from '../command.ts';
import { passwordOf } from '../password.ts';
import type { Io } from '../terminal.ts';

export async function run({ config }: Call<'check'>, io: Io): Promise<ExitCode> {
  const password = await passwordOf(config, io);
  const past = pastOf(config.db);
  const result = await check(config, password, (line) => io.err(`${line}\n`), past.source);
  const told = telling(result, config, past);
  io.out(config.json ? `${JSON.stringify(checkJson(told))}\n` : checkText(told));
  return EXIT.ok;
}

/** A database is no condition of a look at the directory: where it cannot be read, nothing was counted. */
function pastOf(db: string): Past {
  if (!existsSync(db)) return NO_HISTORY;
  try {
    using reader = new Reader(db);
    const counted = reader
      .runs()
      .find(({ published_at, employees }) => published_at !== null && employees > 0);
    return { source: reader.source(), counted: counted ?? null };
  } catch (error) {
    if (error instanceof DatabaseError) return NO_HISTORY;
    throw error;
  }
}
