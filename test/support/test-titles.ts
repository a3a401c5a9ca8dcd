// The titles of a file of tests as they stand in its source, those of `it.each` included.
import { parseSync } from 'rolldown/utils';

const NAMES = new Set(['describe', 'it', 'test']);

type Node = { readonly type: string; readonly start: number; readonly end: number };

/** Each title with those of the groups around it, as `group > title`. Throws where the file does not parse. */
export function titlesOf(path: string, text: string): readonly string[] {
  const { program, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path}: ${errors.map((e) => e.message).join('; ')}`);
  const titles: string[] = [];
  collect(program, { text, titles, groups: [] });
  return titles;
}

interface Walk {
  readonly text: string;
  readonly titles: string[];
  /** Titles of the groups around. */
  readonly groups: readonly string[];
}

function collect(node: Node, walk: Walk): void {
  const called = calledOf(node);
  const title = called === undefined ? undefined : titleOf(node, walk.text);
  const titled = title === undefined ? walk.groups : [...walk.groups, title];
  if (title !== undefined && called !== 'describe') walk.titles.push(titled.join(' > '));
  for (const child of childrenOf(node)) collect(child, { ...walk, groups: titled });
}

/** `it` of `it(…)`, `it.each(…)(…)` and their like. */
function calledOf(node: Node): string | undefined {
  if (node.type !== 'CallExpression') return undefined;
  let root = node;
  for (let next: Node | undefined = node; next !== undefined; next = innerOf(next)) root = next;
  const name = 'name' in root ? String(root.name) : '';
  return NAMES.has(name) ? name : undefined;
}

function innerOf(node: Node): Node | undefined {
  if ('callee' in node) return asNode(node.callee);
  return 'object' in node ? asNode(node.object) : undefined;
}

/** Without its quotes. Only what is called with something besides is a test: `it.each('ab')` names none. */
function titleOf(node: Node, text: string): string | undefined {
  const [first, second] = 'arguments' in node ? nodesIn(node.arguments) : [];
  if (first === undefined || second === undefined) return undefined;
  if (first.type !== 'Literal' && first.type !== 'TemplateLiteral') return undefined;
  return text.slice(first.start + 1, first.end - 1);
}

function childrenOf(node: Node): readonly Node[] {
  return Object.values(node).flatMap(nodesIn);
}

function nodesIn(value: unknown): readonly Node[] {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return values.flatMap((each) => asNode(each) ?? []);
}

function asNode(value: unknown): Node | undefined {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value
    ? (value as Node)
    : undefined;
}
