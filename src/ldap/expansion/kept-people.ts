import type { Employee, Employees } from '../../domain/employee.ts';
import { SeenEmployee } from '../mapping/seen-employee.ts';
import type { Mapper } from '../mapping.ts';
import type { RawEntry } from '../messages/entry.ts';
import { Layout } from '../messages/layout.ts';
import { PackedEntries } from '../messages/packed-entries.ts';

/** Of a larger entry, what is kept of its values may be little: it is decoded at once. */
const MOST_PACKED = 16_384;

/** Where pages are kept: each slot has one place, and puts the next page into it. */
export class Places {
  readonly #layout = new Layout();
  readonly #bySlot = new Map<number, PackedEntries>();

  of(slot: number): PackedEntries {
    const place = this.#bySlot.get(slot) ?? new PackedEntries(this.#layout);
    this.#bySlot.set(slot, place);
    return place;
  }
}

/**
 * The people of a page, kept as they came until they are gone through: decoded, they would take several times the room. Good
 * until the next page is put into the same place.
 */
export class KeptPeople implements Employees {
  readonly #mapper: Mapper;
  readonly #packed: PackedEntries;
  readonly #filling: number;
  /** By their place in the page. */
  readonly #large = new Map<number, Employee>();
  readonly #leaves = new Set<number>();
  #length = 0;

  constructor(mapper: Mapper, packed: PackedEntries) {
    this.#mapper = mapper;
    this.#packed = packed;
    this.#filling = packed.clear();
  }

  get length(): number {
    return this.#length;
  }

  add(entry: RawEntry): void {
    this.#packed.assertKept(this.#filling);
    const at = this.#length;
    if (entry.length > MOST_PACKED) this.#large.set(at, this.#mapper.employee(entry));
    else {
      // Told from what was seen at this server until now.
      if (this.#mapper.isLeaf(entry)) this.#leaves.add(at);
      this.#packed.add(entry);
    }
    this.#length += 1;
  }

  *[Symbol.iterator](): Generator<Employee, void> {
    const packed = this.#packed.read(this.#filling);
    for (let at = 0; at < this.#length; at += 1) {
      yield this.#large.get(at) ?? this.#next(packed, at);
    }
  }

  #next(packed: Iterator<RawEntry, void>, at: number): Employee {
    const { value: entry } = packed.next();
    if (entry === undefined) throw new Error('an entry of the page is missing');
    const outline = this.#mapper.outline(entry, this.#leaves.has(at));
    return new SeenEmployee(outline, () => {
      this.#packed.assertKept(this.#filling);
      return this.#mapper.details(entry, outline);
    });
  }
}
