// Crawls that are killed at each of their commits.
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { digestDatabase } from '../support/digest.ts';
import { writeOlder } from './kill-older.ts';
import {
  changed,
  expectUndisturbed,
  freshDatabase,
  isOver,
  organised,
  publishing,
  type Scene,
  startCrawl,
  type Undisturbed,
  undisturbed,
  withScene,
  withStrangers,
} from './kill-scene.ts';

const PRELOAD = fileURLToPath(new URL('./preload-kill-at-commit.ts', import.meta.url));
/** Enough for each kind of commit, few enough for all of them. */
const PEOPLE = 24;

export type Moment = 'before' | 'after';

/** What is killed at each commit. */
export const CRAWLS: Readonly<
  Record<string, (use: (scene: Scene) => Promise<Killed>) => Promise<Killed>>
> = {
  'into a new database': async (use) => withScene(withStrangers(await organised(PEOPLE)), use),
  'over a published state': async (use) => {
    const first = await organised(PEOPLE);
    return withScene(changed(first), use, publishing(first));
  },
  'into a database of the first version': async (use) => {
    const first = await organised(PEOPLE);
    const older = async (path: string) => {
      await publishing(first)(`${path}.current`);
      writeOlder(`${path}.current`, path);
    };
    return withScene(changed(first), use, older);
  },
};

export interface Killed {
  readonly kills: number;
  /** How many of the kills came after the new state had been published. */
  readonly over: number;
}

export interface Commits {
  /** Counted from 1: the one that makes the file a database in WAL mode. */
  readonly first: number;
  readonly every: number;
  /** Taken in turns. */
  readonly moments: readonly Moment[];
}

/** Kills at one commit after the other, until a crawl comes to its end. */
export async function killAtCommits(
  scene: Scene,
  { first, every, moments }: Commits,
): Promise<Killed> {
  const expected = await undisturbed(scene);
  let over = 0;
  for (let kills = 0; ; kills += 1) {
    const commit = first + kills * every;
    const moment = moments[kills % moments.length] ?? 'after';
    const db = await freshDatabase(scene, `${moment}-${commit}`);
    if (!(await crawlKilledAt(scene, db, { commit, moment, expected }))) return { kills, over };
    if (isOver(scene, db)) over += 1;
    await expectUndisturbed(scene, db, expected);
  }
}

/** Whether there was such a commit; a crawl that had fewer must have ended well. */
async function crawlKilledAt(
  scene: Scene,
  db: string,
  at: { readonly commit: number; readonly moment: Moment; readonly expected: Undisturbed },
): Promise<boolean> {
  const preload = `${PRELOAD}?commit=${at.commit}&moment=${at.moment}`;
  const running = startCrawl(scene, db, { node: ['--import', preload] });
  const { code, signal, stderr } = await running.finished;
  if (signal === 'SIGKILL') return true;
  expect([code, stderr]).toEqual([0, expect.stringContaining('complete and published')]);
  expect(digestDatabase(db)).toBe(at.expected.digest);
  return false;
}
