import type { RawEntry } from '../messages/entry.ts';

/** Containers that are remembered: bounds the memory. Beyond, people are asked about as elsewhere. */
const MOST_CONTAINERS = 10_000;

/**
 * Who is known to have no reports, because the server lists them at the manager's own entry (`directReports` of Active
 * Directory) and this entry came without. An account that may not read that attribute would make everybody a leaf. So an
 * entry without it says something only where it shows its own manager, since both belong to one property set and are granted
 * together ([MS-ADTS] §3.1.1.2.3.3, Public-Information), and where another entry of the same container came with it, since
 * permissions are inherited from there ([MS-ADTS] §5.1.3).
 */
export class Leaves {
  readonly reportsAttribute: string;
  /** What a search must ask for. */
  readonly attribute: string;
  readonly #name: string;
  readonly #managerAttribute: string;
  readonly #proven = new Set<string>();
  readonly #refuted = new Set<string>();
  #trusted = true;

  /** @param reportsAttribute of a manager, lists who reports to them */
  constructor(reportsAttribute: string, managerAttribute: string) {
    this.reportsAttribute = reportsAttribute;
    // One value is enough to tell, where there may be thousands ([MS-ADTS] §3.1.1.3.1.3.3).
    this.attribute = `${reportsAttribute};range=0-0`;
    this.#name = reportsAttribute.toLowerCase();
    this.#managerAttribute = managerAttribute.toLowerCase();
  }

  /** From now on nobody is taken for a leaf. */
  withdraw(): void {
    this.#trusted = false;
  }

  /** What was seen at one server proves nothing of another. */
  forget(): void {
    this.#proven.clear();
  }

  /**
   * Somebody reports to them, whose entries came without: what others of their containers lack says nothing from now on.
   * Whether some of those may have been taken for leaves.
   */
  distrust(managers: readonly { readonly dn: string }[]): boolean {
    const containers = managers.map(({ dn }) => containerOf(dn));
    const believed = containers.filter(
      (each) => this.#proven.has(each) && !this.#refuted.has(each),
    );
    for (const container of containers) this.#refuted.add(container);
    return believed.length > 0;
  }

  /** Whether anybody may be taken for a leaf at all. */
  get trusted(): boolean {
    return this.#trusted;
  }

  /** Whether the entry itself lists reports, or a part of them. */
  listsReports({ attributes }: Pick<RawEntry, 'attributes'>): boolean {
    for (const [name, values] of attributes) {
      const isIt = name === this.#name || name.startsWith(`${this.#name};`);
      if (isIt && values.length > 0) return true;
    }
    return false;
  }

  /** Of each entry as it comes: those with reports prove what may be read. */
  isLeaf(entry: Pick<RawEntry, 'dn' | 'attributes'>): boolean {
    if (!this.#trusted) return false;
    const container = containerOf(entry.dn);
    if (!this.listsReports(entry)) {
      const showsManager = entry.attributes.has(this.#managerAttribute);
      return showsManager && this.#proven.has(container) && !this.#refuted.has(container);
    }
    if (this.#proven.size < MOST_CONTAINERS) this.#proven.add(container);
    return false;
  }
}

/** The first part of a DN, with the comma that ends it: one that is escaped does not (RFC 4514 §2.4). */
const RDN = /^(?:[^\\,]|\\.)*,?/su;

/** As it is spelled: another spelling is a container of its own, which costs a search and no people. */
function containerOf(dn: string): string {
  return dn.replace(RDN, '');
}
