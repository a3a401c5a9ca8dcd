// Crawls on a disk that is full, or broken, at one write after the other.

import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { expectRefusal, type RunOptions } from '../cli/orgwalk.ts';
import { rows } from '../integration/crawling.ts';
import { digestDatabase } from '../support/digest.ts';
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
  withScene,
  withStrangers,
} from './kill-scene.ts';
import { fill, withSmallDisk } from './storage-disk.ts';

const PAGE_BYTES = 4_096;
const PEOPLE = 24;
/** The second night must not find room for all of them in what the first one has taken. */
const MORE_PEOPLE = 90;

/** A disk that is at its end after so many pages; it is well again when the crawl has ended. */
export interface Ending {
  readonly says: RegExp;
  /** What the crawl is run with. */
  at(pages: number, folder: string): RunOptions;
  /** Makes room. */
  mend?(folder: string): void;
}

const preload = (name: string, query: string): RunOptions => ({
  node: ['--import', `${fileURLToPath(new URL(name, import.meta.url))}?${query}`],
});

/** Of the database alone, as SQLite counts them: works everywhere. */
export const NO_ROOM: Ending = {
  says: /the disk is full$/,
  at: (pages) => preload('./preload-room.ts', `pages=${pages}`),
};

/** The system refuses to make any file larger, the WAL and its index included: an I/O error, or no room for the index. */
export const NO_GROWTH: Ending = {
  says: /the disk (reports an error|is full)$/,
  at: (pages) => {
    const blocks = String((pages * PAGE_BYTES) / 512);
    return { under: ['sh', '-c', 'ulimit -f "$0" && exec "$@"', blocks] };
  },
};

/** A real file system with so much room left, for the WAL and its index as well. */
export const FULL_DISK: Ending = {
  says: /the disk is full$/,
  at: (pages, folder) => {
    fill(folder, pages * PAGE_BYTES);
    return {};
  },
  mend: (folder) => rmSync(join(folder, 'filler')),
};

/** Statements stand for pages: the disk cannot be read once. */
export const IO_ERROR: Ending = {
  says: /the disk reports an error$/,
  at: (statement) => preload('./preload-io-error.ts', `statement=${statement}`),
};

export const CRAWLS: Readonly<
  Record<string, <T>(use: (scene: Scene) => Promise<T>) => Promise<T>>
> = {
  'of a first crawl': async (use) => withScene(withStrangers(await organised(PEOPLE)), use),
  'over a published state': async (use) => {
    const first = await organised(PEOPLE);
    return withScene(changed(await organised(MORE_PEOPLE)), use, publishing(first));
  },
};

export interface Points {
  /** Pages, from 1 up. */
  readonly first: number;
  readonly every: number;
}

/** From one page to the next, until a crawl comes to its end. Resolves to how many did not. */
export async function endAtEach(
  scene: Scene,
  expected: Undisturbed,
  ending: Ending,
  { first, every }: Points,
): Promise<number> {
  for (let failures = 0; ; failures += 1) {
    const pages = first + failures * every;
    const db = await freshDatabase(scene, `room-${pages}`);
    const options = ending.at(pages, scene.folder);
    const outcome = await startCrawl(scene, db, options).finished;
    ending.mend?.(scene.folder);
    if (outcome.code === 0) {
      expect(digestDatabase(db)).toBe(expected.digest);
      return failures;
    }
    expectRefusal(outcome, { code: 7, error: ending.says, hint: /run the same command again/ });
    expectUntouched(scene, db);
    await expectUndisturbed(scene, db, expected);
    for (const file of readdirSync(scene.folder)) {
      if (file.startsWith(`room-${pages}.`)) rmSync(join(scene.folder, file));
    }
  }
}

const READ = ['SELECT * FROM employees ORDER BY id', 'SELECT * FROM reporting_lines ORDER BY 1, 3'];

/** Readers see what was published before, or all of what was published now. */
function expectUntouched(scene: Scene, db: string): void {
  if (scene.before === undefined || isOver(scene, db)) return;
  for (const sql of READ) expect(rows(db, sql)).toEqual(rows(scene.before, sql));
}

/** The same scene with its databases on a disk that a test can fill. */
export async function onSmallDisk<T>(scene: Scene, use: (scene: Scene) => Promise<T>): Promise<T> {
  return withSmallDisk((folder) => use({ ...scene, folder }));
}
