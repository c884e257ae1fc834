/**
 * Writes are data. A verb builds one change set and commits it: all of it lands durably, or a typed
 * Conflict says which guard failed. No code here or above holds a transaction open across an await.
 */

export type SqlValue = string | number | null;
export type Row = Readonly<Record<string, SqlValue>>;

/** A new row. A clash with a unique index becomes a Conflict with that index's name. */
export interface Insert {
  readonly kind: 'insert';
  readonly table: string;
  readonly row: Row;
}

/**
 * One row changes, or the whole change set is refused with Conflict(`guard`). `where` names the row
 * and every condition the decision relied on (version, state): compare-and-swap, checked by SQL.
 */
export interface Update {
  readonly kind: 'update';
  readonly table: string;
  readonly set: Row;
  readonly where: Row;
  readonly guard: string;
}

/** Rows that may or may not be there; how many went does not matter. */
export interface Delete {
  readonly kind: 'delete';
  readonly table: string;
  readonly where: Row;
}

/**
 * Numbers that grow by so much, whoever else is adding to them: no version, no lost update. A row
 * that is not there begins at zero. With `most` the whole change set is refused with
 * Conflict(`guard`) when a number would pass its bound.
 */
export interface Add {
  readonly kind: 'add';
  readonly table: string;
  /** The columns of the primary key. */
  readonly key: Row;
  readonly by: Readonly<Record<string, number>>;
  readonly most: Readonly<Record<string, number>>;
  /** Columns that become at least this: the greater of two writers' numbers stays. */
  readonly atLeast: Readonly<Record<string, number>>;
  readonly guard: string;
}

export type Change = Insert | Update | Delete | Add;
export type ChangeSet = readonly Change[];

export function insert(table: string, row: Row): Insert {
  return { kind: 'insert', table, row };
}

export function update(table: string, set: Row, where: Row, guard: string): Update {
  return { kind: 'update', table, set, where, guard };
}

/** See {@link Add}. A new row is not held against `most`: the caller has looked at its size. */
export function add(
  table: string,
  key: Row,
  by: Readonly<Record<string, number>>,
  most: Readonly<Record<string, number>> = {},
  guard = `${table}_most`,
  atLeast: Readonly<Record<string, number>> = {},
): Add {
  return { kind: 'add', table, key, by, most, atLeast, guard };
}

export function remove(table: string, where: Row): Delete {
  return { kind: 'delete', table, where };
}

/**
 * Nothing was written: somebody else changed what the decision stood on. Read again, decide again.
 */
export class Conflict extends Error {
  override name = 'Conflict';
  /** The update's guard, or the unique index that an insert ran into. */
  readonly guard: string;

  constructor(guard: string) {
    super(`conflict: ${guard}`);
    this.guard = guard;
  }
}

/** The database cannot be written or reached now: disk full, I/O error, server gone. */
export class StorageUnavailable extends Error {
  override name = 'StorageUnavailable';
}

/** Whether exactly one row has to be touched, or the set is refused. */
export function guarded(change: Change): change is Update | Add {
  return change.kind === 'update' || change.kind === 'add';
}
