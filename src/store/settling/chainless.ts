import type { Statement } from 'better-sqlite3';
import type { Employee } from '../../domain/employee.ts';
import { employeeOf, NONE } from '../../domain/lines.ts';
import type { BranchFailure, KnownPerson } from '../../domain/ports.ts';
import { INTEGER, type Sqlite } from '../file/sqlite.ts';
import type { Organisation } from '../publishing/organisation.ts';
import type { SqliteFrontier } from '../recording/frontier.ts';
import { Staged } from '../recording/staged.ts';
import type { RunNumbers } from '../run-numbers.ts';
import { Links } from './links.ts';

export interface ChainlessOptions {
  readonly keyOf: (value: string) => string;
  readonly frontier: SqliteFrontier;
  /** Asks for managers of theirs whom nobody has seen. */
  readonly follow: (employee: Employee, person: number) => void;
}

/**
 * People of a run whose managers lead to no root. Where somebody changed managers while the crawl ran, what it saw of one
 * is older than what it saw of another: each is looked up once more, and so is a manager whom it did not see. Who has no
 * chain then is linked to nobody.
 */
export class Chainless {
  readonly #options: ChainlessOptions;
  /** Made when it is needed: its index would slow down those who are still read. */
  readonly #links: () => Links;
  readonly #person: Statement<unknown[], KnownPerson>;
  readonly #openValues: Statement<unknown[], string>;
  readonly #failed: Statement<unknown[]>;
  readonly #known: Statement<unknown[]>;
  readonly #publishedAs: Statement<unknown[], number>;
  readonly #staged: Staged;
  /** Whether they were still there. */
  readonly #asked = new Map<number, boolean>();

  constructor(database: Sqlite, numbers: RunNumbers, options: ChainlessOptions) {
    const { run, published } = numbers;
    this.#options = options;
    let links: Links | undefined;
    this.#links = () => {
      links ??= new Links(database, numbers, options.keyOf);
      return links;
    };
    this.#person = database.prepare(
      `SELECT f.pid AS person, v.id, v.dn FROM _frontier AS f JOIN _version AS v ON v.vid = f.vid
       WHERE f.run = ${run} AND f.pid = ${INTEGER}`,
    );
    this.#openValues = database
      .prepare<unknown[], string>(
        `SELECT l.value FROM _frontier AS f JOIN _line AS l ON l.vid = f.vid
         WHERE f.run = ${run} AND f.pid = ${INTEGER} AND l.manager IS NULL`,
      )
      .pluck();
    this.#failed = database.prepare(
      `SELECT 1 FROM _failure WHERE run = ${run} AND pid = ${INTEGER}`,
    );
    this.#staged = new Staged(database, numbers);
    this.#publishedAs = database
      .prepare<unknown[], number>(
        `SELECT vid FROM _place WHERE pid = ${INTEGER} AND from_run <= ${published} AND (to_run IS NULL OR to_run > ${published})`,
      )
      .pluck();
    this.#known = database.prepare(
      `SELECT 1 FROM _place WHERE pid = ${INTEGER} AND from_run <= ${published} LIMIT 1`,
    );
  }

  /** At most `max` of those who were seen, each once. */
  next(organisation: Organisation, max: number): readonly KnownPerson[] {
    const next: KnownPerson[] = [];
    for (const pid of chainless(organisation)) {
      if (next.length === max) break;
      const person = this.#asked.has(pid) ? undefined : this.#person.get(pid);
      if (person !== undefined) next.push(person);
    }
    return next;
  }

  settle({ person }: KnownPerson, found: Employee | null): void {
    this.#asked.set(person, found !== null);
    if (found === null) return;
    this.#options.frontier.relocate(found);
    this.#options.follow(found, person);
  }

  /** It could not be told: they stay. */
  fail({ person }: KnownPerson, failure: BranchFailure): void {
    this.#asked.set(person, true);
    this.#options.frontier.failUntaken(person, failure);
  }

  /**
   * Those who will not be published. Not those whose value names two people, or nobody can tell whom: the server found them
   * below somebody.
   * @param isUnlinked of somebody who was not seen
   */
  dropped(organisation: Organisation, isUnlinked: (pid: number) => boolean): ReadonlySet<number> {
    const { pids } = organisation;
    const goes = (pid: number) => (this.#asked.has(pid) ? !this.#isDoubtful(pid) : isUnlinked(pid));
    const stays = withThoseBelow(organisation, (at) => !goes(pids[at] as number));
    return new Set([...chainless(organisation)].filter((pid) => !stays.has(pid)));
  }

  /**
   * While a branch failed, what was seen of somebody may be newer than what is kept of others: whoever was published stays as
   * they were. Returns whether anybody does.
   */
  revert(organisation: Organisation): boolean {
    let reverted = false;
    for (const pid of chainless(organisation)) {
      const vid = this.#asked.has(pid) && !this.#isDoubtful(pid) && this.#publishedAs.get(pid);
      if (typeof vid !== 'number') continue;
      this.#staged.revert(pid, vid);
      reverted = true;
    }
    return reverted;
  }

  /** Whether somebody who is dropped was in the directory, and had been published before. */
  isThere(pid: number): boolean {
    return this.#asked.get(pid) === true && this.#known.get(pid) !== undefined;
  }

  #isDoubtful(pid: number): boolean {
    if (this.#failed.get(pid) !== undefined) return true;
    const { keyOf } = this.#options;
    return this.#openValues.all(pid).some((value) => this.#links().named(keyOf(value)).length > 1);
  }
}

function* chainless({ pids, forest }: Organisation): Generator<number, void> {
  for (let i = 0; i < pids.length; i += 1) {
    if (forest.depth[i] === NONE) yield pids[i] as number;
  }
}

/** Of those without a chain, whoever stays, and whoever has a line to one of them: by number of the person. */
function withThoseBelow(
  { pids, forest, lines }: Organisation,
  stays: (at: number) => boolean,
): ReadonlySet<number> {
  const kept = new Set<number>();
  for (let at = 0; at < pids.length; at += 1) {
    if (forest.depth[at] === NONE && stays(at)) kept.add(pids[at] as number);
  }
  if (kept.size === 0) return kept;
  const open: [employee: number, manager: number][] = [];
  for (let line = 0; line < lines.managers.length; line += 1) {
    const employee = employeeOf(lines, line);
    const manager = lines.managers[line] as number;
    if (forest.depth[employee] !== NONE || manager === NONE) continue;
    open.push([pids[employee] as number, pids[manager] as number]);
  }
  for (let before = -1; before !== kept.size; ) {
    before = kept.size;
    for (const [employee, manager] of open) if (kept.has(manager)) kept.add(employee);
  }
  return kept;
}
