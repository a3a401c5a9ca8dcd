// What a look at a directory tells before a crawl, and how little it asks for that.
import { describe, expect, it } from 'vitest';
import type { Survey } from '../../src/ldap/survey/survey.ts';
import { syntheticOrganisation } from '../../src/simulate/organisation.ts';
import type { SimulatedServerOptions } from '../../src/simulate/server.ts';
import { person, team } from '../simulate/servers.ts';
import { NEVER, withOpen } from './directories.ts';

/** Binds and StartTLS come on top. */
const MOST_SEARCHES = 26;

const PEOPLE = 2_500;
const many = () => syntheticOrganisation({ people: PEOPLE, seed: 1 });

async function surveyOf(options: Partial<SimulatedServerOptions>): Promise<Survey> {
  const directory = many();
  const roots = [options.directory === undefined ? '(!(manager=*))' : '(uid=p1)'];
  return withOpen({ directory, ...options }, { roots }, async ({ directory: opened, searches }) => {
    await opened.findRoots(NEVER);
    const told = await opened.survey(NEVER);
    expect(searches.length).toBeLessThanOrEqual(MOST_SEARCHES);
    return told;
  });
}

describe('paging', () => {
  it('that is accepted: the largest page is told as far as 2,000 entries', async () => {
    expect((await surveyOf({})).paging).toEqual({
      ...{ offered: true, answer: 'accepted', resultCode: null, largestPage: 2_000 },
    });
  });

  it.each([700, 300])(
    'in pages of at most %i entries: a smaller one is found',
    async (maxPageSize) => {
      const { paging } = await surveyOf({ maxPageSize });
      expect(paging).toMatchObject({
        answer: 'accepted',
        largestPage: maxPageSize === 700 ? 500 : 100,
      });
    },
  );

  it('that a server cuts short, as Active Directory does: what came is the largest page', async () => {
    const { paging } = await surveyOf({ maxPageSize: 1_000, vendor: 'ad-like' });
    expect(paging).toMatchObject({ answer: 'accepted', largestPage: 1_000 });
  });

  it.each([
    ['refused', { offered: true, answer: 'refused', resultCode: 11, largestPage: null }],
    ['ignored', { offered: true, answer: 'ignored', resultCode: null, largestPage: null }],
    ['absent', { offered: false, answer: 'refused', resultCode: 12, largestPage: null }],
  ] as const)('%s', async (paging, told) => {
    expect((await surveyOf({ paging })).paging).toEqual(told);
  });
});

describe('the size limit', () => {
  it('is looked for as far as 2,000 entries', async () => {
    expect((await surveyOf({})).size).toMatchObject({ ended: 'unlimited', entries: 2_000 });
  });

  it('does not matter where there are fewer people', async () => {
    const { size } = await surveyOf({ directory: team(3) });
    expect(size).toMatchObject({ ended: 'everyone', entries: 3, pagesPassIt: null });
  });

  it('that holds over all pages is told from one that pages pass', async () => {
    const total = await surveyOf({ sizeLimit: 500 });
    expect(total.size).toMatchObject({ ended: 'size', entries: 500, pagesPassIt: false });
    const each = await surveyOf({ sizeLimitPerPage: 500 });
    expect(each.size).toMatchObject({ ended: 'size', entries: 500, pagesPassIt: true });
  });

  it('without paging', async () => {
    const { size } = await surveyOf({ sizeLimit: 50, paging: 'refused' });
    expect(size).toMatchObject({ ended: 'size', entries: 50, pagesPassIt: null });
  });
});

describe('people', () => {
  it('are sampled: columns that nobody has a value for are told with the attributes that would feed them', async () => {
    const { sample } = await surveyOf({
      directory: team(3, [person('x', { mail: ['x@example.com'] })]),
    });
    expect(sample).toMatchObject({ people: 4, withId: 0, withManager: 4 });
    expect(sample.emptyColumns).toMatchObject({ title: ['title'] });
    expect(sample.emptyColumns).not.toHaveProperty('email');
    expect(sample.emptyColumns).not.toHaveProperty('username');
  });

  it('report to a root, or not', async () => {
    const roots = ['(uid=p1)', '(uid=p2)'];
    await withOpen({ directory: team(3) }, { roots }, async ({ directory }) => {
      await directory.findRoots(NEVER);
      expect((await directory.survey(NEVER)).rootsWithReports).toEqual([true, false]);
    });
  });
});
