// A stop ends a crawl wherever it is: each of these hangs where nothing else could end it.
import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { ResultCode, Silence } from '../../src/simulate/faults.ts';
import { startOrgwalk } from '../cli/orgwalk.ts';
import { withScriptedServer } from '../support/scripted-server.ts';
import {
  expectFinished,
  expectNotBegun,
  expectStopped,
  MID_CRAWL,
  preload,
  STRANGER,
  statusOf,
  stopped,
  TERM,
  withScene,
} from './stopping-scene.ts';

describe('a stop before a run has begun', () => {
  test('while a name is resolved', async () => {
    await withScene({}, async (scene) => {
      const url = scene.server.url.replace('127.0.0.1', 'directory.example');
      const running = scene.start({ url, preload: preload('slow-names') });
      const outcome = await stopped(running, running.says(/a name is being resolved/));
      expectNotBegun(outcome, 143, TERM);
      await expectFinished(scene, { resumed: false });
    });
  });

  test.each(['ldap', 'ldaps'])('while a silent server keeps it waiting, %s', async (scheme) => {
    await withScene({}, async (scene) => {
      const connected = Promise.withResolvers<void>();
      const silent = createServer((socket) => {
        socket.on('data', () => connected.resolve()).on('error', () => {});
      });
      await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
      const { port } = silent.address() as { port: number };
      const running = scene.start({ url: `${scheme}://127.0.0.1:${port}` });
      const outcome = await stopped(running, connected.promise);
      silent.close();
      expectNotBegun(outcome, 143, TERM);
      await expectFinished(scene, { resumed: false });
    });
  });

  test('while the bind is not answered', async () => {
    await withScene({}, async (scene) => {
      const asked = Promise.withResolvers<void>();
      await withScriptedServer(
        async (peer) => {
          await peer.expect();
          asked.resolve();
          await peer.closed;
        },
        async ({ url }) => {
          const account = ['--bind-dn', 'cn=orgwalk,dc=example,dc=com'];
          const running = startOrgwalk(
            ['crawl', '--url', url, '--root', '(uid=p1)', '--db', scene.db, ...account].concat([
              ...['--request-timeout', '1h', '--progress', 'none'],
            ]),
            { env: { ORGWALK_BIND_PASSWORD: 'secret' } },
          );
          const outcome = await stopped(running, asked.promise);
          expectNotBegun(outcome, 143, TERM);
        },
      );
      await expectFinished(scene, { resumed: false });
    });
  });

  test('at its deadline', async () => {
    await withScene({ faults: [new Silence()] }, async (scene) => {
      const outcome = await scene.start({ args: ['--deadline', '1s'] }).finished;
      expectNotBegun(outcome, 4, 'the deadline was reached');
      await expectFinished(scene, { resumed: false });
    });
  });
});

describe('a stop in the middle', () => {
  test('while a search is not answered', async () => {
    await withScene({ faults: [new Silence({ kind: 'any', from: MID_CRAWL })] }, async (scene) => {
      const hangs = scene.arrived((_, n) => n === MID_CRAWL);
      const outcome = await stopped(scene.start(), hangs);
      expectStopped(outcome, 143, TERM);
      expect((await statusOf(scene.db)).status).toBe('interrupted');
      await expectFinished(scene);
    });
  });

  test('while the directory is away', async () => {
    await withScene({ faults: [new Silence({ from: MID_CRAWL })] }, async (scene) => {
      const hangs = scene.arrived((_, n) => n === MID_CRAWL);
      const running = scene.start();
      await Promise.race([hangs, running.finished]);
      await scene.server.close();
      const outcome = await stopped(running, running.says(/does not answer/));
      expectStopped(outcome, 143, TERM);
      await withScene({}, async ({ server, start: _start }) => {
        await expectFinished({
          ...scene,
          server,
          start: (options) => scene.start({ ...options, url: server.url }),
        });
      });
    });
  });

  test('while a busy server is left alone', async () => {
    await withScene({ faults: [new ResultCode(51, { from: MID_CRAWL })] }, async (scene) => {
      const hangs = scene.arrived((_, n) => n === MID_CRAWL + 3);
      const outcome = await stopped(scene.start(), hangs);
      expectStopped(outcome, 143, TERM);
      await expectFinished(scene);
    });
  });

  test('while requests wait for the limiter', async () => {
    await withScene({}, async (scene) => {
      const hangs = scene.arrived((_, n) => n === 5);
      const slow = scene.start({ pace: ['--rate', '1', '--batch', '1'] });
      const outcome = await stopped(slow, hangs);
      expectStopped(outcome, 143, TERM);
      await expectFinished(scene);
    });
  });

  test('while the server is asked who stands behind a manager value', async () => {
    const faults = [new Silence({ base: STRANGER })];
    await withScene({ faults }, async (scene) => {
      const hangs = scene.arrived(({ base }) => base === STRANGER);
      const outcome = await stopped(scene.start(), hangs);
      expectStopped(outcome, 143, TERM);
      await expectFinished(scene);
    });
  });
});
