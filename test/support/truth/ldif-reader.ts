// Reading LDIF (RFC 2849) apart from any code of the program: folded lines, base64, comments.
import { closeSync, openSync, readSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';

export type LdifEntry = {
  readonly dn: string;
  /** By lower-case attribute name. */
  readonly attributes: ReadonlyMap<string, readonly string[]>;
};

const CHUNK_BYTES = 1 << 20;

export function* readLdifFile(path: string): Iterable<LdifEntry> {
  yield* readLdif(linesOf(path));
}

export function* readLdif(lines: Iterable<string>): Iterable<LdifEntry> {
  let block: string[] = [];
  for (const line of lines) {
    if (line === '') {
      yield* entryOf(block);
      block = [];
    } else if (line.startsWith(' ')) {
      block.push(`${block.pop() ?? ''}${line.slice(1)}`);
    } else {
      block.push(line);
    }
  }
  yield* entryOf(block);
}

function* entryOf(block: readonly string[]): Iterable<LdifEntry> {
  let dn: string | undefined;
  const attributes = new Map<string, string[]>();
  for (const line of block) {
    if (line.startsWith('#')) continue;
    const [name, value] = parseLine(line);
    if (name === 'dn') dn = value;
    else attributes.set(name, [...(attributes.get(name) ?? []), value]);
  }
  if (dn !== undefined) yield { dn, attributes };
}

function parseLine(line: string): readonly [name: string, value: string] {
  const colon = line.indexOf(':');
  if (colon < 0) throw new Error(`Expected \`name: value\`, got \`${line}\``);
  const name = line.slice(0, colon).toLowerCase();
  const isBase64 = line[colon + 1] === ':';
  const text = line.slice(colon + (isBase64 ? 2 : 1)).replace(/^ +/, '');
  return [name, isBase64 ? Buffer.from(text, 'base64').toString('utf8') : text];
}

function* linesOf(path: string): Iterable<string> {
  const file = openSync(path, 'r');
  const decoder = new StringDecoder('utf8');
  const chunk = Buffer.alloc(CHUNK_BYTES);
  let rest = '';
  try {
    for (let size = readSync(file, chunk); size > 0; size = readSync(file, chunk)) {
      const lines = (rest + decoder.write(chunk.subarray(0, size))).split(/\r?\n/);
      rest = lines.pop() ?? '';
      yield* lines;
    }
  } finally {
    closeSync(file);
  }
  yield rest;
}
