// A disk that is full, or fails, at any write: exit 7, nothing half-written, and the same command ends it when there is room.
import { describe, expect, test } from 'vitest';
import { type Scene, undisturbed } from './kill-scene.ts';
import { canMount } from './storage-disk.ts';
import {
  CRAWLS,
  type Ending,
  endAtEach,
  FULL_DISK,
  IO_ERROR,
  NO_GROWTH,
  NO_ROOM,
  onSmallDisk,
  type Points,
} from './storage-full.ts';

const crawls = Object.entries(CRAWLS);
/** Where no disk can be mounted, the limits of SQLite and of the system stand for one. */
const mounted = canMount() ? crawls : [];

function ending(how: Ending, points: Points) {
  return async (scene: Scene) => endAtEach(scene, await undisturbed(scene), how, points);
}

function tell(what: string, failures: number): void {
  process.stdout.write(`${what}: ${failures} failed and went on\n`);
}

describe('a disk without room for one more page of the database, at each', () => {
  test.each(crawls)('%s ends it with 7, and it goes on', async (name, crawl) => {
    const failures = await crawl(ending(NO_ROOM, { first: 1, every: 1 }));
    tell(`no room, ${name}`, failures);
    expect(failures).toBeGreaterThan(1);
  });
});

describe('files that cannot grow, the WAL and its index included, at every fourth page', () => {
  test.each(crawls)('%s end it with 7, and it goes on', async (name, crawl) => {
    const failures = await crawl(ending(NO_GROWTH, { first: 1, every: 4 }));
    tell(`no growth, ${name}`, failures);
    expect(failures).toBeGreaterThan(1);
  });
});

describe('a disk that cannot be read, at every 17th statement', () => {
  test.each(crawls)('%s ends it with 7, and it goes on', async (name, crawl) => {
    const failures = await crawl(ending(IO_ERROR, { first: 1, every: 17 }));
    tell(`I/O error, ${name}`, failures);
    expect(failures).toBeGreaterThan(1);
  });
});

describe('a real file system that is full, at every fourth page', () => {
  test.each([...mounted, ...crawls.slice(mounted.length)])(
    '%s ends it with 7, and it goes on',
    async (name, crawl) => {
      const real = mounted.length > 0;
      const points = { first: 1, every: 4 };
      const failures = await crawl((scene) =>
        real ? onSmallDisk(scene, ending(FULL_DISK, points)) : ending(NO_ROOM, points)(scene),
      );
      tell(`full disk, ${name}`, failures);
      expect(failures).toBeGreaterThan(1);
    },
  );
});
