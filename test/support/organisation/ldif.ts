// Writing LDIF (RFC 2849): base64 where plain text is not safe, long lines folded.
import { closeSync, openSync, writeSync } from 'node:fs';

export type Attribute = readonly [name: string, value: string];

/** Printable ASCII that begins with no space, colon or less-than sign and ends with no space. */
const SAFE = /^[!-9;=-~](?:[ -~]*[!-~])?$/;

const FOLD_AT = 76;

const FLUSH_AT_CHARS = 1 << 18;

export function ldifEntry(dn: string, attributes: readonly Attribute[]): string {
  let text = line('dn', dn);
  for (const [name, value] of attributes) text += line(name, value);
  return `${text}\n`;
}

function line(name: string, value: string): string {
  const text = SAFE.test(value)
    ? `${name}: ${value}`
    : `${name}:: ${Buffer.from(value).toString('base64')}`;
  return text.length <= FOLD_AT ? `${text}\n` : folded(text);
}

function folded(text: string): string {
  let lines = `${text.slice(0, FOLD_AT)}\n`;
  for (let from = FOLD_AT; from < text.length; from += FOLD_AT - 1) {
    lines += ` ${text.slice(from, from + FOLD_AT - 1)}\n`;
  }
  return lines;
}

/** Writes entries as they come: the file never stands in memory as a whole. */
export function writeLdif(path: string, entries: Iterable<string>): void {
  const file = openSync(path, 'w');
  try {
    let waiting = '';
    for (const entry of entries) {
      waiting += entry;
      if (waiting.length < FLUSH_AT_CHARS) continue;
      writeSync(file, waiting);
      waiting = '';
    }
    writeSync(file, waiting);
  } finally {
    closeSync(file);
  }
}
