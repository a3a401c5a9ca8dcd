import type { ChangeKind } from '../domain/chart.ts';
import { make, told } from './dom.ts';
import type { Change } from './source.ts';
import { shown } from './text.ts';

export function changeLine(kind: ChangeKind): HTMLElement {
  return make('span', { class: `badge ${kind}` }, kind);
}

/** "title: Engineer → Architect", one line each. */
export function differencesOf({ kind, differences }: Change): HTMLElement {
  const lines = differences.map(([what, before = '', after = '']) => {
    const label = make('span', { class: 'what' }, labelOf(kind, what));
    const values = [before, after].filter((value) => value !== '');
    if (values.length === 0) return make('div', {}, label);
    const arrow = make('span', { class: 'arrow', role: 'img', 'aria-label': 'now' }, ' → ');
    const isNew = before === '' && kind === 'changed';
    const parts = [before, after].map((value) => told('', shown(value === '' ? '(none)' : value)));
    if (kind === 'changed' || kind === 'moved') {
      const [was, is] = parts as [HTMLElement, HTMLElement];
      return make('div', {}, label, ' ', ...(isNew ? [arrow, is] : [was, arrow, is]));
    }
    return make('div', {}, label, ' ', told('', shown(values.at(-1) ?? '')));
  });
  return make('div', { class: 'differences' }, ...lines);
}

function labelOf(kind: ChangeKind, what: string): string {
  if (what !== 'manager') return what.replaceAll('_', ' ');
  if (kind === 'left' || kind === 'detached') return 'was under';
  return kind === 'moved' ? 'manager' : 'under';
}
