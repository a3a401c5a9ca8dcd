// What can be wrong with a network, by name: the eight toxics of Toxiproxy (https://github.com/Shopify/toxiproxy#toxics).
import { Allowance, type Ending, type Shape } from './proxy/shape.ts';

/** Which connections of a proxy a toxic concerns, counted from 1; all unless said otherwise. */
export type Connections = { readonly from?: number; readonly to?: number; readonly every?: number };

/** What a toxic does to one connection, and to its directions: `up` to the server, `down` from it. */
export type ToxicEffects = {
  readonly refuse?: boolean;
  /** Resets the connection so long (ms) after it was taken. */
  readonly resetAfterMs?: number;
  readonly up?: Partial<Shape>;
  readonly down?: Partial<Shape>;
};

export type Direction = 'up' | 'down';

export abstract class Toxic {
  readonly #connections: Connections;

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  /** To be asked once for each connection. Undefined where it is left alone. */
  effectsOn(connection: number): ToxicEffects | undefined {
    const { from = 1, to = Number.POSITIVE_INFINITY, every = 1 } = this.#connections;
    const concerned = connection >= from && connection <= to && (connection - from) % every === 0;
    return concerned ? this.effects() : undefined;
  }

  toString(): string {
    return `${this.constructor.name}(${JSON.stringify(this.#connections)})`;
  }

  protected abstract effects(): ToxicEffects;
}

/** A long way: half of the round trip each way, up to `jitterMs` more each way. */
export class Latency extends Toxic {
  readonly #shape: Partial<Shape>;

  constructor(roundTripMs: number, jitterMs = 0, connections: Connections = {}) {
    super(connections);
    this.#shape = { delayMs: roundTripMs / 2, jitterMs };
  }

  protected effects(): ToxicEffects {
    return { up: this.#shape, down: this.#shape };
  }
}

/** Nobody there: each connection is reset as soon as it is made. */
export class Down extends Toxic {
  constructor(connections: Connections) {
    super(connections);
  }

  protected effects(): ToxicEffects {
    return { refuse: true };
  }
}

/** A narrow way, in both directions. */
export class Bandwidth extends Toxic {
  readonly #shape: Partial<Shape>;

  constructor(bytesPerSecond: number, connections: Connections = {}) {
    super(connections);
    this.#shape = { bytesPerSecond };
  }

  protected effects(): ToxicEffects {
    return { up: this.#shape, down: this.#shape };
  }
}

/** The end of a connection arrives late. */
export class SlowClose extends Toxic {
  readonly #shape: Partial<Shape>;

  constructor(closeDelayMs: number, connections: Connections = {}) {
    super(connections);
    this.#shape = { closeDelayMs };
  }

  protected effects(): ToxicEffects {
    return { up: this.#shape, down: this.#shape };
  }
}

/** Bytes stop coming and the connection stays open. */
export class Silence extends Toxic {
  readonly #bytes: number;
  readonly #direction: Direction;

  constructor(afterBytes: number, connections: Connections = {}, direction: Direction = 'down') {
    super(connections);
    this.#bytes = afterBytes;
    this.#direction = direction;
  }

  protected effects(): ToxicEffects {
    return { [this.#direction]: limited(this.#bytes, 'silence') };
  }
}

/** RST, after a time, whatever is under way. */
export class Reset extends Toxic {
  readonly #afterMs: number;

  constructor(afterMs: number, connections: Connections = {}) {
    super(connections);
    this.#afterMs = afterMs;
  }

  protected effects(): ToxicEffects {
    return { resetAfterMs: this.#afterMs };
  }
}

/** Small writes, so that every message comes in pieces. */
export class Slicer extends Toxic {
  readonly #shape: Partial<Shape>;

  constructor(sliceBytes = 1, connections: Connections = {}) {
    super(connections);
    this.#shape = { sliceBytes };
  }

  protected effects(): ToxicEffects {
    return { up: this.#shape, down: this.#shape };
  }
}

/** Exactly so many bytes of each connection arrive, then its end. */
export class LimitedData extends Toxic {
  readonly #bytes: number;
  readonly #ending: Ending;
  readonly #direction: Direction;

  constructor(
    bytes: number,
    connections: Connections = {},
    ending: Ending = 'fin',
    direction: Direction = 'down',
  ) {
    super(connections);
    this.#bytes = bytes;
    this.#ending = ending;
    this.#direction = direction;
  }

  protected effects(): ToxicEffects {
    return { [this.#direction]: limited(this.#bytes, this.#ending) };
  }
}

/** Exactly so many bytes arrive, whichever connections they travel on; the one that carries the last of them ends. Strikes once. */
export class CutOnce extends Toxic {
  readonly #effects: ToxicEffects;

  constructor(bytes: number, ending: Ending, direction: Direction) {
    super({});
    this.#effects = { [direction]: limited(bytes, ending) };
  }

  protected effects(): ToxicEffects {
    return this.#effects;
  }
}

function limited(bytes: number, ending: Ending): Partial<Shape> {
  return { limits: [{ allowance: new Allowance(bytes), ending }] };
}
