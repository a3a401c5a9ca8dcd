// A reader of Graphviz's language, as far as orgwalk writes it: it throws at anything else.

const ATTRIBUTE = /\s*(\w+)=("(?:[^"\\]|\\.)*"|[\w.]+)(,|(?=\]))/gsy;
const STATEMENT =
  /\s*(?:(graph|node|edge|n\d+)\s*\[((?:[^"\]]|"(?:[^"\\]|\\.)*")*)\];|(n\d+) -> (n\d+);)/gsy;

interface Graph {
  readonly nodes: ReadonlyMap<string, Readonly<Record<string, string>>>;
  readonly edges: readonly (readonly [from: string, to: string])[];
}

export function parseDot(text: string): Graph {
  const body = /^digraph \w+ \{(.*)\}\n$/s.exec(text)?.[1];
  if (body === undefined) throw new Error('Expected one digraph');
  const nodes = new Map<string, Readonly<Record<string, string>>>();
  const edges: [string, string][] = [];
  let end = 0;
  for (const [all, name, attributes = '', from, to] of body.matchAll(STATEMENT)) {
    end += all.length;
    if (from !== undefined && to !== undefined) {
      if (!nodes.has(from) || !nodes.has(to)) throw new Error('Expected nodes before their edges');
      edges.push([from, to]);
    } else if (name?.startsWith('n') && name !== 'node') nodes.set(name, attributesOf(attributes));
  }
  if (body.slice(end).trim() !== '')
    throw new Error(`Expected a statement at ${body.slice(end, end + 80)}`);
  return { nodes, edges };
}

function attributesOf(text: string): Readonly<Record<string, string>> {
  const found = [...`${text}]`.matchAll(ATTRIBUTE)];
  const length = found.reduce((sum, [all]) => sum + all.length, 0);
  if (length !== text.length) throw new Error(`Expected attributes, got ${text}`);
  return Object.fromEntries(
    found.map(([, name, value = '']) => [name, value.replace(/^"|"$/g, '')]),
  );
}

export function edgesOf(text: string): Graph['edges'] {
  return parseDot(text).edges;
}

/** The first line of each node's label, as it is drawn. */
export function labelsOf(text: string): ReadonlyMap<string, string> {
  const { nodes } = parseDot(text);
  return new Map([...nodes].map(([name, { label = '' }]) => [name, drawn(label)[0] ?? '']));
}

/** The lines that Graphviz draws: it knows escapes and entities (graphviz.org/docs/attr-types/escString). */
export function drawn(label: string): readonly string[] {
  const lines = [''];
  for (const [all] of label.matchAll(/\\.|&(?:amp|lt|gt);|./gsu)) {
    if (all === '\\n') lines.push('');
    else lines[lines.length - 1] += SHOWN[all] ?? plain(all);
  }
  return lines;
}

const SHOWN: Readonly<Record<string, string>> = {
  ...{ '\\\\': '\\', '\\"': '"' },
  ...{ '&amp;': '&', '&lt;': '<', '&gt;': '>' },
};

function plain(text: string): string {
  if (/[\\&<>]/.test(text)) throw new Error(`Expected it to be escaped: ${text}`);
  return text;
}
