import { Camera } from './camera.ts';
import type { Marks } from './cards.ts';
import { labelOf } from './cards.ts';
import { make } from './dom.ts';
import { boxAt, Drawing } from './drawing.ts';
import { type Item, layOut, type Placed } from './layout.ts';
import { Organisation } from './organisation.ts';
import type { Key, Source } from './source.ts';
import { count, plural, spoken } from './text.ts';

/** So many cards and no more are opened by one press of a button. */
const MOST_OPENED = 2_000;

/** Told to whoever shows more of a person than the card does. */
export interface Onlooker {
  selected(key: Key): Promise<void>;
  dismissed(): void;
}

/** The drawing that a person works with: what is open, where the keys are, who is selected. */
export class Chart {
  readonly stage = make('main', { class: 'stage' });
  readonly live = make('div', { role: 'status', class: 'unseen' });
  readonly #organisation: Organisation;
  readonly #drawing = new Drawing(this.stage);
  readonly #camera: Camera;
  readonly #onlooker: Onlooker;
  #placed: readonly Placed[] = [];
  #marks: Marks = { active: '', selected: '', chain: new Set() };
  /** What is asked for is done one after the other: answers may take their time. */
  #last: Promise<void> = Promise.resolve();

  constructor(source: Source, onlooker: Onlooker) {
    this.#organisation = new Organisation(source);
    this.#onlooker = onlooker;
    this.#camera = new Camera(this.stage, () => this.#look());
    new ResizeObserver(() => this.#look()).observe(this.stage);
  }

  get tree(): HTMLElement {
    return this.#drawing.tree;
  }

  get placed(): readonly Placed[] {
    return this.#placed;
  }

  get active(): Placed | undefined {
    return this.#placed.find(({ item }) => item.key === this.#marks.active);
  }

  begin(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#organisation.begin();
      const [first] = layOut(this.#organisation);
      if (first !== undefined) this.#marks = { ...this.#marks, active: first.item.key };
      this.#show();
      this.#camera.begin(this.#bounds());
    });
  }

  /** Opens or closes a team; of a wide one, shows the next. */
  toggle(item: Item): Promise<void> {
    if (item.kind === 'rest') return this.#more(item.manager, item);
    return item.open ? this.close(item.key) : this.open(item.key);
  }

  open(key: Key): Promise<void> {
    return this.#inTurn(async () => {
      await this.#organisation.open(key);
      this.#show();
      this.#uncoverTeam(key);
      const team = this.#organisation.team(key);
      if (team !== undefined) this.#say(`${this.#nameOf(key)}: ${plural(team.total, 'report')}`);
    });
  }

  close(key: Key): Promise<void> {
    return this.#inTurn(async () => {
      this.#organisation.close(key);
      this.#show();
      const closed = this.#placed.find(({ item }) => item.key === key);
      // They may have stood in sight only because their reports did.
      if (closed !== undefined) this.#camera.uncover(boxAt(closed));
      this.#say(`${this.#nameOf(key)} closed`);
    });
  }

  /** One level more: the teams that are closed nearest to the top. */
  openLevel(): Promise<void> {
    return this.#inTurn(async () => {
      const closed = this.#placed.filter(isClosed);
      const level = Math.min(...closed.map((one) => one.level));
      let room = MOST_OPENED - this.#placed.length;
      const teams = closed.filter((one) => one.level === level);
      for (const { item } of teams) {
        if (room <= 0) break;
        await this.#organisation.open(item.key);
        room -= this.#organisation.team(item.key)?.items.length ?? 0;
      }
      this.#show();
      this.#camera.fit(this.#bounds());
      this.#say(room > 0 ? `${plural(teams.length, 'team')} opened` : 'No more fit at once');
    });
  }

  closeAll(): Promise<void> {
    return this.#inTurn(async () => {
      this.#organisation.closeAll();
      this.#show();
      this.#camera.fit(this.#bounds());
      this.#say('Closed, but for the top');
    });
  }

  /** Shows the details of somebody who is drawn, and their chain of command. */
  async select(key: Key): Promise<void> {
    const chain = new Set<string>();
    let next = this.#placed.find(({ item }) => item.key === key);
    for (; next !== undefined; next = next.above) chain.add(next.item.key);
    this.#marks = { active: key, selected: key, chain };
    this.#drawing.mark(this.#marks);
    await this.#onlooker.selected(key);
    // What tells of them may have taken the place that their card stood in.
    if (this.active !== undefined) this.#camera.uncover(this.#drawing.boxOf(this.active));
  }

  deselect(): void {
    this.#marks = { ...this.#marks, selected: '', chain: new Set() };
    this.#drawing.mark(this.#marks);
    this.#onlooker.dismissed();
  }

  /** Opens what is above a person, selects them and has them in the middle. */
  reveal(key: Key): Promise<void> {
    return this.#inTurn(async () => {
      await this.#organisation.reveal(key);
      this.#show();
      await this.select(key);
      const placed = this.active;
      if (placed !== undefined) this.#camera.centre(boxAt(placed));
      this.#say(this.#nameOf(key));
    });
  }

  /** The keys act on this item from now on. */
  activate(key: string, focus = true): void {
    this.#marks = { ...this.#marks, active: key };
    this.#drawing.mark(this.#marks);
    const { active } = this;
    if (!focus || active === undefined) return;
    this.focus();
    this.#camera.uncover(this.#drawing.boxOf(active));
  }

  focus(): void {
    this.#drawing.cardOf(this.#marks.active)?.focus({ preventScroll: true });
  }

  zoomBy(factor: number): void {
    this.#camera.zoomBy(factor);
  }

  fit(): void {
    this.#camera.fit(this.#bounds());
  }

  #more(manager: Key, item: Item & { readonly kind: 'rest' }): Promise<void> {
    return this.#inTurn(async () => {
      const before = new Set(this.#placed.map((one) => one.item.key));
      await this.#organisation.more(manager, item.side);
      this.#show();
      const fresh = this.#placed.filter((one) => !before.has(one.item.key));
      const next = item.side === 'later' ? fresh[0] : fresh.at(-1);
      if (next !== undefined) this.activate(next.item.key);
      this.#say(`${count(fresh.length)} more shown`);
    });
  }

  #show(): void {
    const hadFocus = this.tree.contains(document.activeElement);
    this.#placed = layOut(this.#organisation);
    if (this.active === undefined) this.#marks = { ...this.#marks, active: this.#nearest() };
    this.#drawing.show(this.#placed, this.#marks);
    if (hadFocus) this.focus();
  }

  /** Where the keys go when the item that they acted on is gone: to the selected person, or to the top. */
  #nearest(): string {
    const selected = this.#placed.find(({ item }) => item.key === this.#marks.selected);
    return (selected ?? this.#placed[0])?.item.key ?? '';
  }

  #uncoverTeam(key: Key): void {
    const manager = this.#placed.find(({ item }) => item.key === key);
    const reports = this.#placed.filter((one) => one.above === manager);
    const [first, last] = [reports[0], reports[Math.min(reports.length, 6) - 1]];
    if (manager === undefined || first === undefined || last === undefined) return;
    const { right, bottom } = boxAt(last);
    this.#camera.uncover({ left: manager.x, top: manager.y, right, bottom });
  }

  #bounds() {
    const boxes = this.#placed.map(boxAt);
    const most = (values: readonly number[]) => values.reduce((a, b) => Math.max(a, b), 0);
    const [right, bottom] = [most(boxes.map((b) => b.right)), most(boxes.map((b) => b.bottom))];
    return { left: 0, top: 0, right, bottom };
  }

  #look(): void {
    this.#drawing.look(this.#camera.transform, this.#camera.sight);
  }

  #nameOf(key: Key): string {
    const placed = this.#placed.find(({ item }) => item.key === key);
    if (placed === undefined) return '';
    return placed.item.kind === 'person' ? spoken(placed.item.person.name) : labelOf(placed.item);
  }

  #say(text: string): void {
    this.live.textContent = text;
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    this.#last = this.#last.then(work).catch((error: unknown) => {
      this.#say('This could not be loaded');
      console.error(error);
    });
    return this.#last;
  }
}

function isClosed({ item }: Placed): boolean {
  return item.kind === 'person' && item.person.total > 0 && !item.open;
}
