import { make, told } from './dom.ts';
import type { Item, PersonItem, Placed, RestItem } from './layout.ts';
import type { Person } from './source.ts';
import { count, hueOf, initials, plural, shown, spoken } from './text.ts';

/** What is marked: the item that keys act on, the person whose details are shown, and who is above them. */
export interface Marks {
  readonly active: string;
  readonly selected: string;
  readonly chain: ReadonlySet<string>;
}

/** The card of an item, as a node of a tree; {@link dressCard} tells the rest. */
export function makeCard({ item, level }: Placed): HTMLElement {
  const card = make(
    'div',
    { role: 'treeitem', 'aria-level': String(level), 'data-key': item.key },
    ...(item.kind === 'person' ? personContent(item.person) : [restLabel(item)]),
  );
  card.className = `card ${item.kind}`;
  if (item.kind === 'person') {
    card.style.setProperty('--hue', String(hueOf(item.person.department)));
    card.classList.toggle('disabled', !item.person.active);
  }
  return card;
}

/** What changes while the card stays. */
export function dressCard(card: HTMLElement, { item }: Placed, marks: Marks): void {
  const { key, position, teamSize } = item;
  card.setAttribute('aria-setsize', String(teamSize));
  card.setAttribute('aria-posinset', String(position + 1));
  card.setAttribute('aria-label', labelOf(item));
  card.setAttribute('aria-selected', String(key === marks.selected));
  card.tabIndex = key === marks.active ? 0 : -1;
  card.classList.toggle('on-chain', marks.chain.has(key));
  if (item.kind === 'rest') card.replaceChildren(restLabel(item));
  else if (item.person.total > 0) card.setAttribute('aria-expanded', String(item.open));
}

function personContent(person: Person): readonly HTMLElement[] {
  const { name, title, department, changes, active } = person;
  const badges = [...new Set(changes)].map((kind) =>
    make('span', { class: `badge ${kind}` }, kind),
  );
  if (!active) badges.unshift(make('span', { class: 'badge account' }, 'disabled'));
  const last = make('span', { class: 'foot' }, told('department', shown(department)));
  if (person.total > person.direct) {
    last.append(make('span', { class: 'total' }, `${count(person.total)} in all`));
  }
  return [
    make('span', { class: 'monogram', 'aria-hidden': 'true' }, initials(name)),
    make('span', { class: 'lines' }, told('name', shown(name)), told('title', shown(title)), last),
    make('span', { class: 'badges' }, ...badges),
    ...(person.total > 0 ? [toggleOf(person)] : []),
  ];
}

/** No stop of its own for the keyboard: the card answers to Space and the arrows. */
function toggleOf({ direct, changesBelow }: Person): HTMLElement {
  const toggle = make('span', { class: 'toggle', 'aria-hidden': 'true' }, count(direct));
  if (changesBelow > 0) {
    toggle.append(make('span', { class: 'dot' }));
    toggle.title = `${plural(changesBelow, 'person', 'people')} below changed`;
  }
  return toggle;
}

function restLabel({ side, hidden }: RestItem): HTMLElement {
  return make(
    'span',
    {},
    side === 'later' ? `… ${count(hidden)} more` : `… ${count(hidden)} before`,
  );
}

/** What a screen reader says of an item. */
export function labelOf(item: Item): string {
  return item.kind === 'person' ? personLabel(item) : `${count(item.hidden)} more, not shown yet`;
}

function personLabel({ person }: PersonItem): string {
  const { name, title, department, direct, total, active, changes } = person;
  const span = direct === 0 ? '' : plural(direct, 'direct report');
  const all = total > direct ? `${count(total)} in all` : '';
  const account = active ? '' : 'disabled account';
  const parts = [spoken(name), spoken(title), spoken(department), span, all, account, ...changes];
  return parts.filter((part) => part !== '').join(', ');
}
