/** A plugin's own corner: its tables and no others, its sealed texts, its names for objects. */
import { expect } from 'chai';
import { describeOnEachDatabase, type DatabasePlace } from '../../test/support/databases.ts';
import { openStore, rawRows } from '../../test/support/storage.ts';
import { ManualClock } from '../base/clock.ts';
import { Keyring } from '../base/keyring.ts';
import { Idempotency } from '../idempotency/idempotency.ts';
import { insertRow, removeRows, StoreConflict, updateRow, type PluginStore } from '../sdk/host.ts';
import { Problem } from '../sdk/problem.ts';
import { NewerDatabase } from '../storage/migrate.ts';
import type { Database } from '../storage/index.ts';
import { aliasesOf } from './aliases.ts';
import { secretsOf, storeOf } from './store.ts';
import { tablesOf } from './tables.ts';

const create = {
  name: '0001_a',
  statements: () => ['create table t_a (id text primary key, n bigint)'],
};
const plugin = { id: 't', migrations: [create] };

async function refusal(work: () => Promise<unknown>): Promise<unknown> {
  try {
    await work();
  } catch (error) {
    return error;
  }
  return expect.fail('it was let through');
}

describeOnEachDatabase('a plugin’s store', (database) => {
  let place: DatabasePlace;
  let db: Database;
  let store: PluginStore;
  const keyring = new Keyring(Buffer.alloc(32, 7));
  const clock = new ManualClock(0);
  const tables = tablesOf(plugin);

  before(async () => {
    place = await database.open();
    db = await openStore(place, { plugins: [plugin] });
  });
  after(() => db?.close());

  it('is made once, forward, and never by older code', async () => {
    const more = { name: '0002_b', statements: () => ['alter table t_a add column more text'] };
    const newer = { id: 't', migrations: [create, more] };
    for (const plugins of [[plugin], [], [newer], [newer]]) {
      await db.close();
      db = await openStore(place, { plugins });
    }
    await db.close();
    const error = await refusal(() => openStore(place, { plugins: [plugin] }));
    expect(error).to.be.instanceOf(NewerDatabase);
    db = await openStore(place, { plugins: [newer] });
    store = storeOf({ db, idempotency: new Idempotency(db, keyring, clock) }, 't', tables);
  });

  it('finds by values, lists and ranges, in order', async () => {
    await store.commit(
      ['a', 'b', 'c', 'd'].map((id, n) => insertRow('t_a', { id, n, more: null })),
    );
    const ids = async (...args: Parameters<PluginStore['find']>) =>
      (await store.find<{ id: string }>(...args)).map(({ id }) => id).join('');
    const order = [{ by: 'n', descending: true }];
    expect(await ids('t_a', { more: null }, { order })).to.equal('dcba');
    expect(await ids('t_a', { n: { above: 0, atMost: 2 } }, { order, limit: 1 })).to.equal('c');
    expect(await ids('t_a', { n: { atLeast: 1, below: 3 } }, { order })).to.equal('cb');
    expect(await ids('t_a', { id: ['a', 'd', 'x'] }, { order })).to.equal('da');
  });

  it('lands a change set whole or not at all', async () => {
    const stale = updateRow('t_a', { n: 9 }, { id: 'a', n: 5 }, 'stale');
    const error = await refusal(() => store.commit([removeRows('t_a', { id: 'b' }), stale]));
    expect(error).to.be.instanceOf(StoreConflict).and.include({ guard: 'stale', status: 409 });
    const twice = await refusal(() => store.commit([insertRow('t_a', { id: 'b', n: 1 })]));
    expect(twice).to.include({ guard: 't_a_pkey' });
  });

  it('knows no table but its own, and no column that is none', async () => {
    for (const table of ['payments', 'api_keys', 't_b']) {
      expect(await refusal(() => store.find(table, {}))).to.match(/no table/);
      expect(await refusal(async () => store.commit([removeRows(table, {})]))).to.match(/no table/);
    }
    const odd = '1=1) or (1';
    expect(await refusal(() => store.find('t_a', { [odd]: 1 }))).to.match(/no column/);
    expect(await refusal(() => store.find('t_a', {}, { order: [{ by: odd }] }))).to.match(/column/);
  });

  it('keeps secrets sealed, and from other plugins', async () => {
    const mine = secretsOf(db, keyring, 't');
    await mine.put('smtp', 'hunter2');
    await mine.put('smtp', 'hunter3');
    expect(await mine.get('smtp')).to.equal('hunter3');
    expect(await secretsOf(db, keyring, 'u').get('smtp')).to.equal(undefined);
    const rows = await rawRows(db, 'select * from plugin_secrets');
    expect(JSON.stringify(rows)).not.to.contain('hunter');
    await mine.remove('smtp');
    expect(await mine.get('smtp')).to.equal(undefined);
  });

  it('has one name for one object, each way', async () => {
    const names = aliasesOf(db, 't');
    await names.put('mer_1', 'order', 'A', 'pay_1');
    await names.put('mer_1', 'order', 'A', 'pay_1');
    for (const [value, object] of [
      ['A', 'pay_2'],
      ['B', 'pay_1'],
    ] as const) {
      const error = await refusal(() => names.put('mer_1', 'order', value, object));
      expect(error).to.be.instanceOf(Problem).and.include({ code: 'reference_taken' });
    }
    await names.put('mer_2', 'order', 'A', 'pay_3');
    await aliasesOf(db, 'u').put('mer_1', 'order', 'A', 'pay_4');
    expect(await names.find('mer_1', 'order', 'A')).to.equal('pay_1');
    expect([...(await names.of('mer_1', 'order', ['pay_1', 'pay_2']))]).to.deep.equal([
      ['pay_1', 'A'],
    ]);
    const numbers = await Promise.all(
      ['pay_5', 'pay_6', 'pay_5', 'pay_7'].map((id) => names.number('mer_1', 'charge', id)),
    );
    expect(new Set(numbers)).to.deep.equal(new Set([1, 2, 3]));
    expect(numbers[0]).to.equal(numbers[2]);
  });
});
