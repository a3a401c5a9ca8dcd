import type { HeldWhy, Question, RunOptions } from '../../domain/ports.ts';
import type { Sqlite } from '../file/sqlite.ts';
import type { RunNumbers } from '../run-numbers.ts';
import type { Totals } from './publish.ts';

/** So few are never too many to leave. */
const FEW = 10;
/** What of a question decides who is seen. */
const SCOPE = [
  'base',
  'roots',
  'filter',
  'managerAttribute',
  'managerValue',
  'idAttribute',
] as const;

/** Holds a run back from readers where what it would publish is more likely a mistake than the truth. */
export class Valve {
  readonly #database: Sqlite;
  readonly #numbers: RunNumbers;
  readonly #dryRun: boolean;
  /** Whether the question differs from the published run's in what decides who is seen. */
  readonly scopeChanged: boolean;
  /** So many may leave, and no more. */
  readonly #mostDropped: number;

  constructor(database: Sqlite, numbers: RunNumbers, options: RunOptions) {
    const { published } = numbers;
    const before = database
      .prepare<unknown[], { readonly question: string; readonly employees: number }>(
        'SELECT question, employees FROM _run WHERE id = ?',
      )
      .get(published);
    this.#database = database;
    this.#numbers = numbers;
    this.#dryRun = options.dryRun;
    this.scopeChanged = before !== undefined && !sameScope(before.question, options.question);
    // 29 % of 100 people are 29, not 28.999999999999996.
    const share = Math.floor(Number(((before?.employees ?? 0) * options.maxDrop).toFixed(6)));
    this.#mostDropped = this.scopeChanged ? 0 : Math.max(FEW, share);
  }

  /** Why the run that was prepared is held; null: readers may see it. The first published state is never held back. */
  heldWhy({ left, detached }: Pick<Totals, 'left' | 'detached'>): HeldWhy | null {
    if (this.#dryRun) return 'dry';
    if (this.#numbers.published === 0) return null;
    if (this.#rootsWithoutReports > 0) return 'root';
    if (left + detached <= this.#mostDropped) return null;
    return this.scopeChanged ? 'question' : 'drop';
  }

  /** Roots that had reports, and of which nobody has a line any more: an answer that says nothing looks the same. */
  get #rootsWithoutReports(): number {
    const { run, published } = this.#numbers;
    const count = this.#database
      .prepare<unknown[], number>(
        // Roots have no manager, which an index tells.
        `SELECT count(*) FROM _place AS now JOIN _place AS p ON p.pid = now.pid
         WHERE now.manager IS NULL AND now.from_run = @run AND now.depth = 0 AND now.direct_reports = 0
           AND p.from_run <= @published AND p.to_run = @run AND p.direct_reports > 0`,
      )
      .pluck()
      .get({ run, published });
    return count ?? 0;
  }
}

/** Another mapping changes what is told of people, not who they are. */
function sameScope(before: string, now: Question): boolean {
  const was = JSON.parse(before) as Partial<Question>;
  return SCOPE.every((part) => {
    const is = part === 'roots' ? [...now.roots].sort() : now[part];
    return JSON.stringify(was[part]) === JSON.stringify(is);
  });
}
