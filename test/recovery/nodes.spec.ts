/**
 * Several switches, one set of books: who asks about what, who takes over from the dead, and what
 * becomes of the late word of one that was frozen. The row's version is claim and fence at once, so
 * the fences hold on SQLite too, where there is one node.
 */
import { expect } from 'chai';
import { setTimeout as delay } from 'node:timers/promises';
import { isoTime, minute, second } from '../../core/base/clock.ts';
import { newId } from '../../core/base/id.ts';
import type { OperationRecord } from '../../core/payments/record.ts';
import { recoverDue } from '../../core/payments/recovery.ts';
import { operationChange } from '../../core/payments/settle.ts';
import { paymentById } from '../../core/payments/store.ts';
import { start, type Running } from '../../core/wiring/start.ts';
import { chargeBody, configFor, type TestSwitch } from '../support/app.ts';
import { simulatorFault } from '../support/books.ts';
import { describeOnEachDatabase, type DatabasePlace } from '../support/databases.ts';
import {
  endHonestly,
  eventsOf,
  faultOnce,
  lastOf,
  paymentOf,
  post,
  recover,
  startStill,
} from './world.ts';

const count = 200;

describeOnEachDatabase('nodes that share the work', (database) => {
  let place: DatabasePlace;
  let app: TestSwitch;
  let other: Running | undefined;

  before(async () => {
    place = await database.open();
    app = await startStill(place);
    if (place.url === undefined) return;
    const silent = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };
    other = await start(configFor(place), {
      jobs: false,
      clock: app.clock,
      simulatorUrl: app.simulatorUrl,
      log: silent,
    });
  });
  afterEach(() => simulatorFault(app));
  after(async () => {
    await other?.stop();
    await endHonestly(app);
  });

  async function lookups(): Promise<number> {
    const response = await fetch(`${app.simulatorUrl}/control/faults`);
    const { rules } = (await response.json()) as { rules: { kind: string; fired: number }[] };
    return rules.find(({ kind }) => kind === 'lookup')?.fired ?? 0;
  }

  /** Charges that went through without a word to us. */
  async function lostCharges(many: number): Promise<string[]> {
    await simulatorFault(app, { fault: 'error_after', kind: 'authorize' });
    const ids: string[] = [];
    while (ids.length < many) {
      const batch = Array.from({ length: Math.min(20, many - ids.length) }, () =>
        post(app, '/v1/payments', chargeBody({ capture_method: 'manual' }), 202),
      );
      ids.push(...(await Promise.all(batch)).map(({ id }) => id as string));
    }
    await simulatorFault(app);
    return ids;
  }

  /** All nodes ring at the same moment. */
  async function ringAll(waitMs: number): Promise<void> {
    app.clock.advance(waitMs);
    const desks = [app.running.desk, ...(other ? [other.desk] : [])];
    await Promise.all([...desks, ...desks].map((desk) => recoverDue(desk)));
  }

  it(`${count} unresolved: each asked about once a due time, none settled twice`, async () => {
    const ids = await lostCharges(count);
    await simulatorFault(app, { fault: 'error_before', kind: 'lookup' });
    await ringAll(5 * second);
    expect(await lookups(), 'the first due time').to.equal(count);
    await ringAll(30 * second);
    expect(await lookups(), 'the second').to.equal(2 * count);
    await simulatorFault(app);
    await simulatorFault(app, { fault: 'latency', latency_ms: 1, kind: 'lookup' });
    await ringAll(2 * minute);
    expect(await lookups(), 'the third').to.equal(count);
    await ringAll(minute);
    expect(await lookups(), 'afterwards nobody asks').to.equal(count);
    const { db } = app.running;
    const rows = await db.rows<{ payment_id: string; n: string | number }>(
      db
        .knex('events')
        .where({ type: 'payment.authorized' })
        .select('payment_id')
        .count('* as n')
        .groupBy('payment_id'),
    );
    expect(rows.map(({ payment_id: id }) => id)).to.have.members(ids);
    expect(rows.filter(({ n }) => Number(n) !== 1)).to.deep.equal([]);
  });

  /** A node claims an operation and is never heard of again. */
  async function claimByTheDead(operation: OperationRecord): Promise<OperationRecord> {
    const claimed = {
      ...operation,
      checks: operation.checks + 1,
      next_check_at: isoTime(app.clock.now() + minute),
      version: operation.version + 1,
    };
    await app.running.db.commit([operationChange(operation, claimed)]);
    return claimed;
  }

  it('the claim of a node that died is taken over after a minute, not before', async () => {
    const [id = ''] = await lostCharges(1);
    app.clock.advance(5 * second);
    await claimByTheDead(await lastOf(app, id, 'authorize'));
    await ringAll(minute - 1);
    expect(await paymentOf(app, id)).to.include({ status: 'processing' });
    await ringAll(1);
    expect(await paymentOf(app, id)).to.include({ status: 'authorized' });
  });

  it('a call whose node died in the middle of it is asked about by another', async () => {
    await faultOnce(app, 'timeout_after', 'authorize');
    // Where nobody else found out meanwhile, the caller hears that nobody knows.
    const answering = post(app, '/v1/payments', chargeBody(), other ? 201 : 202);
    const { db } = app.running;
    const calling = () =>
      db.rows<OperationRecord>(db.knex('operations').where({ state: 'calling' }).select('*'));
    let [operation] = await calling();
    for (; !operation; [operation] = await calling()) await delay(5);
    expect(operation.next_check_at, 'nobody asks while somebody calls').to.equal(
      isoTime(app.clock.now() + 150 * second),
    );
    if (other) {
      const asked = await recoverDue(other.desk);
      expect(asked.payments.map(({ id }) => id)).not.to.include(operation.payment_id);
      app.clock.advance(150 * second);
      await recoverDue(other.desk);
      expect(await paymentOf(app, operation.payment_id)).to.include({ status: 'captured' });
    }
    const { id } = await answering;
    if (!other) await recover(app, 5 * second);
    const payment = await paymentOf(app, id);
    expect(payment, 'the late word of the first').to.include({ status: 'captured' });
    expect((await eventsOf(app, id)).filter((type) => type === 'payment.captured')).to.have.length(
      1,
    );
  });

  for (const late of ['unknown', 'failed'] as const) {
    it(`a frozen node that comes back with "${late}" changes nothing`, async () => {
      const [id = ''] = await lostCharges(1);
      const { desk, db } = app.running;
      const stale = await lastOf(app, id, 'authorize');
      const payment = await paymentById(db, stale.merchant_id, id);
      await ringAll(5 * second);
      const settled = await lastOf(app, id, 'authorize');
      expect(settled).to.include({ state: 'succeeded' });
      const events = await eventsOf(app, id);
      const told = await desk.engine.settle(
        payment,
        stale,
        { state: late, ref: null, result: { fault: 'timed_out' } },
        undefined,
      );
      expect(told.operation, 'it hears how things stand').to.deep.equal(settled);
      expect(await lastOf(app, id, 'authorize')).to.deep.equal(settled);
      expect(await eventsOf(app, id)).to.deep.equal(events);
    });
  }

  it('nor does it undo a claim: "not carried out" waits for who asks now', async () => {
    const [id = ''] = await lostCharges(1);
    const stale = await lastOf(app, id, 'authorize');
    const { desk, db } = app.running;
    const payment = await paymentById(db, stale.merchant_id, id);
    const claimed = await claimByTheDead(stale);
    const verdict = { state: 'failed', ref: null, result: { absent: true } } as const;
    await desk.engine.settle(payment, stale, verdict, undefined);
    expect(await lastOf(app, id, 'authorize')).to.deep.equal(claimed);
    // What the processor itself said is true whoever heard it, and is taken.
    const ref = JSON.stringify({ charge: newId('operation', app.clock.now()) });
    await desk.engine.settle(payment, stale, { state: 'succeeded', ref, result: {} }, undefined);
    expect(await paymentOf(app, id)).to.include({ status: 'authorized' });
    await ringAll(minute);
    expect((await eventsOf(app, id)).filter((type) => type.endsWith('authorized'))).to.have.length(
      1,
    );
  });
});
