/** A plugin's own tables, and no others; and the few texts that it keeps sealed. */
import { invariant } from '../base/assert.ts';
import type { Keyring } from '../base/keyring.ts';
import { commitWithAnswer } from '../idempotency/answer.ts';
import type { Idempotency } from '../idempotency/idempotency.ts';
import {
  StoreConflict,
  type CellRange,
  type PluginSecrets,
  type PluginStore,
  type StoreChange,
  type Where,
} from '../sdk/host.ts';
import {
  Conflict,
  findOne,
  insert,
  remove,
  update,
  type Change,
  type Database,
  type Select,
} from '../storage/index.ts';

const identifier = /^[a-z][a-z0-9_]*$/;

const signs = { below: '<', atMost: '<=', above: '>', atLeast: '>=' } as const;

export function storeOf(
  deps: { readonly db: Database; readonly idempotency: Idempotency },
  plugin: string,
  tables: ReadonlySet<string>,
): PluginStore {
  const assertOwn = (table: string) =>
    invariant(tables.has(table), `${plugin} has no table ${table} of its own`);

  function changesOf(changes: readonly StoreChange[]): Change[] {
    return changes.map((change) => {
      assertOwn(change.table);
      return change;
    });
  }

  async function refusing<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      if (error instanceof Conflict && !error.guard.startsWith('idempotency')) {
        throw new StoreConflict(error.guard);
      }
      throw error;
    }
  }

  return {
    find: async <T>(
      table: string,
      where: Where,
      { order = [], limit }: Parameters<PluginStore['find']>[2] = {},
    ) => {
      assertOwn(table);
      const select = deps.db.knex(table).select('*');
      narrow(select, where);
      for (const { by, descending } of order) {
        invariant(identifier.test(by), `${by} is no column`);
        void select.orderBy(by, descending ? 'desc' : 'asc');
      }
      if (limit !== undefined) void select.limit(limit);
      return deps.db.rows<T>(select);
    },
    commit: (changes) => refusing(deps.db.commit(changesOf(changes))),
    commitWithAnswer: (slot, answer, changes) =>
      refusing(commitWithAnswer(deps, slot, answer, changesOf(changes))),
  };
}

function narrow(select: Select, where: Where): void {
  for (const [column, wanted] of Object.entries(where)) {
    invariant(identifier.test(column), `${column} is no column`);
    if (wanted === null) void select.whereNull(column);
    else if (Array.isArray(wanted)) void select.whereIn(column, [...(wanted as string[])]);
    else if (typeof wanted !== 'object') void select.where(column, wanted);
    else {
      for (const [name, bound] of Object.entries(wanted as CellRange)) {
        void select.where(column, signs[name as keyof CellRange], bound as string);
      }
    }
  }
}

interface SecretRecord {
  readonly id: string;
  readonly sealed: string;
}

const secretGuard = 'plugin_secrets_text';

export function secretsOf(db: Database, keyring: Keyring, plugin: string): PluginSecrets {
  const recordOf = (id: string) => findOne<SecretRecord>(db, 'plugin_secrets', { id });
  return {
    async put(name, text) {
      const id = `${plugin}/${name}`;
      const sealed = keyring.seal('plugin-secret', id, text);
      const known = await recordOf(id);
      const change = known
        ? update('plugin_secrets', { sealed }, { id, sealed: known.sealed }, secretGuard)
        : insert('plugin_secrets', { id, plugin, name, sealed });
      try {
        await db.commit([change]);
      } catch (error) {
        if (error instanceof Conflict) throw new StoreConflict(error.guard);
        throw error;
      }
    },
    async get(name) {
      const id = `${plugin}/${name}`;
      const record = await recordOf(id);
      return record && keyring.open('plugin-secret', id, record.sealed);
    },
    remove: (name) => db.commit([remove('plugin_secrets', { id: `${plugin}/${name}` })]),
  };
}
