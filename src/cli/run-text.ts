import type { HeldWhy } from '../domain/ports.ts';
import type { Failure } from '../store/reader.ts';
import type { KeptRun } from '../store/reading/runs.ts';
import { count, plural, printable } from './terminal.ts';

/** A crawl that was killed could not say so. */
export const KILLED = 'stopped without a word';

/** Completes "held because …". */
export const HELD_BECAUSE: Readonly<Record<HeldWhy, string>> = {
  drop: 'more people would leave, or be detached, than --max-drop allows',
  root: 'a root that had reports seems to have none',
  question: 'the crawl asked another question than the one before, and somebody would leave',
  dry: 'it was a dry run',
};

/** The status of a run in a few words: "held (drop)", "interrupted (dry run)". */
export function statusText({
  status,
  held,
  dry,
}: Pick<KeptRun, 'status' | 'held' | 'dry'>): string {
  // A dry run that was released is published like any other.
  const why = held ?? (dry === 1 && isOpen(status) ? 'dry' : null);
  return why === null ? status : `${status} (${why === 'dry' ? 'dry run' : why})`;
}

export interface Around {
  /** Branches that are not read yet. */
  readonly waiting: number;
  readonly failures: readonly Failure[];
  /** Other runs that are unfinished, or can be released. */
  readonly open: readonly KeptRun[];
  /** The run that readers see; 0: none. */
  readonly published: number;
}

/** How a run went, or how far it is, and what can be done about it. */
export function statusLines(run: KeptRun, around: Around): readonly string[] {
  const { id, started_at, finished_at, employees, searches } = run;
  const { waiting, failures, open, published } = around;
  const details = [
    `begun ${started_at}${finished_at === null ? '' : `, finished ${finished_at}`}`,
    `${plural(employees, 'employee')}, ${plural(searches, 'search', 'searches')}`,
    ...(waiting > 0 ? [`${plural(waiting, 'branch', 'branches')} waiting`] : []),
    ...continuationLines(run),
    ...heldLines(run, published),
    ...failures.map(failureLine),
  ];
  return [
    `Run ${id}: ${statusText(run)}`,
    ...details.map((line) => `  ${line}`),
    ...open.map((other) => openLine(other)),
  ];
}

/** A dry run and one that is none never continue one another. */
function continuationLines({ status, dry }: KeptRun): readonly string[] {
  if (status !== 'interrupted' && status !== KILLED) return [];
  return [`run the same crawl again to continue${dry === 1 ? ', with --dry-run' : ''}`];
}

function heldLines(run: KeptRun, published: number): readonly string[] {
  const { id, held, releasable, left, detached } = run;
  if (held === null) return [];
  const readers = published === 0 ? 'see nothing yet' : `still see run ${published}`;
  const because = `held because ${HELD_BECAUSE[held]}; readers ${readers}`;
  if (releasable === 0) return [because, 'it cannot be released any more: its state is not kept'];
  const diff = published === 0 ? '' : `: orgwalk diff ${published} ${id} lists them`;
  return [
    because,
    `${count(left)} would leave, ${count(detached)} would be detached${diff}`,
    'orgwalk publish --dry-run shows what it would change, orgwalk publish releases it',
  ];
}

function failureLine({ employee_id, reason, last_error }: Failure): string {
  return `failed: ${printable(employee_id)}  ${reason}: ${printable(last_error)}`;
}

function openLine(run: KeptRun): string {
  const release = 'orgwalk publish --dry-run shows what it would change';
  const go = run.dry === 1 ? 'a dry crawl continues it' : 'a crawl that is no dry run continues it';
  return `Run ${run.id}: ${statusText(run)}: ${run.releasable === 1 ? release : go}`;
}

function isOpen(status: string): boolean {
  return status === 'running' || status === 'interrupted' || status === KILLED;
}

/** SQLite begins the write-ahead log anew only when nobody reads what is in it. */
const LARGE_WAL_BYTES = 1_000_000_000;

/** What to say about the write-ahead log: nothing, unless it is large. */
export function largeWalText(db: string, bytes: number): string {
  if (bytes <= LARGE_WAL_BYTES) return '';
  const size = `${(bytes / 1e9).toFixed(1)} GB`;
  return [
    `Warning: ${db}-wal has grown to ${size}: a reader holds it, a program that opened the database long ago`,
    `Try: close that program; \`fuser -v ${db}\` tells on Linux which have the file open\n`,
  ].join('\n');
}
