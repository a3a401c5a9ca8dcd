// The engine knows ports only: here it walks the folders of a real disk.
import type { Dir } from 'node:fs';
import { mkdir, opendir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { walk } from '../../src/crawl/walk.ts';
import { SearchFailure } from '../../src/domain/errors.ts';
import type { Expander, ExpansionPage } from '../../src/domain/ports.ts';
import { systemClock } from '../../src/pace/clock.ts';
import { randomOf } from '../support/organisation/random.ts';
import { withTemporaryDirectory } from '../support/temporary.ts';
import { MemoryFrontier, type Twig } from './tree.ts';

type Folder = Twig<string>;

const TO_A_PAGE = 3;

class FolderExpander implements Expander<Folder, readonly string[]> {
  async *expand(branches: readonly Folder[]): AsyncGenerator<ExpansionPage<readonly string[]>> {
    for (const { key } of branches) {
      for await (const page of subfolders(await openFolder(key))) yield { page, last: false };
    }
    yield { page: [], last: true };
  }

  async probe(): Promise<boolean> {
    return true;
  }
}

async function openFolder(path: string): Promise<Dir> {
  try {
    return await opendir(path);
  } catch (cause) {
    throw new SearchFailure('fail', 'unreadable', 'cannot be opened', { cause });
  }
}

async function* subfolders(folder: Dir): AsyncGenerator<readonly string[]> {
  let page: string[] = [];
  for await (const entry of folder) {
    if (entry.isDirectory()) page.push(join(folder.path, entry.name));
    if (page.length < TO_A_PAGE) continue;
    yield page;
    page = [];
  }
  yield page;
}

/** `count` folders below `top`, each in one of those before it, with files between them. */
async function growFolders(top: string, count: number): Promise<readonly string[]> {
  const random = randomOf(7, 1);
  const folders = [top];
  for (let i = 0; i < count; i += 1) {
    const path = join(random.pick(folders), `folder ${i}`);
    await mkdir(path);
    if (random.onceIn(3)) await writeFile(join(path, 'file'), '');
    folders.push(path);
  }
  return folders;
}

async function walkFolders(
  tops: readonly string[],
  workers: number,
): Promise<MemoryFrontier<string>> {
  const frontier = new MemoryFrontier<string>(tops);
  await walk<Folder, readonly string[]>({
    frontier,
    expander: new FolderExpander(),
    workers,
    share: (waiting) => Math.max(1, Math.ceil(waiting / workers)),
    onFailure: 'continue',
    retry: { tries: 3, refusals: 3, delayMs: () => 0 },
    patienceMs: 1_000,
    clock: systemClock,
    outageOver: async () => {},
    signal: new AbortController().signal,
  });
  expect(frontier.breaches).toEqual([]);
  return frontier;
}

describe('the same engine over a folder tree', () => {
  it('finds every folder once, with one worker and with many', async () => {
    await withTemporaryDirectory(async (top) => {
      const folders = await growFolders(top, 400);
      for (const workers of [1, 4, 100]) {
        const { done } = await walkFolders([top], workers);
        expect(done.toSorted()).toEqual(folders.toSorted());
      }
    });
  });

  it('names the one folder that cannot be opened, and walks the rest', async () => {
    await withTemporaryDirectory(async (top) => {
      const folders = await growFolders(top, 50);
      const gone = join(top, 'gone');
      const frontier = await walkFolders([top, gone], 2);
      expect([...frontier.failed.keys()]).toEqual([gone]);
      expect(frontier.done.toSorted()).toEqual(folders.toSorted());
    });
  });
});
