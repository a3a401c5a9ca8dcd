import { isDeepStrictEqual } from 'node:util';
import { CHANGE_KINDS } from '../domain/changes.ts';
import { type Change, type Columns, changeOf } from '../report/diff.ts';
import type { ChangeCounts, Difference, ManagerName, Side } from '../store/reading/differences.ts';
import type { State } from '../store/reading/states.ts';
import { count, printable } from './terminal.ts';
import { identity } from './who.ts';

const GAP = '   ';
/** Kinds stand in a column. */
const WIDTH = Math.max(...CHANGE_KINDS.map((kind) => kind.length));
const LONGEST_VALUE = 60;

/** "From run 6 (2026-11-22T…) to run 7 (…, held): 2 joined, …" */
export function diffHeading(from: State, to: State, counts: ChangeCounts): string {
  const kinds = CHANGE_KINDS.map((kind) => `${count(counts[kind])} ${kind}`);
  return `From ${stateText(from)} to ${stateText(to)}: ${kinds.join(', ')}`;
}

function stateText({ run, publishedAt, held }: State): string {
  return `run ${run} (${held ? 'held' : publishedAt})`;
}

/** One line: the kind, who it is, and what differs. */
export function diffLine(difference: Difference): string {
  const { kind, before, after } = difference;
  const { told } = after ?? (before as Side);
  return [kind.padEnd(WIDTH), identity(told), whatDiffers(difference)].join(GAP).trimEnd();
}

function whatDiffers(difference: Difference): string {
  const { kind, before, after } = difference;
  switch (kind) {
    case 'joined':
    case 'returned':
      return `reports to ${managersText(after)}`;
    case 'left':
    case 'detached':
      return `reported to ${managersText(before)}`;
    case 'moved':
      return `reports to ${managersText(before)} → ${managersText(after)}`;
    case 'changed':
      return columnsText(changeOf(difference));
    default:
      return kind satisfies never;
  }
}

/** The primary manager first. */
function managersText(side: Side | null): string {
  const { manager = null, managers = [] } = side ?? {};
  const others = managers.filter(({ id }) => id !== manager?.id);
  const names = [...(manager === null ? [] : [manager]), ...others].map(nameOf);
  return names.length === 0 ? 'nobody' : names.join(' and ');
}

function nameOf({ name, username, id }: ManagerName): string {
  return printable(name ?? username ?? id);
}

/** "title: Engineer → Director; phone: none → +49 30 1" */
function columnsText({ before, after }: Change): string {
  const columns = Object.keys({ ...before, ...after });
  return columns
    .map((column) => {
      const [was, is] = [before?.[column], after?.[column]];
      return column === 'attributes'
        ? attributesText(was, is)
        : `${column}: ${valueText(was)} → ${valueText(is)}`;
    })
    .join('; ');
}

/** Attributes can be long, and are many: which of them differ is told. */
function attributesText(was: unknown, is: unknown): string {
  const [before, after] = [(was ?? {}) as Columns, (is ?? {}) as Columns];
  const names = Object.keys({ ...before, ...after }).filter(
    (name) => !isDeepStrictEqual(before[name], after[name]),
  );
  return `attributes: ${printable(names.join(', '))}`;
}

function valueText(value: unknown): string {
  if (value === null || value === undefined) return 'none';
  const text = String(value);
  const characters = [...text];
  const cut = characters.length > LONGEST_VALUE;
  return printable(cut ? `${characters.slice(0, LONGEST_VALUE).join('')}…` : text);
}
