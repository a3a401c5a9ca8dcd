import { duration, integer } from './kinds.ts';
import type { OptionTable } from './spec.ts';

/** The simulated directory. */
export const simulateOptions = {
  people: {
    key: 'people',
    kind: integer(1, 10_000_000),
    default: 5000,
    help: 'Size of the organisation',
    group: 'Simulated directory',
    commands: ['simulate', 'demo'],
  },
  seed: {
    key: 'seed',
    kind: integer(0, 2_147_483_647),
    default: 1,
    help: 'The same seed gives the same organisation',
    group: 'Simulated directory',
    commands: ['simulate', 'demo'],
  },
  port: {
    key: 'port',
    kind: integer(0, 65_535, 'any free one'),
    default: 1389,
    help: 'Port on 127.0.0.1 (0 = any free one)',
    group: 'Simulated directory',
    commands: ['simulate'],
  },
  latency: {
    key: 'latencyMs',
    kind: duration('0s', '1m'),
    default: '0s',
    help: 'Wait before each answer',
    group: 'Simulated directory',
    commands: ['simulate', 'demo'],
  },
  sizeLimit: {
    key: 'sizeLimit',
    kind: integer(0, 10_000_000, 'none'),
    default: 0,
    help: 'Most entries that one search returns (0 = no limit)',
    group: 'Simulated directory',
    commands: ['simulate'],
  },
} as const satisfies OptionTable;
