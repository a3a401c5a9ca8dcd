import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { BUNDLED, edges, moduleOf, RULES, readSources, violations } from './support/floors.ts';

/** Raise them as src/ grows: a test that sees no files is green. */
const LEAST_FILES = 80;
const LEAST_EDGES = 150;

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

describe('the floors of src/', () => {
  const modules = readSources(here('../src')).map(moduleOf);

  it('are seen: files, edges, and packages', () => {
    expect(modules.length).toBeGreaterThan(LEAST_FILES);
    expect(edges(modules).length).toBeGreaterThan(LEAST_EDGES);
    const packages = new Set(modules.flatMap((module) => module.packages));
    expect([...packages]).toEqual(expect.arrayContaining(['ldapts', 'better-sqlite3', 'p-queue']));
  });

  it.each(RULES)('keep the rule $name: $reason', ({ check }) => {
    expect(check(modules)).toEqual([]);
  });

  it('stand on declared packages only: a package of the tools is not there for the user', () => {
    const manifest = JSON.parse(readFileSync(here('../package.json'), 'utf8'));
    const declared = Object.keys(manifest.dependencies);
    const undeclared = modules
      .filter(({ floor }) => !BUNDLED.includes(floor))
      .flatMap(({ path, packages }) =>
        packages
          .filter((name) => !name.startsWith('node:') && !declared.includes(name))
          .map((name) => `${path} > ${name}`),
      );
    expect(undeclared).toEqual([]);
  });
});

const rulesBrokenBy = (files: Readonly<Record<string, string>>) => {
  const modules = Object.entries(files).map(([path, text]) => moduleOf({ path, text }));
  return violations(modules).map(({ rule, what }) => `${rule}: ${what}`);
};

describe('the rules of the floors', () => {
  const domain = { 'domain/dn.ts': 'export const dn = 1;' };

  it('let imports go down', () => {
    const files = {
      ...domain,
      'bin.ts': "await import('./cli/main.ts');",
      'cli/main.ts': "import '../app.ts'; import yargs from 'yargs/helpers'; process.exit(0);",
      'app.ts': "import './crawl/engine.ts'; import './ldap/wire.ts';",
      'crawl/engine.ts': "import PQueue from 'p-queue'; import { dn } from '../domain/dn.ts';",
      'ldap/wire.ts': "import { Filter } from 'ldapts'; import net from 'node:net';",
    };
    expect(rulesBrokenBy(files)).toEqual([]);
  });

  it.each([
    [
      'an import that goes up',
      { 'ldap/a.ts': "import '../crawl/b.ts';", 'crawl/b.ts': '' },
      'down-only: ldap/a.ts > crawl/b.ts',
    ],
    [
      'an adapter that knows another, if only its types',
      { 'ldap/a.ts': "import type { B } from '../store/b.ts';", 'store/b.ts': '' },
      'down-only: ldap/a.ts > store/b.ts',
    ],
    [
      'an engine that knows an adapter by a dynamic import',
      { 'crawl/a.ts': "await import('../pace/b.ts');", 'pace/b.ts': '' },
      'down-only: crawl/a.ts > pace/b.ts',
    ],
    [
      'an import inside a type',
      { 'domain/a.ts': "export type A = import('../config/b.ts').B;", 'config/b.ts': '' },
      'down-only: domain/a.ts > config/b.ts',
    ],
    [
      'a re-export',
      { 'config/a.ts': "export * from '../store/b.ts';", 'store/b.ts': '' },
      'down-only: config/a.ts > store/b.ts',
    ],
    [
      'a simulation that uses code of ours',
      { 'simulate/a.ts': "export { dn } from '../domain/dn.ts';", ...domain },
      'down-only: simulate/a.ts > domain/dn.ts',
    ],
    ['a folder without rules', { 'util/a.ts': '' }, 'known-floor: util/a.ts'],
    [
      'an import out of src/',
      { 'cli/a.ts': "import '../../test/b.ts';" },
      'resolves: cli/a.ts > ../test/b.ts',
    ],
    [
      'a cycle of types',
      {
        'domain/a.ts': "import type { B } from './b.ts';",
        'domain/b.ts': "import type { A } from './a.ts';",
      },
      'no-cycle: domain/a.ts > domain/b.ts > domain/a.ts',
    ],
    [
      'SQL outside the store',
      { 'app.ts': "import Database from 'better-sqlite3';" },
      'package-at-home: app.ts > better-sqlite3',
    ],
    [
      'ldapts outside the adapter',
      { 'config/a.ts': "import { Client } from 'ldapts';" },
      'package-at-home: config/a.ts > ldapts',
    ],
    [
      'an engine that knows the file system',
      { 'crawl/a.ts': "import fs from 'node:fs/promises';" },
      'ports-only: crawl/a.ts > node:fs',
    ],
    [
      'a program that imports what runs in a browser',
      { 'report/a.ts': "import '../chart/b.ts';", 'chart/b.ts': '' },
      'down-only: report/a.ts > chart/b.ts',
    ],
    ['an exit below', { 'store/a.ts': 'if (1) process.exit(1);' }, 'only-cli-exits: store/a.ts'],
  ] as const)('see %s', (_what, files, expected) => {
    expect(rulesBrokenBy(files)).toContain(expected);
  });

  it('refuse an import whose name is computed', () => {
    const text = 'const name = "../app.ts"; await import(name);';
    expect(() => moduleOf({ path: 'domain/a.ts', text })).toThrow(/what no rule can see/);
  });

  it('refuse a file that does not parse', () => {
    expect(() => moduleOf({ path: 'domain/a.ts', text: 'import {' })).toThrow(/^domain\/a\.ts: /);
  });
});
