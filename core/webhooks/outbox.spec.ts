/** The outbox: a row beside every event that somebody listens for, and none beside the others. */
import { expect } from 'chai';
import { ManualClock, minute, second } from '../base/clock.ts';
import { Keyring } from '../base/keyring.ts';
import { eventChange, type EventRecord } from '../events/event.ts';
import { Conflict, insert, update, type Database, type Row } from '../storage/index.ts';
import { describeOnEachDatabase } from '../../test/support/databases.ts';
import { leaveNothing, merchantRow, openStore } from '../../test/support/storage.ts';
import type { WebhookDesk } from './desk.ts';
import { fanOut, nextFanOutAt } from './fan-out.ts';
import { Listeners } from './listeners.ts';
import { listening } from './outbox.ts';
import { Payloads } from './payloads.ts';
import { standardSigner } from './signer.ts';

const startMs = Date.UTC(2026, 10, 21, 10);

/** One node: its own knowledge of who listens, around a database that it may share. */
function nodeOn(plain: Database, clock: ManualClock) {
  const listeners = new Listeners(plain, clock);
  let rings = 0;
  const db = listening(plain, listeners, () => (rings += 1));
  return { db, listeners, rings: () => rings };
}

const customer = (merchantId: string, nowMs: number) =>
  eventChange('customer.created', { merchantId }, { id: 'cus_1' }, nowMs);

function endpointRow(merchantId: string, at: string) {
  return {
    id: `we_${merchantId}`,
    merchant_id: merchantId,
    profile_id: null,
    url: 'https://shop.example/',
    description: null,
    events: '["*"]',
    also_payment_urls: 0,
    signer: 'standard',
    secret: 'sealed',
    previous_secret: null,
    previous_until: null,
    status: 'enabled',
    disabled_reason: null,
    active_since: at,
    success: '2xx',
    timeout_ms: 10_000,
    schedule: '[0]',
    expire_after_s: 86_400,
    jitter_percent: 0,
    failing_since: null,
    created_at: at,
    updated_at: at,
    deleted_at: null,
    version: 1,
  };
}

describeOnEachDatabase('the outbox', (database) => {
  let plain: Database;
  let clock: ManualClock;

  beforeEach(async () => {
    plain = await openStore(await database.open());
    clock = new ManualClock(startMs);
    await plain.commit([insert('merchants', merchantRow('mer_a'))]);
    await plain.commit([insert('merchants', merchantRow('mer_b'))]);
  });
  afterEach(leaveNothing);

  const outbox = async () =>
    (await plain.find<{ merchant_id: string }>('event_outbox', {})).map((row) => row.merchant_id);

  async function listen(node: ReturnType<typeof nodeOn>, merchant: string): Promise<void> {
    const row = await node.listeners.row(merchant);
    await node.db.commit([
      insert('webhook_endpoints', endpointRow(merchant, new Date(clock.now()).toISOString())),
      node.listeners.startChange(row, merchant, 0),
    ]);
  }

  it('holds events of those who listen, and of nobody else', async () => {
    const node = nodeOn(plain, clock);
    await node.db.commit([customer('mer_a', clock.now())]);
    await listen(node, 'mer_a');
    await node.db.commit([customer('mer_a', clock.now()), customer('mer_b', clock.now())]);
    expect(await outbox()).to.deep.equal(['mer_a']);
    expect(node.rings()).to.equal(1);
  });

  it('believes nothing of a change set that was refused', async () => {
    const node = nodeOn(plain, clock);
    // Its details would make the merchant listen, if there were such a payment.
    const details = JSON.stringify({ webhook_url: 'https://shop.example/17' });
    const where = { merchant_id: 'mer_a', id: 'pay_none' };
    const impossible = update('payments', { details }, where, 'payment_version');
    await node.db.commit([customer('mer_a', clock.now()), impossible]).then(
      () => expect.fail('there is no such payment'),
      (error: unknown) => expect(error).to.be.instanceOf(Conflict),
    );
    expect(await outbox()).to.deep.equal([]);
    expect(await node.listeners.row('mer_a')).to.equal(undefined);
    await node.db.commit([customer('mer_a', clock.now())]);
    expect(await outbox()).to.deep.equal([]);
  });

  it('is written in the event’s own commit: a refused one leaves neither', async () => {
    const node = nodeOn(plain, clock);
    await listen(node, 'mer_a');
    const lost = update(
      'merchants',
      { name: 'x' },
      { id: 'mer_a', version: 9 },
      'merchant_version',
    );
    let refused: unknown;
    await node.db.commit([customer('mer_a', clock.now()), lost]).catch((error: unknown) => {
      refused = error;
    });
    expect(refused).to.be.instanceOf(Conflict);
    expect(await outbox()).to.deep.equal([]);
    expect(await plain.find('events', { merchant_id: 'mer_a' })).to.deep.equal([]);
  });

  it('misses nothing when an endpoint comes in the middle of many commits', async () => {
    const node = nodeOn(plain, clock);
    const commits: Promise<void>[] = [];
    for (let n = 0; n < 20; n += 1) commits.push(node.db.commit([customer('mer_a', clock.now())]));
    const listens = listen(node, 'mer_a');
    await listens;
    const after = [];
    for (let n = 0; n < 20; n += 1) after.push(node.db.commit([customer('mer_a', clock.now())]));
    await Promise.all([...commits, ...after]);
    expect((await outbox()).length).to.be.at.least(20);
  });

  it('is not left out because of what was read before somebody listened', async () => {
    let open = () => {};
    const gate = new Promise<void>((resolve) => (open = resolve));
    const slow: Database = {
      dialect: plain.dialect,
      knex: plain.knex,
      rows: (query) => plain.rows(query),
      find: async <T>(table: string, where: Row) => {
        const rows = await plain.find<T>(table, where);
        await gate;
        return rows;
      },
      commit: (changes) => plain.commit(changes),
      ping: () => plain.ping(),
      close: () => plain.close(),
    };
    const node = nodeOn(slow, clock);
    // It has read that nobody listens, and is told so only after somebody does.
    const early = node.db.commit([customer('mer_a', clock.now())]);
    await node.db.commit([
      insert('webhook_endpoints', endpointRow('mer_a', new Date(clock.now()).toISOString())),
      node.listeners.startChange(undefined, 'mer_a', 0),
    ]);
    open();
    await early;
    await node.db.commit([customer('mer_a', clock.now())]);
    expect(await outbox()).to.deep.equal(['mer_a', 'mer_a']);
  });

  it('is caught up with what another node left out because it did not know yet', async function () {
    if (plain.dialect === 'sqlite') {
      // One process, one map: there is nothing to catch up with.
      const node = nodeOn(plain, clock);
      await listen(node, 'mer_a');
      expect((await node.listeners.row('mer_a'))?.catch_up_at).to.equal(null);
      return;
    }
    const near = nodeOn(plain, clock);
    const far = nodeOn(plain, clock);
    // The far node has looked, and believes for two seconds that nobody listens.
    await far.db.commit([customer('mer_a', clock.now())]);
    clock.advance(minute);
    await listen(near, 'mer_a');
    clock.advance(second);
    await far.db.commit([customer('mer_a', clock.now())]);
    expect(await outbox()).to.deep.equal([]);
    const desk = deskOf(near.db, near.listeners);
    await fanOut(desk);
    const due = await nextFanOutAt(desk);
    expect(Date.parse(due ?? '')).to.be.greaterThan(clock.now());
    clock.advance(2 * minute);
    await fanOut(desk);
    const deliveries = await plain.find<{ event_id: string }>('webhook_deliveries', {});
    const events = await plain.find<EventRecord>('events', { merchant_id: 'mer_a' });
    const missed = events.toSorted((a, b) => (a.id < b.id ? -1 : 1)).at(-1);
    expect(deliveries.map(({ event_id: id }) => id)).to.deep.equal([missed?.id]);
    expect(await outbox()).to.deep.equal([]);
    await fanOut(desk);
    expect(await plain.find('webhook_deliveries', {})).to.have.length(1);
  });

  function deskOf(db: Database, listeners: Listeners): WebhookDesk {
    return {
      db,
      clock,
      wall: clock,
      listeners,
      keyring: new Keyring(Buffer.alloc(32, 1)),
      port: { post: () => Promise.reject(new Error('nothing is sent here')) },
      signers: new Map([[standardSigner.id, standardSigner]]),
      payloads: new Payloads(db),
      observer: { attempted: () => {}, disabled: () => {}, broke: () => {} },
      checkUrl: () => ({ ok: true }),
      wake: () => undefined,
    };
  }
});
