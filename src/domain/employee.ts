/** What the directory says about one person, in the words of the database. Pure data. */

/** Text columns of the views, each fed by one attribute of the mapping. */
export const PROFILE_COLUMNS = [
  'username',
  'name',
  'given_name',
  'surname',
  'email',
  'title',
  'department',
  'employee_number',
  'phone',
  'location',
] as const;

export type ProfileColumn = (typeof PROFILE_COLUMNS)[number];

/**
 * A manager value as the directory stores it, and its key. Two values with one key name the same manager;
 * two keys may still name the same one: only the server knows all its aliases and matching rules.
 */
export interface ManagerValue {
  readonly value: string;
  readonly key: string;
}

export interface Employee {
  /** Stable identity: the source's id attribute, or the normalised DN where the entry has none. */
  readonly id: string;
  /** False where the entry lacks the id attribute. */
  readonly hasId: boolean;
  readonly dn: string;
  /** What a manager value must hold to name this person: the DN, or the value of the manager-value attribute. Null: has none, so nobody can report to them. */
  readonly link: string | null;
  /** `link`, normalised. */
  readonly linkKey: string | null;
  readonly profile: Readonly<Record<ProfileColumn, string | null>>;
  readonly active: boolean;
  /** Further attributes as canonical JSON: keys and values sorted, so that equal content is equal text. */
  readonly attributes: string;
  readonly managers: readonly ManagerValue[];
  /** True where the server told that nobody reports to this person: no search is needed. */
  readonly leaf: boolean;
  /** Columns, or the manager attribute, of which a value was too long and was cut. */
  readonly capped: readonly string[];
  /**
   * 53 bits of all that the directory sent about the person, and of how it is read: whoever has the same one says the same.
   * Null: not known.
   */
  readonly fingerprint: number | null;
}

/** Employees that may be decoded anew each time they are gone through. */
export interface Employees extends Iterable<Employee> {
  readonly length: number;
}

/** Of nearly everyone: shared, so that it costs nothing. */
export const NOT_CAPPED: readonly string[] = Object.freeze([]);

/** One manager whose direct reports are to be listed: the unit of work. */
export interface Branch {
  /** The store's number of the person. */
  readonly person: number;
  readonly id: string;
  readonly dn: string;
  readonly link: string;
  readonly linkKey: string;
  /** How often this branch has been tried in vain. */
  readonly attempts: number;
  /** How often a busy server refused it while it served others. Forgotten at a restart. */
  readonly refusals: number;
  /** How many outages began while it was asked about. */
  readonly outages: number;
}

/** Work done on the wire, as the views count it. */
export interface Work {
  /** Search requests sent: pages and probes included. */
  readonly searches: number;
  readonly pages: number;
  readonly entries: number;
  readonly reconnects: number;
}

export const NO_WORK: Work = {
  searches: 0,
  pages: 0,
  entries: 0,
  reconnects: 0,
};

/** One answer of the server within an expansion, mapped. */
export interface Page {
  readonly employees: Employees;
  /** URIs of search references and referrals that came with it (RFC 4511 §4.5.3): recorded, never followed. */
  readonly references: readonly string[];
  /** Done on the wire since the page before, to be counted with it. */
  readonly work: Work;
}
