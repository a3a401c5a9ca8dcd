// What is wrong with the command line is told before anything is opened: no server is asked, no file appears.
import { chmod, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { withServer } from '../simulate/servers.ts';
import {
  crawlOf,
  expectRefusal,
  leavingDatabase,
  runOrgwalk,
  withCrawled,
  withPlace,
} from './orgwalk.ts';

const NOBODY = { url: 'ldap://127.0.0.1:9' };
const SECRET = 'tr0ub4dor';

interface Mistake {
  readonly what: string;
  readonly args: readonly string[];
  readonly error: RegExp;
  readonly hint?: RegExp;
}

const MISTAKES: readonly Mistake[] = [
  {
    what: 'an unknown option',
    args: crawlOf(NOBODY, 'x.db', '--wrokers', '3'),
    error: /^--wrokers: expected an option of `orgwalk crawl`.*did you mean `--workers`/,
    hint: /crawl --help/,
  },
  {
    what: 'an option of another command',
    args: ['status', '--depth', '3'],
    error: /^--depth: .*got one of another command/,
  },
  {
    what: 'a number that is none',
    args: crawlOf(NOBODY, 'x.db', '--workers', 'many'),
    error: /^--workers: expected a whole number from 1 to 1000, got `many`$/,
  },
  {
    what: 'a number out of range',
    args: crawlOf(NOBODY, 'x.db', '--workers', '0'),
    error: /^--workers: .*got `0`$/,
  },
  {
    what: 'a duration without a unit',
    args: crawlOf(NOBODY, 'x.db', '--deadline', '10'),
    error: /^--deadline: .*got `10` \(add a unit, as in `10s`\)$/,
  },
  {
    what: 'a choice that there is not',
    args: ['runs', '--format', 'xml'],
    error: /^--format: expected one of `table`, `json`, `ndjson`, `csv`, got `xml`$/,
  },
  {
    what: 'an option without its value',
    args: ['status', '--db'],
    error: /^--db: expected a path, got nothing$/,
  },
  {
    what: 'a single option given twice',
    args: ['status', '--db', 'a.db', '--db', 'b.db'],
    error: /^--db: expected a path, once, got a list of 2$/,
  },
  {
    what: 'a URL of another kind',
    args: ['crawl', '--url', 'https://127.0.0.1', '--root', '(uid=ceo)'],
    error: /^--url: expected a server such as .*got `https:\/\/127\.0\.0\.1`$/,
  },
  {
    what: 'a crawl without a root',
    args: ['crawl', '--url', NOBODY.url],
    error: /^--root: expected at least one manager to start from/,
  },
  {
    what: 'a root filter that is not closed',
    args: ['crawl', '--url', NOBODY.url, '--root', '(uid=ceo'],
    error: /^--root: expected a distinguished name, a filter in parentheses/,
  },
  {
    what: 'a root filter with nothing in it',
    args: ['crawl', '--url', NOBODY.url, '--root', '(&(uid=a)(b))'],
    error: /^--root: expected .* at position 11 of the filter$/,
    hint: /RFC 4515/,
  },
  {
    what: 'a filter that is malformed inside',
    args: crawlOf(NOBODY, 'x.db', '--filter', '(&(objectClass=person)'),
    error: /^--filter: expected `\)` at position 23 of the filter$/,
    hint: /RFC 4515/,
  },
  {
    what: 'a base that is no DN',
    args: crawlOf(NOBODY, 'x.db', '--base', 'people'),
    error: /^--base: expected a distinguished name/,
  },
  {
    what: 'an unknown command',
    args: ['crwal'],
    error: /^there is no command `crwal`$/,
    hint: /^orgwalk crawl$/,
  },
  {
    what: 'a command that resembles none',
    args: ['launder'],
    error: /^there is no command `launder`$/,
    hint: /--help/,
  },
  {
    what: 'an argument too many',
    args: ['status', 'now'],
    error: /^argument: expected none after `orgwalk status`, got `now`$/,
  },
  {
    what: 'a switch with something else than true or false',
    args: crawlOf(NOBODY, 'x.db', '--fresh=maybe'),
    error: /^--fresh: expected `true` or `false`, got `maybe`$/,
  },
  {
    what: 'JSON asked for in the other way',
    args: ['status', '--json'],
    error: /^--json: .*did you mean `--format json`\?\)$/,
  },
  {
    what: 'an option that objects inherit',
    args: ['status', '--constructor', 'x'],
    error: /^there is no option --constructor$/,
  },
  { what: 'nobody named', args: ['tree'], error: /^<who>: expected an id, DN.*got nothing$/ },
  { what: 'no SQL', args: ['query', ' '], error: /^<sql>: expected one SELECT.*got nothing$/ },
  {
    what: 'a CA file that cannot be read',
    args: ['crawl', '--url', 'ldaps://127.0.0.1:9', '--root', 'dc=x', '--ca-file', 'nowhere.pem'],
    error: /^--ca-file: cannot read nowhere\.pem \(ENOENT\)$/,
  },
  {
    what: 'a CA file that is a folder',
    args: ['crawl', '--url', 'ldaps://127.0.0.1:9', '--root', 'dc=x', '--ca-file', '.'],
    error: /^--ca-file: cannot read \. \(EISDIR\)$/,
  },
  {
    what: 'a config file that is not there',
    args: ['status', '--config', 'nowhere.yaml'],
    error: /^--config: expected a config file that can be read, got nowhere\.yaml: ENOENT$/,
  },
  {
    what: 'a password for another host in clear',
    args: ['crawl', '--url', 'ldap://192.0.2.1', '--root', 'dc=x', '--bind-dn', 'cn=a'],
    error:
      /^--url: expected ldaps:\/\/ or --starttls, for the password would cross the network in clear/,
  },
  {
    what: 'an account without any password',
    args: [...crawlOf(NOBODY, 'x.db'), '--bind-dn', 'cn=a', '--allow-plaintext'],
    error: /^--bind-dn: expected its password from --bind-password-file/,
  },
];

describe('a mistake on the command line', () => {
  test.each(MISTAKES)(
    '$what is refused in two lines, exit 2, and leaves no file',
    async (mistake) => {
      await withPlace(async ({ folder }) => {
        const env: Record<string, string> = mistake.what.includes('in clear')
          ? { ORGWALK_BIND_PASSWORD: SECRET }
          : {};
        const outcome = await runOrgwalk(mistake.args, { cwd: folder, env });
        expectRefusal(outcome, { code: 2, ...mistake });
        expect(await readdir(folder)).toEqual([]);
      });
    },
  );

  test('several at once are all listed, whatever kind they are of', async () => {
    const args = ['crawl', 'extra', '--url', 'x', '--workers', '-1', '--nope', '--rate=fast'];
    const env = { ORGWALK_PAGE_SIZE: 'big', ORGWALK_WORKER: '3' };
    const { code, stdout, stderr } = await runOrgwalk(args, { env });
    expect([code, stdout]).toEqual([2, '']);
    const [error, ...lines] = stderr.trimEnd().split('\n');
    expect(error).toBe('Error: 8 problems in the configuration');
    expect(lines.map((line) => line.trim().split(':')[0])).toEqual([
      'argument',
      'ORGWALK_WORKER',
      '--nope',
      '--url',
      '--workers',
      '--rate',
      'ORGWALK_PAGE_SIZE',
      '--root',
      'Try',
    ]);
  });

  test('no command at all shows the help, then two lines', async () => {
    const { code, stdout, stderr } = await runOrgwalk([]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^orgwalk <command> \[options\]\n/);
    expect(stderr).toMatch(/\nError: no command was given\nTry: orgwalk demo\n$/);
  });

  test('a database that exists is as it was afterwards', async () => {
    await withCrawled(async ({ server, db }) => {
      const args = crawlOf(server, db, '--filter', '(cn=*', '--fresh');
      expectRefusal(await leavingDatabase(db, () => runOrgwalk(args)), {
        code: 2,
        error: '--filter',
      });
      const { searches } = server.stats;
      expectRefusal(await runOrgwalk(crawlOf(server, db, '--filter', '(cn=*)(x)')), {
        code: 2,
        error: /^--filter: expected the end at position 7 of the filter$/,
      });
      expect(server.stats.searches).toBe(searches);
    });
  });
});

describe('a password', () => {
  test('is refused on the command line and not repeated', async () => {
    const outcome = await runOrgwalk(crawlOf(NOBODY, 'x.db', '--bind-password', SECRET));
    const error = /^--bind-password: .*not shown.*--bind-password-file, ORGWALK_BIND_PASSWORD/;
    expectRefusal(outcome, { code: 2, error });
    expect(outcome.stderr).not.toContain(SECRET);
  });

  test('is refused in a URL and not repeated', async () => {
    const url = `ldap://admin:${SECRET}@127.0.0.1`;
    const outcome = await runOrgwalk(['crawl', '--url', url, '--root', 'dc=x']);
    expectRefusal(outcome, { code: 2, error: /^--url: .*never in the URL/ });
    expect(outcome.stderr).not.toContain(SECRET);
  });

  test('is refused in a config file and not repeated', async () => {
    await withPlace(async ({ folder }) => {
      const config = join(folder, 'orgwalk.yaml');
      await writeFile(config, `bindPassword: ${SECRET}\n`);
      const outcome = await runOrgwalk(crawlOf(NOBODY, 'x.db', '--config', config));
      expectRefusal(outcome, { code: 2, error: /^bindPassword in .*not shown/ });
      expect(outcome.stderr).not.toContain(SECRET);
    });
  });

  test.each([0o640, 0o604, 0o660])(
    'in a file of mode %o is refused before any connection',
    async (mode) => {
      await withPlace(({ folder, db }) =>
        withServer({}, async (server) => {
          const file = join(folder, 'password');
          await writeFile(file, SECRET);
          await chmod(file, mode);
          const account = ['--bind-dn', 'cn=a', '--bind-password-file', file];
          expectRefusal(await runOrgwalk(crawlOf(server, db, ...account)), {
            code: 2,
            error: /^The password file .* can be used by others \(mode 0/,
            hint: /^chmod 600 /,
          });
          expect(server.stats.connections).toBe(0);
        }),
      );
    },
  );

  test('that is empty is never sent, for it would pass as anonymous', async () => {
    await withPlace(({ db }) =>
      withServer({}, async (server) => {
        const args = crawlOf(server, db, '--bind-dn', 'cn=a');
        const credentials = { CREDENTIALS_DIRECTORY: '/nonexistent', ORGWALK_BIND_PASSWORD: '' };
        expectRefusal(await runOrgwalk(args, { env: credentials }), { code: 2, error: /password/ });
        expect(server.stats.connections).toBe(0);
      }),
    );
  });
});

describe('--debug', () => {
  const wrong = crawlOf(NOBODY, '/nonexistent/x.db');

  test.each([
    { how: 'the flag', args: ['--debug'], env: {} },
    { how: 'the variable', args: [], env: { ORGWALK_DEBUG: 'true' } },
  ])('as $how adds the stack trace', async ({ args, env }) => {
    const { stderr } = await runOrgwalk([...wrong, ...args], { env });
    expect(stderr).toMatch(/^Error: .*\nTry: .*\n/);
    expect(stderr).toMatch(/^ {4}at /m);
  });

  test('is needed for that', async () => {
    const { stderr } = await runOrgwalk(wrong);
    expect(stderr).not.toMatch(/^ {4}at /m);
  });
});
