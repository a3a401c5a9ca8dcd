import { EXIT, type ExitCode, UsageError } from '../../domain/errors.ts';
import type { Known } from '../../store/keeping/ever-known.ts';
import { type Forgotten, forget } from '../../store/keeping/forget.ts';
import type { Call } from '../command.ts';
import { StopSignals } from '../stop-signals.ts';
import { type Io, plural, printable } from '../terminal.ts';
import { identity } from '../who.ts';

/** More than these are not told one by one. */
const MOST = 20;

export async function run({ config, argument }: Call<'forget'>, io: Io): Promise<ExitCode> {
  const stop = new AbortController();
  using _signals = new StopSignals((reason) => stop.abort(reason));
  io.err(told(await forget(config.db, argument, stop.signal), argument));
  return EXIT.ok;
}

function told(forgotten: Forgotten, who: string): string {
  switch (forgotten.kind) {
    case 'forgotten':
      return `Removed ${plural(forgotten.versions, 'version')} and all that was told of them; blanked in ${plural(forgotten.elsewhere, 'row')} of others\n${COPIES}`;
    case 'finished':
      return `What an earlier removal had left is wiped now; nobody else was removed\n${COPIES}`;
    case 'unknown':
      throw new UsageError(
        `nobody was ever known as ${printable(who)}`,
        'give an id, DN, user name, mail address or the whole name: a part of it does not do here',
      );
    case 'several':
      throw several(forgotten.people, who);
    default:
      return forgotten satisfies never;
  }
}

const COPIES = '  backups, exports and charts that were made before are as they were\n';

function several(people: readonly Known[], who: string): UsageError {
  const list = people.slice(0, MOST).map((one) => `  ${printable(one.id)}  ${identity(one)}`);
  const more = people.length > MOST ? [`  and ${people.length - MOST} more`] : [];
  return new UsageError(
    `${printable(who)} was the name of ${people.length} people:\n${[...list, ...more].join('\n')}`,
    'give one of these ids',
  );
}
