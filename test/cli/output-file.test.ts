import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { replaceFile } from '../../src/cli/output-file.ts';
import { evenCompany } from '../crawl/company.ts';
import { withDatabase } from '../crawl/crawls.ts';
import { withTemporaryDirectory } from '../support/temporary.ts';
import { asked } from './asked.ts';
import { modeOf, runOrgwalk } from './orgwalk.ts';

const BEFORE = 'what was there before';

function withFile(use: (file: string, files: () => readonly string[]) => Promise<void>) {
  return withTemporaryDirectory(async (folder) => {
    const file = join(folder, 'org.html');
    writeFileSync(file, BEFORE);
    await use(file, () => readdirSync(folder));
  });
}

describe('a file that is replaced', () => {
  test('is the former one until the new one is complete, and nothing is left beside it', async () => {
    await withFile(async (file, files) => {
      await replaceFile(file, 0o640, async (temporary) => {
        expect(await modeOf(temporary)).toBe('600');
        writeFileSync(temporary, 'half');
        expect(readFileSync(file, 'utf8')).toBe(BEFORE);
        writeFileSync(temporary, 'whole');
      });
      expect([readFileSync(file, 'utf8'), await modeOf(file)]).toEqual(['whole', '640']);
      expect(files()).toEqual([basename(file)]);
    });
  });

  test('stays the former one where the new one fails', async () => {
    await withFile(async (file, files) => {
      const replacing = replaceFile(file, 0o600, async () => {
        throw new TypeError('no more of it');
      });
      await expect(replacing).rejects.toThrow('no more of it');
      expect([readFileSync(file, 'utf8'), files()]).toEqual([BEFORE, [basename(file)]]);
    });
  });

  test('stays the former one where a signal comes, which is told in two lines', async () => {
    await withFile(async (file, files) => {
      let temporary = '';
      const replacing = replaceFile(file, 0o600, async (path, signal) => {
        temporary = path;
        process.emit('SIGHUP');
        signal.throwIfAborted();
      });
      await expect(replacing).rejects.toMatchObject({
        exitCode: 129,
        message: `SIGHUP was received: ${file} was not written`,
        hint: 'run the same command again',
      });
      expect([readFileSync(file, 'utf8'), files()]).toEqual([BEFORE, [basename(file)]]);
      expect([temporary === file, existsSync(temporary)]).toEqual([false, false]);
    });
  });

  test('stays the former one where the process is killed before it is in place', async () => {
    await withFile(async (file, files) => {
      await withDatabase(async (database) => {
        await database.crawl(evenCompany(3, 2));
        const preload = fileURLToPath(new URL('./preload-kill-at-rename.ts', import.meta.url));
        const node = ['--import', preload];
        const command = ['export', '--out', file, '--db', database.path];
        expect(await runOrgwalk(command, { node })).toMatchObject({ signal: 'SIGKILL' });
        expect(readFileSync(file, 'utf8')).toBe(BEFORE);
        const left = files().filter((name) => name !== basename(file));
        expect(left).toEqual([expect.stringMatching(/^\.org\.html\.\w+\.tmp$/)]);
        expect(await modeOf(join(file, '..', left[0] ?? ''))).toBe('600');
        expect((await asked(command)).code).toBe(0);
        expect(readFileSync(file, 'utf8')).toMatch(/^id,dn,/);
      });
    });
  });

  test('leaves no listener on signals', async () => {
    await withFile(async (file) => {
      const before = process.listenerCount('SIGHUP') + process.listenerCount('exit');
      await replaceFile(file, 0o600, async () => {});
      expect(process.listenerCount('SIGHUP') + process.listenerCount('exit')).toBe(before);
    });
  });
});
