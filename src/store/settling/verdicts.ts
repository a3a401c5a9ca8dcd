import type { Organisation } from '../publishing/organisation.ts';
import type { Chainless } from './chainless.ts';
import { MISSING, type MissingPeople } from './missing.ts';

/** What becomes of those whom a run has not seen, or has seen without a way to a root. */
export class Verdicts {
  readonly #missing: MissingPeople;
  readonly #failed: boolean;
  readonly #gaveUp: boolean;

  /**
   * @param failed whether a branch failed: the manager of somebody unlinked may be below it
   * @param gaveUp whether not everyone was asked for, since the run will be held
   */
  constructor(missing: MissingPeople, { failed, gaveUp }: { failed: boolean; gaveUp: boolean }) {
    this.#missing = missing;
    this.#failed = failed;
    this.#gaveUp = gaveUp;
  }

  /** Whether somebody unseen stays as they were. */
  readonly keeps = (pid: number): boolean => {
    const answer = this.#missing.of(pid);
    if (answer === MISSING.unlinked) return this.#failed;
    if (answer === MISSING.open) return !this.#gaveUp;
    return answer === MISSING.below || answer === MISSING.unknown;
  };

  /** Those of the organisation who are not to be published. */
  dropped(organisation: Organisation, chainless: Chainless): ReadonlySet<number> {
    return chainless.dropped(organisation, (pid) => this.#missing.of(pid) === MISSING.unlinked);
  }

  /** Everyone who is in the directory, was published once, and is linked to nobody. @param dropped whoever is not published for that */
  detached(dropped: ReadonlySet<number>, chainless: Chainless): ReadonlySet<number> {
    const unlinked = this.#failed ? [] : this.#missing.all(MISSING.unlinked);
    const seen = [...dropped].filter((pid) => {
      return this.#missing.of(pid) === MISSING.unlinked || chainless.isThere(pid);
    });
    return new Set([...unlinked, ...seen, ...this.#missing.stillDetached()]);
  }
}
