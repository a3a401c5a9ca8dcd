// Who is compared: each a command line that reads one organisation from one server.
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { findTool } from '../support/ensure-openldap.ts';
import type { Built } from './build.ts';
import { ATTRIBUTES } from './contenders/attributes.ts';
import { type Cost, measure, shell } from './measure.ts';

export type Target = {
  readonly url: string;
  readonly base: string;
  readonly rootDn: string;
  readonly serverPid: number;
  /** For what the contenders write. */
  readonly dir: string;
};

/** Null where the contender does not tell. */
export type Outcome = Cost & {
  readonly searches: number | null;
  readonly employees: number | null;
};

export type ContenderName = 'table' | 'organisation' | 'naive' | 'orgwalk' | 'again';

export type Contender = {
  readonly name: ContenderName;
  readonly title: string;
  run(target: Target): Promise<Outcome>;
};

const FILTER = '(objectClass=person)';

export function contendersOf(built: Built): Readonly<Record<ContenderName, Contender>> {
  const script = (name: string, ...args: readonly string[]) =>
    shell([process.execPath, join(built.scripts, `${name}.js`), ...args]);
  const crawl = (target: Target, db: string) =>
    read(target, shell([process.execPath, built.program, ...crawlOptions(target, db)]));
  return {
    table: {
      name: 'table',
      title: '(a) ldapsearch -E pr=1000, by a script into one SQLite table',
      run: (target) =>
        read(target, `${ldapsearch(target)} | ${script('ldif-to-table', fresh(target, 'a.db'))}`),
    },
    organisation: {
      name: 'organisation',
      title: '(b) the same, with index, search, depths, spans and totals, durable',
      run: (target) => {
        const args = [fresh(target, 'b.db'), target.rootDn];
        return read(target, `${ldapsearch(target)} | ${script('ldif-to-organisation', ...args)}`);
      },
    },
    naive: {
      name: 'naive',
      title: '(c) naive crawl, a search per person, 8 connections',
      run: (target) => {
        const where = [target.url, target.base, target.rootDn];
        return read(target, script('naive-crawl', ...where, fresh(target, 'c.db')));
      },
    },
    orgwalk: {
      name: 'orgwalk',
      title: '(d) orgwalk crawl --rate 0',
      run: (target) => crawl(target, fresh(target, 'd.db')),
    },
    again: {
      name: 'again',
      title: '(e) the same once more, nothing having changed',
      run: (target) => crawl(target, join(target.dir, 'd.db')),
    },
  };
}

/** Everyone, to standard output. */
export function ldapsearch(target: Pick<Target, 'url' | 'base'>): string {
  const plain = ['-x', '-LLL', '-o', 'ldif-wrap=no', '-E', 'pr=1000/noprompt'];
  const where = ['-H', target.url, '-b', target.base];
  return shell([findTool('ldapsearch') ?? 'ldapsearch', ...plain, ...where, FILTER, ...ATTRIBUTES]);
}

function crawlOptions(target: Target, db: string): readonly string[] {
  const where = ['--url', target.url, '--base', target.base, '--root', target.rootDn];
  return ['crawl', ...where, '--db', db, '--rate', '0', '--json', '--progress', 'none'];
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
  const told = JSON.parse(stdout) as Told;
  return {
    ...cost,
    peakRssBytes: cost.peakRssBytes ?? told.peakRssBytes ?? null,
    searches: told.searches ?? null,
    employees: told.employees ?? null,
  };
}
