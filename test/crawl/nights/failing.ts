// Searches that go wrong in a directory that changes.
import { type Remedy, SearchFailure } from '../../../src/domain/errors.ts';
import { type Entries, keyOf } from './world.ts';

export const MANNERS = ['denied', 'poison', 'timeout', 'late'] as const;

/** Numbers are counted among those who are there when a session begins, beginning again behind the last. */
export interface Failing {
  /** Whose reports cannot be listed. */
  readonly branches: readonly number[];
  /** Who cannot be looked up by id. */
  readonly people: readonly number[];
  /** Whom nobody can be asked about by what manager values hold. */
  readonly names: readonly number[];
  readonly manner: (typeof MANNERS)[number];
}

export const FLAWLESS: Failing = { branches: [], people: [], names: [], manner: 'denied' };

/** What fails in one session, each time. */
export class Faults {
  readonly #branches: ReadonlySet<string>;
  readonly #people: ReadonlySet<string>;
  readonly #names: ReadonlySet<string>;
  readonly #manner: Failing['manner'];

  constructor({ branches, people, names, manner }: Failing, now: Entries) {
    const all = [...now.values()];
    const nth = (n: number) => all[n % all.length];
    this.#branches = new Set(branches.map((n) => nth(n)?.id ?? ''));
    this.#people = new Set(people.map((n) => nth(n)?.id ?? ''));
    this.#names = new Set(names.map((n) => keyOf(nth(n)?.dn ?? '')));
    this.#manner = manner;
  }

  /** What befalls a search for the reports of these, and whether some of them arrive before. */
  ofBranches(ids: readonly string[]): { readonly failure: SearchFailure; late: boolean } | null {
    if (!ids.some((id) => this.#branches.has(id))) return null;
    return { failure: failureOf(this.#manner), late: this.#manner === 'late' };
  }

  ofPerson(id: string): void {
    if (this.#people.has(id)) throw failureOf(this.#manner);
  }

  ofName(value: string): void {
    if (this.#names.has(keyOf(value))) throw failureOf(this.#manner);
  }
}

function failureOf(manner: Failing['manner']): SearchFailure {
  switch (manner) {
    case 'denied':
      return new SearchFailure('fail', 'denied', 'access denied', { resultCode: 50 });
    case 'poison':
      return new SearchFailure('fail', 'poison', 'no such filter', { resultCode: 87 });
    case 'timeout':
    case 'late':
      return new SearchFailure('split', 'timeout', 'no answer in time');
    default:
      return manner satisfies never;
  }
}

/** What passes: asked again, the server answers. */
export function passing(remedy: Exclude<Remedy, 'fail'>): SearchFailure {
  const code = remedy === 'retry' ? { resultCode: 51 } : {};
  return new SearchFailure(remedy, 'timeout', `passing: ${remedy}`, code);
}
