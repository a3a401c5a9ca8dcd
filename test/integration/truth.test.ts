// The truth on a real OpenLDAP: nobody missing, nobody extra, nothing wrong, however the crawl went.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { digestDatabase } from '../support/digest.ts';
import {
  type Organisation,
  type OrganisationOptions,
  writeOrganisation,
} from '../support/organisation.ts';
import { type Slapd, startSlapd } from '../support/slapd.ts';
import { compareWithTruth, readTruth, SAME, type Truth } from '../support/truth.ts';
import { crawled, crawlKilledAt, type Target, withDatabase } from './crawling.ts';

interface Served {
  readonly organisation: Organisation;
  readonly truth: Truth;
  readonly target: Target;
  stop(): Promise<void>;
}

/** Whoever starts it stops it. */
async function serve(options: OrganisationOptions): Promise<Served> {
  const dir = await mkdtemp(join(tmpdir(), 'orgwalk-truth-'));
  try {
    const organisation = writeOrganisation(join(dir, 'organisation.ldif'), options);
    const { path, rootDn, managerAttribute, managerValue } = organisation;
    const server: Slapd = await startSlapd({ ldifPath: path });
    const truth = readTruth(path, { roots: [rootDn], managerAttribute, managerValue });
    const target = { url: server.url, root: rootDn };
    return { organisation, truth, target, stop: () => server.stop() };
  } finally {
    await rm(dir, { recursive: true });
  }
}

describe('of 100,000 people', () => {
  let served: Served;
  let undisturbed: string;

  beforeAll(async () => {
    served = await serve({ people: 100_000 });
  });
  afterAll(() => served.stop());

  test('all that is odd in a directory is there', () => {
    const { plan } = served.organisation;
    for (const [oddity, times] of Object.entries(plan.oddities)) {
      expect({ oddity, times }).toMatchObject({ times: expect.toSatisfy((n: number) => n > 0) });
    }
    const spans = [...served.truth.employees.values()].map(({ directReports }) => directReports);
    expect(spans.filter((span) => span > 100).length).toBeGreaterThan(10);
    expect(Math.max(...spans)).toBeGreaterThan(1_500);
    expect(served.truth.depth).toBeGreaterThanOrEqual(8);
    expect(served.truth.unreached.length).toBeGreaterThan(50);
  });

  test('a crawl finds everyone, their managers, depths, spans and totals', async () => {
    await withDatabase(async (db) => {
      const { truth, target } = served;
      const summary = await crawled(target, db);
      expect(summary).toMatchObject({ status: 'published', employees: truth.employees.size });
      expect(compareWithTruth(db, truth)).toEqual(SAME);
      undisturbed = digestDatabase(db);
    });
  });

  test('a crawl killed in the middle and run again ends with the same database', async () => {
    await withDatabase(async (db) => {
      await crawlKilledAt(served.target, db, 40_000);
      const { status, resumed } = await crawled(served.target, db);
      expect({ status, resumed }).toEqual({ status: 'published', resumed: true });
      expect(digestDatabase(db)).toBe(undisturbed);
    });
  });
});

describe('of 10,000 people', () => {
  let served: Served;
  let reference: string | undefined;
  /** By the way in which was crawled. */
  const searches = new Map<string, number>();

  beforeAll(async () => {
    served = await serve({ people: 10_000, seed: 2 });
  });
  afterAll(() => served.stop());

  const BATCHES = [['--batch', '1'], ['--batch', '7'], []];
  const ways = ['1', '3', '32'].flatMap((workers) =>
    BATCHES.map((batch) => ['--workers', workers, ...batch]),
  );

  test.each([...ways, ['--page-size', '3']].map((way) => [way.join(' '), way] as const))(
    'a crawl with %s finds the truth, and the same digest',
    async (name, way) => {
      await withDatabase(async (db) => {
        searches.set(name, (await crawled(served.target, db, way)).searches);
        expect(compareWithTruth(db, served.truth)).toEqual(SAME);
        reference ??= digestDatabase(db);
        expect(digestDatabase(db)).toBe(reference);
      });
    },
  );

  test('asking for many at once costs less than a twentieth of the searches of asking one by one', () => {
    const [naive = 0, batched = 0] = ['--workers 3 --batch 1', '--workers 3'].map((way) => {
      return searches.get(way);
    });
    expect(naive).toBeGreaterThan(served.truth.employees.size);
    expect(batched).toBeGreaterThan(0);
    expect(batched).toBeLessThan(naive / 20);
  });
});

describe('whose link is the employee number', () => {
  test('is the same organisation, found by number', async () => {
    const served = await serve({ people: 2_000, managerValue: 'employeeNumber' });
    try {
      await withDatabase(async (db) => {
        const link = ['--manager-attribute', 'roomNumber', '--manager-value', 'employeeNumber'];
        await crawled(served.target, db, link);
        expect(compareWithTruth(db, served.truth)).toEqual(SAME);
        expect(served.truth.employees.size).toBeGreaterThan(1_900);
      });
    } finally {
      await served.stop();
    }
  });
});
