/**
 * What the command line does with a database that no switch of this machine has open: look at its
 * migrations, bring it up, make the first admin key. With SQLite each of them needs the file to
 * itself; on Postgres they may run beside the switch.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../config/load.ts';
import { migrations } from '../../migrations/index.ts';
import { Access } from '../access/access.ts';
import { Merchants } from '../access/merchants.ts';
import { systemClock } from '../base/clock.ts';
import type { Installed } from '../plugins/index.ts';
import { insert, type Database } from '../storage/index.ts';
import { pending, type migrate } from '../storage/migrate.ts';
import { PostgresDatabase } from '../storage/postgres.ts';
import { SqliteDatabase } from '../storage/sqlite.ts';
import { openKeyring } from './master-key.ts';
import { Metrics } from './metrics.ts';
import { openDatabase } from './outside.ts';
import { installPlugins } from './plugin-install.ts';

export interface MigrationStatus {
  readonly dialect: 'sqlite' | 'postgres';
  /** False for an SQLite file that has not been made yet. */
  readonly exists: boolean;
  readonly known: number;
  readonly pending: readonly string[];
  /** Migrations of the database that this version does not know: it is newer than the code. */
  readonly foreign: readonly string[];
}

type Pool = Parameters<typeof migrate>[0];

/**
 * Opens the database with the settings a switch would insist on, looks, closes, changes nothing.
 * Throws what opening throws: FileLocked, UnsafeSettings, StorageUnavailable.
 */
export async function migrationStatus(config: Config): Promise<MigrationStatus> {
  const names = migrations.map(({ name }) => name);
  const url = config.database.url?.reveal();
  const dialect = url === undefined ? 'sqlite' : 'postgres';
  const file = join(config.data_dir, 'pointsman.db');
  if (url === undefined && !existsSync(file)) {
    return { dialect, exists: false, known: names.length, pending: names, foreign: [] };
  }
  const seen = { pending: [] as string[], foreign: [] as string[] };
  const look = async (knex: Pool) => {
    seen.pending = await pending(knex, migrations);
    seen.foreign = await foreign(knex, names);
  };
  const db =
    url === undefined
      ? await SqliteDatabase.open({ file }, look)
      : await PostgresDatabase.open({ url, poolSize: 2 }, look);
  await db.close();
  return { dialect, exists: true, known: names.length, ...seen };
}

async function foreign(knex: Pool, known: readonly string[]): Promise<string[]> {
  if (!(await knex.schema.hasTable('schema_migrations'))) return [];
  const rows = await knex<{ name: string }>('schema_migrations').select('name');
  return rows.map(({ name }) => name).filter((name) => !known.includes(name));
}

/** Brings the database up to this version. Throws NewerDatabase when it is past it. */
export async function bringUp(config: Config): Promise<void> {
  await (await opened(config, await installPlugins(config))).close();
}

/**
 * Makes an admin key, past the API: how the owner of a live box gets the first one. The answer is
 * the only time the key is seen.
 */
export async function createAdminKey(
  config: Config,
  name: string,
): Promise<{ readonly id: string; readonly key: string }> {
  const keyring = openKeyring(config);
  const db = await opened(config);
  try {
    const access = new Access(db, keyring, systemClock);
    const merchants = new Merchants(db, access, systemClock);
    const { record, key } = merchants.draftKey(null, config.mode, { kind: 'admin', name });
    await db.commit([insert('api_keys', { ...record })]);
    return { id: record.id, key };
  } finally {
    await db.close();
  }
}

function opened(config: Config, plugins: readonly Installed[] = []): Promise<Database> {
  const refuse = (error: Error) => {
    throw error;
  };
  return openDatabase(config, new Metrics(), refuse, plugins);
}
