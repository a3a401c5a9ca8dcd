import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { large, organisation, SMALL } from './organisations.ts';
import { chartBrowser, focused, item, items, names } from './pages.ts';

const { withChart } = chartBrowser();
const ADA = 'Ada King';
const BERT = 'Bert Wójcik';
const EMIL = 'Emil Ødegård';

describe('a chart', () => {
  test('opens with the top and its reports, and says whose it is and as of when', async () => {
    await withChart(SMALL, async (page) => {
      expect(await names(page)).toEqual([ADA, BERT, 'Cleo Łuczak', 'Dörte Æsop']);
      expect(await page.title()).toBe('Ada King · org chart');
      expect(await page.locator('.bar').textContent()).toContain(
        '7 people · as of 23 Nov 2026, 01:02 UTC',
      );
      const label = await item(page, BERT).getAttribute('aria-label');
      expect(label).toBe(`${BERT}, Head of Research, Research, 2 direct reports, 3 in all`);
    });
  });

  test('expands and collapses where its number is clicked', async () => {
    await withChart(SMALL, async (page) => {
      await item(page, BERT).locator('.toggle').click();
      expect(await names(page)).toEqual([
        ...[ADA, BERT, EMIL, 'Fritz Groß', 'Cleo Łuczak', 'Dörte Æsop'],
      ]);
      expect(await item(page, BERT).getAttribute('aria-expanded')).toBe('true');
      await item(page, BERT).locator('.toggle').click();
      expect(await items(page).count()).toBe(4);
      const expand = page.getByRole('button', { name: 'Expand' });
      for (const people of [6, 7, 7]) {
        await expand.click();
        expect(await items(page).count()).toBe(people);
      }
      await page.getByRole('button', { name: 'Collapse' }).click();
      expect(await items(page).count()).toBe(4);
    });
  });

  test('takes its cards to their places in a motion, for whom wants motion', async () => {
    const shapes = async (page: Page) => {
      const cards = await items(page).evaluateAll((all) => all.map((one) => one.style.transform));
      return [...cards, await page.locator('.line').first().getAttribute('d')];
    };
    const opened = async (page: Page) => {
      await item(page, BERT).locator('.toggle').click();
      return await shapes(page);
    };
    let atOnce: readonly unknown[] = [];
    await withChart(SMALL, async (page) => {
      atOnce = await opened(page);
    });
    const moving = async (page: Page) => {
      await opened(page);
      await expect.poll(() => shapes(page)).toEqual(atOnce);
    };
    await withChart(SMALL, moving, { motion: true });
  });

  test('keeps a manager in sight beside their reports', async () => {
    const reports = Array.from({ length: 40 }, (_, i) => ({ name: `Report ${i}` }));
    await withChart(organisation([{ name: ADA, reports }]), async (page) => {
      const top = async () => (await item(page, ADA).boundingBox())?.y ?? 0;
      const before = await top();
      await page.locator('.stage').hover();
      await page.mouse.wheel(0, 1_500);
      await expect
        .poll(() => page.locator('.world').evaluate((world) => world.style.transform))
        .toMatch(/-1472px/);
      expect(Math.abs((await top()) - before)).toBeLessThan(30);
      await item(page, ADA).click();
      expect(Math.abs((await top()) - before)).toBeLessThan(30);
      await item(page, ADA).locator('.toggle').click();
      expect(Math.abs((await top()) - before)).toBeLessThan(30);
      expect(await items(page).count()).toBe(1);
    });
  });

  test('shows the chain of command and the details of whom one clicks', async () => {
    await withChart(SMALL, async (page) => {
      await item(page, BERT).locator('.toggle').click();
      await item(page, EMIL).click();
      const panel = page.getByRole('complementary');
      expect(await panel.locator('.chain li').allTextContents()).toEqual([
        ...['Ada KingChief', 'Bert WójcikHead of Research', 'Emil ØdegårdArchitect'],
      ]);
      expect(await panel.locator('dd').allTextContents()).toEqual([
        ...['Research', 'Berlin', 'emil@example.com', '+49 (0)30 123-45', BERT],
        '1 direct',
      ]);
      const links = await panel
        .locator('a')
        .evaluateAll((all) => all.map((a) => a.getAttribute('href')));
      expect(links).toEqual(['mailto:emil@example.com', 'tel:+493012345']);
      const marked = await page.locator('.on-chain .name').allTextContents();
      expect(marked).toEqual([ADA, BERT, EMIL]);
      expect(await page.locator('.line.chain').getAttribute('d')).toMatch(/^M.*M/);
      await panel.getByRole('button', { name: ADA }).click();
      expect(await panel.locator('h2').textContent()).toBe(ADA);
      await panel.getByRole('button', { name: 'Close' }).click();
      expect(await page.locator('.on-chain').count()).toBe(0);
    });
  });

  test('is worked by the keyboard alone', async () => {
    await withChart(SMALL, async (page) => {
      const press = async (...keys: readonly string[]) => {
        for (const key of keys) await page.keyboard.press(key);
        return focused(page);
      };
      await item(page, ADA).focus();
      expect(await press('ArrowRight')).toBe(BERT);
      expect(await press('ArrowRight')).toBe(BERT);
      expect(await item(page, BERT).getAttribute('aria-expanded')).toBe('true');
      expect(await press('ArrowRight')).toBe(EMIL);
      expect(await press('End')).toBe('Dörte Æsop');
      expect(await press('Home', 'ArrowDown', 'ArrowDown')).toBe(EMIL);
      expect(await press('Space')).toBe(EMIL);
      expect(await press('ArrowDown')).toBe('Gül Şahin');
      expect(await press('ArrowLeft')).toBe(EMIL);
      await press('Enter');
      expect(await page.getByRole('complementary').locator('h2').textContent()).toBe(EMIL);
      await press('Escape');
      expect(await page.getByRole('complementary').count()).toBe(0);
      expect(await press('ArrowLeft', 'ArrowLeft')).toBe(BERT);
      expect(await press('ArrowLeft')).toBe(BERT);
      expect(await items(page).count()).toBe(4);
      expect(await page.locator('[role=treeitem][tabindex="0"]').count()).toBe(1);
      expect(await page.getByRole('status').first().textContent()).not.toBe('');
    });
  });

  test('finds people as one types, without their diacritics, and reveals them', async () => {
    await withChart(SMALL, async (page) => {
      await page.keyboard.press('/');
      await page.keyboard.type('wojcik');
      const options = page.getByRole('option');
      await expect.poll(() => options.locator('.name').allTextContents()).toEqual([BERT]);
      await page.keyboard.press('Control+a');
      await page.keyboard.type('ode res');
      await expect.poll(() => options.locator('.name').allTextContents()).toEqual([EMIL]);
      await page.keyboard.press('Enter');
      await expect.poll(() => focused(page)).toBe(EMIL);
      expect(await page.locator('.on-chain .name').allTextContents()).toEqual([ADA, BERT, EMIL]);
      await page.keyboard.press('/');
      await page.keyboard.type('nobody at all');
      await page.getByText('Nobody is found').waitFor();
      await page.keyboard.press('Escape');
      await expect.poll(() => focused(page)).toBe(EMIL);
    });
  });

  test('marks what the last run changed, and lists it by kind', async () => {
    await withChart(SMALL, async (page) => {
      expect(await item(page, BERT).locator('.dot').count()).toBe(1);
      expect(await item(page, 'Cleo').locator('.dot').count()).toBe(0);
      await page.getByRole('button', { name: 'Changes 4' }).click();
      const panel = page.getByRole('complementary');
      expect(await panel.locator('.chip').allTextContents()).toEqual([
        ...['joined 1', 'left 1', 'moved 1', 'changed 1'],
      ]);
      await panel.getByRole('button', { name: 'left 1' }).click();
      await expect.poll(() => panel.locator('.changes').textContent()).toContain('Hans Vogel');
      expect(await panel.locator('.changes button').count()).toBe(0);
      await panel.getByRole('button', { name: 'changed 1' }).click();
      await expect
        .poll(() => panel.locator('.changes').textContent())
        .toBe('Emil Ødegårdtitle Engineer → ArchitectDN');
      await panel.getByRole('button', { name: EMIL }).click();
      await item(page, EMIL).waitFor();
      expect(await item(page, EMIL).locator('.badge').allTextContents()).toEqual([
        'moved',
        'changed',
      ]);
      expect(await panel.locator('.chip').count()).toBe(4);
    });
  });

  test('is an indented list on paper, of what is open', async () => {
    await withChart(SMALL, async (page) => {
      await item(page, BERT).locator('.toggle').click();
      await page.emulateMedia({ media: 'print' });
      const list = page.locator('.print');
      await expect
        .poll(() => list.locator('.name').allTextContents())
        .toEqual([...[ADA, BERT, EMIL, 'Fritz Groß', 'Cleo Łuczak', 'Dörte Æsop']]);
      expect(await list.isVisible()).toBe(true);
      expect(await page.locator('.bar, .stage').first().isVisible()).toBe(false);
      const indents = await list
        .locator('li')
        .evaluateAll((all) => all.map((li) => li.getBoundingClientRect().left));
      expect(new Set(indents).size).toBe(3);
      expect(await list.textContent()).toContain('disabled');
      await page.emulateMedia({ media: 'screen' });
      await expect.poll(() => list.locator('li').count()).toBe(0);
    });
  });

  test('runs and loads nothing but itself, whatever came into it', async () => {
    /** Resolves with what the policy refused; without a policy never. */
    const inject = async () => {
      const { body } = document as unknown as { readonly body: HTMLElement };
      const make = (tag: 'script' | 'style', text: string) => {
        const element = document.createElement(tag);
        element.append(text);
        body.append(element);
      };
      const attempts = [
        () => body.insertAdjacentHTML('beforeend', '<img src="x" onerror="window.hacked = 1">'),
        () => make('script', 'window.hacked = 2'),
        () => body.setAttribute('onclick', 'window.hacked = 3'),
        () => make('style', '* { display: none }'),
        () => body.append(Object.assign(new Image(), { src: 'http://127.0.0.1:9/a.png' })),
        () => void fetch('http://127.0.0.1:9/a.json').catch(() => {}),
      ];
      const refused = new Set<string>();
      const all = new Promise<void>((resolve) => {
        document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => {
          refused.add(effectiveDirective);
          if (refused.size === 4) resolve();
        });
      });
      for (const attempt of attempts) {
        try {
          attempt();
        } catch {
          // Trusted types throw, and tell the document as well.
        }
      }
      body.click();
      await all;
      return { refused: [...refused].sort(), hacked: Object.hasOwn(window, 'hacked') };
    };
    const refused = /TrustedHTML|TrustedScript|Content Security Policy|: csp$/;
    await withChart(
      SMALL,
      async (page) => {
        expect(await page.evaluate(inject)).toEqual({
          refused: ['connect-src', 'img-src', 'require-trusted-types-for', 'style-src-elem'],
          hacked: false,
        });
      },
      { refused },
    );
  });

  test('names those above whom it shows, and several roots side by side', async () => {
    const data = organisation([{ name: 'Ada' }, { name: 'Bert', reports: [{ name: 'Cleo' }] }], {
      above: ['The Chair'],
    });
    await withChart(data, async (page) => {
      expect(await names(page)).toEqual(['Ada', 'Bert']);
      await item(page, 'Bert').click();
      expect(await page.locator('.chain li').allTextContents()).toEqual(['The Chair', 'Bert']);
    });
  });
});

const LARGE = large(50_000, 1_200);
/** More cards than fit on a large screen, fewer than a browser notices. */
const MOST_CARDS = 300;

describe('a chart of 50,000 people', () => {
  test('draws only what is near, whatever is open', async () => {
    await withChart(LARGE, async (page) => {
      const drawn = async () => {
        const cards = await items(page).count();
        expect(cards).toBeLessThan(MOST_CARDS);
        return cards;
      };
      expect(await page.locator('.bar').textContent()).toContain('50,');
      await item(page, /^Person 1201,/).focus();
      await page.keyboard.press('ArrowRight');
      expect(await drawn()).toBeLessThan(60);
      await page.keyboard.press('Home');
      for (let i = 0; i < 40; i++) {
        await page.keyboard.press('ArrowDown');
        await page.keyboard.press('Space');
      }
      await drawn();
      for (let i = 0; i < 12; i++) await page.keyboard.press('-');
      await drawn();
      await page.keyboard.press('End');
      await expect.poll(() => focused(page)).toMatch(/^Person/);
      await drawn();
      for (let i = 0; i < 3; i++) await page.getByRole('button', { name: 'Expand' }).click();
      await drawn();
    });
  });

  test('shows a stretch of a team of 1,200, and the next ones on demand', async () => {
    await withChart(LARGE, async (page) => {
      await item(page, /^Person 1201,/).focus();
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('ArrowRight');
      expect(await focused(page)).toBe('Person 1');
      for (let i = 0; i < 60; i++) await page.keyboard.press('ArrowDown');
      expect(await focused(page)).toBe('… 1,140 more');
      await page.keyboard.press('Enter');
      await expect.poll(() => focused(page)).toBe('Person 61');
      const at = item(page, /^Person 61,/);
      expect(await at.getAttribute('aria-posinset')).toBe('61');
      expect(await at.getAttribute('aria-setsize')).toBe('1200');
    });
  });

  test('finds somebody in the middle of it, among those who stand near', async () => {
    await withChart(LARGE, async (page) => {
      await page.keyboard.press('/');
      await page.keyboard.type('person 900');
      await page.getByRole('option').first().waitFor();
      await page.keyboard.press('Enter');
      await expect.poll(() => focused(page)).toBe('Person 900');
      for (let i = 0; i < 21; i++) await page.keyboard.press('ArrowUp');
      expect(await focused(page)).toBe('… 879 before');
      await page.keyboard.press('Enter');
      await expect.poll(() => focused(page)).toBe('Person 879');
    });
  });
});
