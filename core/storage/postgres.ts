/**
 * Postgres: a change set is one statement. Every write is a CTE of one `with`, so the set is atomic
 * by itself and costs one round trip; a guard that matched no row raises and undoes all of it.
 */
import knexModule, { type Knex } from 'knex';
import pg from 'pg';
import { invariant } from '../base/assert.ts';
import { Conflict, guarded, StorageUnavailable, type ChangeSet, type Row } from './change-set.ts';
import type { CommitObserver, Database } from './database.ts';
import { shapeKey, StatementCache, valuesOf, whereValues } from './statement.ts';
import { UnsafeSettings } from './sqlite.ts';

/** Raised by the SQL function pointsman_conflict (first migration). */
const conflictState = 'PTM01';

/** Deadlock and serialization failure: surely nothing was written, so the set may be sent again. */
const retryStates = new Set(['40001', '40P01']);

/**
 * Lost connections, shutdown, no room: the server's word or silence, never our statement's fault.
 */
const unavailable = /^(08|53|57P0|58)|^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN)/;

interface Client {
  query(query: { text: string; name?: string; values: unknown[] }): Promise<{ rows: unknown[] }>;
}

interface Pooled {
  acquireConnection(): Promise<Client>;
  releaseConnection(client: Client): Promise<void>;
}

interface CompiledSet {
  readonly text: string;
  readonly name: string;
}

/** bigint columns hold amounts and counts: exact numbers or an error, never a rounded one. */
function safeInteger(text: string): number {
  const value = Number(text);
  invariant(Number.isSafeInteger(value), 'a bigint from Postgres fits a safe integer');
  return value;
}

const quiet = () => undefined;

export interface PostgresOptions {
  readonly url: string;
  readonly poolSize: number;
  readonly observer?: CommitObserver;
}

export class PostgresDatabase implements Database {
  readonly dialect = 'postgres';
  readonly knex: Knex;
  readonly #statements: StatementCache;
  readonly #sets = new Map<string, CompiledSet>();
  readonly #options: PostgresOptions;

  private constructor(knex: Knex, options: PostgresOptions) {
    this.knex = knex;
    this.#options = options;
    this.#statements = new StatementCache(knex);
  }

  /** Throws UnsafeSettings when the server would acknowledge a commit before it is on disk. */
  static async open(
    options: PostgresOptions,
    migrate: (knex: Knex) => Promise<void>,
  ): Promise<PostgresDatabase> {
    pg.types.setTypeParser(pg.types.builtins.INT8, safeInteger);
    const knex = knexModule.knex({
      client: 'pg',
      connection: {
        connectionString: options.url,
        options: '-c synchronous_commit=on -c statement_timeout=15000 -c lock_timeout=5000',
      },
      acquireConnectionTimeout: 5_000,
      // Knex would print lost connections to the console; callers hear of them as
      // StorageUnavailable.
      log: { warn: quiet, error: quiet, deprecate: quiet, debug: quiet },
      pool: { min: 0, max: options.poolSize },
    });
    const database = new PostgresDatabase(knex, options);
    try {
      await database.#checkDurability();
      await migrate(knex);
      return database;
    } catch (error) {
      await knex.destroy();
      throw error;
    }
  }

  async #checkDurability(): Promise<void> {
    const found = await this.#query<{ setting: string }>(
      "select setting from pg_settings where name = 'synchronous_commit'",
      [],
    );
    if (found[0]?.setting !== 'on') {
      throw new UnsafeSettings(
        `Postgres has synchronous_commit=${found[0]?.setting ?? 'unknown'}; "on" is needed`,
      );
    }
  }

  rows<T>(query: Knex.QueryBuilder): Promise<T[]> {
    const { sql, bindings } = query.toSQL().toNative();
    return this.#query<T>(sql, bindings as unknown[]);
  }

  find<T>(table: string, where: Row): Promise<T[]> {
    const statement = this.#statements.find(table, where);
    return this.#query<T>(numbered(statement.sql, 0), whereValues(where, statement));
  }

  async commit(changes: ChangeSet): Promise<void> {
    if (changes.length === 0) return;
    const startedMs = performance.now();
    const set = this.#compile(changes);
    const values = changes.flatMap((change) => valuesOf(change, this.#statements.of(change)));
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.#query(set.text, values, set.name);
        break;
      } catch (error) {
        if (attempt < 4 && retryStates.has(codeOf(error))) continue;
        throw translate(error);
      }
    }
    this.#options.observer?.batch(1, performance.now() - startedMs);
  }

  async ping(): Promise<void> {
    await this.#query('select 1', []);
  }

  async close(): Promise<void> {
    await this.knex.destroy();
  }

  /** One `with` for the whole set, remembered and prepared by its shape. */
  #compile(changes: ChangeSet): CompiledSet {
    const key = changes.map(shapeKey).join('\n');
    const known = this.#sets.get(key);
    if (known) return known;
    let count = 0;
    const parts: string[] = [];
    const guards: string[] = [];
    changes.forEach((change, index) => {
      const { sql, order } = this.#statements.of(change);
      parts.push(`c${index} as (${numbered(sql, count)} returning 1)`);
      count += order.length;
      if (!guarded(change)) return;
      invariant(/^[a-z_]+$/.test(change.guard), 'a guard is a plain word');
      guards.push(
        `case when (select count(*) from c${index}) = 1 then 1 else pointsman_conflict('${change.guard}') end`,
      );
    });
    const text = `with ${parts.join(', ')} select ${guards.length > 0 ? guards.join(', ') : '1'}`;
    const set = { text, name: `set_${this.#sets.size}` };
    this.#sets.set(key, set);
    return set;
  }

  async #query<T>(text: string, values: unknown[], name?: string): Promise<T[]> {
    const pool = this.knex.client as Pooled;
    let client: Client;
    try {
      client = await pool.acquireConnection();
    } catch (cause) {
      throw new StorageUnavailable(`Postgres cannot be reached: ${String(cause)}`);
    }
    try {
      const { rows } = await client.query(name ? { text, name, values } : { text, values });
      return rows as T[];
    } catch (error) {
      throw isUnavailable(error) ? translate(error) : error;
    } finally {
      await pool.releaseConnection(client);
    }
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function translate(error: unknown): unknown {
  const code = codeOf(error);
  if (code === conflictState && error instanceof Error) return new Conflict(error.message);
  if (code === '23505') {
    const constraint = (error as { constraint?: string }).constraint;
    return new Conflict(constraint ?? 'unique');
  }
  return isUnavailable(error) ? new StorageUnavailable(`Postgres: ${error.message}`) : error;
}

/** A session that is cut off in the middle of a query is told of in words only, without a code. */
function isUnavailable(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  return unavailable.test(codeOf(error)) || error.message.startsWith('Connection terminated');
}

/** `?` → `$n`, counting on from `offset`. Our statements hold no literal question mark. */
export function numbered(sql: string, offset: number): string {
  let count = offset;
  return sql.replace(/\?/g, () => {
    count += 1;
    return `$${count}`;
  });
}
