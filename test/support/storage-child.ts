/** Jobs for a process of its own, started and killed by the tests of the storage. */
import { join } from 'node:path';
import type { Migration } from '../../core/storage/migrate.ts';
import { SqliteDatabase } from '../../core/storage/sqlite.ts';
import { insert } from '../../core/storage/index.ts';
import type { DatabasePlace } from './databases.ts';
import { merchantRow, openStore } from './storage.ts';

const [job = '', given = '{}'] = process.argv.slice(2);
const place = JSON.parse(given) as DatabasePlace;

/** Dies between its own two statements, with no chance to clean up. */
const deadly: Migration = {
  name: '0000_deadly',
  statements: () => {
    const statements = ['create table half_done (id text)', 'create table never (id text)'];
    statements[Symbol.iterator] = function* deadlyStatements() {
      yield statements[0] ?? '';
      process.stdout.write('half way\n');
      process.kill(process.pid, 'SIGKILL');
    } as () => ArrayIterator<string>;
    return statements;
  },
};

const jobs: Readonly<Record<string, () => Promise<string>>> = {
  /** Holds the database open until it is killed, one row of its own written. */
  async hold() {
    const db = await openStore(place);
    await db.commit([insert('merchants', merchantRow('mer_held'))]);
    // The handle is named for as long as the process lives: collected, it would let the lock go.
    setInterval(() => db.dialect, 60_000);
    return 'holding';
  },

  async open() {
    const db = await openStore(place);
    await db.close();
    return 'opened';
  },

  async migrate() {
    await openStore(place, { migrations: [deadly] });
    return 'survived';
  },

  /** A database in memory knows no WAL: what is committed would be gone with the process. */
  async memory() {
    process.chdir(place.dataDir);
    const db = await SqliteDatabase.open({ file: ':memory:' }, () => Promise.resolve());
    await db.close();
    return 'opened';
  },

  /** Fills the disk that the working directory is on, and frees it again. */
  async fill() {
    const { rmSync, writeFileSync } = await import('node:fs');
    const ballast = join(process.cwd(), 'ballast');
    writeFileSync(ballast, Buffer.alloc(1024 * 1024));
    const db = await openStore({ dataDir: process.cwd(), url: undefined });
    const name = 'x'.repeat(20_000);
    const add = (id: string) => db.commit([insert('merchants', merchantRow(id, { name }))]);
    let stored = 0;
    let refusal = 'never full';
    for (; stored < 5000; stored += 1) {
      try {
        await add(`mer_${stored}`);
      } catch (error) {
        refusal = error instanceof Error ? error.name : 'no error';
        break;
      }
    }
    rmSync(ballast);
    await add('mer_after');
    const rows = await db.find('merchants', {});
    await db.close();
    return JSON.stringify({ refusal, lost: stored + 1 - rows.length });
  },
};

const answer = await jobs[job]?.().catch((error: unknown) =>
  error instanceof Error ? error.name : String(error),
);
process.stdout.write(`${answer}\n`, () => {
  if (job !== 'hold') process.exit();
});
