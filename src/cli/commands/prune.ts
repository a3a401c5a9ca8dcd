import type { Config } from '../../config/options.ts';
import { EXIT, type ExitCode } from '../../domain/errors.ts';
import { type Pruned, prune } from '../../store/keeping/prune.ts';
import type { Call } from '../command.ts';
import { shellWord } from '../invocation.ts';
import { StopSignals } from '../stop-signals.ts';
import { type Io, megabytes, plural } from '../terminal.ts';

/** Less is not worth a word about: SQLite has some to spare at any time. */
const WORTH_GIVING_BACK = 1e6;

export async function run({ config }: Call<'prune'>, io: Io): Promise<ExitCode> {
  const before = new Date(Date.now() - config.keepMs).toISOString();
  const stop = new AbortController();
  using _signals = new StopSignals((reason) => stop.abort(reason));
  const pruned = await prune(config.db, before, stop.signal);
  io.err(told(pruned, config));
  return EXIT.ok;
}

function told({ oldest, free, ...dropped }: Pruned, { db }: Config<'prune'>): string {
  const lines = [dropping(dropped)];
  if (oldest !== null) {
    lines.push(
      `  the oldest state that is left is run ${oldest.run}, published ${oldest.publishedAt}`,
    );
  }
  if (free >= WORTH_GIVING_BACK) {
    lines.push(
      `  ${megabytes(free)} of the file are free for what comes; to give them back: sqlite3 ${shellWord(db)} VACUUM`,
    );
  }
  return `${lines.join('\n')}\n`;
}

function dropping(dropped: Omit<Pruned, 'oldest' | 'free'>): string {
  const { versions, places, changes, findings, failures } = dropped;
  const parts = [
    ...counted(versions, 'version'),
    ...counted(places, 'place'),
    ...counted(changes, 'change'),
    ...counted(findings, 'finding'),
    ...counted(failures, 'failure'),
  ];
  return parts.length === 0 ? 'Nothing is old enough to be dropped' : `Dropped ${parts.join(', ')}`;
}

function counted(value: number, one: string): readonly string[] {
  return value === 0 ? [] : [plural(value, one)];
}
