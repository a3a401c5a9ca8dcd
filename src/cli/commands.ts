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
    command: 'publish',
    summary: 'Release the run that is held, after showing who would leave',
    examples: [
      ['orgwalk publish --dry-run', 'Only show it'],
      ['orgwalk publish', 'Show it, and make it what readers see'],
    ],
    load: () => import('./commands/publish.ts'),
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
    command: 'find',
    summary: 'People by name, user name, title, department or mail address',
    argument: { name: 'text', help: 'Words, or how they begin', words: true },
    examples: [['orgwalk find "ada king"', 'Also without their accents: wojcik finds Wójcik']],
    load: () => import('./commands/find.ts'),
  },
  {
    command: 'stats',
    summary: 'Layers, spans of control, the largest organisations',
    examples: [['orgwalk stats --as-of 2026-01-01', 'As they were']],
    load: () => import('./commands/stats.ts'),
  },
  {
    command: 'diff',
    summary: 'Who joined, left, moved or changed between two states',
    argument: {
      name: 'states',
      help: 'Two runs or dates, or the one to compare the published state with; none: the last two runs',
      words: true,
      optional: true,
    },
    examples: [
      ['orgwalk diff', 'What the last run changed'],
      ['orgwalk diff 2026-10-01 2026-11-01 --format csv', 'A month, for a spreadsheet'],
    ],
    load: () => import('./commands/diff.ts'),
  },
  {
    command: 'findings',
    summary: "What is wrong in the directory's own data",
    examples: [['orgwalk findings --kind dangling_manager', 'Managers who are not there']],
    load: () => import('./commands/findings.ts'),
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
    command: 'export',
    summary: 'Everyone, or the organisation under someone, as a file',
    argument: { ...WHO, optional: true },
    examples: [
      ['orgwalk export --format csv --out people.csv', 'For a spreadsheet'],
      ['orgwalk export ada.king --format dot | dot -Tsvg > org.svg', 'A drawing, by Graphviz'],
    ],
    load: () => import('./commands/export.ts'),
  },
  {
    command: 'chart',
    summary: 'An interactive org chart in one HTML file',
    argument: { ...WHO, optional: true },
    examples: [['orgwalk chart --out org.html', 'Opens in any browser, needs no network']],
    load: () => import('./commands/chart.ts'),
  },
  {
    command: 'backup',
    summary: 'A complete copy of the database, also while a crawl runs',
    argument: { name: 'file', help: 'Where to write it; replaced when it is complete' },
    examples: [['orgwalk backup /srv/bi/org.db --mode 0640', 'For readers of another account']],
    load: () => import('./commands/backup.ts'),
  },
  {
    command: 'prune',
    summary: 'Drop old history',
    examples: [['orgwalk prune --keep 365d', 'Keeps a year']],
    load: () => import('./commands/prune.ts'),
  },
  {
    command: 'forget',
    summary: 'Remove somebody who has left from history, for good',
    argument: WHO,
    examples: [['orgwalk forget ada.king', 'As privacy law may ask for']],
    load: () => import('./commands/forget.ts'),
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
