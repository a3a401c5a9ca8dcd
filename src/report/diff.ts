import type { ChangeKind } from '../domain/changes.ts';
import { type Difference, type Side, TOLD } from '../store/reading/differences.ts';

/** Values by column: `attributes` as an object, managers by their ids. */
export type Columns = Readonly<Record<string, unknown>>;

/** A difference as data, in the form of the view `changes`. A type alias, so that it is a row as well. */
export type Change = {
  readonly kind: ChangeKind;
  readonly employee_id: string;
  readonly name: string | null;
  readonly username: string | null;
  /** What differs, as it was; null: not there. */
  readonly before: Columns | null;
  readonly after: Columns | null;
};

export function changeOf({ kind, before, after }: Difference): Change {
  const { id, name, username } = (after ?? (before as Side)).told;
  const was = before === null ? null : columnsOf(before, kind);
  const is = after === null ? null : columnsOf(after, kind);
  return {
    kind,
    ...{ employee_id: id, name, username },
    before: was === null ? null : differing(was, is),
    after: is === null ? null : differing(is, was),
  };
}

/** Of whoever moved the managers, of whoever changed the rest, of everyone else both. */
function columnsOf(side: Side, kind: ChangeKind): Columns {
  switch (kind) {
    case 'moved':
      return managersOf(side);
    case 'changed':
      return toldOf(side);
    case 'joined':
    case 'left':
    case 'detached':
    case 'returned':
      return { ...toldOf(side), ...managersOf(side) };
    default:
      return kind satisfies never;
  }
}

function toldOf({ told }: Side): Columns {
  return Object.fromEntries(
    TOLD.map((column) => [column, column === 'attributes' ? attributesOf(told) : told[column]]),
  );
}

function attributesOf({ attributes }: Side['told']): unknown {
  return attributes === '{}' ? null : JSON.parse(attributes);
}

function managersOf({ manager, managers }: Side): Columns {
  return { manager_id: manager?.id ?? null, manager_ids: managers.map(({ id }) => id) };
}

/** Where there is nothing to compare with, what is known. */
function differing(side: Columns, other: Columns | null): Columns {
  const differs = ([column, value]: readonly [string, unknown]) =>
    other === null ? value !== null : JSON.stringify(value) !== JSON.stringify(other[column]);
  return Object.fromEntries(Object.entries(side).filter(differs));
}
