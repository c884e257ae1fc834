/**
 * Reading beside the switch: a connection of its own that cannot write, for what looks at so much
 * that it may not stand in the way of payments. In another thread, or in another process: SQLite
 * lets anybody read while one process writes.
 */
import Sqlite, { type Statement } from 'better-sqlite3';
import pg from 'pg';
import { numbered } from './postgres.ts';
import type { SqlValue } from './change-set.ts';

/** Where a database is; plain data, so that a thread can be told. */
export type Place =
  | { readonly dialect: 'sqlite'; readonly file: string }
  | { readonly dialect: 'postgres'; readonly url: string };

export interface Reading {
  /** The rows as lists of their columns, in the order selected; `?` stands for a value. */
  rows(sql: string, values: readonly SqlValue[]): Promise<readonly (readonly SqlValue[])[]>;
  close(): Promise<void>;
}

/** Throws when there is no database, or none that can be read. */
export function openReading(place: Place): Promise<Reading> {
  return place.dialect === 'sqlite' ? openSqlite(place.file) : openPostgres(place.url);
}

async function openSqlite(file: string): Promise<Reading> {
  const handle = new Sqlite(file, { readonly: true, fileMustExist: true, timeout: 5_000 });
  handle.pragma('cache_size = -65536');
  const prepared = new Map<string, Statement>();
  return {
    rows: async (sql, values) => {
      let statement = prepared.get(sql);
      if (!statement) prepared.set(sql, (statement = handle.prepare(sql).raw()));
      return statement.all(...values) as SqlValue[][];
    },
    close: async () => {
      handle.close();
    },
  };
}

async function openPostgres(url: string): Promise<Reading> {
  const options = '-c default_transaction_read_only=on -c statement_timeout=60000';
  const client = new pg.Client({ connectionString: url, options });
  await client.connect();
  return {
    rows: async (sql, values) => {
      const text = numbered(sql, 0);
      const answer = await client.query({ text, values: [...values], rowMode: 'array' });
      return answer.rows as SqlValue[][];
    },
    close: () => client.end(),
  };
}
