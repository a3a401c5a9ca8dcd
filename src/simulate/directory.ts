export type AttributeValue = string | Buffer;

/** One entry, computed when asked. */
export interface SimulatedEntry {
  /** Unique in its directory for as long as the entry lives. */
  readonly id: number;
  readonly dn: string;
  /** `dnKey(dn)`. */
  readonly key: string;
  /** Names in the schema's spelling. The same array for like entries: what is selected is worked out once for each array. */
  readonly userAttributes: readonly string[];
  /** Sent only when asked for by name or by `+` (RFC 3673). */
  readonly operationalAttributes: readonly string[];
  /** Values of an attribute by its canonical name (lower case); empty when it has none. */
  values(attribute: string): readonly AttributeValue[];
}

/**
 * Where a simulated server gets its entries. Iterables are lazy and in an order that does not change, so a paged
 * search holds its place and no more; nothing may be held in memory that grows with the directory.
 */
export interface SimulatedDirectory {
  /** DN of the topmost entry. */
  readonly suffix: string;
  /** Number of entries. */
  readonly size: number;
  /** Whether the schema has the attribute type (canonical name). */
  knows(attribute: string): boolean;
  find(key: string): SimulatedEntry | undefined;
  children(key: string): Iterable<SimulatedEntry>;
  /** The entry itself and all below. */
  subtree(key: string): Iterable<SimulatedEntry>;
  /** Exactly the entries one of whose values has this key (`valueKey`); undefined where there is no index. */
  lookup(attribute: string, key: string): Iterable<SimulatedEntry> | undefined;
}
