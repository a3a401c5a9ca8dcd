// A chart in a real browser, where anything that a chart must not do fails the test.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect } from 'vitest';
import type { ChartData } from '../../src/domain/chart.ts';
import { frontEnd } from '../../src/report/chart-front-end.ts';
import { chartPage } from '../../src/report/chart-page.ts';
import { findChromium } from '../support/ensure-chromium.ts';
import { withTemporaryDirectory } from '../support/temporary.ts';
import { buildFrontEnd } from '../tools/front-end.ts';

interface ChartOptions {
  readonly height?: number;
  readonly motion?: boolean;
  /** What the browser is expected to say of what it refuses. */
  readonly refused?: RegExp;
}

/** One browser, and one page, for the tests of a file. Returns what opens a chart in it. */
export function chartBrowser() {
  let browser: Browser;
  let page: Page;
  const told: string[] = [];
  beforeAll(async () => {
    await buildFrontEnd('dist/chart');
    const executablePath = findChromium() ?? 'chromium';
    const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    browser = await chromium.launch({ executablePath, args });
    page = await browser.newPage();
    page.on('console', (message) => told.push(message.text()));
    page.on('pageerror', (error) => told.push(String(error)));
    page.on('request', (request) => told.push(request.url()));
    page.on('requestfailed', (request) => {
      // It never left the browser.
      const isRefused = request.failure()?.errorText === 'csp';
      if (isRefused) told[told.indexOf(request.url())] = `${request.url()}: csp`;
    });
  });
  afterAll(() => browser.close());

  /** The file at `path`. No request, no message, no error, nothing that the policy had to refuse. */
  async function withFile(
    path: string,
    use: (page: Page) => Promise<void>,
    { refused, height = 720, motion = false }: ChartOptions = {},
  ): Promise<void> {
    const reducedMotion = motion ? 'no-preference' : 'reduce';
    await page.emulateMedia({ media: 'screen', reducedMotion });
    await page.setViewportSize({ width: 1_280, height });
    told.length = 0;
    await page.goto(`file://${path}`);
    await items(page).first().waitFor();
    await use(page);
    const isRefusal = (text: string) => refused?.test(text) === true;
    expect(told.filter((text) => !isRefusal(text))).toEqual([`file://${path}`]);
    expect(told.some(isRefusal)).toBe(refused !== undefined);
  }

  function withChart(
    data: ChartData,
    use: (page: Page) => Promise<void>,
    options: ChartOptions = {},
  ): Promise<void> {
    return withTemporaryDirectory(async (folder) => {
      const path = join(folder, 'org.html');
      await writeFile(path, [...chartPage(data, frontEnd())]);
      await withFile(path, use, options);
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
