import { UsageError } from '../../domain/errors.ts';
import { explained } from '../file/errors.ts';

type Row = Readonly<Record<string, unknown>>;

/** Names told apart by a number, so that no column hides another one: `n`, `n_2`. */
export function distinctNames(names: readonly string[]): readonly string[] {
  const taken = new Set(names);
  const given = new Set<string>();
  return names.map((name) => {
    let distinct = name;
    for (let i = 2; given.has(distinct) || (i > 2 && taken.has(distinct)); i += 1) {
      distinct = `${name}_${i}`;
    }
    given.add(distinct);
    return distinct;
  });
}

/** The rows under those names, read as they are asked for. */
export function* rowsOf(
  path: string,
  columns: readonly string[],
  rows: Iterator<readonly unknown[]>,
): Generator<Row> {
  for (;;) {
    const step = refusing(path, () => rows.next());
    if (step.done) return;
    yield Object.fromEntries(columns.map((column, i) => [column, step.value[i]]));
  }
}

/** A statement's own mistakes are its writer's; what is wrong with the file is told as such. */
export function refusing<T>(path: string, use: () => T): T {
  try {
    return use();
  } catch (cause) {
    const told = explained(cause, path);
    if (told !== cause || !(cause instanceof Error)) throw told;
    const hint = 'one SELECT over the views of the database';
    throw new UsageError(`the SQL was refused: ${cause.message}`, hint, { cause });
  }
}
