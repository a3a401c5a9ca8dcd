// A simulated directory to try things on, and the demo: from nothing to a database that answers.
import { execFile } from 'node:child_process';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { syntheticOrganisation } from '../../src/simulate/organisation.ts';
import { withServer } from '../simulate/servers.ts';
import { ldapsearch } from '../support/ldapsearch.ts';
import {
  crawlOf,
  expectRefusal,
  modeOf,
  type Outcome,
  PROGRAM,
  type Running,
  runOrgwalk,
  startOrgwalk,
  withPlace,
} from './orgwalk.ts';

const run = promisify(execFile);

interface Simulated {
  readonly url: string;
  readonly running: Running;
}

async function withSimulate(
  args: readonly string[],
  use: (simulated: Simulated) => Promise<void>,
  env: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  const running = startOrgwalk(['simulate', '--port', '0', ...args], { env });
  try {
    const [url = ''] = await running.prints(/^ldap:\/\/127\.0\.0\.1:\d+(?=\n)/);
    await running.says(/Try: orgwalk crawl .*\n/);
    await use({ url, running });
  } finally {
    running.kill('SIGTERM');
  }
  return running.finished;
}

describe('simulate', () => {
  test('prints its URL, serves ldapsearch, and ends well when told to', async () => {
    const { code, stdout, stderr } = await withSimulate(['--people', '50'], async ({ url }) => {
      const found = await ldapsearch(url, ['-b', 'dc=example,dc=com', '(manager=*)', '1.1']);
      expect(found.stdout.match(/^dn:/gm)).toHaveLength(49);
    });
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^ldap:\/\/127\.0\.0\.1:\d+\n$/)]);
    expect(stderr).toMatch(/^50 people; the root is uid=\S+\n/);
  });

  test('suggests a crawl that works', async () => {
    await withPlace(async ({ folder, db }) => {
      await withSimulate(['--people', '50', '--size-limit', '1000'], async ({ running }) => {
        const [, command = ''] = await running.says(/^Try: (orgwalk crawl .*)\n/m);
        const { stdout } = await shell(`${command} --db '${db}' --rate 0 --json`, folder);
        expect(JSON.parse(stdout)).toMatchObject({ status: 'published', employees: 50 });
      });
    });
  });

  test('lets only its account in where it has one', async () => {
    const bindDn = 'cn=reader,dc=example,dc=com';
    const env = { ORGWALK_BIND_PASSWORD: 'let-me-in' };
    const args = ['--people', '20', '--bind-dn', bindDn];
    const outcome = await withSimulate(
      args,
      async ({ url }) => {
        await withPlace(async ({ db }) => {
          const root = syntheticOrganisation({ people: 20, seed: 1 }).rootDn;
          const crawl = crawlOf({ url, root }, db, '--bind-dn', bindDn);
          expect((await runOrgwalk(crawl, { env })).code).toBe(0);
          const wrong = { ORGWALK_BIND_PASSWORD: 'let-me-out' };
          expect((await runOrgwalk(crawl, { env: wrong })).code).toBe(6);
          expect((await runOrgwalk(crawlOf({ url, root }, db))).code).toBe(6);
        });
      },
      env,
    );
    expect(outcome.stdout + outcome.stderr).not.toContain(env.ORGWALK_BIND_PASSWORD);
  });

  test('refuses a port that is taken: exit 2', async () => {
    await withServer({}, async ({ port }) => {
      expectRefusal(await runOrgwalk(['simulate', '--port', String(port)]), {
        code: 2,
        error: new RegExp(`^port ${port} cannot be listened on \\(EADDRINUSE\\)$`),
        hint: /--port/,
      });
    });
  });
});

describe('demo', () => {
  test('shows the tree, a chain and four commands that work, and can be repeated', async () => {
    await withPlace(async ({ folder }) => {
      const args = ['demo', '--people', '500', '--rate', '0'];
      const first = await runOrgwalk(args, { cwd: folder });
      expectDemo(first);
      expect(first.stderr).toMatch(/^A simulated directory of 500 people listens on ldap:\/\/127/);
      expect(first.stderr).toMatch(/Run 1 complete and published\n {2}500 employees, /);
      const modes = ['demo.db', 'demo.db.lock'].map((name) => modeOf(join(folder, name)));
      expect(await Promise.all(modes)).toEqual(['600', '600']);
      const [tree, chart, stats, query] = await Promise.all(
        commandsOf(first).map((command) => shell(command, folder)),
      );
      expect(tree?.stdout).toMatch(/\[7 direct, 499 in all\]\n├─ /);
      expect(chart?.stderr).toBe('500 people of run 1 in demo.html\n');
      expect(stats?.stdout).toMatch(/500 people: \d+ active/);
      expect(query?.stdout).toMatch(/^\s*department +people\n/);
      const second = await runOrgwalk(args, { cwd: folder });
      expectDemo(second);
      expect(second.stderr).toMatch(/0 joined, 0 left, 0 detached, 0 returned, 0 moved, 0 changed/);
      expect(second.stdout).toBe(first.stdout);
    });
  });

  test('of one person works, in a folder whose name a shell would take apart', async () => {
    await withPlace(async ({ folder }) => {
      const db = join(folder, "it's $HOME.db");
      const outcome = await runOrgwalk(['demo', '--people', '1', '--db', db], { cwd: folder });
      expect(outcome.code).toBe(0);
      for (const command of commandsOf(outcome)) {
        const { stdout, stderr } = await shell(command, folder);
        expect(stdout + stderr).not.toBe('');
      }
      await access(db);
    });
  });

  test('leaves settings for real crawls alone', async () => {
    await withPlace(async ({ folder }) => {
      const env = {
        ORGWALK_URL: 'ldap://127.0.0.1:9',
        ORGWALK_ROOT: 'dc=x',
        ORGWALK_FILTER: '(a=b)',
      };
      const { code } = await runOrgwalk(['demo', '--people', '20', '--rate', '0'], {
        cwd: folder,
        env,
      });
      expect(code).toBe(0);
    });
  });
});

function expectDemo({ code, stdout }: Outcome): void {
  expect(code).toBe(0);
  const heads = stdout.split('\n').filter((line) => /^[A-Z]/.test(line));
  expect(heads).toEqual([
    'The top of the tree',
    expect.stringMatching(/^The chain of command of /),
    'The database is ./demo.db. Try next:',
  ]);
  expect(stdout).toMatch(/ {2}└─ .*\n\nThe chain/);
  expect(stdout).toMatch(/\n {2}└─ .*\n {5}└─ /);
}

function commandsOf({ stdout }: Outcome): readonly string[] {
  const commands = [...stdout.matchAll(/^ {2}(npx .*)$/gm)].map(([, command = '']) => command);
  expect(commands).toHaveLength(4);
  return commands;
}

/** As a person pastes it, but for how the program is found. */
async function shell(command: string, cwd: string) {
  const script = command.replace(/^(npx node \S+|npx orgwalk|orgwalk)/, '"$NODE" "$PROGRAM"');
  const { PATH = '' } = process.env;
  const env = { PATH, NODE: process.execPath, PROGRAM };
  return run('sh', ['-c', script], { cwd, env });
}
