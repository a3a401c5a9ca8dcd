import type { Key, Part, Person, Source } from './source.ts';

/** A team up to this size is shown whole; of a wider one as many at a time. */
export const NEAR = 60;
/** Of a wide team in which somebody was looked up: how many stand before them. */
const BEFORE = 20;
/** The team of those to whom nobody is above. No key of a person is empty. */
export const TOP: Key = '';

/** Those of a team who are shown: a stretch of all. */
export type Team = Part<Person>;
export type Side = 'earlier' | 'later';

/** Which teams are open, and who of them is shown. Keeps the people it was told of, and asks for no others. */
export class Organisation {
  readonly #source: Source;
  readonly #teams = new Map<Key, Team>();
  readonly #people = new Map<Key, Person>();
  readonly #open = new Set<Key>();

  constructor(source: Source) {
    this.#source = source;
  }

  /** The roots, and where there is one alone its reports. */
  async begin(): Promise<void> {
    const { items } = await this.#ask(TOP, 0, NEAR);
    const [only] = items;
    if (items.length === 1 && only !== undefined) await this.open(only.key);
  }

  person(key: Key): Person | undefined {
    return this.#people.get(key);
  }

  isOpen(key: Key): boolean {
    return this.#open.has(key);
  }

  /** Undefined where it is not open. */
  team(manager: Key): Team | undefined {
    return manager === TOP || this.#open.has(manager) ? this.#teams.get(manager) : undefined;
  }

  async open(key: Key): Promise<void> {
    if (this.#people.get(key)?.total === 0) return;
    if (!this.#teams.has(key)) await this.#ask(key, 0, NEAR);
    this.#open.add(key);
  }

  close(key: Key): void {
    this.#open.delete(key);
  }

  /** Everything but the roots, and the reports of one alone. */
  closeAll(): void {
    this.#open.clear();
    const roots = this.#teams.get(TOP)?.items ?? [];
    if (roots.length === 1 && roots[0] !== undefined) this.#open.add(roots[0].key);
  }

  /** Shows the next stretch of a wide team besides. */
  async more(manager: Key, side: Side): Promise<void> {
    const team = this.#teams.get(manager);
    if (team === undefined) return;
    const end = team.from + team.items.length;
    const from = side === 'later' ? end : Math.max(0, team.from - NEAR);
    const { items, total } = await this.#ask(
      manager,
      from,
      side === 'later' ? NEAR : team.from - from,
    );
    const joined = side === 'later' ? [...team.items, ...items] : [...items, ...team.items];
    this.#teams.set(manager, { from: Math.min(from, team.from), items: joined, total });
  }

  /** Opens everything above a person; resolves with the keys from the root down to them. */
  async reveal(key: Key): Promise<readonly Key[]> {
    const steps = await this.#source.chain(key);
    for (const [i, { person, position }] of steps.entries()) {
      const manager = steps[i - 1]?.person.key ?? TOP;
      if (!this.#shows(manager, person.key)) {
        await this.#ask(manager, Math.max(0, position - BEFORE), NEAR);
      }
      if (manager !== TOP) this.#open.add(manager);
    }
    return steps.map(({ person }) => person.key);
  }

  #shows(manager: Key, key: Key): boolean {
    return this.#teams.get(manager)?.items.some((person) => person.key === key) === true;
  }

  /** What is answered takes the place of what was shown of the team. A team that is not wide comes whole. */
  async #ask(manager: Key, from: number, count: number): Promise<Team> {
    const ask = (start: number) =>
      manager === TOP
        ? this.#source.roots(start, count)
        : this.#source.reports(manager, start, count);
    let team = await ask(from);
    if (from > 0 && count === NEAR && team.total <= NEAR) team = await ask(0);
    for (const person of team.items) this.#people.set(person.key, person);
    this.#teams.set(manager, team);
    return team;
  }
}
