// Killed right before or right after any of its commits, a crawl that is run again ends like an undisturbed one.
import { describe, expect, test } from 'vitest';
import { CRAWLS, killAtCommits } from './kill-commits.ts';

describe.each(['before', 'after'] as const)('a crawl killed right %s each commit', (moment) => {
  test.each(Object.keys(CRAWLS))('%s ends as if nothing had happened', async (crawl) => {
    const all = { first: 1, every: 1, moments: [moment] };
    const killed = await CRAWLS[crawl]?.((scene) => killAtCommits(scene, all));
    process.stdout.write(`${crawl}, ${moment} each commit: ${JSON.stringify(killed)}\n`);
    expect(killed?.kills).toBeGreaterThan(20);
    // At the publishing transaction, and while its work is forgotten.
    expect(killed?.over).toBeGreaterThan(1);
  });
});
