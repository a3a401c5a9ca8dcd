import { readFileSync } from 'node:fs';
import { OrgwalkError } from '../domain/errors.ts';

/** The script and the style of the chart, as src/chart/ was bundled. */
export interface FrontEnd {
  readonly script: string;
  readonly style: string;
}

/** Beside this file in the package; in the repository, where src/ runs as it is, what the last build left. */
const PLACES = [
  new URL('../chart/', import.meta.url),
  new URL('../../dist/chart/', import.meta.url),
];

export function frontEnd(): FrontEnd {
  for (const place of PLACES) {
    const script = textOf(new URL('chart.js', place));
    const style = textOf(new URL('chart.css', place));
    if (script !== undefined && style !== undefined) return { script, style };
  }
  throw new OrgwalkError('chart', 'the front end of the chart is not built', 'npm run build');
}

function textOf(url: URL): string | undefined {
  try {
    return readFileSync(url, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
