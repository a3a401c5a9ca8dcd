// A chart in a real browser, where anything that a chart must not do fails the test.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect } from 'vitest';
import type { ChartData } from '../../src/domain/chart.ts';
import { frontEnd } from '../../src/report/chart-front-end.ts';
import { chartPage } from '../../src/report/chart-page.ts';
import { findChromium } from '../support/ensure-chromium.ts';
import { withTemporaryDirectory } from '../support/temporary.ts';
import { buildFrontEnd } from '../tools/front-end.ts';

/** One browser for the tests of a file. Returns what opens a chart in it. */
export function chartBrowser() {
  let browser: Browser;
  beforeAll(async () => {
    await buildFrontEnd('dist/chart');
    const executablePath = findChromium() ?? 'chromium';
    const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    browser = await chromium.launch({ executablePath, args });
  });
  afterAll(() => browser.close());

  /** The file at `path` in a page of its own. No request, no message, no error, nothing that the policy had to refuse. */
  async function withFile<T>(
    path: string,
    use: (page: Page) => Promise<T>,
    options: BrowserContextOptions = {},
  ): Promise<T> {
    const context = await browser.newContext({ reducedMotion: 'reduce', ...options });
    const page = await context.newPage();
    const told: string[] = [];
    page.on('console', (message) => told.push(message.text()));
    page.on('pageerror', (error) => told.push(String(error)));
    page.on('request', (request) => told.push(request.url()));
    try {
      await page.goto(`file://${path}`);
      await page.getByRole('treeitem').first().waitFor();
      const result = await use(page);
      expect(told).toEqual([`file://${path}`]);
      return result;
    } finally {
      await context.close();
    }
  }

  function withChart<T>(
    data: ChartData,
    use: (page: Page) => Promise<T>,
    options: BrowserContextOptions = {},
  ): Promise<T> {
    return withTemporaryDirectory(async (folder) => {
      const path = join(folder, 'org.html');
      await writeFile(path, [...chartPage(data, frontEnd())]);
      return withFile(path, use, options);
    });
  }

  return { withFile, withChart };
}

export const items = (page: Page) => page.getByRole('treeitem');
export const item = (page: Page, name: string | RegExp) => page.getByRole('treeitem', { name });

/** Names on the cards, in the order in which they are read. */
export async function names(page: Page): Promise<readonly string[]> {
  return page.locator('[role=treeitem] .name, .rest span').allTextContents();
}

/** The name on the card that has the focus. */
export function focused(page: Page): Promise<string | null | undefined> {
  return page.evaluate(
    () => document.activeElement?.querySelector('.name, :scope.rest span')?.textContent,
  );
}
