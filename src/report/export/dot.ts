import type { Person } from '../../store/reader.ts';

const HEAD = `digraph organisation {
  graph [rankdir=LR, nodesep=0.1, ranksep=0.6];
  node [shape=box, style=rounded, fontname="Helvetica", fontsize=10, height=0.3, margin="0.12,0.06"];
  edge [arrowhead=none];
`;

/**
 * Graphviz. Nodes are named by their order, n1, n2 …: no name of the directory's can mean anything to the language. The
 * employee's id is the attribute `id`, which drawings in SVG carry on.
 */
export function* dot(people: Iterable<Person>): Generator<string> {
  yield HEAD;
  const nodes = new Map<number, number>();
  let n = 0;
  for (const person of people) {
    n += 1;
    if (person.total_reports > 0) nodes.set(person.pid, n);
    yield `  n${n} [label="${labelOf(person)}", id="${escaped(person.id)}"${look(person)}];\n`;
    const manager = person.manager === null ? undefined : nodes.get(person.manager);
    if (manager !== undefined) yield `  n${manager} -> n${n};\n`;
  }
  yield '}\n';
}

function labelOf({ id, name, username, title }: Person): string {
  const lines = [name ?? username ?? id, ...(title === null ? [] : [title])];
  return lines.map(escaped).join('\\n');
}

/** A disabled account is pale. */
function look({ active }: Person): string {
  return active === 0 ? ', color=gray, fontcolor=gray' : '';
}

const WRITTEN: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '"': '\\"',
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
};

/**
 * Within a label in quotes: a backslash begins an escape, `&` an entity (graphviz.org/doc/info/attrs.html, escString). What
 * moves, ends or turns a line is shown as a blank.
 */
function escaped(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, ' ')
    .replace(/[\\"&<>]/g, (character) => WRITTEN[character] ?? '');
}
