/** What a feature sees of the database: queries, and one verb that writes. */
import type { Knex } from 'knex';
import type { ChangeSet, Row } from './change-set.ts';

/** A select under construction, for what narrows a list. */
export type Select = Knex.QueryBuilder;

export interface Database {
  readonly dialect: 'sqlite' | 'postgres';
  /** Builds queries for {@link rows}; it runs nothing by itself on SQLite. */
  readonly knex: Knex;
  /** Runs a select that Knex built. */
  rows<T>(query: Select): Promise<T[]>;
  /** All rows where every column equals its value; the statement is compiled once a shape. */
  find<T>(table: string, where: Row): Promise<T[]>;
  /**
   * Lands the whole change set durably, or throws Conflict and nothing is written.
   * Throws StorageUnavailable when the database cannot tell or cannot write.
   */
  commit(changes: ChangeSet): Promise<void>;
  /** Resolves when the database answers and can be written. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** What the metrics want to know of commits. */
export interface CommitObserver {
  batch(size: number, durationMs: number): void;
}

/** Rows of a list, or one row; undefined when there is none. */
export async function findOne<T>(db: Database, table: string, where: Row): Promise<T | undefined> {
  return (await db.find<T>(table, where))[0];
}

/** The least time in `column` of the rows selected; undefined where none has one. */
export async function earliest(
  db: Database,
  rows: Select,
  column: string,
): Promise<string | undefined> {
  // Said aloud so that the partial indexes on what is due can serve it.
  const least = rows.whereNotNull(column).min({ at: column });
  const [row] = await db.rows<{ at: string | null }>(least);
  return row?.at ?? undefined;
}
