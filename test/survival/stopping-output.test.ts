// Whoever listens may go away, and what is told may have nowhere to go: the crawl is none the worse for it.
import { describe, expect, test } from 'vitest';
import { Silence } from '../../src/simulate/faults.ts';
import { runOrgwalk } from '../cli/orgwalk.ts';
import { digestDatabase } from '../support/digest.ts';
import { expectFinished, MID_CRAWL, type Scene, undisturbed, withScene } from './stopping-scene.ts';

/** The program with such redirections. */
const redirected = (how: string) => ['sh', '-c', `exec "$0" "$@" ${how}`];
const TALKATIVE = ['--progress', 'bar'];

async function expectWhole({ db }: Scene): Promise<void> {
  expect(digestDatabase(db)).toBe(await undisturbed());
}

const unwritable = {
  code: 1,
  stderr: expect.stringMatching(
    /^Error: the result cannot be written to stdout \(ENOSPC\)\nTry: .*\n$/,
  ),
};

describe('a crawl whose talk goes nowhere', () => {
  test.each([
    ['stderr on a full disk', '2>/dev/full'],
    ['a closed stderr', '2>&-'],
    ['a stderr that nobody reads', '2> >(true)'],
  ])('ends as ever: %s', async (_what, how) => {
    await withScene({}, async (scene) => {
      const under = how.includes('>(') ? ['bash', '-c', `exec "$0" "$@" ${how}`] : redirected(how);
      const { code, stdout } = await scene.start({ args: ['--json'], quiet: TALKATIVE, under })
        .finished;
      expect([code, JSON.parse(stdout).status]).toEqual([0, 'published']);
      await expectWhole(scene);
    });
  });

  test('can be stopped all the same', async () => {
    await withScene({ faults: [new Silence({ kind: 'any', from: MID_CRAWL })] }, async (scene) => {
      const hangs = scene.nth(MID_CRAWL);
      const running = scene.start({ quiet: TALKATIVE });
      running.child.stderr?.destroy();
      await Promise.race([hangs, running.finished]);
      running.kill('SIGTERM');
      expect((await running.finished).code).toBe(143);
      await expectFinished(scene);
    });
  });
});

describe('a crawl whose result goes nowhere', () => {
  test('publishes, and says that the summary was lost: a full disk', async () => {
    await withScene({}, async (scene) => {
      const under = redirected('>/dev/full');
      expect(await scene.start({ args: ['--json'], under }).finished).toMatchObject(unwritable);
      await expectWhole(scene);
    });
  });

  test.each(['>&-', 'closed by its reader'])('publishes: %s', async (how) => {
    await withScene({}, async (scene) => {
      const under = how === '>&-' ? redirected(how) : [];
      const running = scene.start({ args: ['--json'], under });
      if (under.length === 0) running.child.stdout?.destroy();
      expect(await running.finished).toMatchObject({ code: 0, stderr: '' });
      await expectWhole(scene);
    });
  });
});

test('an answer that cannot be written is an error, one that nobody wants is none', async () => {
  await withScene({}, async ({ db, start }) => {
    await start().finished;
    for (const command of [['status'], ['runs'], ['query', 'SELECT * FROM employees']]) {
      const args = [...command, '--db', db];
      const full = await runOrgwalk(args, { under: redirected('>/dev/full') });
      expect(full).toMatchObject(unwritable);
      const closed = await runOrgwalk(args, { under: redirected('>&-') });
      expect(closed).toMatchObject({ code: 0, stderr: '' });
    }
  });
});
