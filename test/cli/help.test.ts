// `--help` is all that a stranger has: it names every command and every option, and nothing that there is not.
import { globSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { COMMAND_SPECS } from '../../src/cli/commands.ts';
import { invocation, shellWord } from '../../src/cli/invocation.ts';
import { optionsOf, optionTable } from '../../src/config/options.ts';
import { COMMANDS } from '../../src/config/spec.ts';
import { runOrgwalk } from './orgwalk.ts';

async function helpOf(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runOrgwalk(args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

const flat = (text: string) => text.replace(/\s+/g, ' ');

test('the help names every command with what it does', async () => {
  const help = await helpOf('--help');
  expect(COMMAND_SPECS.map(({ command }) => command)).toEqual(COMMANDS);
  for (const { command, summary } of COMMAND_SPECS) {
    expect(help).toMatch(new RegExp(`^ {2}${command}( [<[]\\w+[>\\]])? +\\w`, 'm'));
    expect(flat(help)).toContain(summary);
  }
  expect(await helpOf('-h')).toBe(help);
});

test('`help` is understood as well, alone and about a command', async () => {
  expect(await helpOf('help')).toBe(await helpOf('--help'));
  expect(await helpOf('help', 'tree')).toBe(await helpOf('tree', '--help'));
});

describe.each(COMMAND_SPECS)('the help of $command', ({ command, summary, argument, examples }) => {
  test('names each of its options with its default, and no other', async () => {
    const help = await helpOf(command, '--help');
    expect(flat(help)).toContain(summary);
    const table = optionTable(command);
    const named = [...help.matchAll(/^ {2}(--[a-z-]+)/gm)].map(([, flag]) => flag);
    expect(named.toSorted()).toEqual(table.map(({ flag }) => flag).toSorted());
    for (const { flag, placeholder, default: value, help: what } of table) {
      const at = help.indexOf(`\n  ${flag} `) + flag.length + 4;
      const told = flat(help.slice(at)).trimStart();
      if (placeholder === '') {
        expect(told.startsWith(what)).toBe(true);
        continue;
      }
      expect(told.startsWith(`<${placeholder}> ${what}`)).toBe(true);
      const remark = told.slice(placeholder.length + 3 + what.length).split(' --')[0];
      if (value !== '') expect(remark).toContain(`default: ${value})`);
    }
  });

  test('is as narrow as a page, shows its argument and examples that are commands', async () => {
    const help = await helpOf(command, '-h');
    const widest = Math.max(...help.split('\n').map((line) => line.length));
    expect(widest).toBeLessThanOrEqual(100);
    const [open, close] = argument?.optional ? '[]' : '<>';
    if (argument) {
      expect(help).toContain(`orgwalk ${command} ${open}${argument.name}${close} [options]\n`);
    }
    for (const [line] of examples) {
      expect(line).toMatch(new RegExp(`^orgwalk ${command}\\b`));
      expect(help).toContain(line);
      const flags = [...line.matchAll(/ (--[a-z-]+)/g)].map(([, flag]) => flag);
      const known = optionTable(command).map(({ flag }) => flag);
      expect(known).toEqual(expect.arrayContaining(flags));
    }
  });
});

test('the version is the package’s', async () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  expect(await helpOf('--version')).toBe(`${version}\n`);
});

describe('an option', () => {
  const table = globSync('src/config/{options*,example}.ts');
  const sources = globSync('src/**/*.ts').filter((path) => !table.includes(path));
  const code = sources.map((path) => readFileSync(path, 'utf8')).join('\n');
  const keys = [
    ...new Set(COMMANDS.flatMap((command) => optionsOf(command).map(({ key }) => key))),
  ];

  const isRead = (key: string) => {
    const taken = `\\{[^{}]*\\b${key}\\b[^{}]*\\}(?: = (?:this\\.#)?config\\b|: Config<)`;
    return new RegExp(`\\bconfig\\??\\.${key}\\b|${taken}`).test(code);
  };

  // The config file's own name is read before there is a config.
  test.each(keys.filter((key) => key !== 'config'))('%s does something: it is read', (key) => {
    expect(isRead(key)).toBe(true);
  });

  test('that does nothing would be found out by that', () => {
    expect(['logLevel', 'colour', 'database'].filter(isRead)).toEqual([]);
    expect(keys.length).toBeGreaterThan(30);
  });
});

describe('a command to copy', () => {
  test.each([
    ['/home/me/node_modules/.bin/orgwalk', 'npx orgwalk'],
    ['/usr/local/bin/orgwalk', 'orgwalk'],
    ['/home/me/clone/dist/bin.js', 'npx node dist/bin.js'],
    ['/home/me/clone/src/bin.ts', 'npx node src/bin.ts'],
    ["/home/me/it's/bin.ts", "npx node '../it'\\''s/bin.ts'"],
  ])('begins as %s was called', (script, expected) => {
    expect(invocation(script, '/home/me/clone')).toBe(expected);
  });

  test.each([
    ['plain-1.db', 'plain-1.db'],
    ['two words', "'two words'"],
    ['$(rm -rf /)', "'$(rm -rf /)'"],
    ['', "''"],
  ])('takes %j as one word', (text, expected) => {
    expect(shellWord(text)).toBe(expected);
  });
});
