// The floors of src/ as rules with a name and a reason, over the imports that a parser finds.
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, relative, sep } from 'node:path';
import { type ESTree, parseSync, Visitor } from 'rolldown/utils';

export type SourceFile = {
  /** Below src/, with forward slashes. */
  readonly path: string;
  readonly text: string;
};

export type Module = {
  readonly path: string;
  readonly floor: string;
  /** Files of src/ that this one imports, for types too, and dynamically too. */
  readonly files: readonly string[];
  /** Packages, and `node:` modules, that this one imports. */
  readonly packages: readonly string[];
  readonly callsExit: boolean;
};

export type Violation = { readonly rule: string; readonly what: string };

export type Rule = {
  readonly name: string;
  readonly reason: string;
  readonly check: (modules: readonly Module[]) => readonly string[];
};

/** What each floor may import of the others. Every folder and file at the top of src/ is one. */
const BELOW: Readonly<Record<string, readonly string[]>> = {
  bin: ['cli'],
  cli: ['app', 'crawl', 'report', 'ldap', 'store', 'pace', 'simulate', 'config', 'domain'],
  app: ['crawl', 'report', 'ldap', 'store', 'pace', 'simulate', 'config', 'domain'],
  crawl: ['domain'],
  report: ['ldap', 'store', 'pace', 'config', 'domain'],
  ldap: ['config', 'domain'],
  store: ['config', 'domain'],
  pace: ['config', 'domain'],
  config: ['domain'],
  domain: [],
  simulate: [],
  chart: ['domain'],
};

/** Where a package that stands for a part of the outside world may be known. */
const HOMES: Readonly<Record<string, readonly string[]>> = {
  ldapts: ['ldap', 'simulate'],
  'better-sqlite3': ['store', 'report'],
  bottleneck: ['pace'],
  'p-queue': ['crawl'],
  yargs: ['cli'],
  yaml: ['config'],
  'd3-hierarchy': ['chart'],
  'd3-selection': ['chart'],
  'd3-zoom': ['chart'],
};

/** Floors that know no other packages than these. */
const ONLY: Readonly<Record<string, readonly string[]>> = {
  domain: [],
  crawl: ['p-queue'],
  // It runs in a browser.
  chart: ['d3-hierarchy', 'd3-selection', 'd3-zoom'],
};

/** Floors that are bundled when the package is built: what they import need not be there for the user. */
export const BUNDLED: readonly string[] = ['chart'];

export const RULES: readonly Rule[] = [
  {
    name: 'known-floor',
    reason: 'a folder that no rule names would be under no rule',
    check: (modules) =>
      modules.filter(({ floor }) => BELOW[floor] === undefined).map(({ path }) => path),
  },
  {
    name: 'resolves',
    reason: 'an import that leads nowhere, or out of src/, hides an edge from every other rule',
    check: (modules) => {
      const paths = new Set(modules.map(({ path }) => path));
      return edges(modules)
        .filter(([, to]) => !paths.has(to))
        .map(arrow);
    },
  },
  {
    name: 'down-only',
    reason:
      'what is below must be usable, and testable, without what is above; adapters never meet',
    check: (modules) =>
      edges(modules)
        .filter(([from, to]) => !mayImport(floorOf(from), floorOf(to)))
        .map(arrow),
  },
  {
    name: 'no-cycle',
    reason: 'files of a cycle can only be understood, and loaded, all at once',
    check: (modules) => cyclesOf(modules).map((cycle) => cycle.join(' > ')),
  },
  {
    name: 'package-at-home',
    reason: 'one floor speaks each foreign protocol, so that it can be replaced there',
    check: (modules) =>
      packageEdges(modules)
        .filter(([from, name]) => HOMES[name]?.includes(floorOf(from)) === false)
        .map(arrow),
  },
  {
    name: 'ports-only',
    reason: 'the engine walks any tree, and the domain is pure: neither knows the outside world',
    check: (modules) =>
      packageEdges(modules)
        .filter(([from, name]) => ONLY[floorOf(from)]?.includes(name) === false)
        .map(arrow),
  },
  {
    name: 'only-cli-exits',
    reason: 'an exit below skips the closing of what others hold open',
    check: (modules) =>
      modules
        .filter(({ callsExit, floor }) => callsExit && floor !== 'cli' && floor !== 'bin')
        .map(({ path }) => path),
  },
];

export function violations(modules: readonly Module[]): readonly Violation[] {
  return RULES.flatMap(({ name, check }) => check(modules).map((what) => ({ rule: name, what })));
}

export function readSources(directory: string): readonly SourceFile[] {
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  return names
    .filter((name) => /\.(ts|mts|cts|js|mjs|cjs)$/.test(name))
    .map((name) => join(directory, name))
    .map((path) => ({
      path: relative(directory, path).split(sep).join('/'),
      text: readFileSync(path, 'utf8'),
    }));
}

/** Throws where a file does not parse: an import that was not seen is under no rule. */
export function moduleOf({ path, text }: SourceFile): Module {
  const { program, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path}: ${errors.map((e) => e.message).join('; ')}`);
  const specifiers = new Set<string>();
  let callsExit = false;
  const take = (source: ESTree.Node | null) => {
    if (source === null) return;
    specifiers.add(literalOf(source, path));
  };
  new Visitor({
    ImportDeclaration: (node) => take(node.source),
    ExportNamedDeclaration: (node) => take(node.source),
    ExportAllDeclaration: (node) => take(node.source),
    ImportExpression: (node) => take(node.source),
    TSImportType: (node) => take(node.source),
    MemberExpression: (node) => {
      callsExit ||= isExit(node);
    },
  }).visit(program);
  const all = [...specifiers];
  const files = all.filter((name) => name.startsWith('.'));
  return {
    path,
    floor: floorOf(path),
    files: files.map((name) => posix.join(posix.dirname(path), name)),
    packages: all.filter((name) => !name.startsWith('.')).map(packageOf),
    callsExit,
  };
}

function literalOf(node: ESTree.Node, path: string): string {
  if (node.type === 'Literal' && typeof node.value === 'string') return node.value;
  throw new Error(`${path} imports what no rule can see: write the name as a plain string`);
}

function isExit(node: ESTree.MemberExpression): boolean {
  if (node.object.type !== 'Identifier' || node.object.name !== 'process') return false;
  const { property } = node;
  return property.type === 'Identifier' && ['exit', 'reallyExit', 'abort'].includes(property.name);
}

/** `node:fs/promises` and `yargs/helpers` are parts of `node:fs` and `yargs`. */
function packageOf(specifier: string): string {
  const parts = specifier.split('/');
  return parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
}

function floorOf(path: string): string {
  return (path.split('/')[0] ?? '').replace(/\.[cm]?[tj]s$/, '');
}

function mayImport(from: string, to: string): boolean {
  return from === to || BELOW[from]?.includes(to) === true;
}

type Edge = readonly [from: string, to: string];

export function edges(modules: readonly Module[]): readonly Edge[] {
  return modules.flatMap(({ path, files }) => files.map((to): Edge => [path, to]));
}

function packageEdges(modules: readonly Module[]): readonly Edge[] {
  return modules.flatMap(({ path, packages }) => packages.map((name): Edge => [path, name]));
}

function arrow([from, to]: Edge): string {
  return `${from} > ${to}`;
}

/** One cycle for each import that leads back to a file on the way to it. */
function cyclesOf(modules: readonly Module[]): readonly (readonly string[])[] {
  const imports = new Map(modules.map(({ path, files }) => [path, files]));
  const cycles: string[][] = [];
  const done = new Set<string>();
  const walk = (path: string, way: readonly string[]) => {
    const start = way.indexOf(path);
    if (start >= 0) cycles.push([...way.slice(start), path]);
    if (start >= 0 || done.has(path)) return;
    for (const next of imports.get(path) ?? []) walk(next, [...way, path]);
    done.add(path);
  };
  for (const { path } of modules) walk(path, []);
  return cycles;
}
