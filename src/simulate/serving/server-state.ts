import type { SecureContext } from 'node:tls';
import type { SimulatedDirectory, SimulatedEntry } from '../directory.ts';
import { effectsOf, type Fault } from '../faults.ts';
import type { SimulatedServerOptions } from '../options.ts';
import type { Schema } from '../search/filter-test.ts';
import { OPENLDAP_RULES, PERMISSIVE_RULES } from '../search/schema.ts';
import { ServerStats } from '../stats.ts';
import { Capacity } from './capacity.ts';
import { realClock, type SimulatedClock } from './clock.ts';
import type { Effects, FaultRequest } from './effects.ts';
import { rootDse } from './root-dse.ts';

/** What all connections of one server share. */
export class ServerState {
  readonly options: SimulatedServerOptions;
  readonly directory: SimulatedDirectory;
  readonly clock: SimulatedClock;
  readonly schema: Schema;
  readonly rootDse: SimulatedEntry;
  readonly stats = new ServerStats();
  readonly capacity: Capacity;
  readonly secureContext: SecureContext | undefined;
  #faults: readonly Fault[] = [];
  #faultsSince = 0;
  #lastCookie = 0;

  constructor(options: SimulatedServerOptions, secureContext: SecureContext | undefined) {
    this.options = options;
    this.directory = options.directory;
    this.clock = options.clock ?? realClock;
    this.secureContext = secureContext;
    const rules = options.vendor === 'ad-like' ? PERMISSIVE_RULES : OPENLDAP_RULES;
    this.schema = { ...rules, knows: (attribute) => this.directory.knows(attribute) };
    this.rootDse = rootDse(options);
    this.capacity = new Capacity(options.maxRequestsPerSecond);
    this.setFaults(options.faults ?? []);
  }

  setFaults(faults: readonly Fault[]): void {
    this.#faults = faults;
    this.#faultsSince = this.clock.now();
  }

  effectsOn(request: Omit<FaultRequest, 'elapsedMs'>): Effects {
    if (this.#faults.length === 0) return {};
    return effectsOf(this.#faults, { ...request, elapsedMs: this.clock.now() - this.#faultsSince });
  }

  issueCookie(): number {
    return ++this.#lastCookie;
  }
}
