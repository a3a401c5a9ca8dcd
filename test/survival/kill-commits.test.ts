// Killed right before or right after a commit, a crawl that is run again ends like an undisturbed one. Here a sample of them.
import { describe, expect, test } from 'vitest';
import { type Commits, CRAWLS, killAtCommits } from './kill-commits.ts';

/** Begins with what a migration commits, where the database is of the first version. */
const SAMPLE: Commits = { first: 2, every: 11, moments: ['before', 'after'] };

describe('a crawl killed right before or after a commit', () => {
  test.each(Object.keys(CRAWLS))('%s ends as if nothing had happened', async (crawl) => {
    const killed = await CRAWLS[crawl]?.((scene) => killAtCommits(scene, SAMPLE));
    expect(killed?.kills).toBeGreaterThan(2);
  });
});
