// From the directory to the browser: what people may be called, and what must not come of it.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HOSTILE } from '../cli/hostile-people.ts';
import {
  crawlOf,
  expectRefusal,
  type Hold,
  hold,
  modeOf,
  type Outcome,
  type Place,
  runOrgwalk,
  withPlace,
} from '../cli/orgwalk.ts';
import { person, SUFFIX, team, withServer } from '../simulate/servers.ts';
import { chartBrowser, item, items } from './pages.ts';

const HACKS = {
  ...HOSTILE,
  script: '<script>window.hacked = 1</script>',
  close: '</script><script>window.hacked = 2</script>',
  // With <script> behind it, a browser would take the next end of a script for none.
  comment: '<!--',
  image: '"><img src=x onerror="window.hacked = 3">',
  style: "</style><style>* { background: url('http://example.com') }",
  separators: 'Line\u2028and\u2029paragraph',
  nul: 'Nu\u0000l',
  escaped: '\\u003cb\\u003e &lt;b&gt; &#60;b&#62;',
  template: '$' + '{window.hacked = 4} {{7*7}}',
  proto: '__proto__',
  marks: `Z${'\u0335\u0489'.repeat(200)}algo`,
  long: 'x'.repeat(10_000),
} as const;

const everywhere = (uid: string, text: string) =>
  person(uid, {
    ...{ cn: [text], title: [text], departmentNumber: [text], l: [text] },
    ...{ mail: [`javascript:${text}`], telephoneNumber: [`+1 ${text}`] },
    manager: [`uid=p2,${SUFFIX}`],
  });

const PEOPLE = team(1_000 - Object.keys(HACKS).length, [
  ...Object.entries(HACKS).map(([uid, text]) => everywhere(uid, text)),
]);

const { withFile } = chartBrowser();

describe('orgwalk chart, of 1,000 people with hostile names', () => {
  let held: Hold<Place>;
  let written: Outcome;
  const org = () => join(held.value.folder, 'org.html');
  const chart = (...args: readonly string[]) =>
    runOrgwalk(['chart', ...args, '--db', held.value.db], { cwd: held.value.folder });

  beforeAll(async () => {
    held = await hold((use) =>
      withPlace(async (place) => {
        await withServer({ directory: PEOPLE }, async ({ url }) => {
          await runOrgwalk(crawlOf({ url, root: `uid=p1,${SUFFIX}` }, place.db));
        });
        await use(place);
      }),
    );
    await writeFile(org(), 'an older chart');
    written = await chart();
  });
  afterAll(() => held.release());

  test('writes one file that only its owner can read, and says what is in it', async () => {
    const { code, stdout, stderr } = written;
    expect({ code, stdout, stderr }).toEqual({
      ...{ code: 0, stdout: '' },
      stderr: '1,000 people of run 1 in ./org.html\n',
    });
    expect(await modeOf(org())).toBe('600');
  });

  test('writes the same to stdout', async () => {
    const { code, stdout, stderr } = await chart('--out', '-');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    // The texts themselves would make the message of a failure.
    expect(stdout === (await readFile(org(), 'utf8'))).toBe(true);
  });

  test('shows all of them as text, where nothing of them runs, loads or links', async () => {
    const all = async (page: Page) => {
      await item(page, /^Person p2,/)
        .locator('.toggle')
        .click();
      const cards = page.locator('[role=treeitem][aria-level="3"]');
      expect(await cards.count()).toBe(Object.keys(HACKS).length);
      const shown = await cards.locator('.name').allTextContents();
      expect(shown).toEqual(
        expect.arrayContaining([
          HACKS.script,
          HACKS.close,
          HACKS.image,
          HACKS.proto,
          HACKS.escaped,
        ]),
      );
      expect(shown).toEqual(expect.arrayContaining(['Two␊Lines', `${'x'.repeat(300)}…`]));
      const opened = await cards.evaluateAll(async (all) => {
        let links = 0;
        const people = new Set<string>();
        for (const card of all as HTMLElement[]) {
          card.click();
          await new Promise((resolve) => requestAnimationFrame(resolve));
          links += document.querySelectorAll('a').length;
          people.add(document.querySelector('aside h2')?.textContent ?? '');
        }
        return { links, people: people.size };
      });
      expect(opened).toEqual({ links: 0, people: Object.keys(HACKS).length });
      const found = await page.evaluate(() => ({
        hacked: Object.hasOwn(window, 'hacked'),
        scripts: document.scripts.length,
        strangers: document.querySelectorAll('img, iframe, object, link, base, form').length,
        styles: document.querySelectorAll('style').length,
      }));
      expect(found).toEqual({ hacked: false, scripts: 2, strangers: 0, styles: 1 });
    };
    await withFile(org(), all, { height: 2_400 });
  });

  test('keeps a name that turns the direction from turning anything but itself', async () => {
    await withFile(org(), async (page) => {
      await item(page, /^Person p2,/)
        .locator('.toggle')
        .click();
      const card = page.locator('[role=treeitem]', { hasText: 'Evil' });
      expect(await card.locator('.name').evaluate((name) => name.tagName)).toBe('BDI');
      expect(await card.getAttribute('aria-label')).not.toContain('\u202E');
    });
  });

  test('shows a stretch of the team of the root, which is wide', async () => {
    await withFile(org(), async (page) => {
      const people = await items(page).count();
      expect(people).toBeLessThan(40);
      await item(page, /^Person p1,/).focus();
      await page.keyboard.press('End');
      expect(await page.locator(':focus').textContent()).toMatch(/^… 9\d\d more$/);
    });
  });

  test('draws whom one names, and refuses whom nobody knows', async () => {
    const { code, stderr } = await chart('p2', '--out', 'team.html');
    const size = Object.keys(HACKS).length + 1;
    expect({ code, stderr }).toEqual({ code: 0, stderr: `${size} people of run 1 in team.html\n` });
    const team = join(held.value.folder, 'team.html');
    await withFile(team, async (page) => {
      expect(await page.title()).toBe('Person p2 · org chart');
      await items(page).first().click();
      expect(await page.locator('.chain li').first().textContent()).toBe('Person p1');
    });
    expectRefusal(await chart('nobody'), { code: 2, error: /nobody is known as nobody/ });
  });
});
