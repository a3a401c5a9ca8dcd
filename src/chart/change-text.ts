import type { ChangeKind } from '../domain/changes.ts';
import type { ChartDifference } from '../domain/chart.ts';
import { make, told } from './dom.ts';
import type { Change } from './source.ts';
import { shown } from './text.ts';

export function changeLine(kind: ChangeKind): HTMLElement {
  return make('span', { class: `badge ${kind}` }, kind);
}

/** "title Engineer → Architect", one line each. */
export function differencesOf({ kind, differences }: Change): HTMLElement {
  const lines = differences.map((difference) => lineOf(kind, difference));
  return make('div', { class: 'differences' }, ...lines);
}

function lineOf(kind: ChangeKind, [what, before = '', after = '']: ChartDifference): HTMLElement {
  const line = make('div', {}, make('span', { class: 'what' }, labelOf(kind, what)));
  if (before === '' && after === '') return line;
  line.append(' ');
  // Whoever came or went has one side only.
  if (kind !== 'changed' && kind !== 'moved') line.append(told('', shown(after || before)));
  else line.append(sideOf(before), arrow(), sideOf(after));
  return line;
}

function sideOf(value: string): HTMLElement {
  return told('', value === '' ? '(none)' : shown(value));
}

function arrow(): HTMLElement {
  return make('span', { class: 'arrow', role: 'img', 'aria-label': 'now' }, ' → ');
}

const LABELS: Readonly<Record<string, string>> = {
  dn: 'DN',
  email: 'mail',
  username: 'user name',
  attributes: 'further attributes',
};

function labelOf(kind: ChangeKind, what: string): string {
  if (what !== 'manager') return LABELS[what] ?? what.replaceAll('_', ' ');
  if (kind === 'left' || kind === 'detached') return 'was under';
  return kind === 'moved' ? 'manager' : 'under';
}
