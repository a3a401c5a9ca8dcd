// What is documented is there, and what is there is documented.
import { execFile } from 'node:child_process';
import { globSync, readFileSync, statSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import type { CrawlResult } from '../src/app/crawl-app.ts';
import { summaryJson } from '../src/cli/summary.ts';
import { optionTable } from '../src/config/options.ts';
import { COMMANDS } from '../src/config/spec.ts';
import { EXIT } from '../src/domain/errors.ts';
import { migrate } from '../src/store/file/migrate.ts';
import { crawlOf, PROGRAM, runOrgwalk, withPlace } from './cli/orgwalk.ts';
import { person, SUFFIX, team, withServer } from './simulate/servers.ts';
import { regenerated, viewsOfSchema } from './support/readme.ts';

const README = readFileSync('README.md', 'utf8');
const PACKAGE = JSON.parse(readFileSync('package.json', 'utf8'));
const CI = readFileSync('.ci/run', 'utf8');
const REGENERATE = 'run: node test/tools/readme.ts';

/** The section under a heading, to the next heading of the same or a higher level. */
function section(heading: string): string {
  const start = new RegExp(`^(#+) ${heading}$`, 'm').exec(README);
  if (start === null) throw new Error(`README.md has no section "${heading}"`);
  const rest = README.slice(start.index + start[0].length);
  const next = new RegExp(`^#{1,${start[1]?.length ?? 1}} `, 'm').exec(rest);
  return rest.slice(0, next?.index);
}

function blocks(language: string, text = README): readonly string[] {
  const fences = text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'));
  return [...fences].map(([, content = '']) => content);
}

/** Code spans, without what they say in angle brackets. */
function spans(text: string): readonly string[] {
  return [...text.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
}

describe('README.md', () => {
  test(`has its generated parts up to date; if not, ${REGENERATE}`, () => {
    expect(README).toBe(regenerated(README));
  });

  test('names every command, and none that there is not', () => {
    const used = [...README.matchAll(/\borgwalk ([a-z]+)\b/g)]
      .filter(({ index }) => isCode(index))
      .map(([, command = '']) => command);
    const named = spans(README).map((code) => code.split(' ')[0] ?? '');
    for (const command of COMMANDS) expect([...used, ...named]).toContain(command);
    expect(used.filter((command) => !(COMMANDS as readonly string[]).includes(command))).toEqual(
      [],
    );
  });

  test('names every option of every command, and none that there is not', () => {
    const options = new Set(
      COMMANDS.flatMap((command) => optionTable(command)).map(({ flag }) => flag),
    );
    const prose = README.split('\n')
      .filter((line) => !/\bnpm install\b|\bnpm run bench\b|\bdatasette\b/i.test(line))
      .join('\n');
    const named = new Set([...prose.matchAll(/(?<![\w-])--[a-z][a-z-]*/g)].map(([flag]) => flag));
    named.delete('--help');
    expect([...named].toSorted()).toEqual([...options].toSorted());
  });

  test('names every variable of a crawl, and none that there is not', () => {
    const variables = optionTable('crawl').map(({ env }) => env);
    const named = new Set([...README.matchAll(/\bORGWALK_[A-Z_]+/g)].map(([name]) => name));
    expect([...named].toSorted()).toEqual([...variables, 'ORGWALK_BIND_PASSWORD'].toSorted());
  });

  test('lists every exit code that can occur, and no other', () => {
    const rows = [...section('Exit codes').matchAll(/^\| ([\d, ]+) \|/gm)];
    const listed = rows.flatMap(([, codes = '']) => codes.split(',').map(Number));
    expect(listed.toSorted(byNumber)).toEqual(reachableCodes().toSorted(byNumber));
  });

  test('lists every field of the JSON summary, and no other', () => {
    const named = spans(section('The summary as JSON').replace('`orgwalk crawl --json`', ''));
    expect(named.toSorted()).toEqual(summaryFields().toSorted());
  });

  test('names every public view and column', () => {
    const text = section('The views');
    for (const [view, columns] of viewsOfSchema()) {
      expect(text).toContain(`\`${view}\``);
      for (const column of columns) expect(text).toMatch(new RegExp(`\\b${column}\\b`));
    }
  });

  test('quotes SQL that runs', () => {
    const database = new Database(':memory:');
    migrate(database);
    const statements = blocks('sql')
      .flatMap((sql) => sql.split(/;\s*$/m))
      .filter((sql) => sql.trim());
    expect(statements.length).toBeGreaterThan(3);
    for (const sql of statements) expect(database.prepare(sql).all()).toEqual([]);
    database.close();
  });

  test('asks questions that are answered when they are pasted into a shell', async () => {
    const [questions = ''] = blocks('sh', section('Questions'));
    const root = `uid=ceo,${SUFFIX}`;
    const ada = person('ada', { mail: ['ada.king@example.com'], manager: [root] });
    const directory = team(0, [person('ceo', { manager: [root] }), ada]);
    await withPlace(({ folder }) =>
      withServer({ directory }, async ({ url }) => {
        await runOrgwalk(crawlOf({ url, root }, join(folder, 'orgwalk.db')));
        for (const line of questions.trimEnd().split('\n')) {
          expect((await shell(line, folder)).stdout).not.toBe('');
        }
      }),
    );
  });

  test('links to files that are there', () => {
    const links = [...README.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, path = '']) => path);
    const paths = spans(README).filter((code) =>
      /^(src|test|config|migrations)\/\S+\.\w+$/.test(code),
    );
    expect(links.length).toBeGreaterThan(1);
    for (const path of [...links, ...paths]) expect(statSync(path).isFile()).toBe(true);
  });
});

describe('the two commands', () => {
  test('are in README.md, and every script that it or CI names is in package.json', () => {
    expect(README).toContain('npm ci && npm run demo');
    expect(README).toContain('npm ci && npm test');
    const named = [...`${README}\n${CI}`.matchAll(/\bnpm (?:run (?:--?\w+ )*)?([a-z:]+)/g)]
      .map(([, script = '']) => script)
      .filter((script) => !['ci', 'pack', 'install', 'registry'].includes(script));
    expect(named).toEqual(expect.arrayContaining(['demo', 'test', 'bench']));
    for (const script of named) expect(PACKAGE.scripts).toHaveProperty(script);
  });

  test('are what CI runs', () => {
    const commands = CI.split('\n').filter((line) => /^npm\b/.test(line));
    expect(commands).toEqual(['npm ci', 'npm test']);
    expect(statSync('.ci/run').mode & 0o111).not.toBe(0);
  });

  test('test everything: OpenLDAP is made sure of, then lint, types, tests and the package', () => {
    const { pretest, test: all, smoke } = PACKAGE.scripts;
    expect(pretest).toContain('ensure-openldap');
    for (const step of ['npm run lint', 'npm run types', 'vitest run', 'npm run smoke']) {
      expect(all.split(' && ')).toContain(step);
    }
    expect(smoke).toContain('test/tools/smoke.ts');
  });

  test('run on the Node that the repository brings, whatever the machine has', () => {
    const [major] = process.versions.node.split('.');
    expect(major).toBe('24');
    expect(PACKAGE.devDependencies.node).toMatch(/^\^24\./);
    expect(PACKAGE.engines.node).toBe('>=22');
  });
});

test('no file of the repository speaks of the place where it was made', () => {
  const ignored = ['node_modules', 'dist', 'coverage', '.git', 'test/bench/out'];
  const paths = globSync(['**/*', '.*', '.ci/*'], {
    exclude: (path) => ignored.some((folder) => path === folder || path.startsWith(`${folder}/`)),
  }).filter((path) => statSync(path).isFile() && !/\.(db|db-wal|db-shm|lock|tgz|log)$/.test(path));
  expect(paths.length).toBeGreaterThan(200);
  const elsewhere = ['shared', ''].join('/');
  const mentions = paths.filter((path) => {
    const text = readFileSync(path, 'utf8');
    return new RegExp(`(^|[^\\w@-])${elsewhere}`, 'm').test(text);
  });
  expect(mentions).toEqual([]);
});

function isCode(index: number): boolean {
  const before = README.slice(0, index);
  const insideBlock = (before.match(/^```/gm)?.length ?? 0) % 2 === 1;
  const line = before.slice(before.lastIndexOf('\n'));
  return insideBlock || (line.match(/`/g)?.length ?? 0) % 2 === 1;
}

function byNumber(a: number, b: number): number {
  return a - b;
}

/** Codes that some class of errors or some command ends with; others are promised to a later version. */
function reachableCodes(): readonly number[] {
  const code = globSync('src/**/*.ts')
    .map((path) => readFileSync(path, 'utf8'))
    .join('\n');
  return Object.entries(EXIT)
    .filter(([name]) => new RegExp(`\\bEXIT\\.${name}\\b`).test(code))
    .map(([, number]) => number);
}

function summaryFields(): readonly string[] {
  const counts = { searches: 1, pages: 1, entries: 1, retries: 0, reconnects: 0, splits: 0 };
  const latencies = { maxInFlight: 1, requestsPerSecond: 1, p50Ms: 1, p95Ms: 1 };
  const failure = { employeeId: 'x', reason: 'denied', resultCode: 50, attempts: 1, message: '' };
  const result = {
    run: { id: 1, resumed: false, base: 0, expected: 0, abandoned: null },
    published: null,
    employees: 1,
    waiting: 0,
    counts,
    failures: [failure],
    seconds: 1,
    load: { ...latencies, throttledSeconds: 0, refused: 0, slowestRate: null },
    interrupted: null,
  } as unknown as CrawlResult;
  const summary = summaryJson(result);
  const { load, failedBranches } = summary as { load: object; failedBranches: readonly object[] };
  return [...Object.keys(summary), ...Object.keys(load), ...Object.keys(failedBranches[0] ?? {})];
}

/** `line` in a shell that finds `orgwalk`. */
async function shell(line: string, folder: string): Promise<{ readonly stdout: string }> {
  const bin = join(folder, 'bin');
  await mkdir(bin, { recursive: true });
  const program = join(bin, 'orgwalk');
  await writeFile(program, `#!/bin/sh\nexec '${process.execPath}' '${PROGRAM}' "$@"\n`);
  await chmod(program, 0o755);
  const env = { PATH: `${bin}:${process.env['PATH']}` };
  return promisify(execFile)('sh', ['-c', line], { cwd: folder, env });
}
