import { AD_NOT_BOUND, CODE } from './protocol/answers.ts';
import { Capacity } from './serving/capacity.ts';
import type { Effects, FaultRequest, Transport } from './serving/effects.ts';
import { type Occasion, OccasionWatch } from './serving/occasion.ts';

export type { Effects, FaultRequest } from './serving/effects.ts';
export type { Occasion } from './serving/occasion.ts';

/**
 * One thing that goes wrong, and when. Faults on the same request add up; where two say the same, the later in the list
 * wins. A fault counts the requests that it sees, so hand each to one server only.
 */
export abstract class Fault {
  readonly #watch: OccasionWatch;
  readonly #effects: Effects;

  constructor(occasion: Occasion, effects: Effects) {
    this.#watch = new OccasionWatch(occasion);
    this.#effects = effects;
  }

  get name(): string {
    return this.constructor.name;
  }

  /** Undefined where the fault leaves the request alone. */
  effectsOn(request: FaultRequest): Effects | undefined {
    return this.#watch.strikes(request) ? this.#effects : undefined;
  }
}

/** All that the faults do to one request. Each sees each request, also where an earlier one has struck. */
export function effectsOf(faults: readonly Fault[], request: FaultRequest): Effects {
  let effects: Effects = {};
  for (const fault of faults) {
    const more = fault.effectsOn(request);
    if (more === undefined) continue;
    effects = { ...effects, ...more, transport: { ...effects.transport, ...more.transport } };
  }
  return effects;
}

/** Answers with a result code, after `afterEntries` entries or all that there are. Searches unless said otherwise. */
export class ResultCode extends Fault {
  constructor(code: number, occasion: Occasion = {}, afterEntries = 0) {
    const result = { code, message: `simulated result ${code}` };
    super({ kind: 'search', ...occasion }, { result, resultAfterEntries: afterEntries });
  }
}

/** Takes the connection for one that has not signed in: 1, in the words of Active Directory. */
export class ForgottenBind extends Fault {
  constructor(occasion: Occasion = {}) {
    const result = { code: CODE.operationsError, message: AD_NOT_BOUND };
    super({ kind: 'search', ...occasion }, { result, resultAfterEntries: 0 });
  }
}

/** What one second, counted from when the faults were set, brought. */
export interface BusySecond {
  readonly served: number;
  readonly refused: number;
}

/** Serves so many requests in any one second, binds included, and is busy (51) for the rest. Tells nobody how many. */
export class BusyAboveRate extends Fault {
  readonly #capacity: Capacity;
  readonly #seconds: BusySecond[] = [];

  constructor(perSecond: number, occasion: Occasion = {}) {
    const result = { code: CODE.busy, message: 'simulated overload' };
    super({ kind: 'any', ...occasion }, { result, resultAfterEntries: 0 });
    this.#capacity = new Capacity(perSecond);
  }

  /** Second by second. */
  get seconds(): readonly BusySecond[] {
    return this.#seconds;
  }

  override effectsOn(request: FaultRequest): Effects | undefined {
    const effects = super.effectsOn(request);
    if (effects === undefined) return undefined;
    const served = this.#capacity.admits(request.elapsedMs);
    this.#note(request.elapsedMs, served);
    return served ? undefined : effects;
  }

  #note(elapsedMs: number, isServed: boolean): void {
    const second = Math.floor(elapsedMs / 1_000);
    while (this.#seconds.length <= second) this.#seconds.push({ served: 0, refused: 0 });
    const { served, refused } = this.#seconds[second] as BusySecond;
    this.#seconds[second] = isServed
      ? { served: served + 1, refused }
      : { served, refused: refused + 1 };
  }
}

/** Closes the connection (FIN) after `afterEntries` entries. */
export class DropConnection extends Fault {
  constructor(occasion: Occasion = {}, afterEntries = 0) {
    super({ kind: 'search', ...occasion }, { hangUp: 'fin', hangUpAfterEntries: afterEntries });
  }
}

/** Resets the connection (RST) after `afterEntries` entries. */
export class ResetConnection extends Fault {
  constructor(occasion: Occasion = {}, afterEntries = 0) {
    super({ kind: 'search', ...occasion }, { hangUp: 'rst', hangUpAfterEntries: afterEntries });
  }
}

/** Falls silent after `afterEntries` entries; the connection stays open. With kind `connect`: never says anything. */
export class Silence extends Fault {
  constructor(occasion: Occasion = {}, afterEntries = 0) {
    super({ kind: 'search', ...occasion }, { hangUp: 'silence', hangUpAfterEntries: afterEntries });
  }
}

abstract class TransportFault extends Fault {
  constructor(transport: Transport, occasion: Occasion) {
    super({ kind: 'connect', ...occasion }, { transport });
  }
}

/** Cuts every connection when the server has sent so many bytes on it, be it inside a message. */
export class CutAfterBytes extends TransportFault {
  constructor(bytes: number, occasion: Occasion = {}, cutBy: 'fin' | 'rst' = 'rst') {
    super({ cutAfterBytes: bytes, cutBy }, occasion);
  }
}

/** Cuts every connection when the server has sent so many whole messages on it. */
export class CutAfterMessages extends TransportFault {
  constructor(messages: number, occasion: Occasion = {}, cutBy: 'fin' | 'rst' = 'rst') {
    super({ cutAfterMessages: messages, cutBy }, occasion);
  }
}

/** Sends in writes of so many bytes. */
export class SliceBytes extends TransportFault {
  constructor(bytes = 1, occasion: Occasion = {}) {
    super({ sliceBytes: bytes }, occasion);
  }
}

export class SlowBytes extends TransportFault {
  constructor(bytesPerSecond: number, occasion: Occasion = {}) {
    super({ bytesPerSecond }, occasion);
  }
}

/** A page without entries whose cookie says that there is more, and there is (RFC 2696 allows it). */
export class EmptyPageWithCookie extends Fault {
  constructor(occasion: Occasion = {}) {
    super({ kind: 'search', ...occasion }, { emptyPage: true });
  }
}

/** From the second page on the cookie does not change and the last entry comes again and again. */
export class RepeatCookie extends Fault {
  constructor(occasion: Occasion = {}) {
    super({ kind: 'search', ...occasion }, { repeatCookie: true });
  }
}

/** Pages with more entries than were asked for. */
export class OversizedPage extends Fault {
  constructor(extraEntries = 1, occasion: Occasion = {}) {
    super({ kind: 'search', ...occasion }, { extraEntries });
  }
}

/** A page begins with the entry that the page before ended with. */
export class DuplicateEntryAcrossPages extends Fault {
  constructor(occasion: Occasion = {}) {
    super({ kind: 'search', ...occasion }, { duplicateEntry: true });
  }
}

/** Later pages are refused: the server has forgotten the cookie (53; as OpenLDAP, when it is old). */
export class InvalidCookie extends Fault {
  constructor(occasion: Occasion = {}) {
    super({ kind: 'search', ...occasion }, { forgetCookie: true });
  }
}

/** Says why it goes (RFC 4511 §4.4.1), and goes. */
export class NoticeOfDisconnection extends Fault {
  constructor(code = 52, occasion: Occasion = {}) {
    super({ kind: 'any', ...occasion }, { hangUp: 'fin', noticeCode: code });
  }
}

/** Answers a paged search as if it had not been paged: all entries, no control. */
export class IgnorePaging extends Fault {
  constructor(occasion: Occasion = {}) {
    super({ kind: 'search', ...occasion }, { ignorePaging: true });
  }
}

/** One page, then success without a control: what ApacheDS does when asked for no attributes. */
export class SilentTruncation extends Fault {
  constructor(occasion: Occasion = {}) {
    super({ kind: 'search', ...occasion }, { omitPagingControl: true });
  }
}

/** Sends the client elsewhere (10). */
export class Referral extends Fault {
  constructor(urls: readonly string[], occasion: Occasion = {}) {
    const result = { code: 10, message: 'simulated referral', referrals: urls };
    super({ kind: 'search', ...occasion }, { result, resultAfterEntries: 0 });
  }
}

/** Says that part of the answer is elsewhere, among the entries. */
export class SearchReference extends Fault {
  constructor(urls: readonly string[], occasion: Occasion = {}, afterEntries = 0) {
    super(
      { kind: 'search', ...occasion },
      { references: urls, referencesAfterEntries: afterEntries },
    );
  }
}

/** Sends bytes that are no LDAP. With kind `connect`: as a server that speaks first, such as SMTP. */
export class GarbageBytes extends Fault {
  constructor(bytes = 64, occasion: Occasion = {}) {
    super({ kind: 'search', ...occasion }, { garbageBytes: bytes });
  }
}

/** Every search whose filter names this manager is refused (50). */
export class DeniedBranch extends ResultCode {
  constructor(managerDn: string, occasion: Occasion = {}) {
    super(50, { manager: managerDn, ...occasion });
  }
}

/** The connection dies whenever a filter names this manager. */
export class PoisonSearch extends ResetConnection {
  constructor(managerDn: string, occasion: Occasion = {}) {
    super({ manager: managerDn, ...occasion });
  }
}

/** StartTLS is granted, the handshake never answered. */
export class StalledHandshake extends Fault {
  constructor(occasion: Occasion = {}) {
    super({ kind: 'extended', ...occasion }, { stallTls: true });
  }
}
