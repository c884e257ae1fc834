/** A database with a past: final rows of captured payments, inserted directly. */
import Sqlite from 'better-sqlite3';
import { systemClock } from '../../core/base/clock.ts';
import { pragmas } from './commits.ts';
import { finalRows, recordPayment, templateOf, valuesOf } from './recording.ts';
import type { Subject } from './subject.ts';
import { databaseFile } from './switch.ts';

export interface FillOptions {
  readonly dataDir: string;
  readonly payments: number;
}

/** Answers to idempotent requests are kept for a day: this many payments are younger than that. */
const keyedEvery = 10;
const paymentsPerCommit = 20_000;
const samplesMax = 2_000;

/** Facts: ids spread over the whole past, for reads. */
export async function fill({ dataDir, payments }: FillOptions): Promise<Subject> {
  const plain = templateOf([finalRows(await recordPayment(dataDir, false))]);
  const keyed = templateOf([finalRows(await recordPayment(dataDir, true))]);
  const handle = new Sqlite(databaseFile(dataDir));
  for (const pragma of pragmas) handle.pragma(pragma);
  handle.pragma('synchronous = off'); // for the filling alone; nobody is answered
  const sources = [plain, keyed].map((template) => ({
    template,
    inserts: template.sets.flat().map((each) => ({ each, run: handle.prepare(each.sql) })),
  }));
  const ids: string[] = [];
  const sampleEvery = Math.max(1, Math.floor(payments / samplesMax));
  const insertSome = handle.transaction((from: number, to: number) => {
    for (let at = from; at < to; at += 1) {
      const source = sources[at % keyedEvery === 0 ? 1 : 0];
      if (!source) continue;
      // A millisecond apart and all in the past, so that what is measured comes after them.
      const fresh = source.template.fresh(systemClock.now() - payments + at);
      for (const { each, run } of source.inserts) run.run(...valuesOf(each, fresh));
      if (at % sampleEvery === 0) ids.push(fresh[0] ?? '');
    }
  });
  for (let at = 0; at < payments; at += paymentsPerCommit) {
    insertSome(at, Math.min(payments, at + paymentsPerCommit));
  }
  handle.pragma('wal_checkpoint(truncate)');
  handle.close();
  return { facts: { ids }, verbs: {}, stop: () => Promise.resolve() };
}
