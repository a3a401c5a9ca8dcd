// What a crawl must find, computed from the LDIF by other means than the crawl's. Imports nothing of src/.
import { dnKey } from './dn-key.ts';
import { type LdifEntry, readLdif, readLdifFile } from './ldif-reader.ts';

export type TrueLine = {
  /** Null where the value names nobody of the crawl. */
  readonly managerId: string | null;
  /** The value, normalised. */
  readonly key: string;
  readonly isPrimary: boolean;
};

export type TrueEmployee = {
  readonly id: string;
  readonly dn: string;
  /** Least number of steps from a root. */
  readonly depth: number;
  readonly managerId: string | null;
  /** People of the crawl with a line to this one, self left out. */
  readonly directReports: number;
  /** Everyone below by primary lines. */
  readonly totalReports: number;
  readonly lines: readonly TrueLine[];
  readonly attributes: ReadonlyMap<string, readonly string[]>;
};

export type Truth = {
  /** By id: everyone whom the roots reach. */
  readonly employees: ReadonlyMap<string, TrueEmployee>;
  /** DNs of the person entries that no root reaches. */
  readonly unreached: readonly string[];
  readonly depth: number;
  /** How link values are compared: as DNs, or as text. */
  readonly managerValue: string;
};

export type TruthOptions = {
  /** DNs, in any spelling. */
  readonly roots: readonly string[];
  /** Default `manager`. */
  readonly managerAttribute?: string;
  /** Default `dn`; else the attribute of the manager that the link holds. */
  readonly managerValue?: string;
};

export function readTruth(ldifPath: string, options: TruthOptions): Truth {
  return truthOf(readLdifFile(ldifPath), options);
}

export function truthOfText(ldif: string, options: TruthOptions): Truth {
  return truthOf(readLdif(ldif.split('\n')), options);
}

/** Normalises what a link holds. */
export function linkKey(managerValue: string, value: string): string {
  return managerValue === 'dn' ? dnKey(value) : value.trim().toLowerCase();
}

type Node = {
  readonly entry: LdifEntry;
  readonly id: string;
  readonly key: string;
  readonly links: readonly string[];
  /** Persons whom the links name, this one left out; each once. */
  readonly managers: Node[];
  readonly reports: Node[];
  depth: number;
  primary: Node | undefined;
  total: number;
};

function truthOf(entries: Iterable<LdifEntry>, options: TruthOptions): Truth {
  const managerValue = options.managerValue ?? 'dn';
  const nodes = nodesOf(entries, options.managerAttribute ?? 'manager', managerValue);
  const byLink = indexByLink(nodes, managerValue);
  for (const node of nodes) connect(node, byLink);
  const rootKeys = new Set(options.roots.map(dnKey));
  const reached = walk(nodes.filter((node) => rootKeys.has(node.key)));
  for (const node of reached) node.primary = primaryOf(node);
  addTotals(reached);
  return {
    employees: new Map(reached.map((node) => [node.id, employeeOf(node, byLink)])),
    unreached: nodes.filter((node) => node.depth < 0).map((node) => node.entry.dn),
    depth: reached.at(-1)?.depth ?? 0,
    managerValue,
  };
}

function nodesOf(
  entries: Iterable<LdifEntry>,
  managerAttribute: string,
  managerValue: string,
): readonly Node[] {
  const nodes: Node[] = [];
  for (const entry of entries) {
    const classes = entry.attributes.get('objectclass') ?? [];
    if (!classes.some((name) => name.toLowerCase() === 'person')) continue;
    const links = entry.attributes.get(managerAttribute.toLowerCase()) ?? [];
    const key = dnKey(entry.dn);
    nodes.push({
      entry,
      key,
      id: entry.attributes.get('entryuuid')?.[0] ?? key,
      links: links.map((value) => linkKey(managerValue, value)),
      managers: [],
      reports: [],
      depth: -1,
      primary: undefined,
      total: 0,
    });
  }
  return nodes;
}

function indexByLink(nodes: readonly Node[], managerValue: string): ReadonlyMap<string, Node> {
  if (managerValue === 'dn') return uniqueMap(nodes);
  const name = managerValue.toLowerCase();
  const values = nodes.flatMap((node) =>
    (node.entry.attributes.get(name) ?? []).map((value) => [linkKey(name, value), node] as const),
  );
  return new Map(values);
}

/** A normalisation too coarse for its LDIF must fail here, not make a wrong truth. */
function uniqueMap(nodes: readonly Node[]): ReadonlyMap<string, Node> {
  const byKey = new Map(nodes.map((node) => [node.key, node]));
  if (byKey.size < nodes.length) throw new Error('two entries of the LDIF have equal DNs');
  return byKey;
}

function connect(node: Node, byLink: ReadonlyMap<string, Node>): void {
  for (const link of node.links) {
    const manager = byLink.get(link);
    if (manager === undefined || manager === node || node.managers.includes(manager)) continue;
    node.managers.push(manager);
    manager.reports.push(node);
  }
}

/** Breadth first, so that the first visit is by the shortest way. */
function walk(roots: readonly Node[]): readonly Node[] {
  const reached = [...roots];
  for (const root of roots) root.depth = 0;
  for (const node of reached) {
    for (const report of node.reports) {
      if (report.depth >= 0) continue;
      report.depth = node.depth + 1;
      reached.push(report);
    }
  }
  return reached;
}

/** Least depth, ties by the DN's key in the order of its octets. A root has none. */
function primaryOf(node: Node): Node | undefined {
  if (node.depth === 0) return undefined;
  const candidates = node.managers.filter((manager) => manager.depth === node.depth - 1);
  return candidates.toSorted((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)))[0];
}

function addTotals(reached: readonly Node[]): void {
  for (const node of reached.toReversed()) {
    if (node.primary !== undefined) node.primary.total += node.total + 1;
  }
}

function employeeOf(node: Node, byLink: ReadonlyMap<string, Node>): TrueEmployee {
  const lines = node.links.map((key): TrueLine => {
    const manager = byLink.get(key);
    const managerId = manager !== undefined && manager.depth >= 0 ? manager.id : null;
    const isPrimary = manager !== undefined && manager === node.primary;
    return { managerId, key, isPrimary };
  });
  return {
    id: node.id,
    dn: node.entry.dn,
    depth: node.depth,
    managerId: node.primary?.id ?? null,
    directReports: node.reports.filter((report) => report.depth >= 0).length,
    totalReports: node.total,
    lines,
    attributes: node.entry.attributes,
  };
}
