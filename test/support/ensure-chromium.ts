// Makes sure of the browser that the chart is tested in. Says nothing when it is there.
import { existsSync } from 'node:fs';
import { ensure, findTool, hasApt } from './ensure-openldap.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'] as const;

const PLACES = [
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** The path of a Chromium, or undefined. */
export function findChromium(): string | undefined {
  const onPath = NAMES.map((name) => findTool(name)).find((path) => path !== undefined);
  return onPath ?? PLACES.find((path) => existsSync(path));
}

export async function ensureChromium(): Promise<void> {
  const install = 'sudo apt-get update && sudo apt-get install -y chromium';
  await ensure({
    name: 'Chromium',
    missing: () => (findChromium() === undefined ? ['chromium'] : []),
    packages: ['chromium'],
    hint: hasApt() ? install : 'install Chromium or Google Chrome (macOS: brew install chromium)',
  });
}

if (import.meta.main) await ensureChromium();
