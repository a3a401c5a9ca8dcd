import { createHash } from 'node:crypto';
import type { ChartData } from '../domain/chart.ts';
import type { FrontEnd } from './chart-front-end.ts';

/** One file that needs nothing else, and in which nothing runs but the script that it was written with. */
export function* chartPage(data: ChartData, { script, style }: FrontEnd): Generator<string> {
  yield `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy(script, style)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<title>${escapeHtml(data.title)} · org chart</title>
<style>${style}</style>
</head>
<body>
<noscript>This org chart is drawn by the script in this file: allow it to run.</noscript>
<script type="application/json" id="organisation">`;
  yield inScript(data);
  yield `</script>
<script>${script}</script>
</body>
</html>
`;
}

/** What stands in the page as it is is named by its hash: a script that slipped in with a name has another one. */
function policy(script: string, style: string): string {
  return [
    "default-src 'none'",
    `script-src '${hashOf(script)}'`,
    `style-src '${hashOf(style)}'`,
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

/** JSON in which no tag can end or begin. Characters outside of strings are never among those replaced. */
export function inScript(value: unknown): string {
  return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** Also for attributes. NUL and lone surrogates cannot stand in HTML. */
export function escapeHtml(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, ' ')
    .replace(/[<>&"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
