/**
 * A decision about a payment (approve, reject, cancel) and what it is about are two operations, and
 * both can be asked about. While the decision is under way it alone tells the story: found by a
 * Postgres run of failpoints.spec.ts, where the payment ended where its decision could not follow.
 */
import { expect } from 'chai';
import { askOperation } from '../../core/payments/ask.ts';
import type { OperationRecord } from '../../core/payments/record.ts';
import { settle } from '../../core/payments/settle.ts';
import { card, chargeBody, type TestSwitch } from '../support/app.ts';
import { describeOnEachDatabase } from '../support/databases.ts';
import {
  eventsOf,
  expectHonestBooks,
  faultOnce,
  lastOf,
  paymentOf,
  post,
  recover,
  startStill,
  storedPayment,
} from '../recovery/world.ts';

const decisions = [
  { verb: 'approve', kind: 'approve', number: '4000000000009235', status: 'captured' },
  { verb: 'reject', kind: 'reject', number: '4000000000009235', status: 'cancelled' },
  { verb: 'cancel', kind: 'void', number: '4000000000003220', status: 'cancelled' },
] as const;

describeOnEachDatabase('a decision whose answer was lost', (database) => {
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

  for (const { verb, kind, number, status } of decisions) {
    it(`${verb}: what it is about is not concluded by itself meanwhile`, async () => {
      const body = chargeBody({ payment_method: card(number) });
      const made = await paymentFor(app, body);
      await faultOnce(app, 'reset_after', kind);
      await post(app, `/v1/payments/${made}/${verb}`, {}, 202);

      const subject = await lastOf(app, made, 'authorize');
      await askOperation(app.running.desk, await storedPayment(app, made), subject);
      expect(await paymentOf(app, made)).to.include({ status: 'processing' });
      expect(await lastOf(app, made, 'authorize')).to.include({ state: 'pending' });

      await recover(app, 5_000);
      expect(await paymentOf(app, made)).to.include({ status });
      expect(await lastOf(app, made, kind)).to.include({ state: 'succeeded' });
      const told = (await eventsOf(app, made)).filter((type) => type === `payment.${status}`);
      expect(told).to.have.length(1);
    });
  }

  it('an approval of what has been answered for already books nothing a second time', async () => {
    const made = await paymentFor(app, chargeBody({ payment_method: card('4000000000009235') }));
    await post(app, `/v1/payments/${made}/approve`, {}, 200);
    const payment = { ...(await storedPayment(app, made)), status: 'processing' as const };
    const subject = await lastOf(app, made, 'authorize');
    const approval: OperationRecord = { ...(await lastOf(app, made, 'approve')), state: 'unknown' };
    const ms = app.clock.now();
    const moment = { ms, iso: new Date(ms).toISOString() };
    const verdict = { state: 'succeeded', ref: approval.ref, result: {} } as const;
    const settled = settle(payment, approval, verdict, subject, moment);
    expect(settled.payment).to.include({ amount_authorized: 10_000, amount_captured: 10_000 });
    expect(settled.operation.state).to.equal('succeeded');
  });
});

/** The id of a new payment, whatever it waits for. */
async function paymentFor(app: TestSwitch, body: object): Promise<string> {
  const { body: made } = await app.call('/v1/payments', { body });
  return String(made['id']);
}
