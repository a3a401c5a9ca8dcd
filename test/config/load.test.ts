import { describe, expect, test } from 'vitest';
import { type ConfigInput, loadConfig } from '../../src/config/load.ts';
import { ConfigError } from '../../src/config/problem.ts';
import type { Command } from '../../src/config/spec.ts';
import { EXIT, UsageError } from '../../src/domain/errors.ts';

const ENOUGH = { url: ['ldaps://h'], root: ['(uid=ceo)'] };

describe('where a value comes from', () => {
  test('a default holds where nothing is said', () => {
    expect(crawl({}).workers).toBe(8);
  });

  test('the file wins over the default, a variable over the file, a flag over all', () => {
    const file = 'workers: 2';
    const env = { ORGWALK_WORKERS: '3' };
    expect(crawl({ file }).workers).toBe(2);
    expect(crawl({ file, env }).workers).toBe(3);
    expect(crawl({ file, env, flags: { workers: '4' } }).workers).toBe(4);
  });

  test('a list is replaced by a stronger source, not added to', () => {
    const file = 'url: [ldaps://a, ldaps://b]';
    const { urls } = loadConfig(
      'crawl',
      given({ file, flags: { root: '(uid=ceo)', url: 'ldaps://c' } }),
    );
    expect(urls.map(({ host }) => host)).toEqual(['c']);
  });

  test('the config file is named by a variable as well', () => {
    const input = { ...given({ env: { ORGWALK_CONFIG: 'o.yaml' } }), readFile: () => 'workers: 5' };
    expect(loadConfig('crawl', { ...input, flags: ENOUGH }).workers).toBe(5);
  });

  test('an empty variable counts as not set', () => {
    expect(crawl({ env: { ORGWALK_WORKERS: '' } }).workers).toBe(8);
  });

  test('a flag that the parser left undefined counts as not given', () => {
    expect(crawl({ flags: { workers: undefined } }).workers).toBe(8);
  });

  test('the demo has a database of its own', () => {
    expect(loadConfig('demo', given({})).db).toBe('./demo.db');
    expect(crawl({}).db).toBe('./orgwalk.db');
  });
});

describe('how a value is written', () => {
  test('flags come in camelCase, in kebab-case, or as both', () => {
    const flags = {
      'page-size': '50',
      pageSize: '50',
      'resume-within': '1h',
      _: ['crawl'],
      $0: 'orgwalk',
    };
    const { pageSize, resumeWithinMs } = crawl({ flags });
    expect([pageSize, resumeWithinMs]).toEqual([50, 3_600_000]);
  });

  test('arguments that are no options are left alone', () => {
    const input = { ...given({ flags: { who: 'kim', depth: '1' } }), positionals: ['who'] };
    expect(loadConfig('tree', input).depth).toBe(1);
  });

  test('a variable holds one value a line, and servers by spaces too', () => {
    const env = { ORGWALK_URL: 'ldaps://a ldaps://b', ORGWALK_ROOT: 'cn=A B,dc=x\ncn=C,dc=x\n' };
    const { urls, roots } = loadConfig('crawl', given({ env }));
    expect(urls.map(({ host }) => host)).toEqual(['a', 'b']);
    expect(roots).toEqual(['cn=A B,dc=x', 'cn=C,dc=x']);
  });

  test('the file takes one value of a list as it is, and is YAML or JSON', () => {
    const json =
      '{\n\t"url": "ldaps://a",\n\t"root": ["(uid=a)", "(uid=b)"],\n\t"starttls": false\n}';
    const { urls, roots } = loadConfig('crawl', given({ file: json }));
    expect([urls.length, roots.length]).toEqual([1, 2]);
  });

  test('a relative path in the file is relative to the file, elsewhere to the working directory', () => {
    const input = { flags: { ...ENOUGH, config: '/etc/orgwalk/o.yaml' }, env: {} };
    const readFile = () => 'caFile: ca.pem';
    expect(loadConfig('crawl', { ...input, readFile }).caFile).toBe('/etc/orgwalk/ca.pem');
    expect(crawl({ flags: { caFile: 'ca.pem' } }).caFile).toBe('ca.pem');
  });

  test('a file of comments only says nothing', () => {
    expect(crawl({ file: '# nothing\n' }).workers).toBe(8);
  });

  test('the file may hold options of other commands', () => {
    const file = 'workers: 3\nformat: json\ndb: /srv/o.db';
    expect(loadConfig('tree', given({ file }))).toMatchObject({ format: 'json', db: '/srv/o.db' });
  });

  test('variables may be of other commands', () => {
    expect(loadConfig('tree', given({ env: { ORGWALK_WORKERS: '3' } }))).not.toHaveProperty(
      'workers',
    );
  });
});

describe('the config', () => {
  test('is frozen with everything in it', () => {
    const config = crawl({});
    const parts = [
      config,
      config.urls,
      config.urls[0],
      config.roots,
      loadConfig('crawl', given({ flags: ENOUGH })).urls,
    ];
    expect(parts.every((part) => Object.isFrozen(part))).toBe(true);
  });

  test('has all options of its command and no other', () => {
    expect(Object.keys(loadConfig('chain', given({}))).sort()).toEqual([
      'asOf',
      'config',
      'db',
      'debug',
      'format',
    ]);
  });

  test('holds no password', () => {
    const env = { ORGWALK_BIND_PASSWORD: 'hunter2' };
    expect(JSON.stringify(crawl({ env, flags: { bindDn: 'cn=a' } }))).not.toContain('hunter2');
  });
});

describe('mistakes', () => {
  test('a bad value names the option, what was expected and what came', () => {
    expect(refused({ flags: { workers: 'many' } }).message).toBe(
      '--workers: expected a whole number from 1 to 1000, got `many`',
    );
  });

  test('each source spells its option in its own way', () => {
    const error = refused({
      flags: { rate: 'x' },
      env: { ORGWALK_PAGE_SIZE: 'x' },
      file: 'onFailure: x',
    });
    expect(error.problems.map(({ where, source }) => `${source}: ${where}`).sort()).toEqual([
      'environment: ORGWALK_PAGE_SIZE',
      'file: onFailure in o.yaml',
      'flag: --rate',
    ]);
  });

  test('all are listed at once, values, names and rules alike', () => {
    const error = refused({
      flags: { ...ENOUGH, workers: '0', wrokers: 3, url: 'http://h', certFile: 'c.pem' },
      env: { ORGWALK_RATE: 'fast', ORGWALK_RAET: '5' },
      file: 'deadline: 30\npagesize: 5',
    });
    expect(error.problems.map(({ option }) => option).sort()).toEqual(
      [
        'ORGWALK_RAET',
        'certFile',
        'deadline',
        'pagesize',
        'rate',
        'url',
        'workers',
        'wrokers',
      ].sort(),
    );
    expect(error.message.split('\n')).toHaveLength(9);
    expect(error.message).toContain('8 problems');
  });

  test('a weaker source is checked even where a stronger one wins', () => {
    expect(refused({ flags: { workers: '5' }, file: 'workers: x' }).problems).toHaveLength(1);
  });

  test('the error is one of usage and says where the options are listed', () => {
    const error = refused({ flags: { workers: 'x' } });
    expect(error).toBeInstanceOf(UsageError);
    expect(error.exitCode).toBe(EXIT.usage);
    expect(error.hint).toContain('orgwalk crawl --help');
  });

  test.each([
    ['a flag', { flags: { wrokers: 1 } }, '--wrokers', '`--workers`'],
    ['a variable', { env: { ORGWALK_WOKRERS: '1' } }, 'ORGWALK_WOKRERS', '`ORGWALK_WORKERS`'],
    ['a key', { file: 'page-size: 1' }, 'page-size in o.yaml', '`pageSize`'],
  ] as const)('%s that is unknown is told the one that was meant', (_, input, name, meant) => {
    const { message } = refused(input);
    expect(message).toContain(`${name}: expected`);
    expect(message).toContain(`did you mean ${meant}?`);
  });

  test('an unknown name far from any is told nothing', () => {
    expect(refused({ flags: { zzzzzzzz: 1 } }).message).not.toContain('did you mean');
  });

  test('an option of another command is refused as that', () => {
    expect(refusedBy('tree', { flags: { workers: 1 } }).message).toBe(
      '--workers: expected an option of `orgwalk tree`, got one of another command',
    );
  });

  test.each(['__proto__', 'constructor', 'toString'])('`%s` is no option', (name) => {
    expect(refused({ file: `${name}: 1` }).problems).toHaveLength(1);
    expect(refused({ flags: Object.fromEntries([[name, 1]]) }).problems).toHaveLength(1);
  });

  test('a single option given twice is refused', () => {
    expect(refused({ flags: { workers: ['1', '2'] } }).message).toContain('once, got a list of 2');
  });

  test('the bad ones of a list are shown', () => {
    const { problems } = refused({ flags: { url: ['ldaps://a', 'b', 'ldaps://c', 'd'] } });
    expect(problems.map(({ got }) => got)).toEqual(['`b`', '`d`']);
  });

  test.each([{ file: 'url: []' }, { env: { ORGWALK_URL: ' \n' } }])(
    'a list of nothing is refused',
    (input) => {
      expect(refused(input).problems.map(({ option }) => option)).toEqual(['url']);
    },
  );

  test('a number where text belongs is told to be quoted', () => {
    expect(refused({ file: 'tlsServerName: 007' }).message).toContain('quote it');
  });

  test('a key without a value is refused', () => {
    expect(refused({ file: 'base:' }).message).toContain('got nothing');
  });

  test('what came is cut where long, and cannot forge a line', () => {
    const { message } = refused({
      flags: { workers: `1\nError: forged\x1b[2J${'x'.repeat(500)}` },
    });
    expect(message).not.toMatch(/\p{Cc}/u);
    expect(message.length).toBeLessThan(200);
  });

  test.each([
    ['not YAML', 'a: [1', 'YAML'],
    ['a key twice', 'rate: 1\nrate: 2', 'unique'],
    ['a list', '- 1', 'mapping'],
    ['keys that are no text', '1: 2', 'mapping'],
    ['aliases that grow without end', bomb(), 'can be read'],
  ])('a config file with %s is refused with its name', (_, file, says) => {
    const { message } = refused({ file });
    expect(message).toContain('o.yaml');
    expect(message).toContain(says);
  });

  test('a config file that is not there is refused, and the rest is checked all the same', () => {
    const readFile = () => {
      throw Object.assign(new Error('no'), { code: 'ENOENT' });
    };
    const flags = { ...ENOUGH, config: 'o.yaml', rate: 'x' };
    const error = caught(() => loadConfig('crawl', { flags, env: {}, readFile }));
    expect(error.message).toContain(
      '--config: expected a config file that can be read, got o.yaml: ENOENT',
    );
    expect(error.problems).toHaveLength(2);
  });

  test('a config file does not name another', () => {
    expect(refused({ file: 'config: b.yaml' }).message).toContain('inside a config file');
  });
});

describe('secrets', () => {
  test.each([
    ['a flag', { flags: { bindPassword: 'hunter2' } }],
    ['a flag in kebab-case', { flags: { 'bind-password': 'hunter2' } }],
    ['a key of the file', { file: 'bindPassword: hunter2' }],
    ['the URL', { flags: { ...ENOUGH, url: 'ldaps://cn=a:hunter2@h' } }],
  ] as const)(
    'a password in %s is refused, the right way named, the password not shown',
    (_, input) => {
      const error = refused(input);
      expect(error.message).toMatch(/--bind-password-file|--bind-dn/);
      expect(JSON.stringify([error.message, error.problems, error.hint])).not.toContain('hunter2');
    },
  );

  test('a broken file is not quoted', () => {
    expect(refused({ file: 'bindPassword: "hunter2\nrate: [' }).message).not.toContain('hunter2');
  });
});

interface Sources {
  readonly flags?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly file?: string;
}

function given({ flags = {}, env = {}, file }: Sources): ConfigInput {
  if (file === undefined) return { flags, env };
  return { flags: { config: 'o.yaml', ...flags }, env, readFile: () => file };
}

function crawl({ flags, ...rest }: Sources) {
  return loadConfig('crawl', given({ ...rest, flags: { ...ENOUGH, ...flags } }));
}

function refused({ flags, ...rest }: Sources): ConfigError {
  return refusedBy('crawl', { ...rest, flags: { ...ENOUGH, ...flags } });
}

function refusedBy(command: Command, sources: Sources): ConfigError {
  return caught(() => loadConfig(command, given(sources)));
}

function caught(call: () => unknown): ConfigError {
  try {
    call();
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('Nothing was refused');
}

function bomb(): string {
  const rows = 'bcdefgh'.split('').map((name, i) => {
    const above = 'abcdefgh'[i];
    return `${name}: &${name} [${Array(9).fill(`*${above}`).join(', ')}]`;
  });
  return ['a: &a [x, x, x]', ...rows].join('\n');
}
