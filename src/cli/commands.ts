import type { Command } from '../config/spec.ts';
import type { CommandSpec } from './command.ts';
import { WHO } from './who.ts';

/** Every command, in the order of `--help`. What a command needs is loaded when it is called. */
export const COMMAND_SPECS = [
  {
    command: 'crawl',
    summary: 'Walk the directory into the database; continues an unfinished run',
    needs: '--url <url> --root <dn|filter|mail> ',
    examples: [
      [
        'orgwalk crawl --url ldaps://ldap.example.com --root "(uid=ceo)"',
        'Everyone below the person with that user name',
      ],
      ['orgwalk crawl --config orgwalk.yaml --json --progress none', 'From a scheduler'],
    ],
    load: () => import('./commands/crawl.ts'),
  },
  {
    command: 'check',
    summary: 'Connect and tell what this server is, what it allows, and what a crawl costs',
    needs: '--url <url> --root <dn|mail|filter> ',
    examples: [
      [
        'orgwalk check --url ldaps://ldap.example.com --root "(uid=ceo)"',
        'Before the first crawl, with the options that it will have',
      ],
      ['orgwalk check --config orgwalk.yaml --json', 'For a script'],
    ],
    load: () => import('./commands/check.ts'),
  },
  {
    command: 'status',
    summary: 'The last run, its progress, its failures',
    examples: [['orgwalk status --db orgwalk.db', 'How the last crawl went, or how far it is']],
    load: () => import('./commands/status.ts'),
  },
  {
    command: 'runs',
    summary: 'All runs, the newest first',
    examples: [['orgwalk runs --format csv', 'For a spreadsheet']],
    load: () => import('./commands/runs.ts'),
  },
  {
    command: 'tree',
    summary: 'The organisation under someone',
    argument: WHO,
    examples: [
      ['orgwalk tree ceo', 'Three levels below the person with that user name'],
      ['orgwalk tree ada.king@example.com --depth 0', 'Everyone below them'],
    ],
    load: () => import('./commands/tree.ts'),
  },
  {
    command: 'chain',
    summary: 'Their chain of command, up to the root',
    argument: WHO,
    examples: [['orgwalk chain ada.king', 'From Ada King up to the root']],
    load: () => import('./commands/chain.ts'),
  },
  {
    command: 'query',
    summary: 'Any read-only SQL over the views',
    argument: { name: 'sql', help: 'One SELECT statement', words: true },
    examples: [
      [
        'orgwalk query "SELECT department, count(*) FROM employees GROUP BY department"',
        'People by department',
      ],
    ],
    load: () => import('./commands/query.ts'),
  },
  {
    command: 'simulate',
    summary: 'Serve a simulated directory on this machine',
    examples: [
      ['orgwalk simulate --people 100000', 'On ldap://127.0.0.1:1389, until Ctrl-C'],
      ['orgwalk simulate --latency 20ms --size-limit 500', 'Far away, and with a size limit'],
    ],
    load: () => import('./commands/simulate.ts'),
  },
  {
    command: 'demo',
    summary: 'A crawl of a simulated directory, from nothing',
    examples: [['orgwalk demo --people 20000', 'Into ./demo.db']],
    load: () => import('./commands/demo.ts'),
  },
] as unknown as readonly CommandSpec<Command>[];
