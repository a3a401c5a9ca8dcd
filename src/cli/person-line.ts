import stringWidth from 'string-width';
import type { Person } from '../store/reader.ts';
import { count, type Io, printable } from './terminal.ts';
import { identity, type Named } from './who.ts';

/** What a line tells of a person. */
export type Drawn = Named & Pick<Person, 'active' | 'direct_reports' | 'total_reports'>;

/** How a part of a line looks where a person reads it. */
type Look = 'plain' | 'bold' | 'dim' | 'warning';
type Part = readonly [text: string, look: Look];

/** SGR parameters (ECMA-48 §8.3.117): on and off. */
const SGR: Readonly<Record<Look, readonly [number, number] | undefined>> = {
  plain: undefined,
  bold: [1, 22],
  dim: [2, 22],
  warning: [33, 39],
};

/** A number of people that fits: "1,234,567". */
const NUMBER = 9;
const HEADINGS = ['direct', 'in all'] as const;
/** Beyond that, the eye loses the line between a name and its numbers. */
const WIDEST = 120;

/** Draws people in lines: for a terminal in colour, cut to its width, with their numbers in columns; otherwise as plain text. */
export class PersonLines {
  readonly #columns: number | undefined;
  readonly #colour: boolean;

  readonly #sizes: boolean;

  /**
   * @param io colour and columns are for a terminal alone; no colour where NO_COLOR is set (no-color.org)
   * @param sizes whether the sizes of organisations are told: everywhere, or on a terminal only
   */
  constructor(
    io: Pick<Io, 'env' | 'outIsTerminal' | 'outColumns'>,
    sizes: 'everywhere' | 'terminal' = 'everywhere',
  ) {
    this.#sizes = sizes === 'everywhere';
    this.#columns = io.outIsTerminal ? Math.min(io.outColumns, WIDEST) : undefined;
    this.#colour = io.outIsTerminal && !io.env['NO_COLOR'] && io.env['TERM'] !== 'dumb';
  }

  /** Above the first line; empty where no columns are drawn. */
  get heading(): string {
    if (this.#columns === undefined) return '';
    const heading = HEADINGS.map((text) => text.padStart(NUMBER)).join('');
    return this.#painted([heading.padStart(this.#columns), 'dim']);
  }

  /** @param stem what is drawn before the person */
  person(stem: string, person: Drawn, cut = false): string {
    if (this.#columns === undefined)
      return `${stem}${identity(person)}${marks(person)}${this.#sizes ? sizeText(person) : ''}${cut ? ' …' : ''}`;
    const numbers = numbersOf(person);
    const room = this.#columns - numbers.length;
    const stemRoom = this.#columns - HEADINGS.length * NUMBER;
    const parts: Part[] = [[shortened(stem, stemRoom), 'dim'], ...partsOf(person)];
    const [left, width] = this.#fitted(parts, room);
    if (numbers === '') return left;
    return `${left}${' '.repeat(room - width)}${cut ? this.#painted([numbers, 'bold']) : numbers}`;
  }

  /** A line that stands for people who are not shown. */
  others(stem: string, text: string): string {
    if (this.#columns === undefined) return `${stem}${text}`;
    return this.#fitted([[`${shortened(stem, this.#columns)}${text}`, 'dim']], this.#columns)[0];
  }

  /** The parts, cut to `room` columns, and how many they take. */
  #fitted(parts: readonly Part[], room: number): readonly [text: string, width: number] {
    let text = '';
    let width = 0;
    for (const [part, look] of parts) {
      const cut = cutTo(part, room - width);
      text += this.#painted([cut, look]);
      width += stringWidth(cut);
      if (cut !== part) break;
    }
    return [text, width];
  }

  #painted([text, look]: Part): string {
    const sgr = SGR[look];
    if (!this.#colour || sgr === undefined || text === '') return text;
    return `\x1b[${sgr[0]}m${text}\x1b[${sgr[1]}m`;
  }
}

function partsOf(person: Drawn): readonly Part[] {
  const { name, username, title, department, id, total_reports } = person;
  const parts: Part[] = [
    [printable(name ?? username ?? id), total_reports > 0 ? 'bold' : 'plain'],
    [name !== null && username !== null ? printable(` (${username})`) : '', 'dim'],
    // Before what a narrow terminal cuts off.
    [marks(person), 'warning'],
    [title === null ? '' : printable(`, ${title}`), 'plain'],
    [department === null ? '' : printable(`, ${department}`), 'dim'],
  ];
  return parts.filter(([text]) => text !== '');
}

function marks({ active }: Drawn): string {
  return active === 0 ? ', disabled' : '';
}

function sizeText({ direct_reports, total_reports }: Drawn): string {
  if (direct_reports === 0) return '';
  return `  [${count(direct_reports)} direct, ${count(total_reports)} in all]`;
}

function numbersOf({ direct_reports, total_reports }: Drawn): string {
  if (direct_reports === 0) return '';
  return [direct_reports, total_reports].map((n) => count(n).padStart(NUMBER)).join('');
}

/** What stands before a person must leave room for them, however deep they are. */
function shortened(stem: string, room: number): string {
  if (stem.length <= room / 2) return stem;
  const level = stem.length / 3;
  return `⋯ ${level} levels down `.slice(0, Math.max(0, room));
}

const LETTERS = new Intl.Segmenter();

/** `text`, or as much of it as fits with an ellipsis behind. */
function cutTo(text: string, room: number): string {
  if (stringWidth(text) <= room) return text;
  let cut = '';
  let width = 1;
  for (const { segment } of LETTERS.segment(text)) {
    width += stringWidth(segment);
    if (width > room) break;
    cut += segment;
  }
  return room < 1 ? '' : `${cut}…`;
}
