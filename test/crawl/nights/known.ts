// Scenarios that were once played wrongly, as small as they could be made.
import { CRAWL, type Crawling, type Later, type Scenario } from './scenario.ts';
import type { Happening } from './world.ts';

const happening = (kind: Happening['kind'], who: number, whom = 0): Happening => {
  return { kind, who, whom };
};
const later = (after: number, ...what: Parameters<typeof happening>): Later => {
  return { after, happening: happening(...what) };
};
const crawl = (more: Partial<Crawling>): Crawling => ({ ...CRAWL, ...more });
const failing = (more: Partial<Crawling['failing']>) => ({
  failing: { ...CRAWL.failing, ...more },
});
const day = (...happenings: readonly Happening[]) => ({ kind: 'day', happenings }) as const;
const release = { kind: 'release' } as const;

/** By what is done in them. Numbers that mean nothing are those that chance has chosen. */
export const KNOWN: Readonly<Record<string, Scenario>> = {
  'somebody becomes their own manager between two searches': {
    ...{ managers: [0, 0], roots: 1 },
    steps: [CRAWL, crawl({ during: [later(3, 'move', 1, 1)] })],
  },
  'somebody changes places with the manager between an interruption and the resume': {
    ...{ managers: [0, 0, 0, 0, 0, 0, 1, 8, 3, 7], roots: 1 },
    steps: [
      CRAWL,
      day(happening('move', 7, 1)),
      crawl({ stop: { after: 11, killed: false }, batch: 5 }),
      crawl({ during: [later(0, 'swap with the manager', 10)], workers: 2, batch: 2, pageSize: 1 }),
    ],
  },
  'a manager is respelt while a run is read that is held': {
    ...{ managers: [0, 1], roots: 1 },
    steps: [
      CRAWL,
      crawl({
        during: [later(3, 'swap with the manager', 1), later(2, 'rename', 1)],
        pageSize: 1,
      }),
    ],
  },
  'managers are deleted, a branch elsewhere fails, those who named them are there': {
    ...{ managers: [0, 1, 2, 1, 4, 3, 4, 1, 3, 1, 0, 9, 9, 5], roots: 1 },
    steps: [
      CRAWL,
      day(happening('delete the branch', 3)),
      crawl({ ...failing({ branches: [7, 11] }), batch: 2, pageSize: 2 }),
    ],
  },
  'a large branch is unlinked, the run is held and released': {
    ...{ managers: [0, ...Array.from({ length: 26 }, (_, i) => 1 + (i % 5))], roots: 1 },
    steps: [
      CRAWL,
      day(happening('name no manager', 1), happening('join', 0, 0)),
      crawl({ maxDrop: 0 }),
      release,
    ],
  },
  'a large branch is unlinked while another one fails': {
    ...{ managers: [0, 0, 0, ...Array.from({ length: 24 }, (_, i) => 1 + (i % 5))], roots: 1 },
    steps: [
      CRAWL,
      day(happening('name a group', 1), happening('delete', 20), happening('delete', 21)),
      crawl({ ...failing({ branches: [3], names: [9], manner: 'poison' }), maxDrop: 0.2 }),
    ],
  },
  'an entry is renamed twice in a run of several sessions': {
    ...{ managers: [], roots: 1 },
    steps: [
      CRAWL,
      crawl({
        during: [later(2, 'rename, values stale', 0)],
        stop: { after: 2, killed: false },
      }),
      crawl({
        during: [later(4, 'retitle', 0), later(1, 'rename, values stale', 0)],
        stop: { after: 5, killed: false },
      }),
    ],
  },
  'two change places, and one of them cannot be looked up': {
    ...{
      managers: [0, 0, 0, 0, 2, 0, 0, 5, 5, 6, 5, 5, 3, 9, 3, 6, 12, 10],
      roots: 1,
    },
    steps: [
      CRAWL,
      crawl({
        during: [later(8, 'swap with the manager', 18), later(5, 'move', 17, 3)],
        ...failing({ branches: [8], people: [17, 18], manner: 'late' }),
      }),
    ],
  },
  'a second manager is detached in the night in which somebody names them': {
    ...{ managers: [59, 8, 36, 55, 37, 20], roots: 1 },
    steps: [CRAWL, day(happening('add a manager', 2, 3), happening('name a group', 3)), CRAWL],
  },
  'a root is renamed between a kill and the resume': {
    ...{ managers: [45, 53, 43, 25, 57, 32, 5, 47, 14, 7, 52, 18, 32, 32], roots: 1 },
    steps: [
      CRAWL,
      day(happening('delete', 2), happening('swap with the manager', 50)),
      crawl({
        during: [
          ...[later(0, 'return', 0, 1), later(0, 'move', 3)],
          ...[later(0, 'delete the branch', 19), later(7, 'retitle', 25)],
        ],
      }),
      crawl({
        ...{ during: [later(3, 'join', 39, 53), later(6, 'join', 17, 11)], batch: 2, pageSize: 2 },
        ...failing({ branches: [48, 33], names: [48] }),
        stop: { after: 13, killed: true },
      }),
      day(
        happening('rename, values stale', 30),
        happening('return', 9, 32),
        happening('delete the branch', 35),
      ),
    ],
  },
  'a root that has a manager is renamed while it is read': {
    ...{ managers: [0, 0, 0, 0, 0, 1, 6], roots: 1 },
    steps: [
      CRAWL,
      crawl({
        during: [
          later(0, 'move', 0, 5),
          later(2, 'rename', 0),
          later(2, 'swap with the manager', 7),
        ],
      }),
    ],
  },
  'people are looked up again when versions have been made of what the server answered': {
    ...{
      managers: [
        ...[24, 5, 38, 20, 1, 28, 58, 2, 4, 43, 10, 3, 1, 55, 43, 30, 59, 18, 40, 5, 43, 4, 5, 2],
        ...[9, 18, 56, 27, 5, 25, 32, 32, 52, 55, 2],
      ],
      roots: 1,
    },
    steps: [
      CRAWL,
      crawl({ during: [later(0, 'delete the branch', 28), later(0, 'add a manager', 0, 9)] }),
      day(happening('move', 39, 1)),
      crawl({
        ...{ mode: 'dry', workers: 3, batch: 2, pageSize: 5 },
        during: [
          ...[later(7, 'delete', 44, 20), later(6, 'add a manager', 42, 37)],
          ...[later(0, 'delete, reports re-assigned', 35, 37), later(1, 'return', 11, 22)],
          ...[later(2, 'delete, reports re-assigned', 27, 17), later(2, 'move', 23, 17)],
        ],
      }),
    ],
  },
  'somebody moves below a newcomer whose manager has been read': {
    ...{ managers: [0, 0, 1], roots: 1 },
    steps: [CRAWL, crawl({ during: [later(3, 'join', 0), later(0, 'move', 3, 4)] })],
  },
  'a manager returns whose report could not be told when they left': {
    ...{ managers: [0, 0, 0, 0, 0, 0, 0, 0, 37, 0, 0, 0, 0], roots: 1 },
    steps: [
      CRAWL,
      crawl({ during: [later(0, 'delete', 15)], stop: { after: 2, killed: true } }),
      crawl(failing({ people: [34], manner: 'late' })),
      day(happening('return', 9, 40)),
    ],
  },
  'a run goes on where a branch fails, somebody above was renamed in between': {
    ...{
      managers: [
        ...[47, 1, 43, 4, 24, 39, 33, 9, 57, 4, 4, 7],
        ...[56, 41, 56, 4, 37, 26, 28, 11, 41, 35, 10],
      ],
      roots: 1,
    },
    steps: [
      CRAWL,
      crawl({ stop: { after: 12, killed: true }, workers: 3, pageSize: 2 }),
      crawl({
        ...{ during: [later(4, 'rename, values stale', 35)], pageSize: 1 },
        ...failing({ branches: [39], manner: 'late' }),
      }),
    ],
  },
  'two change places, all branches are read, and one of the two cannot be looked up': {
    ...{ managers: [35, 1, 0, 46, 8, 41, 3], roots: 1 },
    steps: [
      CRAWL,
      crawl({
        during: [later(4, 'delete the branch', 7), later(7, 'swap with the manager', 46)],
        ...{ ...failing({ people: [44], manner: 'late' }), workers: 3 },
      }),
    ],
  },
  'a dry run sees people again who were seen without a chain': {
    ...{ managers: [36, 29, 44, 9, 5, 59, 54, 4, 24, 25, 28, 15], roots: 1 },
    steps: [
      crawl({
        during: [
          later(7, 'delete, reports re-assigned', 23, 17),
          later(2, 'delete, reports re-assigned', 42, 14),
          later(7, 'delete', 43),
        ],
      }),
      crawl({
        during: [
          later(4, 'return', 4, 33),
          later(2, 'delete the branch', 10),
          later(4, 'swap with the manager', 16),
        ],
        stop: { after: 11, killed: false },
      }),
      crawl({
        during: [later(7, 'return', 35, 37), later(7, 'swap with the manager', 6)],
        workers: 2,
      }),
      crawl({
        mode: 'dry',
        during: [
          later(5, 'delete, reports re-assigned', 46, 30),
          later(1, 'delete, reports re-assigned', 59, 43),
          later(8, 'swap with the manager', 9),
        ],
      }),
    ],
  },
  'somebody read already moves below a manager who joins after the manager of both was read': {
    ...{ managers: [6, 19, 36, 41, 58, 41, 18, 41, 34, 29], roots: 1 },
    steps: [
      day(happening('delete, reports re-assigned', 56, 22)),
      crawl({
        during: [later(4, 'delete, reports re-assigned', 13, 58), later(0, 'return', 6, 29)],
      }),
      crawl({ during: [later(3, 'join', 30), later(2, 'return', 2, 11)] }),
      crawl({
        during: [
          later(2, 'delete the branch', 4),
          later(5, 'rename, values stale', 48),
          later(2, 'join', 3, 56),
          later(1, 'move', 15, 11),
        ],
      }),
    ],
  },
};
