// Who is compared: each a command line that reads one organisation from one server.
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { dnKey } from '../../src/domain/dn.ts';
import { findTool } from '../support/ensure-openldap.ts';
import { ATTRIBUTES } from './attributes.ts';
import { type Cost, measure, shell } from './measure.ts';

export type Target = {
  readonly url: string;
  readonly base: string;
  readonly rootDn: string;
  readonly serverPid: number;
  /** For what the contenders write. */
  readonly dir: string;
};

export type Outcome = Cost & {
  /** Null where the contender does not tell. */
  readonly searches: number | null;
  /** Manager values among them that the server was asked about, since no known DN equals them. Null for the others. */
  readonly asked: number | null;
  readonly employees: number | null;
};

export type ContenderName = 'file' | 'script' | 'naive' | 'orgwalk';

export type Contender = {
  readonly name: ContenderName;
  readonly title: string;
  run(target: Target): Promise<Outcome>;
};

const FILTER = '(objectClass=person)';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** `program`: the file that Node runs for orgwalk. */
export function contendersOf(program: string): Readonly<Record<ContenderName, Contender>> {
  return {
    file: {
      name: 'file',
      title: '(a) ldapsearch -E pr=1000 into a file',
      run: (target) =>
        read(target, `${ldapsearch(target)} > ${shell([join(target.dir, 'a.ldif')])}`),
    },
    script: {
      name: 'script',
      title: '(b) the same, by a script into one SQLite table',
      run: (target) => {
        const script = [process.execPath, here('ldif-to-sqlite.ts'), fresh(target, 'b.db')];
        return read(target, `${ldapsearch(target)} | ${shell(script)}`);
      },
    },
    naive: {
      name: 'naive',
      title: '(c) naive crawl, a search per person, 8 connections',
      run: (target) => {
        const where = [target.url, target.base, target.rootDn, fresh(target, 'c.db')];
        return read(target, shell([process.execPath, here('naive-crawl.ts'), ...where]));
      },
    },
    orgwalk: {
      name: 'orgwalk',
      title: '(d) orgwalk crawl --rate 0',
      run: async (target) => {
        const outcome = await read(
          target,
          shell([process.execPath, program, ...crawlOptions(target)]),
        );
        return { ...outcome, asked: askedOf(join(target.dir, 'd.db')) };
      },
    },
  };
}

function ldapsearch(target: Target): string {
  const plain = ['-x', '-LLL', '-o', 'ldif-wrap=no', '-E', 'pr=1000/noprompt'];
  const where = ['-H', target.url, '-b', target.base];
  return shell([findTool('ldapsearch') ?? 'ldapsearch', ...plain, ...where, FILTER, ...ATTRIBUTES]);
}

function crawlOptions(target: Target): readonly string[] {
  const where = ['--url', target.url, '--base', target.base, '--root', target.rootDn];
  const what = ['--db', fresh(target, 'd.db'), '--rate', '0', '--json', '--progress', 'none'];
  return ['crawl', ...where, ...what];
}

/** The path of a database that is not there yet. */
function fresh(target: Target, name: string): string {
  const path = join(target.dir, name);
  for (const suffix of ['', '-wal', '-shm', '-journal', '.lock']) {
    if (existsSync(path + suffix)) rmSync(path + suffix);
  }
  return path;
}

type Told = Partial<Record<'searches' | 'employees' | 'peakRssBytes', number>>;

async function read(target: Target, commandLine: string): Promise<Outcome> {
  const { cost, stdout } = await measure(commandLine, target.serverPid);
  const told = stdout.trim() === '' ? {} : (JSON.parse(stdout) as Told);
  return {
    ...cost,
    peakRssBytes: cost.peakRssBytes ?? told.peakRssBytes ?? null,
    searches: told.searches ?? null,
    asked: null,
    employees: told.employees ?? null,
  };
}

/** Distinct manager values that normalisation alone leads to nobody. */
function askedOf(path: string): number {
  const database = new Database(path, { readonly: true });
  try {
    const values = (sql: string) => database.prepare<[], string>(sql).pluck().iterate();
    const known = new Set<string>();
    for (const dn of values('SELECT dn FROM employees')) known.add(dnKey(dn));
    const asked = new Set<string>();
    for (const value of values('SELECT manager_dn FROM reporting_lines')) {
      const key = dnKey(value);
      if (!known.has(key)) asked.add(key);
    }
    return asked.size;
  } finally {
    database.close();
  }
}
