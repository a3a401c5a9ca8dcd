// A Node that is too old must be told before anything native is loaded: that would kill the process, and say nothing.

import { execFile } from 'node:child_process';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { expectRefusal, PROGRAM, runOrgwalk, withPlace } from './orgwalk.ts';

const run = promisify(execFile);

/** Preloaded, makes this Node pass for another one. */
function pretending(version: string): readonly string[] {
  const code = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } });`;
  return ['--import', `data:text/javascript,${encodeURIComponent(code)}`];
}

describe('a Node that is too old', () => {
  test.each(['20.20.2', '18.0.0', '21.7.3'])(
    'as %s is refused in two lines: exit 2',
    async (version) => {
      const outcome = await runOrgwalk(['status'], { node: pretending(version) });
      expectRefusal(outcome, {
        code: 2,
        error: `orgwalk needs Node 22 or newer, this is ${version}`,
        hint: /nodejs\.org/,
      });
    },
  );

  test('is refused before anything else is loaded: the rest may not even be there', async () => {
    await withPlace(async ({ folder }) => {
      const alone = join(folder, 'bin.mjs');
      await copyFile(PROGRAM, alone);
      const told = await run(process.execPath, [...pretending('20.20.2'), alone]).catch((e) => e);
      expect([told.code, told.stderr]).toEqual([
        2,
        expect.stringMatching(/^Error: orgwalk needs Node 22/),
      ]);
      const young = await run(process.execPath, [alone]).catch((e) => e);
      expect(young.stderr).toContain('ERR_MODULE_NOT_FOUND');
    });
  });

  test.each(['22.0.0', '24.1.0', '100.0.0'])('is not %s', async (version) => {
    const { code, stdout } = await runOrgwalk(['--version'], { node: pretending(version) });
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^\d+\.\d+\.\d+\n$/)]);
  });
});
