// The wall clock shows `?at=…` and stands still until SIGUSR2 puts it to `?later=…`; a minute's nap takes a moment.
const { searchParams } = new URL(import.meta.url);
const at = Date.parse(searchParams.get('at') ?? '');
const later = Date.parse(searchParams.get('later') ?? '');
const MINUTE_MS = 60_000;
const MOMENT_MS = 20;

let now = at;
process.on('SIGUSR2', () => {
  now = later;
});

class ShiftedDate extends Date {
  constructor(...args: readonly unknown[]) {
    super(...((args.length === 0 ? [now] : args) as [number]));
  }

  static override now(): number {
    return now;
  }
}

let skipped = 0;
const sinceStart = performance.now.bind(performance);
const wait = globalThis.setTimeout;
const waitBriefly = (act: () => void, ms?: number) => {
  if (ms !== MINUTE_MS) return wait(act, ms);
  const wake = () => {
    skipped += MINUTE_MS;
    act();
  };
  return wait(wake, MOMENT_MS);
};
performance.now = () => sinceStart() + skipped;
Object.assign(globalThis, { Date: ShiftedDate, setTimeout: Object.assign(waitBriefly, wait) });

export {};
