/**
 * Keyset pages, newest first. A cursor is the id of an object the caller has seen; ids are ordered
 * by time, so what is inserted while someone pages neither repeats nor skips a row.
 */
import { Problem } from '../sdk/problem.ts';
import { findOne, type Database, type Select } from './database.ts';

export interface PageQuery {
  readonly limit?: number;
  readonly starting_after?: string;
  readonly ending_before?: string;
}

export interface Page<T> {
  readonly rows: readonly T[];
  readonly hasMore: boolean;
}

/**
 * One page of `table` for one merchant. `narrow` adds the filters. Throws Problem `invalid_cursor`
 * when a cursor names nothing of this merchant's, `invalid_request` when both cursors are given.
 */
export async function page<T extends { id: string }>(
  db: Database,
  table: string,
  merchantId: string,
  query: PageQuery,
  narrow: (select: Select) => void = () => {},
): Promise<Page<T>> {
  const { limit = 10, starting_after: after, ending_before: before } = query;
  if (after !== undefined && before !== undefined) {
    throw new Problem('invalid_request', 'give starting_after or ending_before, not both', {
      param: 'ending_before',
    });
  }
  const cursor = after ?? before;
  if (cursor !== undefined) {
    const known = await findOne(db, table, { merchant_id: merchantId, id: cursor });
    if (!known) {
      throw new Problem('invalid_cursor', 'the cursor is not the id of an object of yours', {
        param: after === undefined ? 'ending_before' : 'starting_after',
      });
    }
  }
  const select = db
    .knex(table)
    .select('*')
    .where('merchant_id', merchantId)
    .orderBy('id', before === undefined ? 'desc' : 'asc')
    .limit(limit + 1);
  if (after !== undefined) void select.where('id', '<', after);
  if (before !== undefined) void select.where('id', '>', before);
  narrow(select);
  const rows = await db.rows<T>(select);
  const hasMore = rows.length > limit;
  const shown = hasMore ? rows.slice(0, limit) : rows;
  return { rows: before === undefined ? shown : shown.toReversed(), hasMore };
}

/** The list envelope of the native API. */
export function listOf<T>({ hasMore }: { readonly hasMore: boolean }, data: readonly T[]) {
  return { object: 'list' as const, data, has_more: hasMore };
}
