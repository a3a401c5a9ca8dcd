import { select } from 'd3-selection';
import type { ZoomTransform } from 'd3-zoom';
import type { Box } from './camera.ts';
import { dressCard, type Marks, makeCard } from './cards.ts';
import { make, svg } from './dom.ts';
import { CARD, type Placed } from './layout.ts';
import { trunk, twig, whole } from './links.ts';
import { Animation, Motion, type Spot } from './motion.ts';

/** Cards beyond the edges that are drawn as well, as a share of what is in sight: a short way needs no new ones. */
const BEYOND = 0.4;
/** From this size on down only names are legible, so only names are drawn, and larger. */
const FAR = 0.55;
/** How far below the upper edge a manager stays in sight while their reports go by. */
const HELD = 12;

const NOWHERE: Box = { left: 0, top: 0, right: 0, bottom: 0 };

/** Draws what is in sight of what is open: cards as elements of a page, lines below them. */
export class Drawing {
  readonly tree = make('div', { role: 'tree', 'aria-label': 'Org chart', class: 'tree' });
  readonly #world = make('div', { class: 'world' });
  readonly #lines = svg('path', 'line');
  readonly #chain = svg('path', 'line chain');
  readonly #motion = new Motion();
  readonly #animation = new Animation();
  #placed: readonly Placed[] = [];
  #drawn: readonly Placed[] = [];
  #marks: Marks = { active: '', selected: '', chain: new Set() };
  #sight = NOWHERE;
  #covered = NOWHERE;

  constructor(stage: HTMLElement) {
    const lines = svg('svg', 'links');
    lines.setAttribute('aria-hidden', 'true');
    lines.append(this.#lines, this.#chain);
    this.#world.append(lines, this.tree);
    stage.append(this.#world);
  }

  /** Another layout: items move to their new places. */
  show(placed: readonly Placed[], marks: Marks): void {
    const isFirst = this.#placed.length === 0;
    this.#placed = placed;
    this.#motion.aim(placed, isFirst ? 1 : 0);
    this.mark(marks);
    if (isFirst) return;
    this.#animation.run((share) => {
      this.#motion.step(share);
      this.#settle();
    });
  }

  mark(marks: Marks): void {
    this.#marks = marks;
    this.#draw();
  }

  /** The camera has moved. */
  look(transform: ZoomTransform, sight: Box): void {
    const { x, y, k } = transform;
    this.#sight = sight;
    this.#world.style.transform = `translate(${Math.round(x)}px,${Math.round(y)}px) scale(${k})`;
    this.#world.classList.toggle('far', k < FAR);
    if (contains(this.#covered, sight) && width(this.#covered) < 3 * width(sight)) this.#settle();
    else this.#draw();
  }

  cardOf(key: string): HTMLElement | undefined {
    const index = this.#drawn.findIndex(({ item }) => item.key === key);
    return (this.tree.children[index] as HTMLElement | undefined) ?? undefined;
  }

  /** Where an item is seen, which for a manager beside their reports is not where their place is. */
  boxOf(placed: Placed): Box {
    return boxAt(this.#spot(placed));
  }

  /** Decides which cards there are, and puts them in the order in which they are read. */
  #draw(): void {
    this.#covered = wider(this.#sight);
    this.#drawn = this.#placed.filter((one) => this.#isDrawn(one));
    select(this.tree)
      .selectAll<HTMLElement, Placed>(':scope > div')
      .data(this.#drawn, ({ item }) => item.key)
      .join((enter) => enter.append(makeCard))
      .order()
      .each((one, i, cards) => {
        const card = cards[i];
        if (card !== undefined) dressCard(card, one, this.#marks);
      });
    this.#settle();
  }

  #isDrawn(one: Placed): boolean {
    const { left, top, right, bottom } = this.#covered;
    if (one.item.key === this.#marks.active) return true;
    const inColumn = one.x + CARD.width >= left && one.x <= right;
    return inColumn && one.lastY + CARD.height >= top && one.y <= bottom;
  }

  /** Puts what is drawn where it stands now. */
  #settle(): void {
    select(this.tree)
      .selectAll<HTMLElement, Placed>(':scope > div')
      .style('transform', (one) => {
        const { x, y } = this.#spot(one);
        return `translate(${x}px,${y}px)`;
      });
    this.#drawLines();
  }

  #drawLines(): void {
    const managers = this.#drawn.filter(isOpen);
    const trunks = managers.map((one) => trunk(this.#spot(one)));
    const twigs = this.#drawn.flatMap((one) =>
      one.above === undefined ? [] : [twig(this.#spot(one), this.#spot(one.above))],
    );
    const chain = this.#placed.flatMap((one) =>
      one.above !== undefined && this.#marks.chain.has(one.item.key)
        ? [whole(this.#spot(one), this.#spot(one.above))]
        : [],
    );
    this.#lines.setAttribute('d', [...trunks, ...twigs].join(''));
    this.#chain.setAttribute('d', chain.join(''));
  }

  /** A manager whose reports are in sight stays in sight beside them. */
  #spot(one: Placed): Spot {
    const spot = this.#motion.at(one);
    if (!isOpen(one)) return spot;
    const held = Math.min(Math.max(spot.y, this.#sight.top + HELD), spot.lastY);
    return { ...spot, y: Math.max(spot.y, held) };
  }
}

export function boxAt({ x, y }: { readonly x: number; readonly y: number }): Box {
  return { left: x, top: y, right: x + CARD.width, bottom: y + CARD.height };
}

function isOpen({ item }: Placed): boolean {
  return item.kind === 'person' && item.open;
}

function width({ left, right }: Box): number {
  return right - left;
}

function wider({ left, top, right, bottom }: Box): Box {
  const [dx, dy] = [(right - left) * BEYOND, (bottom - top) * BEYOND];
  return { left: left - dx, top: top - dy, right: right + dx, bottom: bottom + dy };
}

function contains(outer: Box, inner: Box): boolean {
  return (
    outer.left <= inner.left &&
    outer.top <= inner.top &&
    outer.right >= inner.right &&
    outer.bottom >= inner.bottom
  );
}
