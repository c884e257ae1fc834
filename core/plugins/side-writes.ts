/**
 * A wrapping around the database for what plugins need to land in the commit of a native verb that
 * knows nothing of plugins: another name for the object it makes, and a line in the inbox of
 * everyone who wants to hear of its events. An object without its alias, or an event nobody is told
 * of after a crash, cannot exist.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { isoTime, type Clock } from '../base/clock.ts';
import { prefixes } from '../base/id.ts';
import type { NewAlias } from '../sdk/host.ts';
import { insert, type Change, type ChangeSet, type Database } from '../storage/index.ts';

/** The guards of an alias that is taken. */
export const aliasClashes: ReadonlySet<string> = new Set(['aliases_pkey', 'aliases_object']);

interface Owned extends NewAlias {
  readonly plugin: string;
  readonly merchantId: string;
}

interface Pending {
  readonly alias: Owned;
  open: boolean;
}

export interface Listener {
  /** `<plugin>.<subscriber>` */
  readonly id: string;
  /** All when undefined. */
  readonly types: ReadonlySet<string> | undefined;
}

export class SideWrites {
  readonly #clock: Clock;
  readonly #pending = new AsyncLocalStorage<Pending>();
  #listeners: readonly Listener[] = [];
  #wake: () => void = () => {};

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Who hears events from now on; `wake` is called after a commit that left some. */
  listen(listeners: readonly Listener[], wake: () => void): void {
    this.#listeners = listeners;
    this.#wake = wake;
  }

  /** Runs `work`; the alias lands with the first object of its noun that is made in it. */
  async withAlias<T>(alias: Owned, work: () => Promise<T>): Promise<T> {
    const pending = { alias, open: true };
    try {
      return await this.#pending.run(pending, work);
    } finally {
      // What was begun in there and goes on (a job that was rung) names nothing any more.
      pending.open = false;
    }
  }

  wrap(db: Database): Database {
    return {
      dialect: db.dialect,
      knex: db.knex,
      rows: (query) => db.rows(query),
      find: (table, where) => db.find(table, where),
      ping: () => db.ping(),
      close: () => db.close(),
      commit: (changes) => this.#commit(db, changes),
    };
  }

  async #commit(db: Database, changes: ChangeSet): Promise<void> {
    const pending = this.#pending.getStore();
    const named = pending?.open === true ? aliasOf(pending.alias, changes) : undefined;
    const told = this.#listeners.length === 0 ? [] : this.#inboxRows(changes);
    if (!named && told.length === 0) return db.commit(changes);
    await db.commit([...changes, ...(named ? [named] : []), ...told]);
    if (pending && named) pending.open = false;
    if (told.length > 0) this.#wake();
  }

  #inboxRows(changes: ChangeSet): Change[] {
    return changes.flatMap((change) => {
      if (change.kind !== 'insert' || change.table !== 'events') return [];
      const { id, merchant_id, type, created_at } = change.row;
      const wanting = this.#listeners.filter(({ types }) => !types || types.has(String(type)));
      return wanting.map((listener) =>
        insert('plugin_inbox', {
          event_id: String(id),
          subscriber: listener.id,
          merchant_id: String(merchant_id),
          attempts: 0,
          next_at: String(created_at ?? isoTime(this.#clock.now())),
        }),
      );
    });
  }
}

function aliasOf(alias: Owned, changes: ChangeSet): Change | undefined {
  const { plugin, merchantId, kind, value, noun } = alias;
  for (const change of changes) {
    if (change.kind !== 'insert') continue;
    const { id } = change.row;
    if (typeof id !== 'string' || !id.startsWith(`${prefixes[noun]}_`)) continue;
    return insert('aliases', { plugin, merchant_id: merchantId, kind, value, object_id: id });
  }
  return undefined;
}
