import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect, promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { readBindPassword } from '../../src/config/password.ts';
import { Secret } from '../../src/config/secret.ts';
import { UsageError } from '../../src/domain/errors.ts';

const bindDn = 'cn=orgwalk';

describe('the bind password', () => {
  test('comes from the file first, then the environment, a credential, the person', async () => {
    await withFolder(async (folder) => {
      const file = await write(folder, 'pw', 'from file');
      await write(folder, 'orgwalk-bind-password', 'from credential');
      const prompt = async () => 'from person';
      const env = { ORGWALK_BIND_PASSWORD: 'from environment', CREDENTIALS_DIRECTORY: folder };
      const credential = { CREDENTIALS_DIRECTORY: folder };
      expect(await reveal({ file, env, prompt })).toBe('from file');
      expect(await reveal({ env, prompt })).toBe('from environment');
      expect(await reveal({ env: credential, prompt })).toBe('from credential');
      expect(await reveal({ prompt })).toBe('from person');
    });
  });

  test.each([
    ['secret\n', 'secret'],
    ['secret\r\n', 'secret'],
    ['secret\n\n', 'secret\n'],
    [' se cret ', ' se cret '],
    ['\ufeffsecret', 'secret'],
    ['pässwörd🔑', 'pässwörd🔑'],
  ])('a file that holds %j gives %j', async (content, password) => {
    await withFolder(async (folder) => {
      expect(await reveal({ file: await write(folder, 'pw', content) })).toBe(password);
    });
  });

  test.each([0o640, 0o604, 0o620, 0o601, 0o666])(
    'a file with mode %o is refused with the way to mend it',
    async (mode) => {
      await withFolder(async (folder) => {
        const file = await write(folder, 'pw', 'hunter2', mode);
        const error = await refusal({ file });
        expect(error.message).toContain(`mode 0${mode.toString(8)}`);
        expect(error.hint).toBe(`chmod 600 ${file}`);
        expect(error.message).not.toContain('hunter2');
      });
    },
  );

  test.each([0o600, 0o400])('a file with mode %o is read', async (mode) => {
    await withFolder(async (folder) => {
      expect(await reveal({ file: await write(folder, 'pw', 'x', mode) })).toBe('x');
    });
  });

  test('a file that is not there is refused by name, and nothing else is tried', async () => {
    await withFolder(async (folder) => {
      const env = { ORGWALK_BIND_PASSWORD: 'x' };
      expect((await refusal({ file: join(folder, 'none'), env })).message).toMatch(/none.*ENOENT/);
    });
  });

  test.each([tmpdir(), '/dev/null'])('%s, which is no file, is called that', async (file) => {
    const error = await refusal({ file });
    expect(error.message).toBe(`The password file \`${file}\` is not a regular file`);
    expect(error.hint).not.toContain('chmod');
  });

  test('may come through a pipe, as of a shell: <(pass show directory)', async () => {
    await withFolder(async (folder) => {
      const file = join(folder, 'pipe');
      await promisify(execFile)('mkfifo', ['-m', '600', file]);
      const [password] = await Promise.all([reveal({ file }), writeFile(file, 'secret\n')]);
      expect(password).toBe('secret');
    });
  });

  test('bytes that are no UTF-8 are refused, not replaced', async () => {
    await withFolder(async (folder) => {
      const file = await write(folder, 'pw', Buffer.from([0x70, 0xff]));
      expect((await refusal({ file })).message).toContain('not UTF-8');
    });
  });

  test('an empty one is refused, whatever it comes from', async () => {
    await withFolder(async (folder) => {
      const file = await write(folder, 'pw', '\n');
      for (const sources of [
        { file },
        { env: { ORGWALK_BIND_PASSWORD: '' } },
        { prompt: async () => '' },
      ]) {
        expect((await refusal(sources)).message).toBe('The password to bind with is empty');
      }
    });
  });

  test('a credential may be named bind-password, and its mode is systemd’s business', async () => {
    await withFolder(async (folder) => {
      await write(folder, 'bind-password', 'x\n', 0o440);
      expect(await reveal({ env: { CREDENTIALS_DIRECTORY: folder } })).toBe('x');
    });
  });

  test('without any, the ways to give one are named', async () => {
    const error = await refusal({ env: { CREDENTIALS_DIRECTORY: '/nonexistent' } });
    expect(error.hint).toMatch(/--bind-password-file.*ORGWALK_BIND_PASSWORD.*systemd.*terminal/);
  });

  test('the person is asked for the account by name', async () => {
    const asked: string[] = [];
    const prompt = async (question: string) => {
      asked.push(question);
      return 'x';
    };
    await reveal({ prompt });
    expect(asked).toEqual(['Password of `cn=orgwalk`: ']);
  });
});

describe('a secret', () => {
  test('shows itself nowhere unless asked', () => {
    const secret = new Secret('hunter2');
    const shown = [
      `${secret}`,
      JSON.stringify({ secret }),
      inspect(secret, { showHidden: true, depth: 9 }),
    ];
    expect(shown.join()).not.toContain('hunter2');
    expect(secret.reveal()).toBe('hunter2');
  });
});

interface Sources {
  readonly file?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly prompt?: (question: string) => Promise<string>;
}

async function reveal({ file, env = {}, prompt }: Sources): Promise<string> {
  const base = { bindDn, file, env };
  const secret = await readBindPassword(prompt ? { ...base, prompt } : base);
  return secret.reveal();
}

async function refusal(sources: Sources): Promise<UsageError> {
  const error: unknown = await reveal(sources).catch((cause: unknown) => cause);
  if (error instanceof UsageError) return error;
  throw new Error(`Expected a UsageError, got ${inspect(error)}`);
}

async function write(
  folder: string,
  name: string,
  content: string | Buffer,
  mode = 0o600,
): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  await chmod(path, mode);
  return path;
}

async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'orgwalk-password-'));
  try {
    await use(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}
