// What only the config file can say: which attributes feed which column, and which are kept beside them.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { COMMAND_SPECS } from '../../src/cli/commands.ts';
import { helpOf } from '../../src/cli/help.ts';
import { loadConfig } from '../../src/config/load.ts';
import { fileTable, optionTable } from '../../src/config/options.ts';
import { ConfigError } from '../../src/config/problem.ts';

const ENOUGH = { url: ['ldaps://h'], root: ['(uid=ceo)'], config: 'o.yaml' };

function load(file: string, { flags = {}, env = {} } = {}) {
  return loadConfig('crawl', { flags: { ...ENOUGH, ...flags }, env, readFile: () => file });
}

function refusalOf(file: string, more = {}): string {
  try {
    load(file, more);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error('Nothing was refused');
}

describe('the mapping', () => {
  test('gives each column one attribute, several, or none', () => {
    const { mapping } = load(`mapping:
  title: jobTitle
  name: [cn;lang-en, cn, 2.5.4.41]
  phone: []
`);
    const title = ['jobTitle'];
    expect(mapping).toEqual({ title, name: ['cn;lang-en', 'cn', '2.5.4.41'], phone: [] });
    expect(Object.isFrozen(mapping?.title)).toBe(true);
  });

  test('is nothing where it is not given', () => {
    expect(load('rate: 1')).toMatchObject({ mapping: undefined, attributes: [] });
  });

  test('may be JSON', () => {
    expect(load('{"mapping": {"title": ["x"]}}').mapping).toEqual({ title: ['x'] });
  });

  test.each([
    ['mapping: {tittle: title}', 'mapping.tittle in o.yaml', 'did you mean `title`?'],
    ['mapping: {givenName: cn}', 'mapping.givenName in o.yaml', 'did you mean `given_name`?'],
    ['mapping: {active: x}', 'mapping.active in o.yaml', 'one of the columns username, name,'],
    ['mapping: {__proto__: x}', 'mapping.__proto__ in o.yaml', 'one of the columns'],
    ['mapping: {title: "job title"}', 'mapping.title in o.yaml', 'got `job title`'],
    ['mapping: {title: [cn, "*"]}', 'mapping.title in o.yaml', 'got `*`'],
    ['mapping: {title: 1.1}', 'mapping.title in o.yaml', 'got `1.1`'],
    ['mapping: {title: [[cn]]}', 'mapping.title in o.yaml', 'got a list of 1'],
    ['mapping: {title: }', 'mapping.title in o.yaml', 'got nothing'],
    ['mapping: title', 'mapping in o.yaml', 'such as `title: [jobTitle, title]`, got `title`'],
    ['mapping: [title]', 'mapping in o.yaml', 'got a list of 1'],
  ])('%s is refused', (file, where, what) => {
    const message = refusalOf(file);
    expect(message).toContain(where);
    expect(message).toContain(what);
  });

  test('tells everything that is wrong with it', () => {
    const message = refusalOf('mapping: {tittle: a, name: "b c", phone: ["1.1", d e]}\nrate: x');
    expect(message).toMatch(/^5 problems/);
  });
});

test('the example of README.md is read', () => {
  const [, yaml = ''] = /```yaml\n(.*?)```/s.exec(readFileSync('README.md', 'utf8')) ?? [];
  const { mapping, attributes } = load(yaml);
  expect(mapping).toEqual({ title: ['jobTitle', 'title'], department: ['costCentre'], phone: [] });
  expect(attributes).toEqual(['employeeType', 'cn;lang-de', 'jpegPhoto']);
});

describe('further attributes', () => {
  test('are one or a list', () => {
    expect(load('attributes: [employeeType, cn;lang-de]').attributes).toHaveLength(2);
    expect(load('attributes: jpegPhoto').attributes).toEqual(['jpegPhoto']);
  });

  test.each(['"*"', '"+"', '"1.1"', 'a b', '"(cn=x)"', '[cn, 7]', '""'])('are not %s', (value) => {
    expect(refusalOf(`attributes: ${value}`)).toContain('expected an attribute name');
  });
});

describe('what stands in the config file only', () => {
  test('is in a table of its own, for crawl and check', () => {
    const names = ['mapping', 'attributes'];
    for (const command of ['crawl', 'check'] as const) {
      expect(fileTable(command).map(({ name }) => name)).toEqual(names);
      const flags = optionTable(command).map(({ flag }) => flag);
      expect(flags).not.toEqual(expect.arrayContaining(['--mapping']));
    }
    expect(fileTable('tree')).toEqual([]);
  });

  test('is told by the help of these commands', () => {
    for (const spec of COMMAND_SPECS) {
      const [, told = ''] = helpOf(spec).split('In the config file only\n');
      const named = [...told.matchAll(/^ {2}([a-zA-Z]+): /gm)].map(([, name]) => name);
      expect(named).toEqual(fileTable(spec.command).map(({ name }) => name));
    }
  });

  test.each([
    ['a flag', { flags: { mapping: 'title=x' } }, '--mapping'],
    ['a variable', { env: { ORGWALK_ATTRIBUTES: 'x' } }, 'ORGWALK_ATTRIBUTES'],
  ])('is refused as %s, which is told', (_, given, where) => {
    const message = refusalOf('rate: 1', given);
    expect(message).toContain(where);
    expect(message).toContain('got one for the config file only');
  });
});
