// node test/tools/smoke.ts, after a build: the package as a user gets it, packed, installed elsewhere and run there.
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const REPOSITORY = fileURLToPath(new URL('../../', import.meta.url));
const OLDEST_NODE = 22;
/** Everything that may be in the package, but for the folders below. */
const FILES = ['README.md', 'CHANGELOG.md', 'LICENSE', 'package.json'];
const FOLDERS = /^(dist|migrations|config)\/[\w./-]+$/;
const MIGRATIONS = readdirSync(join(REPOSITORY, 'migrations')).map((name) => `migrations/${name}`);
const NEEDED = [
  ...['dist/bin.js', 'dist/chart/chart.js', 'dist/chart/chart.css', 'config/orgwalk.example.yaml'],
  ...MIGRATIONS,
  ...FILES,
];

interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function main(): void {
  const folder = mkdtempSync(join(tmpdir(), 'orgwalk-smoke-'));
  try {
    const { tarball, files } = pack(folder);
    const project = install(folder, tarball);
    checkDemo(project);
    checkChart(project);
    const old = checkOldNode(project);
    process.stdout.write(`smoke: ${files} files packed, installed and run; refused by ${old}\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function pack(folder: string): { readonly tarball: string; readonly files: number } {
  // Built already: `prepack` would build again.
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
  const { stdout } = succeed(run('npm', args, REPOSITORY));
  const report: unknown = JSON.parse(stdout);
  // npm 11 prints a list, later ones an object by package name.
  const [packed] = Object.values(report as object) as [
    { filename: string; files: { path: string }[] },
  ];
  const paths = packed.files.map(({ path }) => path);
  const strange = paths.filter((path) => !FILES.includes(path) && !FOLDERS.test(path));
  const ours = paths.filter((path) => /\.(map|tsx?)$/.test(path) && !path.endsWith('.d.ts'));
  const missing = NEEDED.filter((path) => !paths.includes(path));
  assert(strange.length === 0, `the package holds ${strange.join(', ')}`);
  assert(ours.length === 0, `the package holds sources or maps: ${ours.join(', ')}`);
  assert(missing.length === 0, `the package lacks ${missing.join(', ')}`);
  return { tarball: join(folder, packed.filename), files: paths.length };
}

function install(folder: string, tarball: string): string {
  const project = join(folder, 'project');
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), '{ "name": "smoke", "private": true }\n');
  const quiet = ['--no-audit', '--no-fund', '--prefer-offline'];
  // Nothing needs an install script: better-sqlite3 brings its binaries.
  succeed(run('npm', ['install', '--ignore-scripts', ...quiet, tarball], project));
  return project;
}

function checkDemo(project: string): void {
  const { version } = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8'));
  const told = succeed(orgwalk(project, '--version')).stdout;
  assert(told === `${version}\n`, `--version printed ${told}`);
  const demo = succeed(orgwalk(project, 'demo', '--people', '500', '--rate', '0'));
  assert(demo.stderr.includes('500 employees'), `the demo said:\n${demo.stderr}`);
  assert(existsSync(join(project, 'demo.db')), 'the demo left no database');
  const commands = [...demo.stdout.matchAll(/^ {2}(npx orgwalk .*)$/gm)];
  assert(commands.length === 4, `the demo suggested:\n${demo.stdout}`);
  for (const [, command = ''] of commands) {
    const { stdout, stderr } = succeed(run('sh', ['-c', command], project));
    assert(stdout + stderr !== '', `no answer to ${command}`);
  }
}

function checkChart(project: string): void {
  succeed(orgwalk(project, 'chart', '--db', 'demo.db'));
  assert(existsSync(join(project, 'org.html')), 'there is no chart');
}

function orgwalk(project: string, ...args: readonly string[]): Run {
  return run('npx', ['--no-install', 'orgwalk', ...args], project);
}

/** A real Node of the machine where there is an old one, else this one under a false name. */
function checkOldNode(project: string): string {
  const bin = join(project, 'node_modules', 'orgwalk', 'dist', 'bin.js');
  const old = oldNode();
  const { code, stdout, stderr } = old
    ? run(old.path, [bin, 'status'], project)
    : run(process.execPath, ['--import', PRETENDING, bin, 'status'], project);
  const version = old?.version ?? PRETENDED;
  const refusal = `Error: orgwalk needs Node ${OLDEST_NODE} or newer, this is ${version}\nTry: `;
  assert(
    code === 2 && stdout === '' && stderr.startsWith(refusal),
    `${version} got ${code}:\n${stderr}`,
  );
  return old ? `Node ${version}` : `what passed for Node ${version}`;
}

const PRETENDED = '20.0.0';
const PRETENDING = `data:text/javascript,${encodeURIComponent(
  `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${PRETENDED}' } });`,
)}`;

function oldNode(): { readonly path: string; readonly version: string } | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const paths = folders
    .filter((folder) => !folder.includes('node_modules'))
    .map((folder) => join(folder, 'node'));
  return paths
    .filter((path) => existsSync(path))
    .map((path) => ({ path, version: run(path, ['--version'], REPOSITORY).stdout.trim().slice(1) }))
    .find(({ version }) => Number.parseInt(version, 10) < OLDEST_NODE);
}

/** What `npm run` tells its children and a user's shell would not; who vouches for the registry stays. */
const TOLD = /^(npm_|ORGWALK_|NODE_(?!EXTRA_CA_CERTS$)|INIT_CWD)/i;

/** As a user's shell would run it, with the Node of this repository. */
function run(command: string, args: readonly string[], cwd: string): Run {
  const inherited = Object.entries(process.env).filter(([name]) => !TOLD.test(name));
  const path = [join(REPOSITORY, 'node_modules', '.bin'), process.env['PATH'] ?? ''].join(
    delimiter,
  );
  const env = { ...Object.fromEntries(inherited), PATH: path };
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    env,
    encoding: 'utf8',
  });
  if (error) throw error;
  return { code: status, stdout, stderr };
}

function succeed(result: Run): Run {
  assert(result.code === 0, `exit ${result.code}:\n${result.stdout}${result.stderr}`);
  return result;
}

function assert(condition: boolean, otherwise: string): void {
  if (!condition) throw new Error(`smoke test: ${otherwise}`);
}

main();
