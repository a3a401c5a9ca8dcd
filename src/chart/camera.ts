import { select } from 'd3-selection';
import { type ZoomTransform, zoom, zoomIdentity, zoomTransform } from 'd3-zoom';
import { Animation } from './motion.ts';

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

const [FARTHEST, NEAREST] = [0.15, 2];
/** Below it a card cannot be read: what is to be shown whole is then rather shown from its beginning. */
const LEGIBLE = 0.3;
const MARGIN = 28;

/** Which part of the drawing is in sight. Moved by hand, by keys, and to where something is to be seen. */
export class Camera {
  readonly #stage: HTMLElement;
  readonly #zoom = zoom<HTMLElement, unknown>();
  readonly #animation = new Animation();

  constructor(stage: HTMLElement, moved: (transform: ZoomTransform) => void) {
    this.#stage = stage;
    this.#zoom
      .scaleExtent([FARTHEST, NEAREST])
      // The wheel scrolls, as on any page; with Ctrl, which also means a pinch, it zooms.
      .filter((event: MouseEvent) => !event.button && (event.type !== 'wheel' || event.ctrlKey))
      .on('start', (event) => {
        if (event.sourceEvent) this.#animation.stop();
      })
      .on('zoom', ({ transform }) => moved(transform));
    select(stage).call(this.#zoom).on('dblclick.zoom', null);
    stage.addEventListener('wheel', (event) => this.#scroll(event), { passive: false });
  }

  get transform(): ZoomTransform {
    return zoomTransform(this.#stage);
  }

  /** What is in sight, as the drawing measures. */
  get sight(): Box {
    const { clientWidth, clientHeight } = this.#stage;
    const [left, top] = this.transform.invert([0, 0]);
    const [right, bottom] = this.transform.invert([clientWidth, clientHeight]);
    return { left, top, right, bottom };
  }

  zoomBy(factor: number): void {
    const { clientWidth, clientHeight } = this.#stage;
    const [x, y] = [clientWidth / 2, clientHeight / 2];
    const k = Math.min(NEAREST, Math.max(FARTHEST, this.transform.k * factor));
    const [left, top] = this.transform.invert([x, y]);
    this.#glide(zoomIdentity.translate(x, y).scale(k).translate(-left, -top));
  }

  /** Moves as little as is needed to have all of the box in sight, and if it is too large, its upper left. */
  uncover(box: Box): void {
    const { x, y, k } = this.transform;
    const { clientWidth, clientHeight } = this.#stage;
    const shift = (start: number, end: number, offset: number, room: number) => {
      const [from, to] = [start * k + offset - MARGIN, end * k + offset + MARGIN];
      const back = to > room ? room - to : 0;
      return from + back < 0 ? -from : back;
    };
    const dx = shift(box.left, box.right, x, clientWidth);
    const dy = shift(box.top, box.bottom, y, clientHeight);
    if (dx !== 0 || dy !== 0) this.#glide(zoomIdentity.translate(x + dx, y + dy).scale(k));
  }

  /** Has the box a little right of the middle, at a size at which it can be read: what is above stands to the left of it. */
  centre(box: Box): void {
    const k = Math.max(this.transform.k, 0.8);
    const { clientWidth, clientHeight } = this.#stage;
    const [x, y] = [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
    this.#glide(
      zoomIdentity.translate(clientWidth * 0.62 - x * k, clientHeight / 2 - y * k).scale(k),
    );
  }

  /** Has all of the box in sight, as far as it can be read. */
  fit(box: Box): void {
    const { clientWidth, clientHeight } = this.#stage;
    const wide = (clientWidth - 2 * MARGIN) / (box.right - box.left);
    const high = (clientHeight - 2 * MARGIN) / (box.bottom - box.top);
    const k = Math.min(1, Math.max(LEGIBLE, Math.min(wide, high)));
    const spare = (room: number, length: number) => Math.max(MARGIN, (room - length * k) / 2);
    const x = spare(clientWidth, box.right - box.left) - box.left * k;
    const y = spare(clientHeight, box.bottom - box.top) - box.top * k;
    this.#glide(zoomIdentity.translate(x, y).scale(k));
  }

  /** At once, at full size, with the box's upper left in the corner. */
  begin(box: Box): void {
    this.#set(zoomIdentity.translate(MARGIN - box.left, MARGIN - box.top));
  }

  #scroll(event: WheelEvent): void {
    if (event.ctrlKey) return;
    event.preventDefault();
    this.#animation.stop();
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 20 : 1;
    const { x, y, k } = this.transform;
    const [dx, dy] =
      event.shiftKey && event.deltaX === 0 ? [event.deltaY, 0] : [event.deltaX, event.deltaY];
    this.#set(zoomIdentity.translate(x - dx * unit, y - dy * unit).scale(k));
  }

  #glide(to: ZoomTransform): void {
    const from = this.transform;
    this.#animation.run((share) => {
      const between = (name: 'x' | 'y' | 'k') => from[name] + (to[name] - from[name]) * share;
      this.#set(zoomIdentity.translate(between('x'), between('y')).scale(between('k')));
    });
  }

  #set(transform: ZoomTransform): void {
    this.#zoom.transform(select(this.#stage), transform);
  }
}
