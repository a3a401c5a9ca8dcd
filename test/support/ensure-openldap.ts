// Makes sure of the OpenLDAP server that the tests run against. Says nothing when all is there.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

const TOOLS = ['slapd', 'slapadd', 'ldapsearch'] as const;

/** Where slapd lies on Debian, Fedora, FreeBSD and Homebrew, none of it on a plain user's PATH. */
const SERVER_DIRECTORIES = [
  '/usr/sbin',
  '/usr/local/sbin',
  '/usr/local/libexec',
  '/usr/local/opt/openldap/libexec',
  '/opt/homebrew/opt/openldap/libexec',
];

const POLICY = '/usr/sbin/policy-rc.d';

const INSTALL = 'apt-get install -y slapd ldap-utils';

/** The path of a program on PATH or where servers are installed, or undefined. */
export function findTool(name: string): string | undefined {
  const directories = (process.env['PATH'] ?? '').split(delimiter).concat(SERVER_DIRECTORIES);
  return directories.map((directory) => join(directory, name)).find(isExecutable);
}

/** Those of `tools` that are not on this machine. */
export function missingTools(tools: readonly string[] = TOOLS): readonly string[] {
  return tools.filter((tool) => findTool(tool) === undefined);
}

/** What a person types to get OpenLDAP here. */
export function installCommand(platform: NodeJS.Platform, hasApt: boolean): string {
  if (hasApt) return `sudo apt-get update && sudo ${INSTALL}`;
  if (platform === 'darwin') return 'brew install openldap';
  if (platform === 'freebsd') return 'pkg install openldap26-server openldap26-client';
  return 'install the OpenLDAP server and clients (Fedora: dnf install openldap-servers openldap-clients)';
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function run(command: string, args: readonly string[], input = ''): void {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const done = spawnSync(command, args, { input, env, encoding: 'utf8' });
  if (done.status === 0) return;
  const reason = done.error?.message ?? (done.stderr || done.stdout).trim();
  throw new Error(`${command} ${args.join(' ')} failed: ${reason}`);
}

/**
 * Keeps packages from starting their daemons while `work` runs: Debian asks policy-rc.d, and 101 means "no".
 * Without it, a slapd on port 389 would be left running on the machine of whoever runs the tests.
 */
async function withoutDaemons(work: () => void): Promise<void> {
  const before = existsSync(POLICY) ? readFileSync(POLICY) : undefined;
  writeFileSync(POLICY, '#!/bin/sh\nexit 101\n');
  try {
    await chmod(POLICY, 0o755);
    work();
  } finally {
    if (before === undefined) rmSync(POLICY, { force: true });
    else writeFileSync(POLICY, before);
  }
}

/** What tests need of the machine. */
export type Need = {
  /** For the person: `OpenLDAP`. */
  readonly name: string;
  /** What of it is not there. */
  missing(): readonly string[];
  /** Debian's packages. */
  readonly packages: readonly string[];
  /** Answers to what the packages ask. */
  readonly debconf?: string;
  readonly hint: string;
};

async function install({ name, packages, debconf }: Need): Promise<void> {
  process.stderr.write(`Installing ${name} (${packages.join(', ')}) for the tests …\n`);
  await withoutDaemons(() => {
    run('apt-get', ['update', '-q']);
    if (debconf !== undefined) run('debconf-set-selections', [], debconf);
    run('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...packages]);
  });
}

function fail(happened: string, hint: string): void {
  process.stderr.write(`Error: ${happened}\nTry: ${hint}\n`);
  process.exitCode = 1;
}

/** Installs what is missing where it can, and otherwise says in two lines what to do. */
export async function ensure(need: Need): Promise<void> {
  const missing = need.missing();
  if (missing.length === 0) return;
  const happened = `the tests need ${need.name}; not found: ${missing.join(', ')}`;
  if (process.getuid?.() !== 0 || !hasApt()) return fail(happened, need.hint);
  try {
    await install(need);
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error), need.hint);
  }
  if (need.missing().length > 0) fail(`${happened}, even after installing`, need.hint);
}

export function hasApt(): boolean {
  return findTool('apt-get') !== undefined;
}

export async function ensureOpenldap(): Promise<void> {
  await ensure({
    name: 'OpenLDAP',
    missing: missingTools,
    packages: ['slapd', 'ldap-utils'],
    debconf: 'slapd slapd/no_configuration boolean true\n',
    hint: installCommand(process.platform, hasApt()),
  });
}

if (import.meta.main) await ensureOpenldap();
