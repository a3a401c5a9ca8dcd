import type { CrawlResult } from '../app/crawl-app.ts';
import { EXIT, type ExitCode } from '../domain/errors.ts';
import { HELD_BECAUSE } from './run-text.ts';
import { count, elapsed, plural, printable } from './terminal.ts';

/** `orgwalk crawl --json`: people script against these fields. */
export function summaryJson(result: CrawlResult): Readonly<Record<string, unknown>> {
  const { run, published, counts, seconds, failures, load } = result;
  const {
    joined = 0,
    left = 0,
    detached = 0,
    returned = 0,
    moved = 0,
    changed = 0,
  } = published ?? {};
  return {
    runId: run.id,
    status: published?.status ?? 'interrupted',
    resumed: run.resumed,
    employees: employeesOf(result),
    managers: published?.managers ?? null,
    depth: published?.depth ?? null,
    searches: counts.searches,
    pages: counts.pages,
    entries: counts.entries,
    retries: counts.retries,
    reconnects: counts.reconnects,
    splits: counts.splits,
    failedBranches: failures.map(({ employeeId, reason, resultCode, attempts, message }) => ({
      employeeId,
      reason,
      resultCode,
      attempts,
      lastError: message,
    })),
    ...{ joined, left, detached, returned, moved, changed },
    findings: published?.findings ?? 0,
    seconds: rounded(seconds),
    employeesPerSecond: rounded(result.found / seconds),
    searchesPerThousandEmployees: rounded(perThousand(result)),
    peakRssBytes: process.resourceUsage().maxRSS * 1_024,
    load: {
      maxInFlight: load.maxInFlight,
      requestsPerSecond: rounded(load.requestsPerSecond),
      p50Ms: rounded(load.p50Ms),
      p95Ms: rounded(load.p95Ms),
      throttledSeconds: rounded(load.throttledSeconds),
      refused: load.refused,
      slowestRate: load.slowestRate === null ? null : rounded(load.slowestRate),
    },
  };
}

/** The same for a person. */
export function summaryText(result: CrawlResult, db: string): string {
  const { run, published, counts, load } = result;
  const people = employeesOf(result);
  const lines = [
    published === null
      ? `Run ${run.id} stopped: ${result.interrupted?.message}`
      : `Run ${run.id} ${howComplete(result)}`,
    `  ${plural(people, 'employee')}${organisationOf(result)}${pace(result)}`,
    `  ${plural(counts.searches, 'search', 'searches')} on the wire, ${perThousand(result).toFixed(1)} per 1,000 employees; at most ${load.maxInFlight} at once, ${load.requestsPerSecond.toFixed(0)} requests/s, median ${load.p50Ms.toFixed(1)} ms`,
    ...politenessLines(result),
  ];
  if (published !== null && run.expected > 0) lines.push(`  ${changesOf(published)}`);
  lines.push(...findingLines(result), ...unreachedLines(result), ...failureLines(result));
  lines.push(...heldLines(result));
  lines.push(published === null ? continuation(result) : `  in ${db}`);
  return `${lines.join('\n')}\n`;
}

/** What a run that retries has not read itself is as the run before it left it. */
function howComplete({ run, published }: CrawlResult): string {
  if (published?.heldWhy === 'dry') return 'complete: a dry run, held back from readers';
  if (published?.status === 'held') return 'complete, but held back from readers';
  if (published?.status === 'partial') return 'published, but not complete';
  if (run.retries === undefined) return 'complete and published';
  return `published: what had failed was read; the rest is as run ${run.retries.run} found it`;
}

export function exitCodeOf({ published, interrupted }: CrawlResult): ExitCode {
  if (interrupted !== null) return interrupted.exitCode;
  if (published?.status === 'held' && published.heldWhy !== 'dry') return EXIT.held;
  return (published?.failedBranches ?? 0) > 0 ? EXIT.publishedWithFailures : EXIT.ok;
}

function employeesOf({ published, employees }: CrawlResult): number {
  return published?.employees ?? employees;
}

/** The searches are those of the whole run; whom it took over from another one, it did not search for. */
function perThousand({ counts, employees, run }: CrawlResult): number {
  return (counts.searches * 1_000) / Math.max(1, employees - (run.retries?.employees ?? 0));
}

/** Seconds are those of this session, and so is whom it found in them. */
function pace({ run, found, seconds }: CrawlResult): string {
  const inTime = `in ${elapsed(seconds)} (${count(found / seconds)}/s)`;
  return run.resumed || run.retries ? `; ${count(found)} of them now, ${inTime}` : ` ${inTime}`;
}

function organisationOf({ published }: CrawlResult): string {
  if (published === null) return ' so far';
  return `, ${plural(published.managers, 'manager')}, ${plural(published.depth + 1, 'level')}`;
}

function changesOf(changes: NonNullable<CrawlResult['published']>): string {
  const { joined, left, detached, returned, moved, changed } = changes;
  const kinds = { joined, left, detached, returned, moved, changed };
  return Object.entries(kinds)
    .map(([kind, number]) => `${count(number)} ${kind}`)
    .join(', ');
}

/** What the server had to say about being asked so much. */
function politenessLines({ load: { refused, slowestRate } }: CrawlResult): readonly string[] {
  if (refused === 0) return [];
  const slowed =
    slowestRate === null ? '' : `: slowed down to ${slowestRate.toFixed(1)} requests/s`;
  return [`  the server was too busy for ${plural(refused, 'request')}, or silent${slowed}`];
}

function findingLines({ published }: CrawlResult): readonly string[] {
  if (published === null || published.findings === 0) return [];
  const findings = plural(published.findings, 'finding');
  return [`  ${findings} in the directory's own data: orgwalk findings lists them`];
}

/** What a person does about a run that readers do not see. */
function heldLines({ run, published }: CrawlResult): readonly string[] {
  if (published === null || published.heldWhy === null) return [];
  const { heldWhy } = published;
  const diff = run.expected > 0 ? [`  every change: orgwalk diff ${run.base} ${run.id}`] : [];
  return [
    ...(heldWhy === 'dry' ? [] : [`  held because ${HELD_BECAUSE[heldWhy]}`]),
    ...diff,
    `  orgwalk publish shows who would leave, and releases it; until then readers see ${run.base === 0 ? 'nothing' : `run ${run.base}`}`,
  ];
}

function unreachedLines({ unreached }: CrawlResult): readonly string[] {
  if (unreached === null) return [];
  const { withManager, withoutManager } = unreached;
  const all = withManager + withoutManager;
  if (all === 0) return ['  reconciled: everyone whom --filter matches was reached'];
  const people = plural(all, 'person was', 'people were');
  const kinds = `${count(withManager)} with a manager, ${count(withoutManager)} without`;
  return [`  reconciled: ${people} not reached: ${kinds}; they are listed in findings`];
}

const LISTED = 10;

function failureLines({ failures, run, published }: CrawlResult): readonly string[] {
  if (failures.length === 0) return [];
  const listed = failures.slice(0, LISTED).map(({ employeeId, reason, message }) => {
    return `    ${printable(employeeId)}  ${reason}: ${printable(message)}`;
  });
  const more =
    failures.length > LISTED ? [`    … and ${count(failures.length - LISTED)} more`] : [];
  const below = run.expected > 0 ? 'stays as they were' : 'is not known yet';
  return [
    `  ${plural(failures.length, 'branch', 'branches')} could not be read; whoever is below ${below}:`,
    ...listed,
    ...more,
    ...(published === null ? [] : ['  once the cause is mended, read them with --retry-failed']),
  ];
}

function continuation({ waiting }: CrawlResult): string {
  const left = waiting === 0 ? '' : `, ${plural(waiting, 'branch', 'branches')} to go`;
  return `  everything read so far is kept${left}: run the same command again to continue`;
}

function rounded(value: number): number {
  return Number.isFinite(value) ? Math.round(value * 1_000) / 1_000 : 0;
}
