import { afterEach, describe, expect, test } from 'vitest';
import {
  formatTimeOfDay,
  nextLocalTime,
  parseTimeOfDay,
  type TimeOfDay,
  timeOfDayAt,
} from '../../src/domain/time-of-day.ts';

const MINUTE_MS = 60_000;
const { TZ } = process.env;

afterEach(() => {
  if (TZ === undefined) delete process.env['TZ'];
  else process.env['TZ'] = TZ;
});

function at(text: string): TimeOfDay {
  const time = parseTimeOfDay(text);
  if (time === undefined) throw new Error(`Not a time of day: ${text}`);
  return time;
}

/** In the time zone of this process, which is `zone` from now on. */
function next(zone: string, time: string, now: string): string {
  process.env['TZ'] = zone;
  return new Date(nextLocalTime(at(time), Date.parse(now))).toISOString();
}

/** The same by looking at the clock of that zone minute by minute, without this machine's own. */
function looked(zone: string, time: string, now: string): string {
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone: zone,
    dateStyle: 'short',
    timeStyle: 'short',
  });
  let instant = Math.floor(Date.parse(now) / MINUTE_MS) * MINUTE_MS;
  let [day, before] = format.format(instant).split(' ');
  for (;;) {
    instant += MINUTE_MS;
    const [today = '', shown = ''] = format.format(instant).split(' ');
    const jumpedOver = time < shown && (today !== day || (before ?? '') < time);
    if (shown === time || jumpedOver) return new Date(instant).toISOString();
    [day, before] = [today, shown];
  }
}

describe('the next time that the clock shows a time of day', () => {
  test.each([
    ['later today', 'UTC', '05:30', '2026-11-23T01:00:00Z', '2026-11-23T05:30:00.000Z'],
    ['tomorrow', 'UTC', '05:30', '2026-11-23T05:31:00Z', '2026-11-24T05:30:00.000Z'],
    [
      'tomorrow, when it is just now',
      'UTC',
      '05:30',
      '2026-11-23T05:30:00Z',
      '2026-11-24T05:30:00.000Z',
    ],
    ['in a second', 'UTC', '05:30', '2026-11-23T05:29:59Z', '2026-11-23T05:30:00.000Z'],
    ['next year', 'UTC', '00:00', '2026-12-31T23:59:59.999Z', '2027-01-01T00:00:00.000Z'],
    [
      'by local time',
      'Asia/Kathmandu',
      '05:30',
      '2026-11-23T01:00:00Z',
      '2026-11-23T23:45:00.000Z',
    ],
    [
      'once more, when the clock is put back',
      'Europe/Berlin',
      '02:30',
      '2026-10-25T00:30:00Z',
      '2026-10-25T01:30:00.000Z',
    ],
    [
      'the first of two',
      'Europe/Berlin',
      '02:30',
      '2026-10-24T22:00:00Z',
      '2026-10-25T00:30:00.000Z',
    ],
    [
      'when the clock jumps over it',
      'Europe/Berlin',
      '02:30',
      '2026-03-29T00:00:00Z',
      '2026-03-29T01:00:00.000Z',
    ],
    [
      'half an hour put forward',
      'Australia/Lord_Howe',
      '02:15',
      '2026-10-03T12:00:00Z',
      '2026-10-03T15:30:00.000Z',
    ],
    [
      'when midnight is jumped over',
      'America/Sao_Paulo',
      '00:30',
      '2018-11-03T20:00:00Z',
      '2018-11-04T03:00:00.000Z',
    ],
    [
      'not on a day that is left out',
      'Pacific/Apia',
      '05:30',
      '2011-12-29T20:00:00Z',
      '2011-12-30T15:30:00.000Z',
    ],
  ])('%s (%s)', (_what, zone, time, now, expected) => {
    expect(next(zone, time, now)).toBe(expected);
    expect(looked(zone, time, now)).toBe(expected);
  });

  const CHANGES = [
    ['Europe/Berlin', '2026-03-28T20:10:00Z'],
    ['Europe/Berlin', '2026-10-24T20:10:00Z'],
    ['America/New_York', '2026-03-08T02:10:00Z'],
    ['America/New_York', '2026-11-01T01:10:00Z'],
    ['Australia/Lord_Howe', '2026-04-04T10:10:00Z'],
    ['Australia/Lord_Howe', '2026-10-03T10:10:00Z'],
    ['America/Sao_Paulo', '2018-02-17T20:10:00Z'],
    ['Pacific/Apia', '2011-12-29T20:10:00Z'],
    ['Africa/Casablanca', '2026-02-14T20:10:00Z'],
    ['Asia/Kolkata', '2026-06-01T20:10:00Z'],
  ] as const;

  test.each(CHANGES)(
    'in %s around %s is what a look at the clock each minute finds',
    (zone, from) => {
      for (let hours = 0; hours < 12; hours += 3) {
        const now = new Date(Date.parse(from) + hours * 60 * MINUTE_MS).toISOString();
        for (const time of [
          '00:00',
          '00:30',
          '01:30',
          '02:00',
          '02:15',
          '02:59',
          '03:00',
          '23:30',
        ]) {
          const found = { now, time, next: next(zone, time, now) };
          expect(found).toEqual({ now, time, next: looked(zone, time, now) });
        }
      }
    },
  );
});

describe('a time of day', () => {
  test('is read and shown', () => {
    for (const text of ['00:00', '05:30', '19:05', '23:59']) {
      expect(formatTimeOfDay(at(text))).toBe(text);
    }
    expect(parseTimeOfDay('5:30')).toEqual({ hour: 5, minute: 30 });
  });

  test('is what the clock shows', () => {
    process.env['TZ'] = 'Asia/Kathmandu';
    expect(timeOfDayAt(Date.parse('2026-11-23T01:02:03Z'))).toEqual({ hour: 6, minute: 47 });
  });
});
