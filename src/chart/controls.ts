import type { Chart } from './chart.ts';
import type { Placed } from './layout.ts';

const STEP = 1.25;

/** Mouse and keys on the tree: those of the WAI-ARIA tree pattern, which fit a tree that grows to the right. */
export function controlTree(chart: Chart): void {
  chart.tree.addEventListener('click', (event) => {
    const placed = placedAt(chart, event.target);
    if (placed !== undefined) press(chart, placed, event.target as Element);
  });
  chart.tree.addEventListener('dblclick', (event) => {
    const placed = placedAt(chart, event.target);
    if (placed?.item.kind === 'person' && !isToggle(event.target)) void chart.toggle(placed.item);
  });
  // A screen reader, or a script, may focus any of them.
  chart.tree.addEventListener('focusin', ({ target }) => {
    const placed = placedAt(chart, target);
    if (placed !== undefined && placed !== chart.active) chart.activate(placed.item.key, false);
  });
  chart.tree.addEventListener('keydown', (event) => {
    const act = actionOf(event);
    if (act === undefined || chart.active === undefined) return;
    event.preventDefault();
    act(chart, chart.active);
  });
}

function press(chart: Chart, placed: Placed, target: Element): void {
  const { item } = placed;
  chart.activate(item.key, false);
  chart.focus();
  if (item.kind === 'rest' || isToggle(target)) void chart.toggle(item);
  else void chart.select(item.key);
}

function isToggle(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('.toggle') !== null;
}

function placedAt(chart: Chart, target: EventTarget | null): Placed | undefined {
  const card = target instanceof Element ? target.closest('[data-key]') : null;
  const key = card?.getAttribute('data-key');
  return chart.placed.find(({ item }) => item.key === key);
}

type Action = (chart: Chart, active: Placed) => void;

const ACTIONS: Readonly<Record<string, Action>> = {
  ArrowDown: (chart, active) => go(chart, neighbour(chart, active, 1)),
  ArrowUp: (chart, active) => go(chart, neighbour(chart, active, -1)),
  ArrowRight: (chart, active) => inwards(chart, active),
  ArrowLeft: (chart, active) => outwards(chart, active),
  Home: (chart) => go(chart, chart.placed[0]),
  End: (chart) => go(chart, chart.placed.at(-1)),
  Enter(chart, { item }) {
    void (item.kind === 'rest' ? chart.toggle(item) : chart.select(item.key));
  },
  ' ': (chart, { item }) => void chart.toggle(item),
  Escape: (chart) => chart.deselect(),
  '+': (chart) => chart.zoomBy(STEP),
  '=': (chart) => chart.zoomBy(STEP),
  '-': (chart) => chart.zoomBy(1 / STEP),
  '0': (chart) => chart.fit(),
};

function actionOf(event: KeyboardEvent): Action | undefined {
  const isOurs = !event.ctrlKey && !event.metaKey && !event.altKey;
  return isOurs ? ACTIONS[event.key] : undefined;
}

function go(chart: Chart, to: Placed | undefined): void {
  if (to !== undefined) chart.activate(to.item.key);
}

function neighbour(chart: Chart, active: Placed, step: number): Placed | undefined {
  return chart.placed[chart.placed.indexOf(active) + step];
}

function inwards(chart: Chart, active: Placed): void {
  const { item } = active;
  if (item.kind === 'rest' || item.person.total === 0) return;
  if (item.open) go(chart, neighbour(chart, active, 1));
  else void chart.open(item.key);
}

function outwards(chart: Chart, { item, above }: Placed): void {
  if (item.kind === 'person' && item.open) void chart.close(item.key);
  else go(chart, above);
}
