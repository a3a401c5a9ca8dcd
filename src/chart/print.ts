import { make, told } from './dom.ts';
import type { Item, Placed } from './layout.ts';
import { count, plural, shown } from './text.ts';

/** More lines than this are no use on paper, and take the browser minutes. */
const MOST = 5_000;

/** On paper what is open is an indented list: a drawing that is wider than a page cannot be read. */
export function printsAsList(placed: () => readonly Placed[], heading: () => string): void {
  const list = make('div', { class: 'print' });
  document.body.append(list);
  const fill = () => list.replaceChildren(...listOf(placed(), heading()));
  const empty = () => list.replaceChildren();
  window.addEventListener('beforeprint', fill);
  window.addEventListener('afterprint', empty);
  matchMedia('print').addEventListener('change', ({ matches }) => (matches ? fill() : empty()));
}

function listOf(placed: readonly Placed[], heading: string): readonly HTMLElement[] {
  const lines = placed.slice(0, MOST).map(({ item, level }) => {
    const line = make('li', {}, ...contentOf(item));
    line.style.setProperty('--level', String(level - 1));
    return line;
  });
  const people = placed.filter(({ item }) => item.kind === 'person').length;
  const note = `${plural(people, 'person', 'people')} shown`;
  const cut = placed.length > MOST ? `: the first ${count(MOST)} printed` : '';
  return [make('h1', {}, told('', heading)), make('p', {}, note + cut), make('ol', {}, ...lines)];
}

function contentOf(item: Item): readonly (HTMLElement | string)[] {
  if (item.kind === 'rest') return [make('em', {}, `… ${count(item.hidden)} more`)];
  const { name, title, department, direct, total, active } = item.person;
  const role = [title, department].filter((text) => text !== '').map(shown);
  const span = total > direct ? `${count(direct)} direct, ${count(total)} in all` : count(direct);
  return [
    told('name', shown(name)),
    told('title', role.join(' · ')),
    make('span', { class: 'total' }, total > 0 ? span : ''),
    active ? '' : make('span', { class: 'badge account' }, 'disabled'),
  ];
}
