// Crawls that end with the power: what was committed last is not on the disk.
import { statSync, truncateSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { Random } from '../support/organisation/random.ts';
import {
  expectUndisturbed,
  freshDatabase,
  isOver,
  type Scene,
  startCrawl,
  undisturbed,
} from './kill-scene.ts';

const PRELOAD = fileURLToPath(new URL('./preload-kill-at-commit.ts', import.meta.url));
/** More commits than this, and a small crawl may have published: that is on the disk before it is told. */
const COMMITS = 26;

/** After each power cut, the end of the WAL is gone, at whatever byte. The same command must end as if nothing had been. */
export async function cutPower(scene: Scene, times: number, random: Random): Promise<void> {
  const expected = await undisturbed(scene);
  for (let i = 0; i < times; i += 1) {
    const db = await freshDatabase(scene, `power-${i}`);
    const at = `commit=${random.between(2, COMMITS)}&moment=after`;
    const node = ['--import', `${PRELOAD}?${at}`];
    expect((await startCrawl(scene, db, { node }).finished).signal).toBe('SIGKILL');
    expect(isOver(scene, db)).toBe(false);
    const wal = `${db}-wal`;
    truncateSync(wal, random.between(0, statSync(wal).size));
    await expectUndisturbed(scene, db, expected);
  }
}
