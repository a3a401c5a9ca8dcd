import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { exampleYaml } from '../../src/config/example.ts';
import { loadConfig } from '../../src/config/load.ts';
import { optionsOf } from '../../src/config/options.ts';
import { ConfigError } from '../../src/config/problem.ts';

const FILE = new URL('../../config/orgwalk.example.yaml', import.meta.url);

describe('the example config', () => {
  test('is what the table of options says', () => {
    expect(readFileSync(FILE, 'utf8')).toBe(exampleYaml());
  });

  test('loads as it is, with the defaults', () => {
    const config = load(exampleYaml());
    expect(config.urls.map(({ text }) => text)).toEqual(['ldaps://ldap.example.com:636']);
    expect(config.workers).toBe(8);
  });

  test('names every option of a crawl, each with a value that is read', () => {
    const everything = exampleYaml().replace(/^# ([a-zA-Z]+:)/gm, '$1');
    const shown = [...everything.matchAll(/^([a-zA-Z]+):/gm)].map(([, name]) => name);
    const names = optionsOf('crawl').map(({ name }) => name);
    expect(['config', ...shown].sort()).toEqual(names.sort());
    expect(blamed(everything)).toEqual([]);
  });
});

function load(file: string) {
  return loadConfig('crawl', { flags: { config: 'o.yaml' }, env: {}, readFile: () => file });
}

function blamed(file: string): readonly string[] {
  try {
    load(file);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(({ option }) => option);
    throw error;
  }
}
