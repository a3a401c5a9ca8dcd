/** Longer text of the directory is cut: laying out a name of 10 kB on every card would stop the page. */
const MOST = 300;

/** Text of the directory as it is shown: what has no shape gets one, so that nobody is invisible or breaks a line. */
export function shown(text: string): string {
  const cut = text.length > MOST ? `${text.slice(0, MOST)}…` : text;
  return cut.replace(/\p{Cc}/gu, pictureOf).replace(/[\p{Cs}\p{Zl}\p{Zp}]/gu, '\ufffd');
}

function pictureOf(control: string): string {
  const code = control.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === 0x7f ? '\u2421' : '\ufffd';
}

/** For names of things (aria-label), where no element can keep a turn of direction from what stands behind it. */
export function spoken(text: string): string {
  return shown(text).replace(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '');
}

/** "Ada King" → "AK" */
export function initials(name: string): string {
  const words = shown(name).normalize('NFC').split(/\s+/u);
  const letters = words.flatMap((word) => /[\p{L}\p{N}]/u.exec(word)?.[0] ?? []);
  const ends = letters.length > 1 ? [letters[0], letters.at(-1)] : letters;
  return ends.join('').toUpperCase();
}

/** 1234 → "1,234" */
export function count(value: number): string {
  return value.toLocaleString('en-US');
}

export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** A hue (0–359) that is the same for a department wherever it appears. */
export function hueOf(department: string): number {
  let hash = 7;
  for (const character of department) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 65_521;
  return (hash * 137) % 360;
}

/** "2026-11-23T01:02:03.456Z" → "23 Nov 2026, 01:02 UTC" */
export function moment(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  const [day, time] = [{ dateStyle: 'medium' }, { timeStyle: 'short' }] as const;
  const told = [day, time].map((style) =>
    date.toLocaleString('en-GB', { ...style, timeZone: 'UTC' }),
  );
  return `${told.join(', ')} UTC`;
}

const MAIL = /^[\p{L}\p{N}.!#$%&'*+/=?^_`{|}~-]{1,64}@[\p{L}\p{N}.-]{1,255}$/u;

/** A link for what is a mail address and nothing more: no header fields, no second recipient. */
export function mailLink(email: string): string | undefined {
  return MAIL.test(email) ? `mailto:${encodeURIComponent(email).replace('%40', '@')}` : undefined;
}

/** A link for what is dialled: an international or national number, perhaps with an extension in words, which is left out. */
export function phoneLink(phone: string): string | undefined {
  if (!/^\+?[\d\s()./-]{3,40}$/.test(phone)) return undefined;
  const digits = phone.replace(/\(0\)/g, '').replace(/[^\d+]/g, '');
  return /^\+?\d{3,20}$/.test(digits) ? `tel:${digits}` : undefined;
}
