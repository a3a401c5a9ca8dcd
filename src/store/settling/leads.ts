import type { UnknownManager } from '../../domain/ports.ts';

/** A manager value that may lead into the run, and who waits to hear of it. */
interface Lead extends UnknownManager {
  asked: boolean;
  reaches: boolean;
  readonly people: Set<number>;
  /** Keys of those whose owner has this one for a manager. */
  readonly leads: Set<string>;
}

/** Where managers lead who are no part of the run: upwards, value by value, each asked about once. Pure. */
export class Leads {
  readonly #leads = new Map<string, Lead>();
  readonly #isDeadEnd: (key: string) => boolean;

  /** @param isDeadEnd whether a value is known to name nobody */
  constructor(isDeadEnd: (key: string) => boolean = () => false) {
    this.#isDeadEnd = isDeadEnd;
  }

  /** Somebody names this manager value. */
  follow(manager: UnknownManager, person: number): void {
    this.#of(manager).people.add(person);
  }

  /** The owner of `lead` names this manager value. */
  followFrom(lead: string, manager: UnknownManager): void {
    if (manager.key !== lead) this.#of(manager).leads.add(lead);
  }

  reaches(key: string): boolean {
    return this.#leads.get(key)?.reaches === true;
  }

  /** At most `max` that are to be asked about; they count as asked from now on. */
  next(max: number): readonly UnknownManager[] {
    const next: UnknownManager[] = [];
    for (const lead of this.#leads.values()) {
      if (next.length === max) break;
      if (lead.asked || lead.reaches) continue;
      lead.asked = true;
      next.push({ key: lead.key, value: lead.value });
    }
    return next;
  }

  /** It leads into the run. Returns who is to be asked for again; owners of values below are looked at again, too. */
  reached(key: string): readonly number[] {
    const lead = this.#leads.get(key);
    if (lead === undefined || lead.reaches) return [];
    lead.reaches = true;
    for (const below of lead.leads) this.#askAgain(below);
    return [...lead.people];
  }

  /** Nobody can tell. Returns everyone who waits to hear of it, or of what waits for it. */
  lost(key: string): readonly number[] {
    const people = new Set<number>();
    const keys = new Set([key]);
    for (const each of keys) {
      const lead = this.#leads.get(each);
      for (const person of lead?.people ?? []) people.add(person);
      for (const below of lead?.leads ?? []) keys.add(below);
    }
    return [...people];
  }

  #askAgain(key: string): void {
    const lead = this.#leads.get(key);
    if (lead !== undefined) lead.asked = false;
  }

  #of({ key, value }: UnknownManager): Lead {
    const known = this.#leads.get(key);
    if (known !== undefined) return known;
    const lead: Lead = {
      ...{ key, value, asked: this.#isDeadEnd(key), reaches: false },
      ...{ people: new Set<number>(), leads: new Set<string>() },
    };
    this.#leads.set(key, lead);
    return lead;
  }
}
