/**
 * Migrations: forward only, each in one transaction, the same list from source and from dist.
 * A database that is newer than the code is refused: old code would misread it.
 */
import type { Knex } from 'knex';

/** SQL words that differ between the two databases. */
export interface Dialect {
  readonly name: 'sqlite' | 'postgres';
  /** Text that sorts by bytes: ids are time-ordered only so. */
  readonly id: string;
  /** Keeps a small table inside its primary key on SQLite. */
  readonly clustered: string;
}

export interface Migration {
  /** `0001_access`: number and subject, never renamed after release. */
  readonly name: string;
  /** The statements, in order. */
  statements(dialect: Dialect): readonly string[];
}

export class NewerDatabase extends Error {
  override name = 'NewerDatabase';
}

const journal = 'schema_migrations';

function dialectOf(knex: Knex): Dialect {
  return knex.client.config.client === 'pg'
    ? { name: 'postgres', id: 'text collate "C"', clustered: '' }
    : { name: 'sqlite', id: 'text', clustered: 'without rowid' };
}

async function applied(knex: Knex): Promise<string[]> {
  if (!(await knex.schema.hasTable(journal))) return [];
  const rows = await knex<{ name: string }>(journal).select('name').orderBy('id');
  return rows.map(({ name }) => name);
}

/** Names of migrations the database has not seen yet. */
export async function pending(knex: Knex, migrations: readonly Migration[]): Promise<string[]> {
  const done = new Set(await applied(knex));
  return migrations.map(({ name }) => name).filter((name) => !done.has(name));
}

/** Brings the schema up to the code's; throws NewerDatabase when it is already past it. */
export async function migrate(knex: Knex, migrations: readonly Migration[]): Promise<string[]> {
  const known = new Set(migrations.map(({ name }) => name));
  const foreign = (await applied(knex)).filter((name) => !known.has(name));
  if (foreign.length > 0) {
    throw new NewerDatabase(
      `the database has migrations this version does not know (${foreign.join(', ')}): run a newer pointsman`,
    );
  }
  const dialect = dialectOf(knex);
  const run = async () => {
    // Our own lock is held (a file lock, or the advisory lock below): one left by a crash is stale.
    await knex.migrate.forceFreeMigrationsLock({ tableName: journal });
    const [, names] = (await knex.migrate.latest({
      tableName: journal,
      migrationSource: {
        getMigrations: async () => [...migrations],
        getMigrationName: (migration: Migration) => migration.name,
        getMigration: async (migration: Migration) => ({
          up: async (tx: Knex) => {
            for (const statement of migration.statements(dialect)) await tx.raw(statement);
          },
          down: async () => {
            throw new Error('migrations only go forward');
          },
        }),
      },
    })) as [number, string[]];
    return names;
  };
  if (dialect.name === 'sqlite') return run();
  return withAdvisoryLock(knex, run);
}

/** A plugin with tables of its own; the statements are known to keep to them. */
interface MigratingPlugin {
  readonly id: string;
  readonly migrations?: readonly Migration[];
}

const pluginJournal = 'plugin_migrations';

/**
 * Brings the plugins' tables up, after {@link migrate}: each migration in one transaction with its
 * line in the journal. Throws NewerDatabase when a plugin's tables are past its code.
 */
export async function migratePlugins(
  knex: Knex,
  plugins: readonly MigratingPlugin[],
): Promise<void> {
  const dialect = dialectOf(knex);
  const run = async () => {
    for (const plugin of plugins) await migratePlugin(knex, dialect, plugin);
  };
  await (dialect.name === 'sqlite' ? run() : withAdvisoryLock(knex, run));
}

async function migratePlugin(
  knex: Knex,
  dialect: Dialect,
  { id, migrations = [] }: MigratingPlugin,
): Promise<void> {
  const journalled = knex<{ plugin: string; name: string }>(pluginJournal);
  const rows = await journalled.select('name').where({ plugin: id });
  const done = new Set(rows.map(({ name }) => name));
  const foreign = [...done].filter((name) => !migrations.some((known) => known.name === name));
  if (foreign.length > 0) {
    throw new NewerDatabase(
      `plugin ${id}: the database has migrations this version does not know (${foreign.join(', ')})`,
    );
  }
  for (const { name, statements } of migrations.filter((one) => !done.has(one.name))) {
    await knex.transaction(async (tx) => {
      for (const statement of statements(dialect)) await tx.raw(statement);
      await tx(pluginJournal).insert({ plugin: id, name, applied_at: tx.fn.now() });
    });
  }
}

/** Several nodes may boot at once on one Postgres: one migrates, the others wait. */
async function withAdvisoryLock<T>(knex: Knex, work: () => Promise<T>): Promise<T> {
  const holder = await knex.client.acquireConnection();
  const lockNumber = 7_239_001;
  try {
    // The wait is for another node's whole migration, not for a row.
    await holder.query('set lock_timeout = 0; set statement_timeout = 0');
    await holder.query(`select pg_advisory_lock(${lockNumber})`);
    return await work();
  } finally {
    await holder.query(`select pg_advisory_unlock(${lockNumber})`);
    await holder.query('reset lock_timeout; reset statement_timeout');
    await knex.client.releaseConnection(holder);
  }
}
