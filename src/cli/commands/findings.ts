import { EXIT, type ExitCode, UsageError } from '../../domain/errors.ts';
import { FINDING_KINDS, FINDINGS, type FindingKind, isFindingKind } from '../../domain/findings.ts';
import { Reader } from '../../store/reader.ts';
import { type FindingCount, findingCounts, findingsOf } from '../../store/reading/findings.ts';
import { told } from '../as-of.ts';
import type { Call } from '../command.ts';
import { printRows } from '../rows.ts';
import { count, type Io, plural, printable } from '../terminal.ts';
import { assertPublished } from '../who.ts';

const COLUMNS = ['kind', 'employee_id', 'name', 'detail', 'first_seen_at', 'last_seen_at'];

export async function run({ config }: Call<'findings'>, io: Io): Promise<ExitCode> {
  const kind = config.kind === undefined ? undefined : kindNamed(config.kind);
  using reader = new Reader(config.db, config.asOf);
  assertPublished(reader);
  if (config.format === 'table') {
    if (config.asOf !== undefined) io.err(told(reader.state));
    io.err(heading(reader.answer(findingCounts), kind));
  }
  const findings = reader.answer((database, run) => findingsOf(database, run, kind));
  printRows(io, config.format, COLUMNS, findings);
  return EXIT.ok;
}

function kindNamed(text: string): FindingKind {
  if (isFindingKind(text)) return text;
  throw new UsageError(
    `there is no kind of finding \`${printable(text)}\``,
    `one of ${FINDING_KINDS.join(', ')}`,
  );
}

/** How many of each kind, and what the kinds mean. */
function heading(counts: readonly FindingCount[], only: FindingKind | undefined): string {
  const shown = counts.filter(({ kind }) => only === undefined || kind === only);
  const all = shown.reduce((total, { findings }) => total + findings, 0);
  if (all === 0) return `No findings${only === undefined ? '' : ` of the kind ${only}`}.\n`;
  const lines = shown.map(
    ({ kind, findings }) => `  ${count(findings)} ${kind}: ${FINDINGS[kind]}`,
  );
  return `${[plural(all, 'finding'), ...lines].join('\n')}\n\n`;
}
