import { CHANGE_KINDS, type ChangeKind } from '../domain/changes.ts';
import { differencesOf } from './change-text.ts';
import { make, makeButton, told } from './dom.ts';
import { closeButton, type PanelActions } from './panel.ts';
import type { About, Change, Source } from './source.ts';
import { count, shown } from './text.ts';

const AT_ONCE = 100;

/** Who joined, left, moved or changed with the run that is shown: one kind at a time. */
export class ChangesPanel {
  readonly #source: Source;
  readonly #actions: PanelActions;
  readonly #list = make('ul', { class: 'changes' });
  readonly #more = make('div', { class: 'more' });

  constructor(source: Source, actions: PanelActions) {
    this.#source = source;
    this.#actions = actions;
  }

  async show({ run, changes }: About): Promise<readonly HTMLElement[]> {
    const head = make(
      'header',
      {},
      make('div', { class: 'lines' }, make('h2', {}, `Changes of run ${run}`)),
    );
    head.append(closeButton(this.#actions.close));
    if (changes === null)
      return [head, make('p', {}, 'Nothing was published before it to compare with.')];
    const kinds = CHANGE_KINDS.filter((kind) => changes[kind] > 0);
    const [first] = kinds;
    if (first === undefined) return [head, make('p', {}, 'Nobody joined, left, moved or changed.')];
    const chips = kinds.map((kind) => this.#chip(kind, changes[kind]));
    const group = make(
      'div',
      { class: 'chips', role: 'group', 'aria-label': 'Kind of change' },
      ...chips,
    );
    chips[0]?.setAttribute('aria-pressed', 'true');
    await this.#fill(first, 0);
    return [head, group, this.#list, this.#more];
  }

  #chip(kind: ChangeKind, people: number): HTMLElement {
    const chip = makeButton({ class: `chip ${kind}`, 'aria-pressed': 'false' }, () => {
      for (const one of chip.parentElement?.children ?? []) {
        one.setAttribute('aria-pressed', String(one === chip));
      }
      void this.#fill(kind, 0);
    });
    chip.append(`${kind} `, make('b', {}, count(people)));
    return chip;
  }

  async #fill(kind: ChangeKind, from: number): Promise<void> {
    const { items, total } = await this.#source.changes(kind, from, AT_ONCE);
    if (from === 0) this.#list.replaceChildren();
    this.#list.append(...items.map((change) => this.#item(change)));
    const next = from + items.length;
    const left = total - next;
    const more = `${count(left)} more`;
    this.#more.replaceChildren(
      ...(left > 0 ? [makeButton({ class: 'chip' }, () => void this.#fill(kind, next), more)] : []),
    );
  }

  #item(change: Change): HTMLElement {
    const { person, name } = change;
    const who =
      person === null
        ? make('span', { class: 'gone' }, told('', shown(name)))
        : makeButton(
            { class: 'link' },
            () => this.#actions.reveal(person.key),
            told('', shown(name)),
          );
    return make('li', {}, make('div', { class: 'who' }, who), differencesOf(change));
  }
}
