/** A time by the clock on the wall, in the time zone of this machine. */
export interface TimeOfDay {
  /** 0 to 23. */
  readonly hour: number;
  /** 0 to 59. */
  readonly minute: number;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** `05:30`. Undefined for anything else. */
export function parseTimeOfDay(text: string): TimeOfDay | undefined {
  const [, hour = '', minute = ''] = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(text) ?? [];
  return minute === '' ? undefined : { hour: Number(hour), minute: Number(minute) };
}

export function formatTimeOfDay({ hour, minute }: TimeOfDay): string {
  return `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
}

/** What the clock shows at an instant. @param at ms since 1970 */
export function timeOfDayAt(at: number): TimeOfDay {
  const date = new Date(at);
  return { hour: date.getHours(), minute: date.getMinutes() };
}

/**
 * The next instant, later than `now`, at which the clock shows `time` (ms since 1970). Where it is put back, that is twice
 * on one day; where it is put forward over `time`, it is the instant of the change.
 */
export function nextLocalTime(time: TimeOfDay, now: number): number {
  const today = new Date(now);
  for (let days = 0; ; days += 1) {
    const day = { ...dateOf(today), days };
    const next = instantsOf(time, day).find((instant) => instant > now);
    if (next !== undefined) return next;
  }
}

interface LocalDay {
  readonly year: number;
  readonly month: number;
  readonly date: number;
  /** To be added. */
  readonly days: number;
}

function dateOf(at: Date) {
  return { year: at.getFullYear(), month: at.getMonth(), date: at.getDate() };
}

/** When the clock shows `time` on that day: ascending; none where the day is left out, as some islands have done. */
function instantsOf(time: TimeOfDay, { year, month, date, days }: LocalDay): readonly number[] {
  const asUtc = Date.UTC(year, month, date + days, time.hour, time.minute);
  const offsets = [-DAY_MS, 0, DAY_MS].map((by) => offsetAt(asUtc + by));
  const candidates = [...new Set(offsets)].map((offset) => asUtc + offset).sort((a, b) => a - b);
  const shown = candidates.filter((instant) => asIfUtc(instant) === asUtc);
  if (shown.length > 0) return shown;
  const [first = asUtc, ...others] = candidates;
  const change = changeBetween(first, others.at(-1) ?? first);
  return isSameDay(asIfUtc(change), asUtc) ? [change] : [];
}

/** What must be added to local time to get UTC (ms). */
function offsetAt(instant: number): number {
  return new Date(instant).getTimezoneOffset() * MINUTE_MS;
}

/** What the clock shows, read as if it were UTC. */
function asIfUtc(instant: number): number {
  return instant - offsetAt(instant);
}

function isSameDay(a: number, b: number): boolean {
  return Math.floor(a / DAY_MS) === Math.floor(b / DAY_MS);
}

/** The first instant with the offset of `to`. */
function changeBetween(from: number, to: number): number {
  let [before, after] = [from, to];
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (offsetAt(middle) === offsetAt(to)) after = middle;
    else before = middle;
  }
  return after;
}
