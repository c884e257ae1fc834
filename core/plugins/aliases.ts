/** Other names for native objects, of one plugin. */
import { Problem } from '../sdk/problem.ts';
import type { Aliases } from '../sdk/host.ts';
import { Conflict, findOne, insert, update, type Database } from '../storage/index.ts';
import { aliasClashes } from './side-writes.ts';

interface AliasRecord {
  readonly plugin: string;
  readonly merchant_id: string;
  readonly kind: string;
  readonly value: string;
  readonly object_id: string;
}

const counterGuard = 'alias_numbers_last';
const counterClashes: ReadonlySet<string> = new Set([
  counterGuard,
  'alias_numbers_pkey',
  ...aliasClashes,
]);

/** Rounds lost to other nodes before it is taken for a defect. */
const triesMax = 50;

export function aliasesOf(db: Database, plugin: string): Aliases {
  async function find(merchant_id: string, kind: string, value: string) {
    const where = { plugin, merchant_id, kind, value };
    return (await findOne<AliasRecord>(db, 'aliases', where))?.object_id;
  }

  async function nameOf(merchant_id: string, kind: string, object_id: string) {
    const where = { plugin, merchant_id, kind, object_id };
    return (await findOne<AliasRecord>(db, 'aliases', where))?.value;
  }

  async function put(merchant_id: string, kind: string, value: string, object_id: string) {
    try {
      await db.commit([insert('aliases', { plugin, merchant_id, kind, value, object_id })]);
    } catch (error) {
      if (!(error instanceof Conflict) || !aliasClashes.has(error.guard)) throw error;
      if ((await find(merchant_id, kind, value)) === object_id) return;
      throw new Problem('reference_taken', `${value} is taken`, { param: kind });
    }
  }

  /** Takes the next number with the name in one commit; false when somebody else was faster. */
  async function take(merchant_id: string, kind: string, object_id: string): Promise<boolean> {
    const key = { plugin, merchant_id, kind };
    const row = await findOne<{ last: number }>(db, 'alias_numbers', key);
    const last = row?.last ?? 0;
    const value = String(last + 1);
    const counted = row
      ? update('alias_numbers', { last: last + 1 }, { ...key, last }, counterGuard)
      : insert('alias_numbers', { ...key, last: 1 });
    try {
      await db.commit([counted, insert('aliases', { ...key, value, object_id })]);
      return true;
    } catch (error) {
      if (!(error instanceof Conflict) || !counterClashes.has(error.guard)) throw error;
      return false;
    }
  }

  return {
    find,
    put,

    async of(merchant_id, kind, objectIds) {
      if (objectIds.length === 0) return new Map();
      const rows = await db.rows<AliasRecord>(
        db
          .knex('aliases')
          .select('*')
          .where({ plugin, merchant_id, kind })
          .whereIn('object_id', [...objectIds]),
      );
      return new Map(rows.map(({ object_id, value }) => [object_id, value]));
    },

    async number(merchant_id, kind, object_id) {
      for (let tries = 1; tries <= triesMax; tries += 1) {
        const known = await nameOf(merchant_id, kind, object_id);
        if (known !== undefined) return Number(known);
        await take(merchant_id, kind, object_id);
      }
      throw new Problem('concurrent_change', 'too many others take numbers now; try again', {
        headers: { 'retry-after': '1' },
      });
    },
  };
}
