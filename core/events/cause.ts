/**
 * Which webhook of a processor an event came from: a wrapping around the database that notes it in
 * the event's own commit. The verbs that write events know nothing of webhooks, and nobody has to
 * guess afterwards by comparing times.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Change, ChangeSet, Database } from '../storage/index.ts';

interface Heeded {
  readonly webhookId: string;
  open: boolean;
}

const heeded = new AsyncLocalStorage<Heeded>();

/** Events that `work` writes about payments came from this webhook: `inwh_…`. */
export async function causedBy<T>(webhookId: string, work: () => Promise<T>): Promise<T> {
  const cause = { webhookId, open: true };
  try {
    return await heeded.run(cause, work);
  } finally {
    // What was rung in there and goes on was not caused by it.
    cause.open = false;
  }
}

export function notingCauses(db: Database): Database {
  return {
    dialect: db.dialect,
    knex: db.knex,
    rows: (query) => db.rows(query),
    find: (table, where) => db.find(table, where),
    ping: () => db.ping(),
    close: () => db.close(),
    commit: (changes) => {
      const cause = heeded.getStore();
      return db.commit(cause?.open === true ? noted(changes, cause.webhookId) : changes);
    },
  };
}

const noted = (changes: ChangeSet, cause: string): Change[] =>
  changes.map((change) =>
    change.kind === 'insert' && change.table === 'events' && change.row['payment_id'] !== null
      ? { ...change, row: { ...change.row, cause } }
      : change,
  );
