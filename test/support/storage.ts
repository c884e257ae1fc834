/** A migrated store in a test's place, and children that die in the middle of using one. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CommitObserver, Database, Row } from '../../core/storage/index.ts';
import { migrate, migratePlugins, type Migration } from '../../core/storage/migrate.ts';
import { PostgresDatabase } from '../../core/storage/postgres.ts';
import { SqliteDatabase } from '../../core/storage/sqlite.ts';
import { migrations as ours } from '../../migrations/index.ts';
import type { DatabasePlace } from './databases.ts';

const stores = new Set<Database>();
const children = new Set<ChildProcess>();

const loader = createRequire(import.meta.url).resolve('tsx');

export interface StoreOptions {
  readonly migrations?: readonly Migration[];
  /** Those of plugins, after ours. */
  readonly plugins?: Parameters<typeof migratePlugins>[1];
  readonly observer?: CommitObserver;
  /** Statements for the only connection that SQLite has, before it is taken for good. */
  readonly pragmas?: readonly string[];
}

/** Opens the store as the switch does; the same place again is a restart. */
export async function openStore(
  place: DatabasePlace,
  { migrations = ours, plugins = [], observer, pragmas = [] }: StoreOptions = {},
): Promise<Database> {
  const up = async (knex: Parameters<typeof migrate>[0]) => {
    await migrate(knex, migrations);
    await migratePlugins(knex, plugins);
    for (const pragma of pragmas) await knex.raw(pragma);
  };
  const more = observer === undefined ? {} : { observer };
  const db = await (place.url === undefined
    ? SqliteDatabase.open({ file: join(place.dataDir, 'pointsman.db'), ...more }, up)
    : PostgresDatabase.open({ url: place.url, poolSize: 5, ...more }, up));
  stores.add(db);
  return db;
}

/** Ends what a test that failed half way has left behind: an open store would keep mocha up. */
export async function leaveNothing(): Promise<void> {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
  for (const db of stores) if (await isOpen(db)) await db.close();
  stores.clear();
}

function isOpen(db: Database): Promise<boolean> {
  return db.ping().then(
    () => true,
    () => false,
  );
}

/** One statement of the test's own, written as SQL. */
export async function rawRows<T>(db: Database, sql: string): Promise<T[]> {
  return db.rows<T>(db.knex.raw(sql) as unknown as Parameters<Database['rows']>[0]);
}

/** Runs one job of storage-child.ts; what it says first means that it is where it should be. */
export async function storageChild(
  job: string,
  place: DatabasePlace,
  prefix: readonly string[] = [],
): Promise<{ child: ChildProcess; said: string; ended: Promise<unknown[]> }> {
  const script = fileURLToPath(new URL('storage-child.ts', import.meta.url));
  const node = [process.execPath, '--import', loader, '--conditions=source'];
  const command = [...prefix, ...node, script, job, JSON.stringify(place)];
  const program = command[0] ?? process.execPath;
  const rest = command.slice(1);
  const child = spawn(program, rest, {
    cwd: place.dataDir,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.add(child);
  const ended = once(child, 'exit');
  let said = '';
  for await (const chunk of child.stdout) {
    said += String(chunk);
    if (said.includes('\n')) break;
  }
  return { child, said: said.trim(), ended };
}

/** A merchant's row, for tests that need any row at all. */
export function merchantRow(id: string, more: Row = {}): Row {
  const at = '2026-11-21T10:00:00.000Z';
  const times = { created_at: at, updated_at: at };
  return { id, name: `merchant ${id}`, mode: 'sandbox', ...times, version: 1, ...more };
}
