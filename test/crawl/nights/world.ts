// A directory that changes: entries, what happens to them, and every state that it was ever in.
import { dnKey } from '../../../src/domain/dn.ts';
import { dnOf, SUFFIX } from '../company.ts';

export interface Entry {
  readonly id: string;
  readonly dn: string;
  /** Manager values. */
  readonly managers: readonly string[];
  readonly title: string | null;
  /** In which order a search finds entries. */
  readonly ordinal: number;
}

/** The directory at one instant, by id. Never changed: what happens makes another one. */
export type Entries = ReadonlyMap<string, Entry>;

export const HAPPENINGS = [
  'move',
  'add a manager',
  'swap with the manager',
  'name nobody',
  'name a group',
  'name no manager',
  'rename',
  'rename, values stale',
  'delete',
  'delete, reports re-assigned',
  'delete the branch',
  'replace at the same DN',
  'return',
  'join',
  'retitle',
] as const;

/** `who` and `whom` are counted among those who are there then, beginning again behind the last. */
export interface Happening {
  readonly kind: (typeof HAPPENINGS)[number];
  readonly who: number;
  readonly whom: number;
}

type People = Map<string, Entry>;
type Effect = (people: People, one: Entry, other: Entry) => void;

export const GROUP = `cn=group,${SUFFIX}`;
const NOBODY = dnOf('nobody');

const keys = new Map<string, string>();

/** As `dnKey`, which takes its time. */
export function keyOf(dn: string): string {
  const key = keys.get(dn) ?? dnKey(dn);
  keys.set(dn, key);
  return key;
}

export class World {
  readonly roots: readonly string[];
  /** All states so far, the last one being that of now. */
  readonly past: Entries[] = [];
  readonly #gone: Entry[] = [];
  #made = 0;
  readonly #effects: Readonly<Record<Happening['kind'], Effect>> = {
    move: set((_, other) => ({ managers: [other.dn] })),
    'add a manager': set((one, other) => ({ managers: [...new Set([...one.managers, other.dn])] })),
    'swap with the manager': swap,
    'name nobody': set(() => ({ managers: [NOBODY] })),
    'name a group': set(() => ({ managers: [GROUP] })),
    'name no manager': set(() => ({ managers: [] })),
    rename: (people, one) => revalue(people, one.dn, this.#rename(people, one)),
    'rename, values stale': (people, one) => void this.#rename(people, one),
    delete: (people, one) => void this.#delete(people, one),
    'delete, reports re-assigned': (people, one, other) => {
      if (this.#delete(people, one)) revalue(people, one.dn, one.managers[0] ?? other.dn);
    },
    'delete the branch': (people, one) => this.#deleteBranch(people, one),
    'replace at the same DN': (people, one) => {
      if (this.#delete(people, one)) this.#put(people, `n${this.#made}`, one);
    },
    return: (people, _, other) => this.#return(people, other),
    join: (people, _, other) => this.#put(people, `n${this.#made}`, { managers: [other.dn] }),
    retitle: set(() => ({ title: `title ${this.#made++}` })),
  };

  /** @param managers of each but the first, who is a root: the number of somebody before, beginning again behind the last */
  constructor(managers: readonly number[], roots: 1 | 2) {
    this.roots = ['p0', 'p1'].slice(0, Math.min(roots, managers.length + 1));
    const people = new Map<string, Entry>();
    for (const manager of [Number.NaN, ...managers]) {
      const values = people.size === 0 ? [] : [dnOf(`p${manager % people.size}`)];
      this.#put(people, `p${people.size}`, { managers: values });
    }
    this.past.push(people);
  }

  get now(): Entries {
    return this.past.at(-1) as Entries;
  }

  happen({ kind, who, whom }: Happening): void {
    const people = new Map(this.now);
    this.#effects[kind](people, this.#nth(who), this.#nth(whom));
    this.past.push(people);
  }

  #nth(n: number): Entry {
    const all = [...this.now.values()];
    return all[n % all.length] as Entry;
  }

  #put(people: People, id: string, more: Partial<Entry>): void {
    const ordinal = this.#made++;
    people.set(id, { dn: dnOf(id), managers: [], title: null, ...more, id, ordinal });
  }

  #rename(people: People, one: Entry): string {
    const dn = `cn=r${this.#made++},${SUFFIX}`;
    people.set(one.id, { ...one, dn });
    return dn;
  }

  /** False: of a root, which stays. */
  #delete(people: People, one: Entry): boolean {
    if (this.roots.includes(one.id)) return false;
    people.delete(one.id);
    this.#gone.push(one);
    return true;
  }

  #deleteBranch(people: People, one: Entry): void {
    const below = [...this.now.values()].filter(({ managers }) => managers.includes(one.dn));
    for (const each of [one, ...below]) this.#delete(people, each);
  }

  #return(people: People, manager: Entry): void {
    const one = this.#gone.findLast(({ id, dn }) => {
      return !people.has(id) && [...people.values()].every((each) => each.dn !== dn);
    });
    if (one !== undefined) this.#put(people, one.id, { ...one, managers: [manager.dn] });
  }
}

function set(change: (one: Entry, other: Entry) => Partial<Entry>): Effect {
  return (people, one, other) => void people.set(one.id, { ...one, ...change(one, other) });
}

/** The person and their manager change places; who reports to them stays with them. */
function swap(people: People, one: Entry): void {
  const manager = [...people.values()].find(({ dn }) => dn === one.managers[0]);
  if (manager === undefined || manager.id === one.id) return;
  people.set(one.id, { ...one, managers: manager.managers });
  people.set(manager.id, { ...manager, managers: [one.dn] });
}

/** What names somebody names somebody else. */
function revalue(people: People, from: string, to: string): void {
  for (const each of people.values()) {
    if (!each.managers.includes(from)) continue;
    const managers = each.managers.map((value) => (value === from ? to : value));
    people.set(each.id, { ...each, managers: [...new Set(managers)] });
  }
}
