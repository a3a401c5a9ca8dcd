import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Company, evenCompany, person } from '../crawl/company.ts';
import { type CrawledDatabase, withDatabase } from '../crawl/crawls.ts';
import { asked } from './asked.ts';
import { expectRefusal, type Hold, hold } from './orgwalk.ts';

const { people, roots } = evenCompany(12, 3);
const LEAVING = [
  person('ada', ['p1'], { name: 'Ada King' }),
  person('ada2', ['p1'], { name: 'Ada King\u001b[31m' }),
  person('ada3', ['p1'], { name: 'Ada King' }),
];
const FIRST: Company = { people: [...people, ...LEAVING], roots };
const NOW: Company = { people: [...people, ...LEAVING.slice(2)], roots };

let held: Hold<CrawledDatabase>;
beforeAll(async () => {
  held = await hold((use) =>
    withDatabase(async (database) => {
      await database.crawl(FIRST);
      await database.crawl(NOW);
      await use(database);
    }),
  );
});
afterAll(() => held.release());

const forget = (who: string) => asked(['forget', who, '--db', held.value.path]);

test('forget says why somebody is kept who would be back tonight', async () => {
  expectRefusal(await forget('p1'), {
    code: 2,
    error: /^they are in the published state: the next crawl would bring them back$/,
    hint: /remove them from the directory, crawl, and forget them then/,
  });
});

test('forget lists several by id, harmless for a terminal, exit 2', async () => {
  const { code, stdout, stderr } = await forget('Ada King');
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toBe(
    'Error: Ada King was the name of 2 people:\n  ada  Ada King (ada)\n  ada3  Ada King (ada3)\nTry: give one of these ids\n',
  );
  expect((await forget('ADA2')).stderr).toMatch(/^Removed 1 version/);
});

test('forget removes, and says what it cannot reach; a second time nobody is known so', async () => {
  expect(await forget('ada')).toMatchObject({
    code: 0,
    stdout: '',
    stderr:
      'Removed 1 version and all that was told of them; blanked in 0 rows of others\n  backups, exports and charts that were made before are as they were\n',
  });
  expectRefusal(await forget('ada'), {
    code: 2,
    error: /^nobody was ever known as ada$/,
    hint: /the whole name/,
  });
});
