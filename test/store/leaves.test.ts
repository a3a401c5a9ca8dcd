// People of whom the server tells that nobody reports to them.
import { expect, it } from 'vitest';
import { SqliteRunStore } from '../../src/store/run-store.ts';
import { employee, page, RUN, readAll, startedStore, withPath } from './stores.ts';

const NEVER = new AbortController().signal;

const leaf = (id: string, manager: string) => ({ ...employee(id, [manager]), leaf: true });

it('asks about a leaf who had reports when the last state was published', async () => {
  await withPath(async (path) => {
    {
      using store = await startedStore(path);
      await readAll(store.frontier, (id) => {
        if (id === 'root') return [employee('a', ['root']), employee('b', ['root'])];
        return id === 'a' ? [employee('a1', ['a'])] : [];
      });
      await store.publish(NEVER);
    }
    using store = SqliteRunStore.open(path);
    await store.start(RUN);
    await store.addRoots([employee('root')]);
    const [root] = await store.frontier.take(1);
    if (root === undefined) throw new Error('the root does not wait');
    await store.frontier.commit(page(leaf('a', 'root'), leaf('b', 'root')), [root]);
    expect(await readAll(store.frontier)).toEqual(['a']);
  });
});
