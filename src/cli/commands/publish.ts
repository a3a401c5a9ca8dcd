import { EXIT, type ExitCode } from '../../domain/errors.ts';
import { type HeldRun, heldRun, release } from '../../store/publishing/release.ts';
import { Reader } from '../../store/reader.ts';
import { differenceCounts, differencesOf } from '../../store/reading/differences.ts';
import type { Call } from '../command.ts';
import { diffLine } from '../diff-text.ts';
import { HELD_BECAUSE } from '../run-text.ts';
import { StopSignals } from '../stop-signals.ts';
import { count, type Io, plural } from '../terminal.ts';

/** Of those who would leave, so many are named. */
const NAMED = 20;
const NOT_LOOKED_UP =
  'they were not looked up: they may be in the directory still, outside of what was asked';

export async function run({ config }: Call<'publish'>, io: Io): Promise<ExitCode> {
  const held = show(config.db, io);
  if (config.dryRun) {
    io.err('Nothing was changed: `orgwalk publish` releases it\n');
    return EXIT.ok;
  }
  if (!(await isWanted(held, io))) {
    io.err('Nothing was changed\n');
    return EXIT.ok;
  }
  const stop = new AbortController();
  using _signals = new StopSignals((reason) => stop.abort(reason));
  await release(config.db, held.id, stop.signal);
  io.err(`Run ${held.id} is what readers see now\n`);
  return EXIT.ok;
}

/** What would be lost, before anything is released. */
function show(db: string, io: Io): HeldRun {
  using reader = new Reader(db);
  const held = reader.answer(heldRun);
  const published = reader.state?.held === false ? reader.state.run : 0;
  io.out(`Run ${held.id} is held: ${HELD_BECAUSE[held.why]}\n`);
  if (held.failedBranches > 0) {
    io.out(`  ${plural(held.failedBranches, 'branch', 'branches')} could not be read\n`);
  }
  if (published === 0) {
    io.out('  nothing was published before it\n');
    return held;
  }
  showLost(reader, published, held, io);
  io.out(`  everybody: orgwalk diff ${published} ${held.id}\n`);
  return held;
}

function showLost(reader: Reader, published: number, { id, why }: HeldRun, io: Io): void {
  const counts = reader.answer((database) => differenceCounts(database, published, id));
  const kinds = Object.entries(counts).map(([kind, number]) => `${count(number)} ${kind}`);
  io.out(`  against run ${published}, which readers see: ${kinds.join(', ')}\n`);
  if (why === 'question' && counts.left > 0) io.out(`  ${NOT_LOOKED_UP}\n`);
  const differences = reader.answer((database) => differencesOf(database, published, id));
  let named = 0;
  for (const difference of differences) {
    if (difference.after !== null) continue;
    if (named === NAMED) break;
    named += 1;
    io.out(`  ${diffLine(difference)}\n`);
  }
  const more = counts.left + counts.detached - named;
  if (more > 0) io.out(`  … and ${count(more)} more\n`);
}

/** A script has looked already. */
async function isWanted({ id }: HeldRun, io: Io): Promise<boolean> {
  if (io.confirm === undefined) return true;
  return io.confirm(`Release run ${id}, so that readers see it?`);
}
