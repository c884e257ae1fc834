/**
 * SQLite: one process, one handle, group commit. Every change set that waits when the event loop
 * comes round goes into one transaction and one fsync; a caller is answered only after its fsync.
 */
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Database as Handle, Statement as Prepared } from 'better-sqlite3';
import knexModule, { type Knex } from 'knex';
import { Conflict, guarded, StorageUnavailable, type ChangeSet, type Row } from './change-set.ts';
import type { CommitObserver, Database } from './database.ts';
import { StatementCache, valuesOf, whereValues } from './statement.ts';
import { lockFile, type FileLock } from './file-lock.ts';

/**
 * Set on every open and read back. The driver's build default is synchronous=NORMAL from the second
 * open of a WAL database on, which loses acknowledged rows in a power cut; hence never trust it.
 */
const settings = {
  journal_mode: ['wal', 'wal'],
  synchronous: ['FULL', 2],
  foreign_keys: ['ON', 1],
  busy_timeout: ['5000', 5000],
  secure_delete: ['ON', 1],
  temp_store: ['MEMORY', 2],
  cache_size: ['-65536', -65536],
  wal_autocheckpoint: ['4000', 4000],
} as const;

export class UnsafeSettings extends Error {
  override name = 'UnsafeSettings';
}

function applySettings(handle: Handle): void {
  for (const [name, [wanted, expected]] of Object.entries(settings)) {
    handle.pragma(`${name} = ${wanted}`);
    const found: unknown = handle.pragma(name, { simple: true });
    if (found !== expected) {
      throw new UnsafeSettings(
        `SQLite answers ${name}=${String(found)} where ${expected} was set; is the file on a network disk?`,
      );
    }
  }
}

interface Waiting {
  readonly changes: ChangeSet;
  resolve(): void;
  reject(error: unknown): void;
}

export interface SqliteOptions {
  readonly file: string;
  readonly observer?: CommitObserver;
  /** Called when a sync to disk failed: what the page cache holds can no longer be trusted. */
  readonly onFatal?: (error: Error) => void;
}

export class SqliteDatabase implements Database {
  readonly dialect = 'sqlite';
  readonly knex: Knex;
  readonly #handle: Handle;
  readonly #lock: FileLock;
  readonly #statements: StatementCache;
  readonly #prepared = new Map<string, Prepared>();
  readonly #indexes: Map<string, string>;
  readonly #options: SqliteOptions;
  #queue: Waiting[] = [];
  #scheduled = false;
  #broken: Error | undefined;
  #closing: Promise<void> | undefined;

  private constructor(knex: Knex, handle: Handle, lock: FileLock, options: SqliteOptions) {
    this.knex = knex;
    this.#handle = handle;
    this.#lock = lock;
    this.#options = options;
    this.#statements = new StatementCache(knex);
    this.#indexes = uniqueIndexes(handle);
  }

  /**
   * Opens (and creates) the file. `migrate` runs on the pool before the handle is taken for good.
   * Throws FileLocked when another process has the file, UnsafeSettings when a commit would not be
   * durable.
   */
  static async open(
    options: SqliteOptions,
    migrate: (knex: Knex) => Promise<void>,
  ): Promise<SqliteDatabase> {
    // Personal data: the owner's eyes only, also for the -wal and -shm files, which inherit the
    // mode.
    mkdirSync(dirname(options.file), { recursive: true, mode: 0o700 });
    closeSync(openSync(options.file, 'a', 0o600));
    const lock = lockFile(`${options.file}.lock`);
    const knex = knexModule.knex({
      client: 'better-sqlite3',
      connection: { filename: options.file },
      useNullAsDefault: true,
      // What Knex would print, with a stack, is thrown as well: whoever opens tells it.
      log: { warn: () => undefined },
      acquireConnectionTimeout: 5_000,
      pool: {
        min: 1,
        max: 1,
        afterCreate: (handle: Handle, done: (error: unknown, handle: Handle) => void) => {
          try {
            applySettings(handle);
            done(undefined, handle);
          } catch (error) {
            done(error, handle);
          }
        },
      },
    });
    try {
      await migrate(knex);
      const pool = knex.client as { acquireConnection(): Promise<Handle> };
      const handle = await pool.acquireConnection();
      return new SqliteDatabase(knex, handle, lock, options);
    } catch (error) {
      await knex.destroy();
      lock.release();
      throw error;
    }
  }

  rows<T>(query: Knex.QueryBuilder): Promise<T[]> {
    const { sql, bindings } = query.toSQL();
    return this.#all<T>(sql, bindings as unknown[]);
  }

  find<T>(table: string, where: Row): Promise<T[]> {
    const statement = this.#statements.find(table, where);
    return this.#all<T>(statement.sql, whereValues(where, statement));
  }

  async #all<T>(sql: string, values: readonly unknown[]): Promise<T[]> {
    return this.#prepare(sql).all(...values) as T[];
  }

  commit(changes: ChangeSet): Promise<void> {
    if (changes.length === 0) return Promise.resolve();
    if (this.#broken) return Promise.reject(new StorageUnavailable(this.#broken.message));
    return new Promise((resolve, reject) => {
      this.#queue.push({ changes, resolve, reject });
      if (this.#scheduled) return;
      this.#scheduled = true;
      setImmediate(() => this.#flush());
    });
  }

  async ping(): Promise<void> {
    if (this.#broken) throw new StorageUnavailable(this.#broken.message);
    this.#prepare('select 1').get();
  }

  /** Harmless twice. */
  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    this.#flush();
    this.#broken = new Error('the database is closed');
    this.#tidy();
    await (
      this.knex.client as { releaseConnection(handle: Handle): Promise<void> }
    ).releaseConnection(this.#handle);
    await this.knex.destroy();
    this.#lock.release();
  }

  /** Folds the log into the file; on a full disk it stays, durable, and the next open reads it. */
  #tidy(): boolean {
    try {
      this.#handle.pragma('wal_checkpoint(TRUNCATE)');
      return true;
    } catch {
      return false;
    }
  }

  #prepare(sql: string): Prepared {
    let statement = this.#prepared.get(sql);
    if (!statement) {
      statement = this.#handle.prepare(sql);
      this.#prepared.set(sql, statement);
    }
    return statement;
  }

  #flush(): void {
    this.#scheduled = false;
    const batch = this.#queue;
    this.#queue = [];
    if (batch.length === 0) return;
    const startedMs = performance.now();
    try {
      this.#transaction(() => {
        for (const { changes } of batch) this.#apply(changes);
      });
      for (const { resolve } of batch) resolve();
    } catch (error) {
      if (batch.length === 1) batch[0]?.reject(this.#translate(error));
      else for (const waiting of batch) this.#flushAlone(waiting);
    }
    this.#options.observer?.batch(batch.length, performance.now() - startedMs);
  }

  /** A batch with one bad change set is replayed one by one, so that the bad one fails alone. */
  #flushAlone({ changes, resolve, reject }: Waiting): void {
    try {
      this.#transaction(() => this.#apply(changes));
      resolve();
    } catch (error) {
      reject(this.#translate(error));
    }
  }

  #transaction(work: () => void): void {
    this.#prepare('begin immediate').run();
    try {
      work();
      this.#prepare('commit').run();
    } catch (error) {
      // After a full disk or an I/O error SQLite may have rolled back already.
      if (this.#handle.inTransaction) this.#prepare('rollback').run();
      throw error;
    }
  }

  #apply(changes: ChangeSet): void {
    for (const change of changes) {
      const statement = this.#statements.of(change);
      const { changes: count } = this.#prepare(statement.sql).run(...valuesOf(change, statement));
      if (guarded(change) && count !== 1) throw new Conflict(change.guard);
    }
  }

  #translate(error: unknown): unknown {
    if (!(error instanceof Error) || !('code' in error)) return error;
    const code = String(error.code);
    if (code === 'SQLITE_CONSTRAINT_UNIQUE' || code === 'SQLITE_CONSTRAINT_PRIMARYKEY') {
      const columns = error.message.replace('UNIQUE constraint failed: ', '');
      return new Conflict(this.#indexes.get(columns) ?? columns);
    }
    if (/^SQLITE_(FULL|IOERR|READONLY|CANTOPEN|BUSY|CORRUPT|NOTADB)/.test(code)) {
      if (code.startsWith('SQLITE_IOERR') || code === 'SQLITE_CORRUPT') {
        this.#broken = error;
        this.#options.onFatal?.(error);
      }
      return new StorageUnavailable(`${code}: ${error.message}`);
    }
    return error;
  }
}

/**
 * SQLite's errors list columns; this maps `payments.merchant_id, payments.reference` to the index's
 * name, and a primary key to the name Postgres gives it.
 */
function uniqueIndexes(handle: Handle): Map<string, string> {
  const names = new Map<string, string>();
  const tables = handle
    .prepare("select name from sqlite_schema where type = 'table'")
    .pluck()
    .all();
  for (const table of tables as string[]) {
    for (const index of handle.pragma(`index_list("${table}")`) as {
      name: string;
      unique: 0 | 1;
    }[]) {
      if (index.unique === 0) continue;
      const columns = handle.pragma(`index_info("${index.name}")`) as { name: string }[];
      const name = index.name.startsWith('sqlite_autoindex_') ? `${table}_pkey` : index.name;
      names.set(columns.map((column) => `${table}.${column.name}`).join(', '), name);
    }
  }
  return names;
}
