// What comes from the directory cannot pass for a line of this program, nor be obeyed by a terminal.
import { describe, expect, test } from 'vitest';
import { DeniedBranch } from '../../src/simulate/faults.ts';
import { staticDirectory } from '../../src/simulate/organisation.ts';
import { person, SUFFIX, top, withServer } from '../simulate/servers.ts';
import { bindAnswer, done, entry } from '../support/ldap-bytes.ts';
import { type Peer, withScriptedServer } from '../support/scripted-server.ts';
import { crawlOf, expectRefusal, runOrgwalk, withPlace } from './orgwalk.ts';

const FORGED = 'Run 99 complete and published';
const HOSTILE = `x\n${FORGED}\r\u001b[2J\u202e`;
const ROOT = `uid=p1,${SUFFIX}`;

/** Nothing that a terminal would obey, and no line that the program did not write. */
function expectHarmless(text: string): void {
  expect(text).not.toMatch(/[\0-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
  expect(
    text.split('\n').filter((line) => line.toLowerCase().startsWith(FORGED.toLowerCase())),
  ).toEqual([]);
}

describe('a newline in a name cannot forge a line', () => {
  test('of the summary or of status, where the id of a failed branch is its DN', async () => {
    const dn = `uid=x\\0A${FORGED}\\0D\\1B[2J\u202e,${SUFFIX}`;
    const hostile = {
      dn,
      attributes: { ...person('x').attributes, uid: [HOSTILE], cn: [HOSTILE] },
    };
    const directory = staticDirectory([top, person('p1', { manager: [] }), hostile], SUFFIX);
    await withServer({ directory, faults: [new DeniedBranch(dn)] }, ({ url }) =>
      withPlace(async ({ db }) => {
        const args = crawlOf({ url, root: ROOT }, db, '--progress', 'log');
        const { code, stderr } = await runOrgwalk(args);
        expect([code, stderr]).toEqual([3, expect.stringContaining('denied: access denied (50)')]);
        expectHarmless(stderr);
        for (const command of [['status'], ['tree', 'p1'], ['query', 'SELECT * FROM failures']]) {
          expectHarmless((await runOrgwalk([...command, '--db', db])).stdout);
        }
      }),
    );
  });

  test('of an error, where the server names its naming contexts', async () => {
    const contexts = [`o=one`, `o=${HOSTILE}`];
    const script = async (peer: Peer) => {
      for (let next = await peer.request(); next !== undefined; next = await peer.request()) {
        if (next.tag === 0x60) peer.send(bindAnswer(next.id));
        else peer.send(entry(next.id, '', [['namingContexts', contexts]]), done(next.id));
      }
    };
    await withScriptedServer(script, ({ url }) =>
      withPlace(async ({ db }) => {
        const outcome = await runOrgwalk(crawlOf({ url, root: ROOT }, db));
        expectRefusal(outcome, { code: 6, error: /o=one/, hint: /--base/ });
        expectHarmless(outcome.stderr);
      }),
    );
  });
});
