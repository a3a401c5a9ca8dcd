// Many races for one lock: never two winners, never none, and the winner is always named.
import { join } from 'node:path';
import { test } from 'vitest';
import { race, withArena } from './lock-race.ts';

const RACES = 50;

test('two crawls into one database, begun at the same instant, 50 times: one crawls, the other names it', async () => {
  await withArena(async (arena) => {
    for (let i = 0; i < RACES; i += 1) {
      // Half of them into a new database, where nothing has been written yet.
      await race(arena, join(arena.folder, `${i >> 1}.db`)).catch((error: unknown) => {
        throw new Error(`race ${i}`, { cause: error });
      });
    }
  });
});
