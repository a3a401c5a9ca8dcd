import { CHANGE_KINDS } from '../domain/changes.ts';
import { ChangesPanel } from './changes-panel.ts';
import { Chart } from './chart.ts';
import { controlTree } from './controls.ts';
import { make, makeButton, told } from './dom.ts';
import { helpButton } from './help.ts';
import { personPanel } from './panel.ts';
import { printsAsList } from './print.ts';
import { SearchBox } from './search-box.ts';
import type { About, Key, Source } from './source.ts';
import { count, moment, plural, shown } from './text.ts';

/** Builds the page around the chart of `source`. */
export async function openPage(source: Source): Promise<void> {
  const page = new Page(source, await source.about());
  await page.begin();
}

class Page {
  readonly #source: Source;
  readonly #about: About;
  readonly #chart: Chart;
  readonly #panel = make('aside', { class: 'panel', 'aria-label': 'Details' });
  readonly #search: SearchBox;
  readonly #changes: HTMLButtonElement;
  /** The panel stays as it is: somebody goes through the list in it. */
  #keepsPanel = false;

  constructor(source: Source, about: About) {
    this.#source = source;
    this.#about = about;
    const dismissed = () => this.#showPanel([]);
    this.#chart = new Chart(source, { selected: (key) => this.#showPerson(key), dismissed });
    const leave = () => this.#chart.focus();
    this.#search = new SearchBox(source, (key) => this.#reveal(key), leave);
    this.#changes = this.#changesButton();
  }

  async begin(): Promise<void> {
    this.#panel.hidden = true;
    const { stage, live } = this.#chart;
    document.body.append(this.#bar(), stage, this.#panel, live);
    controlTree(this.#chart);
    document.addEventListener('keydown', (event) => this.#key(event));
    printsAsList(
      () => this.#chart.placed,
      () => `${shown(this.#about.title)}, ${this.#state()}`,
    );
    await this.#chart.begin();
  }

  #bar(): HTMLElement {
    const chart = this.#chart;
    const { title, people } = this.#about;
    const heading = make('h1', {}, told('', shown(title)));
    const state = make(
      'p',
      {},
      `Org chart · ${plural(people, 'person', 'people')} · ${this.#state()}`,
    );
    const tool = (label: string, name: string, press: () => void) =>
      makeButton({ class: 'tool', title: name, 'aria-label': name }, press, label);
    const tools = [
      this.#changes,
      tool('Expand', 'Expand one level more', () => void chart.openLevel()),
      tool('Collapse', 'Collapse all', () => void chart.closeAll()),
      tool('Fit', 'Fit into the window', () => chart.fit()),
      tool('−', 'Zoom out', () => chart.zoomBy(0.8)),
      tool('+', 'Zoom in', () => chart.zoomBy(1.25)),
      ...helpButton(),
    ];
    const names = make('div', { class: 'names' }, heading, state);
    const toolbar = make('div', { class: 'tools' }, ...tools);
    return make('header', { class: 'bar' }, names, this.#search.element, toolbar);
  }

  #state(): string {
    const { run, publishedAt } = this.#about;
    return publishedAt === null
      ? `run ${run}, held, not published`
      : `as of ${moment(publishedAt)}`;
  }

  #changesButton(): HTMLButtonElement {
    const { changes } = this.#about;
    const all = CHANGE_KINDS.reduce((sum, kind) => sum + (changes?.[kind] ?? 0), 0);
    const button = makeButton({ class: 'tool', 'aria-expanded': 'false' }, () => {
      void this.#toggleChanges();
    });
    button.append('Changes ', make('b', {}, count(all)));
    return button;
  }

  async #toggleChanges(): Promise<void> {
    if (this.#changes.getAttribute('aria-expanded') === 'true') return this.#close();
    const panel = new ChangesPanel(this.#source, {
      ...this.#actions,
      reveal: (key) => this.#revealBeside(key),
    });
    this.#showPanel(await panel.show(this.#about));
    this.#changes.setAttribute('aria-expanded', 'true');
  }

  async #showPerson(key: Key): Promise<void> {
    if (this.#keepsPanel) return;
    const [details, chain] = await Promise.all([
      this.#source.details(key),
      this.#source.chain(key),
    ]);
    this.#showPanel(personPanel(this.#about, details, chain, this.#actions));
  }

  #showPanel(content: readonly HTMLElement[]): void {
    this.#changes.setAttribute('aria-expanded', 'false');
    this.#panel.replaceChildren(...content);
    this.#panel.hidden = content.length === 0;
    this.#panel.scrollTop = 0;
  }

  get #actions() {
    return { reveal: (key: Key) => this.#reveal(key), close: () => this.#close() };
  }

  #reveal(key: Key): void {
    void this.#chart.reveal(key).then(() => this.#chart.focus());
  }

  #revealBeside(key: Key): void {
    this.#keepsPanel = true;
    void this.#chart.reveal(key).finally(() => {
      this.#keepsPanel = false;
    });
  }

  #close(): void {
    this.#chart.deselect();
    this.#chart.focus();
  }

  #key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const isTyping = event.target instanceof HTMLInputElement;
    if (event.key === '/' && !isTyping) {
      event.preventDefault();
      this.#search.focus();
    }
    if (event.key === 'Escape' && this.#panel.contains(event.target as Node)) this.#close();
  }
}
