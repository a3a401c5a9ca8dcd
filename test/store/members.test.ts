// Who belongs to a run, whatever numbers they have: people are read by ranges of them.
import { describe, expect, it } from 'vitest';
import { openForWriting } from '../../src/store/file/database.ts';
import type { Sqlite } from '../../src/store/file/sqlite.ts';
import { loadMembers, VERSION } from '../../src/store/publishing/members.ts';
import { listOf } from '../domain/lines.ts';
import { withPath } from './stores.ts';

const [PUBLISHED, RUN] = [1, 2];
const NUMBERS = { run: RUN, published: PUBLISHED, whole: PUBLISHED, inherits: false };
const NEVER = new AbortController().signal;

interface Someone {
  readonly pid: number;
  readonly vid?: number;
  readonly managers?: readonly (number | null)[];
}

function addVersion(database: Sqlite, { pid, vid = pid, managers = [] }: Someone): number {
  database
    .prepare(
      `INSERT INTO _version (vid, pid, from_run, id, dn, active, attributes)
       VALUES (?, ?, 1, 'id', 'cn=id', 1, '{}')`,
    )
    .run(vid, pid);
  const line = database.prepare("INSERT INTO _line (vid, n, manager, value) VALUES (?, ?, ?, '')");
  for (const [n, manager] of managers.entries()) line.run(vid, n, manager);
  return vid;
}

function addSeen(database: Sqlite, someone: Someone): void {
  const vid = addVersion(database, someone);
  database
    .prepare('INSERT INTO _frontier (run, pid, vid, state, root) VALUES (?, ?, ?, 1, 0)')
    .run(RUN, someone.pid, vid);
}

function addPublished(database: Sqlite, someone: Someone): void {
  const vid = addVersion(database, someone);
  database
    .prepare(
      `INSERT INTO _place (pid, from_run, vid, first_run, direct_reports, total_reports)
       VALUES (?, ?, ?, 1, 0, 0)`,
    )
    .run(someone.pid, PUBLISHED, vid);
}

async function membersOf(
  seen: readonly Someone[],
  published: readonly Someone[],
  { without = [] as readonly number[], keeps = (_pid: number): boolean => true } = {},
) {
  return withPath(async (path) => {
    using database = closing(openForWriting(path));
    for (const each of seen) addSeen(database.sqlite, each);
    for (const each of published) addPublished(database.sqlite, each);
    const membership = { keeps, without: new Set(without) };
    const members = await loadMembers(database.sqlite, NUMBERS, membership, NEVER);
    const found = await members.lines(NEVER);
    const pids = [...members.pids];
    const lines = listOf(found).map(([e, m]) => [pids[e], pids[m]]);
    const version = database.sqlite.prepare<unknown[], number>(`SELECT ${VERSION}`).pluck();
    const vids = pids.map((pid) => version.get({ ...NUMBERS, pid }));
    return { pids, vids, lines };
  });
}

function closing(sqlite: Sqlite) {
  return { sqlite, [Symbol.dispose]: () => sqlite.close() };
}

describe('the members of a run', () => {
  it('are those seen and those kept, by ascending number, at the ends of a slice as between them', async () => {
    const seen = [1, 10_000, 10_001, 45_000].map((pid) => ({ pid, managers: [1] }));
    const unseen = [9_999, 20_000, 45_001].map((pid) => ({ pid, managers: [10_000] }));
    const { pids, lines } = await membersOf(seen, unseen);
    expect(pids).toEqual([1, 9_999, 10_000, 10_001, 20_000, 45_000, 45_001]);
    expect(lines).toEqual([
      ...[
        [1, 1],
        [9_999, 10_000],
        [10_000, 1],
        [10_001, 1],
      ],
      ...[
        [20_000, 10_000],
        [45_000, 1],
        [45_001, 10_000],
      ],
    ]);
  });

  it('stand there once, with the lines of the version that holds', async () => {
    const seen = [{ pid: 1 }, { pid: 2, vid: 30_000, managers: [1, null, 1, 3] }, { pid: 3 }];
    const unseen = [{ pid: 4, vid: 30_001 }];
    const { pids, vids, lines } = await membersOf(seen, unseen);
    expect([pids, vids]).toEqual([
      [1, 2, 3, 4],
      [1, 30_000, 3, 30_001],
    ]);
    expect(lines).toEqual([
      [2, 1],
      [2, 1],
      [2, 3],
    ]);
  });

  it('have no line to somebody who is none', async () => {
    const seen = [1, 2, 3].map((pid) => ({ pid, managers: [1, 2, 4] }));
    const told = { keeps: () => false, without: [2] };
    const { pids, lines } = await membersOf(seen, [{ pid: 4, managers: [1] }], told);
    expect(pids).toEqual([1, 3]);
    expect(lines).toEqual([
      [1, 1],
      [3, 1],
    ]);
  });
});
