import type { ChartData } from '../domain/chart.ts';
import { EmbeddedSource } from './embedded.ts';
import { openPage } from './page.ts';

async function start(): Promise<void> {
  const text = document.getElementById('organisation')?.textContent ?? '';
  const source = new EmbeddedSource(JSON.parse(text) as ChartData);
  await openPage(source);
  // When the page has been drawn, and nobody has typed yet.
  setTimeout(() => void source.warmUp(), 300);
}

void start();
