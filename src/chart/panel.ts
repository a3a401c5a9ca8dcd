import { changeLine, differencesOf } from './change-text.ts';
import { make, makeButton, told } from './dom.ts';
import type { About, Details, Key, Step } from './source.ts';
import { count, hueOf, initials, mailLink, phoneLink, shown, spoken } from './text.ts';

/** What the panel lets a person do. */
export interface PanelActions {
  reveal(key: Key): void;
  close(): void;
}

/** Everything that is known of one person, and who is above them. */
export function personPanel(
  { above }: About,
  details: Details,
  chain: readonly Step[],
  actions: PanelActions,
): readonly HTMLElement[] {
  return [
    headOf(details, actions),
    factsOf(details, chain, actions),
    ...changesOf(details),
    make('h3', {}, 'Chain of command'),
    chainOf(above, chain, actions),
  ];
}

export function closeButton(close: () => void): HTMLElement {
  return makeButton({ class: 'quiet close', 'aria-label': 'Close' }, close, '✕');
}

function headOf(details: Details, actions: PanelActions): HTMLElement {
  const { name, title, department, active } = details;
  const monogram = make('span', { class: 'monogram', 'aria-hidden': 'true' }, initials(name));
  monogram.style.setProperty('--hue', String(hueOf(department)));
  const lines = make('div', { class: 'lines' }, make('h2', {}, told('', shown(name))));
  if (title !== '') lines.append(told('title', shown(title)));
  if (!active) lines.append(make('span', { class: 'badge account' }, 'disabled account'));
  return make('header', {}, monogram, lines, closeButton(actions.close));
}

function factsOf(details: Details, chain: readonly Step[], actions: PanelActions): HTMLElement {
  const list = make('dl');
  const fact = (label: string, ...value: readonly (Node | string)[]) =>
    list.append(make('dt', {}, label), make('dd', {}, ...value));
  const text = (label: string, value: string, link?: string) => {
    if (value !== '') fact(label, linked(value, link));
  };
  text('Department', details.department);
  text('Location', details.location);
  text('Mail', details.email, mailLink(details.email));
  text('Phone', details.phone, phoneLink(details.phone));
  text('User name', details.username);
  const manager = chain.at(-2)?.person;
  if (manager !== undefined) {
    fact(
      'Manager',
      nameButton(manager.name, () => actions.reveal(manager.key)),
    );
  }
  fact('Reports', spanOf(details));
  return list;
}

function spanOf({ direct, total }: Details): string {
  if (direct === 0) return 'none';
  return total > direct
    ? `${count(direct)} direct, ${count(total)} in all`
    : `${count(direct)} direct`;
}

function linked(value: string, link: string | undefined): HTMLElement {
  const text = told('', '');
  // A mail address is rather broken behind its @ than anywhere.
  const [local, ...domain] = shown(value).split(/(?<=@)/);
  text.append(local ?? '', ...domain.flatMap((part) => [make('wbr'), part]));
  return link === undefined ? text : make('a', { href: link, rel: 'noreferrer' }, text);
}

function nameButton(name: string, press: () => void): HTMLElement {
  return makeButton({ class: 'link' }, press, told('', shown(name)));
}

function changesOf({ changed }: Details): readonly HTMLElement[] {
  if (changed.length === 0) return [];
  const items = changed.map((change) =>
    make('li', {}, changeLine(change.kind), differencesOf(change)),
  );
  return [make('h3', {}, 'Last changes'), make('ul', { class: 'changes' }, ...items)];
}

/** From the top down. Those above the people of this chart are names alone. */
function chainOf(
  above: readonly string[],
  chain: readonly Step[],
  actions: PanelActions,
): HTMLElement {
  const outside = above.map((name) => make('li', { class: 'outside' }, told('', shown(name))));
  const inside = chain.map(({ person }, i) => {
    const isLast = i === chain.length - 1;
    const name = isLast
      ? make('strong', {}, told('', shown(person.name)))
      : nameButton(person.name, () => actions.reveal(person.key));
    return make(
      'li',
      isLast ? { 'aria-current': 'true' } : {},
      name,
      told('title', shown(person.title)),
    );
  });
  const label = `Chain of command of ${spoken(chain.at(-1)?.person.name ?? '')}`;
  return make('ol', { class: 'chain', 'aria-label': label }, ...outside, ...inside);
}
