import { make, told } from './dom.ts';
import type { Key, Person, Source } from './source.ts';
import { count, plural, shown, spoken } from './text.ts';

const MOST = 50;

/** Finds people as somebody types: a combobox with a list below (WAI-ARIA). */
export class SearchBox {
  readonly element = make('div', { class: 'search', role: 'search' });
  readonly #input = make('input', {
    ...{ type: 'search', id: 'find', placeholder: 'Find people  ( / )', autocomplete: 'off' },
    ...{ spellcheck: 'false', 'aria-label': 'Find people', role: 'combobox', maxlength: '200' },
    ...{ 'aria-expanded': 'false', 'aria-controls': 'found', 'aria-autocomplete': 'list' },
  });
  readonly #popup = make('div', { class: 'popup' });
  readonly #list = make('ul', { id: 'found', role: 'listbox', 'aria-label': 'People found' });
  readonly #note = make('p', { class: 'note', role: 'status' });
  readonly #source: Source;
  readonly #pick: (key: Key) => void;
  readonly #leave: () => void;
  #found: readonly Person[] = [];
  #current = -1;
  readonly #keys: Readonly<Record<string, () => void>> = {
    Escape: () => {
      this.#hide();
      this.#input.value = '';
      this.#leave();
    },
    Enter: () => this.#choose(this.#current),
    ArrowDown: () => this.#step(1),
    ArrowUp: () => this.#step(-1),
  };
  /** Answers may overtake one another. */
  #asked = 0;

  constructor(source: Source, pick: (key: Key) => void, leave: () => void) {
    this.#source = source;
    this.#pick = pick;
    this.#leave = leave;
    this.#popup.hidden = true;
    this.#popup.append(this.#list, this.#note);
    this.element.append(this.#input, this.#popup);
    this.#input.addEventListener('input', () => void this.#search());
    this.#input.addEventListener('focus', () => void this.#search());
    this.#input.addEventListener('keydown', (event) => this.#key(event));
    this.#list.addEventListener('click', (event) => this.#click(event));
    this.element.addEventListener('focusout', ({ relatedTarget }) => {
      if (!this.element.contains(relatedTarget as Node | null)) this.#hide();
    });
    // The list must not take the focus from the field before the click arrives.
    this.#popup.addEventListener('mousedown', (event) => event.preventDefault());
  }

  focus(): void {
    this.#input.focus();
    this.#input.select();
  }

  async #search(): Promise<void> {
    const text = this.#input.value.trim();
    this.#asked += 1;
    const asked = this.#asked;
    if (text === '') return this.#hide();
    const { items, total } = await this.#source.search(text, MOST);
    if (asked !== this.#asked) return;
    this.#found = items;
    this.#list.replaceChildren(...items.map(optionOf));
    this.#note.textContent = noteOf(items.length, total);
    this.#popup.hidden = false;
    this.#input.setAttribute('aria-expanded', 'true');
    this.#move(items.length > 0 ? 0 : -1);
  }

  #key(event: KeyboardEvent): void {
    const act = this.#keys[event.key];
    if (act === undefined) return;
    event.preventDefault();
    act();
  }

  /** Round and round. */
  #step(by: number): void {
    const people = this.#found.length;
    if (people > 0) this.#move((this.#current + by + people) % people);
  }

  #click(event: MouseEvent): void {
    const option = event.target instanceof Element ? event.target.closest('li') : null;
    if (option !== null) this.#choose([...this.#list.children].indexOf(option));
  }

  #choose(index: number): void {
    const person = this.#found[index];
    if (person === undefined || this.#popup.hidden) return;
    this.#hide();
    this.#pick(person.key);
  }

  #move(to: number): void {
    this.#current = to;
    this.#input.removeAttribute('aria-activedescendant');
    for (const [i, option] of [...this.#list.children].entries()) {
      option.setAttribute('aria-selected', String(i === to));
      if (i !== to) continue;
      this.#input.setAttribute('aria-activedescendant', option.id);
      option.scrollIntoView({ block: 'nearest' });
    }
  }

  #hide(): void {
    this.#asked += 1;
    this.#popup.hidden = true;
    this.#input.setAttribute('aria-expanded', 'false');
    this.#input.removeAttribute('aria-activedescendant');
  }
}

function optionOf(person: Person, i: number): HTMLElement {
  const { name, title, department, active, total } = person;
  const role = [title, department].filter((text) => text !== '').map(shown);
  const option = make(
    'li',
    { role: 'option', id: `found-${i}`, 'aria-label': spoken([name, ...role].join(', ')) },
    told('name', shown(name)),
    told('title', role.join(' · ')),
  );
  if (total > 0) option.append(make('span', { class: 'total' }, count(total)));
  option.classList.toggle('disabled', !active);
  return option;
}

function noteOf(shownHere: number, total: number): string {
  if (total === 0) return 'Nobody is found';
  if (total > shownHere) return `The first ${count(shownHere)} of ${count(total)} people`;
  return plural(total, 'person', 'people');
}
