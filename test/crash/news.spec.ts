/**
 * News of a payment at the wrong moment: while a call about it is under way, here or on a node that
 * has died, and about a charge that was never made.
 */
import { expect } from 'chai';
import { minute } from '../../core/base/clock.ts';
import { heedNews } from '../../core/payments/news.ts';
import type { OperationRecord } from '../../core/payments/record.ts';
import { isSurplus } from '../../core/payments/surplus.ts';
import { update } from '../../core/storage/index.ts';
import { chargeBody, type TestSwitch } from '../support/app.ts';
import { describeOnEachDatabase } from '../support/databases.ts';
import {
  expectHonestBooks,
  faultOnce,
  lastOf,
  paymentOf,
  post,
  startStill,
  storedPayment,
} from '../recovery/world.ts';

describeOnEachDatabase('news at the wrong moment', (database) => {
  let app: TestSwitch;
  const closing: (() => Promise<void>)[] = [];

  before(async () => {
    app = await startStill(await database.open());
    closing.push(
      () => expectHonestBooks(app),
      () => app.stop(),
    );
  });
  after(async () => {
    for (const close of closing) await close();
  });

  it('waits for the answer of a call, and for no longer than a call can last', async () => {
    const paid = await post(app, '/v1/payments', chargeBody(), 201);
    const id = String(paid['id']);
    await faultOnce(app, 'reset_after', 'refund');
    await post(app, '/v1/refunds', { payment: id, amount: 4_000 }, 202);
    const refund = await lastOf(app, id, 'refund');
    await asCalledElsewhere(refund);

    const authorization = await lastOf(app, id, 'authorize');
    const early = await heedNews(app.running.desk, authorization);
    expect(early.done).to.equal(false);
    expect(await lastOf(app, id, 'refund')).to.include({ state: 'calling' });
    expect(await paymentOf(app, id)).to.include({ amount_refunded: 0 });

    app.clock.advance(10 * minute);
    const late = await heedNews(app.running.desk, authorization);
    expect(late.done).to.equal(true);
    expect(await lastOf(app, id, 'refund')).to.include({ state: 'succeeded' });
    expect(await paymentOf(app, id)).to.include({ amount_refunded: 4_000 });
  });

  it('of a decline gives nothing back: there is nothing to give', async () => {
    const paid = await post(app, '/v1/payments', chargeBody(), 201);
    const payment = await storedPayment(app, String(paid['id']));
    const lost: OperationRecord = {
      ...(await lastOf(app, payment.id, 'authorize')),
      state: 'failed',
    };
    const verdict = { state: 'declined', ref: lost.ref, result: {} } as const;
    expect(isSurplus(payment, lost, verdict)).to.equal(false);
    expect(isSurplus(payment, lost, { ...verdict, state: 'succeeded' })).to.equal(true);
  });

  /** The row as another node leaves it in the middle of its call. */
  async function asCalledElsewhere({ id, version }: OperationRecord): Promise<void> {
    const set = { state: 'calling', version: version + 1 };
    await app.running.db.commit([update('operations', set, { id, version }, 'operation')]);
  }
});
