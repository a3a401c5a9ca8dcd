import { make } from './dom.ts';

const KEYS = [
  ['← →', 'collapse and expand; to the manager, to the first report'],
  ['↑ ↓', 'the one before, the next'],
  ['Home End', 'the first, the last'],
  ['Space', 'expand or collapse'],
  ['Enter', 'details and chain of command'],
  ['/', 'find people'],
  ['+ − 0', 'larger, smaller, all of it'],
  ['Esc', 'close what is open'],
] as const;

/** A button, and what it shows. */
export function helpButton(): readonly HTMLElement[] {
  const list = make('dl');
  for (const [keys, what] of KEYS) list.append(make('dt', {}, keys), make('dd', {}, what));
  const wheel = make('p', {}, 'The wheel scrolls, with Ctrl it zooms; drag to move.');
  const help = make(
    'div',
    { id: 'help', class: 'help', popover: 'auto' },
    make('h2', {}, 'Keys'),
    list,
    wheel,
  );
  const attributes = { class: 'tool', type: 'button', popovertarget: 'help', 'aria-label': 'Keys' };
  return [make('button', attributes, '?'), help];
}
