import { placeOf, requireLdapUrl } from '../../domain/ldap-url.ts';

/** One of the servers that hold the directory. */
export interface Server {
  readonly url: string;
  /** Host and port. */
  readonly place: string;
  /** From 0 up, in the order in which they were given. */
  readonly number: number;
}

interface Standing {
  /** Whether it was found to hold the directory of this crawl, and no connection to it has died since. */
  trusted: boolean;
  /** Whether it has left us unserved since it served last: connections to it that still stand are not to be used. */
  away: boolean;
  /** Why it was passed over, as the person was told: each reason once, however often it recurs. */
  readonly told: Set<string>;
}

export interface ServersPorts {
  /** Is told, once for each, which servers are passed over and why. */
  readonly notice?: (line: string) => void;
  /** Another server serves now: what was learnt of the limits of the former one does not hold for it. */
  readonly moved?: () => void;
}

/**
 * The servers of a crawl, as a ring that stands at the one to be tried first: the one that served last, so that one that
 * is dead costs a time-out once and not for each connection.
 */
export class Servers {
  readonly #ring: readonly Server[];
  readonly #standings: readonly Standing[];
  readonly #ports: ServersPorts;
  #first = 0;
  #serving: number | undefined;

  constructor(urls: readonly string[], ports: ServersPorts = {}) {
    this.#ring = urls.map((url, number) => {
      return { url, number, place: placeOf(requireLdapUrl(url)) };
    });
    this.#standings = urls.map(() => ({ trusted: false, away: false, told: new Set() }));
    this.#ports = ports;
  }

  get count(): number {
    return this.#ring.length;
  }

  /** The number of the one to be tried first. */
  get first(): number {
    return this.#first;
  }

  /** In the order in which they are to be tried. */
  inTurn(): readonly Server[] {
    return [...this.#ring.slice(this.#first), ...this.#ring.slice(0, this.#first)];
  }

  /** Of a single one nothing is asked: there is nobody that it could differ from. */
  isTrusted({ number }: Server): boolean {
    return this.count === 1 || this.#standing(number).trusted;
  }

  isAway(number: number): boolean {
    return this.count > 1 && this.#standing(number).away;
  }

  trust(number: number): void {
    this.#standing(number).trusted = true;
  }

  /** A connection to it died: what comes back may be another server. */
  doubt(number: number): void {
    this.#standing(number).trusted = false;
  }

  distrustAll(): void {
    for (const standing of this.#standings) standing.trusted = false;
  }

  serves({ number }: Server): void {
    this.#standing(number).away = false;
    const before = this.#serving ?? number;
    this.#serving = number;
    if (before !== number) this.#ports.moved?.();
  }

  leave(number: number): void {
    this.#standing(number).away = true;
  }

  /** The next one comes first from now on. @param why undefined where nobody needs to be told */
  passOver({ number, place }: Server, why: string | undefined): void {
    if (number === this.#first) this.#first = (number + 1) % this.count;
    const { told } = this.#standing(number);
    if (this.count === 1 || why === undefined || told.has(why)) return;
    told.add(why);
    this.#ports.notice?.(`${place} is passed over: ${why}`);
  }

  at(number: number): Server {
    const server = this.#ring[number];
    if (server === undefined) throw new RangeError(`there is no server ${number}`);
    return server;
  }

  #standing(number: number): Standing {
    const standing = this.#standings[number];
    if (standing === undefined) throw new RangeError(`there is no server ${number}`);
    return standing;
  }
}
