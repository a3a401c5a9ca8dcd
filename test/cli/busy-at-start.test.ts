// A directory that is too busy for the very first requests: exit 6, and nobody looks for the fault in the account.
import { expect, test } from 'vitest';
import { ResultCode } from '../../src/simulate/faults.ts';
import { withServer } from '../simulate/servers.ts';
import { crawlOf, expectRefusal, runOrgwalk, withPlace } from './orgwalk.ts';

const ACCOUNT = { bindDn: 'cn=reader,dc=example,dc=com', password: 'right' };
const AT_ONCE = ['--outage-budget', '0s'];

const ANSWERS = [
  { code: 51, kind: 'search', from: 1, error: /too busy.*: the server is busy \(51\)$/ },
  { code: 52, kind: 'search', from: 1, error: /too busy.*: the server is unavailable \(52\)$/ },
  { code: 51, kind: 'search', from: 2, error: /too busy.*: the server is busy \(51\)$/ },
  { code: 51, kind: 'search', from: 3, error: /too busy.*: the server is busy \(51\)$/ },
  { code: 51, kind: 'bind', from: 1, error: /too busy.*: .*refused the bind \(51\)$/ },
] as const;

test.each(ANSWERS)(
  '$code to every $kind from the one with number $from on: try later',
  async ({ code, kind, from, error }) => {
    await withServer({ ...ACCOUNT, faults: [new ResultCode(code, { kind, from })] }, (server) =>
      withPlace(async ({ db }) => {
        const args = crawlOf(server, db, '--bind-dn', ACCOUNT.bindDn, ...AT_ONCE);
        const outcome = await runOrgwalk(args, {
          env: { ORGWALK_BIND_PASSWORD: ACCOUNT.password },
        });
        expectRefusal(outcome, { code: 6, error, hint: /^try again later/ });
        expect(outcome.stderr).not.toMatch(/--bind-dn|may read|Connect again/);
      }),
    );
  },
);

test('an internal error (80) of the server is not put down to the account either', async () => {
  await withServer({ faults: [new ResultCode(80, { kind: 'search' })] }, (server) =>
    withPlace(async ({ db }) => {
      expectRefusal(await runOrgwalk(crawlOf(server, db, ...AT_ONCE)), {
        ...{ code: 6, error: /the server reported an internal error \(80\)$/ },
        hint: /^try again later.*log of the directory server/,
      });
    }),
  );
});
