/** What a command may write to, and whether a person reads it. stdout is data, stderr is talk. */
export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly out: (text: string) => void;
  /** As `out`, for what is long: resolves when the system has taken the text; false where nobody reads any more. */
  readonly outInTurn?: (text: string) => Promise<boolean>;
  readonly err: (text: string) => void;
  /** Whether stdout is a terminal: then what comes from the directory is escaped. */
  readonly outIsTerminal: boolean;
  readonly errIsTerminal: boolean;
  readonly outColumns: number;
  readonly errColumns: number;
  /** Asks for a secret; absent where there is no terminal to ask at. */
  readonly prompt?: (question: string) => Promise<string>;
  /** Asks for a yes or a no; absent where there is no terminal to ask at. */
  readonly confirm?: (question: string) => Promise<boolean>;
}

/** Text of the directory made harmless: no control character reaches a terminal, no line can be forged, no direction turned. */
export function printable(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

/** 1234567 → "1,234,567": the same on every machine, so that output can be compared. */
export function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** Singular or plural: `plural(1, 'branch', 'branches')` → "1 branch". */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** 3,725 s → "1h 2m"; 12.3 s → "12.3 s". */
export function elapsed(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m ${Math.floor(seconds % 60)}s`;
  return `${Math.floor(minutes / 60)}h ${minutes % 60}m`;
}

/** 1,234,567 bytes → "1.2 MB". */
export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toLocaleString('en-US', { maximumFractionDigits: 1 })} MB`;
}
