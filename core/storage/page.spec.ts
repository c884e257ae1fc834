/** Keyset pages: newest first, nothing twice, nothing missing, nobody else's. */
import { expect } from 'chai';
import { newId } from '../base/id.ts';
import { Problem } from '../sdk/problem.ts';
import { describeOnEachDatabase } from '../../test/support/databases.ts';
import { leaveNothing, merchantRow, openStore } from '../../test/support/storage.ts';
import { insert, listOf, page, type Database, type PageQuery } from './index.ts';

const nowMs = Date.UTC(2026, 10, 21, 10);

describeOnEachDatabase('a page', (database) => {
  let db: Database;
  /** Oldest first. */
  const ids = Array.from({ length: 7 }, (_none, at) => newId('customer', nowMs + at));
  const foreign = newId('customer', nowMs);

  const customer = (id: string, merchant = 'mer_1') => {
    const times = { created_at: id, updated_at: id };
    return insert('customers', { id, merchant_id: merchant, name: id, ...times, version: 1 });
  };

  before(async () => {
    db = await openStore(await database.open());
    await db.commit(['mer_1', 'mer_2'].map((id) => insert('merchants', merchantRow(id))));
    await db.commit([...ids.map((id) => customer(id)), customer(foreign, 'mer_2')]);
  });
  after(leaveNothing);

  async function look(query: PageQuery): Promise<{ shown: number[]; hasMore: boolean }> {
    const { rows, hasMore } = await page<{ id: string }>(db, 'customers', 'mer_1', query);
    return { shown: rows.map(({ id }) => ids.indexOf(id)), hasMore };
  }

  async function refusal(query: PageQuery): Promise<string> {
    const failure: unknown = await look(query).catch((error: unknown) => error);
    return failure instanceof Problem ? `${failure.code} ${failure.options.param}` : 'shown';
  }

  it('shows the newest first, and whether there is more', async () => {
    expect(await look({ limit: 3 })).to.deep.equal({ shown: [6, 5, 4], hasMore: true });
    expect(await look({ limit: 7 })).to.deep.equal({
      shown: [6, 5, 4, 3, 2, 1, 0],
      hasMore: false,
    });
    expect((await look({})).shown).to.have.length(7);
  });

  it('goes on after what the caller has', async () => {
    const next = { limit: 3, starting_after: String(ids[4]) };
    expect(await look(next)).to.deep.equal({ shown: [3, 2, 1], hasMore: true });
    const last = { limit: 3, starting_after: String(ids[1]) };
    expect(await look(last)).to.deep.equal({ shown: [0], hasMore: false });
    expect((await look({ starting_after: String(ids[0]) })).shown).to.deep.equal([]);
  });

  it('goes back to what is newer: the nearest, still newest first', async () => {
    const back = { limit: 3, ending_before: String(ids[1]) };
    expect(await look(back)).to.deep.equal({ shown: [4, 3, 2], hasMore: true });
    const first = { limit: 3, ending_before: String(ids[4]) };
    expect(await look(first)).to.deep.equal({ shown: [6, 5], hasMore: false });
  });

  it('neither repeats nor skips a row, whatever the limit', async () => {
    for (const limit of [1, 2, 3, 6, 7, 8]) {
      const seen: number[] = [];
      for (let query: PageQuery = { limit }; ;) {
        const { shown, hasMore } = await look(query);
        seen.push(...shown);
        expect(seen.length, 'goes round in circles').to.be.at.most(ids.length);
        if (!hasMore) break;
        query = { limit, starting_after: String(ids[shown.at(-1) ?? 0]) };
      }
      expect(seen, `limit ${limit}`).to.deep.equal([6, 5, 4, 3, 2, 1, 0]);
    }
  });

  it('refuses a cursor that is another merchant’s exactly as one that is nobody’s', async () => {
    for (const cursor of [foreign, newId('customer', nowMs), '', "' or 1=1 --"]) {
      expect(await refusal({ starting_after: cursor })).to.equal('invalid_cursor starting_after');
      expect(await refusal({ ending_before: cursor })).to.equal('invalid_cursor ending_before');
    }
  });

  it('refuses two cursors at once', async () => {
    const both = { starting_after: String(ids[1]), ending_before: String(ids[2]) };
    expect(await refusal(both)).to.equal('invalid_request ending_before');
  });

  it('narrows before it counts', async () => {
    const narrowed = await page<{ id: string }>(
      db,
      'customers',
      'mer_1',
      { limit: 2 },
      (select) => {
        void select.whereIn('id', ids.slice(0, 3));
      },
    );
    expect(narrowed.rows.map(({ id }) => ids.indexOf(id))).to.deep.equal([2, 1]);
    expect(listOf(narrowed, narrowed.rows)).to.include({ object: 'list', has_more: true });
  });
});
