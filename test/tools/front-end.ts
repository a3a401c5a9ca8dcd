/** Bundles the chart's front end: a page has no imports. Run by itself, into dist/. */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build } from 'esbuild';

/** The licence of d3 asks to be told in every copy. */
const LICENCE = `/*! With d3-hierarchy, d3-selection, d3-zoom and what they need (https://d3js.org): Copyright 2010-2026 Mike Bostock, ISC licence:
Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted, provided
that the above copyright notice and this permission notice appear in all copies. THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR
DISCLAIMS ALL WARRANTIES WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS. IN NO
EVENT SHALL THE AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT, INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES WHATSOEVER
RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT
OF OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THIS SOFTWARE. */`;

export async function buildFrontEnd(folder: string): Promise<void> {
  const { outputFiles } = await build({
    entryPoints: [
      { in: 'src/chart/main.ts', out: 'chart' },
      { in: 'src/chart/chart.css', out: 'chart' },
    ],
    outdir: folder,
    write: false,
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2022',
    banner: { js: LICENCE },
    legalComments: 'none',
    logLevel: 'warning',
  });
  mkdirSync(folder, { recursive: true });
  for (const { path, contents } of outputFiles) {
    const place = join(folder, basename(path));
    // Another test may be reading it.
    writeFileSync(`${place}.${process.pid}`, contents);
    renameSync(`${place}.${process.pid}`, place);
  }
}

if (import.meta.main) await buildFrontEnd('dist/chart');
