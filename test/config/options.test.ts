import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  type Config,
  defaultOf,
  flagOf,
  OPTIONS,
  optionsOf,
  optionTable,
  variableOf,
} from '../../src/config/options.ts';
import { COMMANDS, GROUPS } from '../../src/config/spec.ts';
import type { LdapUrl } from '../../src/domain/ldap-url.ts';

const ROWS = COMMANDS.flatMap((command) =>
  optionsOf(command).map((option) => ({ command, name: option.name, option })),
);

describe('the table of options', () => {
  test.each(ROWS)('the default of $command $name is a value of its kind', ({ command, option }) => {
    const written = defaultOf(option, command);
    if (written === undefined) expect(option).not.toHaveProperty('defaultFor');
    else expect(option.kind.parse(written)).toBeDefined();
  });

  test.each(Object.entries(OPTIONS))(
    '%s has one line of help without a full stop',
    (_, { help }) => {
      expect(help).toMatch(/^[A-Z][^\n]{5,110}[^.\n]$/);
    },
  );

  test.each(ROWS)(
    '$command $name is named after what it is, in the unit that it has',
    ({ option }) => {
      const inMs = option.kind.placeholder === 'duration';
      expect(option.key.endsWith('Ms')).toBe(inMs);
      expect(inMs ? option.key : option.key.replace(/s$/, '')).toBe(
        inMs ? `${option.name}Ms` : option.name.replace(/s$/, ''),
      );
    },
  );

  test('no two options share a key, and every one is of some command and group', () => {
    const specs = Object.values(OPTIONS);
    expect(new Set(specs.map(({ key }) => key)).size).toBe(specs.length);
    expect(specs.every(({ commands }) => commands.length > 0)).toBe(true);
    expect(new Set(specs.map(({ group }) => group))).toEqual(new Set(GROUPS));
  });

  test('what has an example has no default, and the other way round, in a crawl', () => {
    for (const option of optionsOf('crawl')) {
      const hasExample = 'example' in option || option.name === 'config';
      expect([option.name, hasExample]).toEqual([option.name, !('default' in option)]);
    }
  });

  test('names follow from the one in the table', () => {
    expect([flagOf('tlsServerName'), variableOf('tlsServerName')]).toEqual([
      '--tls-server-name',
      'ORGWALK_TLS_SERVER_NAME',
    ]);
  });

  test('the rows of --help hold flag, default, variable and help', () => {
    const rows = optionTable('demo').map((row) => [
      row.flag,
      row.placeholder,
      row.default,
      row.env,
    ]);
    expect(rows).toContainEqual(['--db', 'path', './demo.db', 'ORGWALK_DB']);
    expect(rows).toContainEqual(['--batch', 'number', 'adaptive', 'ORGWALK_BATCH']);
    expect(rows).toContainEqual(['--debug', '', 'false', 'ORGWALK_DEBUG']);
  });

  test('the type of a config follows from it', () => {
    type Crawl = Config<'crawl'>;
    expectTypeOf<Crawl['workers']>().toEqualTypeOf<number>();
    expectTypeOf<Crawl['batch']>().toEqualTypeOf<number | undefined>();
    expectTypeOf<Crawl['urls']>().toEqualTypeOf<readonly LdapUrl[]>();
    expectTypeOf<Crawl['onFailure']>().toEqualTypeOf<'continue' | 'abort'>();
    expectTypeOf<Config<'tree'>>().not.toHaveProperty('workers');
  });
});
