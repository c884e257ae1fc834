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

export type Change = Insert | Update | Delete;
export type ChangeSet = readonly Change[];

export function insert(table: string, row: Row): Insert {
  return { kind: 'insert', table, row };
}

export function update(table: string, set: Row, where: Row, guard: string): Update {
  return { kind: 'update', table, set, where, guard };
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
