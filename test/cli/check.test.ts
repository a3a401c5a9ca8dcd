// `orgwalk check`: what a person and a script are told, and what to do about what is wrong.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SimulatedServerOptions } from '../../src/simulate/server.ts';
import { team, withServer } from '../simulate/servers.ts';
import { withAuthority } from '../support/certificates.ts';
import { withTemporaryDirectory } from '../support/temporary.ts';
import { crawlOf, expectRefusal, type Outcome, runOrgwalk } from './orgwalk.ts';

const FIELDS = [
  ...['server', 'namingContext', 'base', 'filter', 'boundAs', 'tls', 'paging', 'sizeLimit'],
  ...['managerSearch', 'idAttribute', 'leavesShow', 'roots', 'sample', 'estimate', 'requests'],
  'problems',
];

const P1 = ['--root', '(uid=p1)'];

function check(url: string, ...more: readonly string[]): Promise<Outcome> {
  return runOrgwalk(['check', '--url', url, ...more]);
}

async function told(options: Partial<SimulatedServerOptions>, ...more: readonly string[]) {
  return withServer({ directory: team(30), ...options }, async ({ url }) => {
    const outcome = await check(url, ...P1, '--json', ...more);
    expect(outcome.code, outcome.stderr).toBe(0);
    return JSON.parse(outcome.stdout);
  });
}

describe('orgwalk check', () => {
  it('tells a person about server, people, limits and cost, and leaves nothing behind', async () => {
    await withTemporaryDirectory(async (dir) => {
      const { code, stdout } = await withServer({ directory: team(30) }, ({ url }) =>
        check(url, ...P1, '--db', join(dir, 'people.db')),
      );
      expect(code).toBe(0);
      for (const label of ['Server', 'Paging', 'Size limit', 'Roots', 'Cost', 'This check']) {
        expect(stdout).toMatch(new RegExp(`^${label} {2,}\\S`, 'm'));
      }
      expect(stdout).toMatch(/uid=p1,dc=example,dc=com: readable, with reports/);
      expect(existsSync(join(dir, 'people.db'))).toBe(false);
    });
  });

  it('prints one object with these fields, after fewer than 30 requests', async () => {
    const json = await told({});
    expect(Object.keys(json)).toEqual(FIELDS);
    expect(json).toMatchObject({ boundAs: null, tls: null, paging: { answer: 'accepted' } });
    expect(json.estimate).toMatchObject({ perTenThousand: { employees: 10_000 }, inAll: null });
    expect(json.requests).toBeLessThan(30);
  });

  it('says what to do about each problem', async () => {
    const { problems } = await told({ paging: 'refused', sizeLimit: 20 });
    const said = problems.map(({ problem }: { problem: string }) => problem);
    expect(said).toEqual([
      expect.stringMatching(/came without entryUUID/),
      expect.stringMatching(/offers paging, and refuses it/),
      expect.stringMatching(/20 people at most/),
    ]);
    for (const { try: hint } of problems) expect(hint).not.toBe('');
  });

  it('counts on what the last crawl found', async () => {
    await withTemporaryDirectory((dir) =>
      withServer({}, async (server) => {
        const db = join(dir, 'people.db');
        const root = '(!(manager=*))';
        expect((await runOrgwalk([...crawlOf(server, db), '--root', root])).code).toBe(0);
        const { stdout } = await check(server.url, '--root', root, '--db', db, '--json');
        expect(JSON.parse(stdout).estimate.inAll).toMatchObject({ employees: 100 });
      }),
    );
  });

  it('tells the certificate and how long it holds', async () => {
    await withAuthority(async (authority) => {
      const tls = { ...(await authority.issue('server', 'IP:127.0.0.1')), implicit: true };
      const json = await told({ tls }, '--ca-file', authority.certFile);
      expect(json.tls).toMatchObject({ names: ['127.0.0.1'], daysLeft: expect.any(Number) });
      const [{ problem }] = json.problems;
      expect(problem).toMatch(/^the certificate of the server ends in \d days$/);
    });
  });

  it('refuses as a crawl would: a wrong password, a root that is not there', async () => {
    const bindDn = 'cn=reader,dc=example,dc=com';
    await withServer({ directory: team(3), bindDn, password: 'right' }, async ({ url }) => {
      const env = { ORGWALK_BIND_PASSWORD: 'wrong' };
      const args = ['check', '--url', url, '--root', '(uid=p1)', '--bind-dn', bindDn];
      const error = /^the directory refused the credentials \(49\)$/;
      expectRefusal(await runOrgwalk(args, { env }), { code: 6, error, hint: /--bind-dn/ });
    });
    await withServer({ directory: team(3) }, async ({ url }) => {
      const error = /^no entry matches the root \(uid=nobody\)$/;
      const args = ['check', '--url', url, '--root', '(uid=nobody)'];
      expectRefusal(await runOrgwalk(args), { code: 6, error, hint: /--root/ });
    });
  });
});
