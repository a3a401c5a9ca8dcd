import {
  CHART_COLUMNS,
  type ChartColumn,
  type ChartColumnName,
  type ChartData,
} from '../domain/chart.ts';
import type { Person } from '../store/reader.ts';
import { growTree, type Organisation } from './tree.ts';

export type People = Pick<ChartData, 'levels' | 'columns' | 'disabled' | 'direct'> & {
  /** Where each person stands, by pid. */
  readonly rowOf: ReadonlyMap<number, number>;
};

/** Everyone under `tops`, as columns. */
export function peopleUnder(organisation: Organisation, tops: readonly Person[]): People {
  const writer = new PeopleWriter();
  for (const top of tops) {
    for (const { person, level } of growTree(organisation, top, Number.POSITIVE_INFINITY)) {
      writer.add(person, level);
    }
  }
  return writer.written();
}

class PeopleWriter {
  readonly #levels: number[] = [];
  readonly #columns = CHART_COLUMNS.map((name) => [name, new ColumnWriter()] as const);
  readonly #disabled: number[] = [];
  readonly #direct: number[] = [];
  readonly #shownBelow: number[] = [];
  readonly #rowOf = new Map<number, number>();

  add(person: Person, level: number): void {
    const row = this.#levels.push(level) - 1;
    for (const [name, column] of this.#columns) column.add(textOf(person, name));
    if (person.active === 0) this.#disabled.push(row);
    this.#direct.push(person.direct_reports);
    this.#shownBelow.push(0);
    this.#rowOf.set(person.pid, row);
    const manager = level === 0 ? undefined : this.#rowOf.get(person.manager ?? -1);
    if (manager !== undefined) this.#shownBelow[manager] = (this.#shownBelow[manager] ?? 0) + 1;
  }

  written(): People {
    const columns = this.#columns.map(([name, column]) => [name, column.written()] as const);
    const direct = this.#direct.flatMap((reports, row) =>
      reports === this.#shownBelow[row] ? [] : [[row, reports] as const],
    );
    return {
      levels: this.#levels,
      columns: Object.fromEntries(columns) as Record<ChartColumnName, ChartColumn>,
      disabled: this.#disabled,
      direct,
      rowOf: this.#rowOf,
    };
  }
}

/** Somebody always has a name to be shown by. */
function textOf(person: Person, column: ChartColumnName): string {
  if (column === 'name') return person.name ?? person.username ?? person.id;
  return person[column] ?? '';
}

/** Titles, departments and places repeat: told by number where that is shorter. */
class ColumnWriter {
  readonly #numbers = new Map<string, number>();
  readonly #rows: number[] = [];

  add(value: string): void {
    const number = this.#numbers.get(value) ?? this.#numbers.size;
    this.#numbers.set(value, number);
    this.#rows.push(number);
  }

  written(): ChartColumn {
    const values = [...this.#numbers.keys()];
    const repeats = values.length * 2 < this.#rows.length;
    if (repeats) return { values, rows: this.#rows };
    return { values: this.#rows.map((number) => values[number] ?? '') };
  }
}
