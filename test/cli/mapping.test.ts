// The mapping of the config file, by the program as a person uses it.
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { refuseBadQuestion } from '../../src/app/directory-options.ts';
import { loadConfig } from '../../src/config/load.ts';
import { rows } from '../integration/crawling.ts';
import { person, SUFFIX, team, withServer } from '../simulate/servers.ts';
import { crawlOf, expectRefusal, type Place, runOrgwalk, withPlace } from './orgwalk.ts';

const ROOT = `uid=p1,${SUFFIX}`;
const PHOTO = Buffer.from('ffd8ffe0', 'hex');

const ADA = person('ada', {
  jobTitle: ['Countess'],
  title: ['Analyst'],
  employeeType: ['b', 'a'],
  jpegPhoto: [PHOTO],
  nsAccountLock: ['true'],
  userPassword: ['hunter2'],
});
/** The manager is written in ISO 8859-1. */
const BOB = person('bob', {
  manager: [ROOT, Buffer.concat([Buffer.from('uid=caf'), Buffer.from('e9', 'hex')])],
});
const DIRECTORY = () => team(1, [ADA, BOB]);

const CONFIG = `
mapping: { title: [ jobTitle, title ], phone: [] }
attributes: [ employeeType, jpegPhoto ]
`;

async function crawl(place: Place, url: string, config: string, ...more: readonly string[]) {
  const file = join(place.folder, 'orgwalk.yaml');
  await writeFile(file, config);
  return runOrgwalk(crawlOf({ url, root: ROOT }, place.db, '--config', file, ...more));
}

const ADAS_ROW = "SELECT title, active, attributes FROM employees WHERE username = 'ada'";

describe('a crawl with a mapping', () => {
  test('fills columns and attributes as the config file says, the same each night', async () => {
    await withServer({ directory: DIRECTORY() }, ({ url }) =>
      withPlace(async (place) => {
        expect(await crawl(place, url, CONFIG)).toMatchObject({ code: 0 });
        const photo = `{"base64":"${PHOTO.toString('base64')}","type":"image/jpeg"}`;
        const attributes = `{"employeeType":["a","b"],"jpegPhoto":[${photo}]}`;
        expect(rows(place.db, ADAS_ROW)).toEqual([{ title: 'Countess', active: 0, attributes }]);
        const reordered = CONFIG.replace('employeeType, jpegPhoto', 'jpegPhoto, employeeType');
        const again = await crawl(place, url, reordered, '--json');
        expect(JSON.parse(again.stdout)).toMatchObject({ joined: 0, changed: 0, left: 0 });
        const questions = rows(place.db, 'SELECT DISTINCT question FROM runs');
        expect(questions).toHaveLength(1);
        expect(JSON.parse(String(questions[0]?.['question'])).mapping).toMatchObject({
          ...{ title: ['jobTitle', 'title'], phone: [], email: ['mail'] },
          attributes: ['employeeType', 'jpegPhoto'],
        });
      }),
    );
  });

  test('without one asks the question that it always asked, and keeps nothing beside the columns', async () => {
    await withServer({ directory: DIRECTORY() }, ({ url }) =>
      withPlace(async (place) => {
        expect(await crawl(place, url, 'rate: 0')).toMatchObject({ code: 0 });
        expect(rows(place.db, ADAS_ROW)).toEqual([
          { title: 'Analyst', active: 0, attributes: '{}' },
        ]);
        const [run] = rows(place.db, 'SELECT question FROM runs');
        const { filter, mapping } = JSON.parse(String(run?.['question']));
        expect(filter).toBe('(objectClass=person)');
        expect(mapping).not.toHaveProperty('attributes');
      }),
    );
  });

  test('shows a manager whose DN is no valid UTF-8 by its bytes, and asks nobody about it', async () => {
    const asked: (string | undefined)[] = [];
    const onSearch = ({ base }: { readonly base: string }) => void asked.push(base);
    await withServer({ directory: DIRECTORY(), onSearch }, ({ url }) =>
      withPlace(async (place) => {
        expect(await crawl(place, url, CONFIG)).toMatchObject({ code: 0 });
        const lines = 'SELECT manager_dn, manager_id FROM reporting_lines WHERE manager_id IS NULL';
        expect(rows(place.db, lines)).toEqual([
          { manager_dn: '\ufffduid=caf\\e9', manager_id: null },
        ]);
        expect(asked.filter((base) => base?.includes('caf'))).toEqual([]);
      }),
    );
  });
});

describe('a secret is refused', () => {
  test('before anything is opened', async () => {
    await withPlace(async (place) => {
      const outcome = await crawl(place, 'ldap://127.0.0.1:9', 'mapping: { name: userPassword }');
      expectRefusal(outcome, { code: 2, error: /^userPassword holds a secret and is never read$/ });
      expect(existsSync(place.db)).toBe(false);
    });
  });

  test.each([
    ['as a column', 'mapping: { title: [ cn, userPassword ] }'],
    ['beside the columns', 'attributes: [ UserPassword;x-1 ]'],
    ['by its OID', 'attributes: [ cn, 2.5.4.35 ]'],
    ['as the manager', 'managerAttribute: unicodePwd'],
    ['as what names the manager', 'managerValue: krbPrincipalKey'],
    ['in the filter', 'filter: (&(objectClass=person)(userPassword=a*))'],
    ['in a root', 'root: (userPassword=hunter2)'],
  ])('%s', (_, file) => {
    const root = file.startsWith('root') ? {} : { root: ROOT };
    const flags = { url: 'ldaps://h', config: 'o.yaml', ...root };
    const config = loadConfig('crawl', { flags, env: {}, readFile: () => file });
    expect(() => refuseBadQuestion(config)).toThrow(/ holds a secret and is never read$/);
  });
});
