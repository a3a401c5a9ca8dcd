import { EXIT, Interrupted } from '../domain/errors.ts';

const SIGNALS = { SIGINT: EXIT.sigint, SIGTERM: EXIT.sigterm, SIGHUP: EXIT.sighup } as const;

/** The first signal asks the crawl to stop, the second one exits now: both are safe, because every commit is. */
export class StopSignals implements Disposable {
  readonly #listeners = new Map<NodeJS.Signals, () => void>();
  #asked = false;

  constructor(stop: (reason: Interrupted) => void) {
    for (const [signal, exitCode] of Object.entries(SIGNALS)) {
      const listener = () => {
        if (this.#asked) process.exit(exitCode);
        this.#asked = true;
        stop(new Interrupted(signal as keyof typeof SIGNALS, `${signal} was received`));
      };
      this.#listeners.set(signal as NodeJS.Signals, listener);
      process.on(signal, listener);
    }
  }

  [Symbol.dispose](): void {
    for (const [signal, listener] of this.#listeners) process.off(signal, listener);
  }
}
