const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
] as const;

const PATTERN = new RegExp(`^${UNITS.map(([unit]) => `(?:(\\d+)${unit})?`).join('')}$`);

/** `1h30m`, `250ms`, `3d` in ms: largest unit first, each at most once. Undefined for anything else, also without a unit. */
export function parseDuration(text: string): number | undefined {
  const match = PATTERN.exec(text);
  if (!match || text === '') return undefined;
  const parts = UNITS.map(([, ms], index) => Number(match[index + 1] ?? 0) * ms);
  const total = parts.reduce((sum, part) => sum + part, 0);
  return Number.isSafeInteger(total) ? total : undefined;
}

/** The shortest text that {@link parseDuration} reads as `ms` milliseconds. @param ms a whole number from 0 up */
export function formatDuration(ms: number): string {
  let rest = ms;
  const parts = UNITS.map(([unit, size]) => {
    const count = Math.floor(rest / size);
    rest %= size;
    return count > 0 ? `${count}${unit}` : '';
  });
  return parts.join('') || '0s';
}
