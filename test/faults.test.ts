// faults.md: every fault and every trap has a test, or a reason why not.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { titlesOf } from './support/test-titles.ts';

/** Raise it as the table grows: a table that is not seen is green. */
const LEAST_ROWS = 240;
const COLUMNS = ['Area', 'Fault or trap', 'Expected', 'Proved by'];
const REASON = /^No test: \S.{9}/;
const PROOF = /^`(?<file>[^`]+\.test\.ts)` (?<title>\S.*)$/;

interface Proof {
  /** Below test/. */
  readonly file: string;
  readonly title: string;
}

interface Fault {
  readonly line: number;
  readonly cells: readonly string[];
  readonly proofs: readonly Proof[];
  readonly reasons: readonly string[];
  /** What is neither. */
  readonly others: readonly string[];
}

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const titles = new Map<string, readonly string[]>();

function faultsIn(markdown: string): readonly Fault[] {
  const lines = markdown.split('\n').map((text, n) => ({ text, line: n + 1 }));
  const table = lines.filter(({ text }) => text.startsWith('|'));
  expect(cellsOf(table[0]?.text ?? '')).toEqual(COLUMNS);
  expect(table[1]?.text).toMatch(/^[| -]+$/);
  return table.slice(2).map(({ text, line }) => faultOf(cellsOf(text), line));
}

function cellsOf(row: string): readonly string[] {
  const cells = row.split(/(?<!\\)\|/).slice(1, -1);
  return cells.map((cell) => cell.trim().replaceAll('\\|', '|'));
}

function faultOf(cells: readonly string[], line: number): Fault {
  const parts = (cells[3] ?? '').split('<br>').map((part) => part.trim());
  const reasons = parts.filter((part) => REASON.test(part));
  const rest = parts.filter((part) => !REASON.test(part));
  const proofs = rest.flatMap((part) => {
    const { file, title } = PROOF.exec(part)?.groups ?? {};
    return file === undefined || title === undefined ? [] : [{ file, title }];
  });
  const others = rest.filter((part) => !PROOF.test(part));
  return { line, cells, proofs, reasons, others };
}

function isThere({ file, title }: Proof): boolean {
  const path = here(file);
  if (!existsSync(path)) return false;
  const known = titles.get(file) ?? titlesOf(file, readFileSync(path, 'utf8'));
  titles.set(file, known);
  return known.includes(title);
}

/** What is wrong with the table, line by line. */
function wrongIn(faults: readonly Fault[]): readonly string[] {
  return faults.flatMap(({ line, cells, proofs, reasons, others }) => [
    ...(cells.length === COLUMNS.length && cells.every((cell) => cell !== '')
      ? []
      : [`${line}: not four cells`]),
    ...(proofs.length + reasons.length > 0 ? [] : [`${line}: neither a test nor a reason`]),
    ...others.map((part) => `${line}: neither a test nor a reason: ${part}`),
    ...proofs
      .filter((proof) => !isThere(proof))
      .map(({ file, title }) => `${line}: no test “${title}” in ${file}`),
  ]);
}

const HEAD = `| ${COLUMNS.join(' | ')} |\n|---|---|---|---|\n`;
const wrongWith = (proof: string) => wrongIn(faultsIn(`${HEAD}| a | b | c | ${proof} |`));

describe('faults.md', () => {
  const faults = faultsIn(readFileSync(here('faults.md'), 'utf8'));

  it('has a test, found by its title, or a reason for every fault', () => {
    expect(wrongIn(faults)).toEqual([]);
  });

  it('is seen, and names no fault twice', () => {
    expect(faults.length).toBeGreaterThanOrEqual(LEAST_ROWS);
    const names = faults.map(({ cells: [area, fault] }) => `${area}: ${fault}`);
    expect(names.filter((name, at) => names.indexOf(name) < at)).toEqual([]);
  });
});

describe('a table of faults', () => {
  const OWN = '`faults.test.ts` a table of faults >';

  it('may name tests and reasons', () => {
    const both = `${OWN} may name tests and reasons<br>No test: this one is made up`;
    expect(wrongWith(both)).toEqual([]);
  });

  it.each([
    ['of no test that is there', `${OWN} says what nobody says`],
    ['of no file that is there', '`nowhere.test.ts` may name tests'],
    ['without its group', '`faults.test.ts` may name tests and reasons'],
    ['without a file', 'may name tests and reasons'],
    ['of nothing', ''],
    ['of an empty reason', 'No test:'],
  ])('is wrong with a title %s', (_, proof) => {
    expect(wrongWith(proof)).not.toEqual([]);
  });
});
