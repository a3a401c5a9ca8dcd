import type { Employee } from '../../domain/employee.ts';

/** What tells who somebody is, and whether anything about them is new. */
export type Outline = Omit<Employee, 'linkKey' | 'profile' | 'active'>;

export type Details = Omit<Employee, keyof Outline>;

/** Somebody on a page. Most are as they were the night before: their details are decoded when they are asked for. */
export class SeenEmployee implements Employee {
  readonly id: string;
  readonly hasId: boolean;
  readonly dn: string;
  readonly link: string | null;
  readonly attributes: string;
  readonly managers: Employee['managers'];
  readonly leaf: boolean;
  readonly capped: readonly string[];
  readonly fingerprint: number | null;
  readonly #decode: () => Details;
  #decoded: Details | undefined;

  constructor(outline: Outline, decode: () => Details) {
    this.id = outline.id;
    this.hasId = outline.hasId;
    this.dn = outline.dn;
    this.link = outline.link;
    this.attributes = outline.attributes;
    this.managers = outline.managers;
    this.leaf = outline.leaf;
    this.capped = outline.capped;
    this.fingerprint = outline.fingerprint;
    this.#decode = decode;
  }

  get linkKey(): string | null {
    return this.#details.linkKey;
  }

  get profile(): Employee['profile'] {
    return this.#details.profile;
  }

  get active(): boolean {
    return this.#details.active;
  }

  get #details(): Details {
    this.#decoded ??= this.#decode();
    return this.#decoded;
  }
}
