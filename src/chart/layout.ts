import { type HierarchyRectangularNode, hierarchy, partition } from 'd3-hierarchy';
import { type Organisation, type Side, TOP } from './organisation.ts';
import type { Key, Person } from './source.ts';

export const CARD = { width: 272, height: 74 } as const;
export const ROW = CARD.height + 12;
export const COLUMN = CARD.width + 72;

interface InTeam {
  /** Unlike all others that are drawn. */
  readonly key: string;
  readonly manager: Key;
  /** From 0, among `teamSize`. */
  readonly position: number;
  readonly teamSize: number;
}

export interface PersonItem extends InTeam {
  readonly kind: 'person';
  readonly person: Person;
  readonly open: boolean;
}

/** Stands for those of a wide team who are not shown. */
export interface RestItem extends InTeam {
  readonly kind: 'rest';
  readonly side: Side;
  readonly hidden: number;
}

export type Item = PersonItem | RestItem;

/** Where an item is drawn: the upper left corner, and how far down its reports reach. */
export interface Placed {
  readonly item: Item;
  /** 1 at the top, as aria-level counts. */
  readonly level: number;
  readonly x: number;
  readonly y: number;
  readonly above: Placed | undefined;
  /** Of the first and the last below; its own where there is nobody. */
  readonly firstY: number;
  readonly lastY: number;
}

interface Node {
  readonly item: Item | undefined;
  readonly below: readonly Node[];
}

/**
 * Everything that is open, in the order in which it is read. Levels go to the right, a team goes down from the height of its
 * manager: what is opened pushes down only what is below, and nothing above moves.
 */
export function layOut(organisation: Organisation): readonly Placed[] {
  const root: Node = { item: undefined, below: nodesOf(organisation, TOP) };
  const tree = hierarchy<Node>(root, ({ below }) => below).count();
  const rows = tree.value ?? 0;
  const size: [number, number] = [rows * ROW, (tree.height + 1) * COLUMN];
  const placed = new Map<HierarchyRectangularNode<Node>, Placed>();
  partition<Node>()
    .size(size)(tree)
    .eachBefore((node) => {
      const one = place(node, node.parent === null ? undefined : placed.get(node.parent));
      if (one !== undefined) placed.set(node, one);
    });
  return [...placed.values()];
}

function place(
  node: HierarchyRectangularNode<Node>,
  above: Placed | undefined,
): Placed | undefined {
  const { item } = node.data;
  if (item === undefined) return undefined;
  // The partition divides: what it gives is whole but for the error of fractions.
  const rowOf = (one: HierarchyRectangularNode<Node> | undefined) => Math.round(one?.x0 ?? node.x0);
  return {
    item,
    level: node.depth,
    x: (node.depth - 1) * COLUMN,
    y: rowOf(node),
    above,
    firstY: rowOf(node.children?.[0]),
    lastY: rowOf(node.children?.at(-1)),
  };
}

function nodesOf(organisation: Organisation, manager: Key): readonly Node[] {
  const team = organisation.team(manager);
  if (team === undefined) return [];
  const { from, items, total } = team;
  const end = from + items.length;
  const people = items.map((person, i): Node => {
    const { key } = person;
    const open = organisation.isOpen(key);
    const at = { key, manager, position: from + i, teamSize: total };
    return { item: { kind: 'person', ...at, person, open }, below: nodesOf(organisation, key) };
  });
  const rest = (side: Side, hidden: number, position: number): readonly Node[] => {
    if (hidden === 0) return [];
    const at = { key: `${manager} ${side}`, manager, position, teamSize: total };
    return [{ item: { kind: 'rest', ...at, side, hidden }, below: [] }];
  };
  return [...rest('earlier', from, from - 1), ...people, ...rest('later', total - end, end)];
}
