/**
 * What the disk and SQLite alone would allow: the very rows of a payment, in two durable phases, by
 * prepared statements, every set that waits in one turn of the event loop in one fsynced
 * transaction. No HTTP, no JSON, no decisions.
 */
import Sqlite, { type Database as Handle, type Statement as Prepared } from 'better-sqlite3';
import { systemClock } from '../../core/base/clock.ts';
import { recordPayment, templateOf, valuesOf, type Statement } from './recording.ts';
import type { Subject } from './subject.ts';
import { databaseFile } from './switch.ts';

/** As core/storage/sqlite.ts sets them. */
export const pragmas = [
  'journal_mode = wal',
  'synchronous = full',
  'foreign_keys = on',
  'secure_delete = on',
  'temp_store = memory',
  'cache_size = -65536',
  'wal_autocheckpoint = 4000',
];

export interface CommitsOptions {
  readonly dataDir: string;
}

/** Sets wait until the loop comes round, then share one transaction and one fsync. */
function groupCommit(handle: Handle) {
  const prepared = new Map<string, Prepared>();
  const prepare = (sql: string): Prepared => {
    const known = prepared.get(sql) ?? handle.prepare(sql);
    prepared.set(sql, known);
    return known;
  };
  let waiting: { set: readonly Statement[]; ids: readonly string[]; done: () => void }[] = [];
  const flush = () => {
    const batch = waiting;
    waiting = [];
    prepare('begin immediate').run();
    for (const { set, ids } of batch) {
      for (const statement of set) prepare(statement.sql).run(...valuesOf(statement, ids));
    }
    prepare('commit').run();
    for (const { done } of batch) done();
  };
  return (set: readonly Statement[], ids: readonly string[]): Promise<void> =>
    new Promise((done) => {
      if (waiting.length === 0) setImmediate(flush);
      waiting.push({ set, ids, done });
    });
}

export async function openCommits({ dataDir }: CommitsOptions): Promise<Subject> {
  const template = templateOf(await recordPayment(dataDir, false));
  const handle = new Sqlite(databaseFile(dataDir));
  for (const pragma of pragmas) handle.pragma(pragma);
  const commit = groupCommit(handle);

  /** As many payments as go into `seconds`, `width` of them at a time. */
  const run = async ({ seconds, width }: { seconds: number; width: number }): Promise<number> => {
    const endMs = performance.now() + seconds * 1000;
    let count = 0;
    const one = async () => {
      while (performance.now() < endMs) {
        const ids = template.fresh(systemClock.now());
        for (const set of template.sets) await commit(set, ids);
        count += 1;
      }
    };
    await Promise.all(Array.from({ length: width }, one));
    return count;
  };
  return {
    facts: {},
    verbs: { run },
    stop: async () => {
      handle.close();
    },
  };
}
