/** Every event can be shown as the payment stood when it happened, whatever came after. */
import { expect } from 'chai';
import type { EventRecord } from '../events/event.ts';
import type { PaymentRecord } from './record.ts';
import { paymentEvents } from './settle.ts';
import { descriptiveOf, paymentAt, snapshotOf } from './snapshot.ts';
import { freshPayment, nowMs } from './spec-world.ts';

function eventOf(payment: PaymentRecord): EventRecord {
  const [change] = paymentEvents(payment, undefined, ['payment.updated'], nowMs);
  if (change?.kind !== 'insert') throw new Error('an event is an insert');
  return change.row as unknown as EventRecord;
}

describe('what an event keeps of its payment', () => {
  it('leaves out what stands at its resting value', () => {
    const tried = freshPayment({ attempts: 1 });
    expect(snapshotOf(tried)).to.deep.equal({ status: 'created' });
  });

  it('keeps what moves', () => {
    const moved = { amount_captured: 5, account_id: 'acct_1', attempts: 2 };
    expect(snapshotOf(freshPayment({ status: 'captured', ...moved }))).to.deep.equal({
      status: 'captured',
      attempts: 2,
      amount_captured: 5,
      account_id: 'acct_1',
    });
  });

  it('shows the payment as it was, after its money moved on', () => {
    const early = freshPayment({
      status: 'authorized',
      amount_authorized: 10_000,
      authorized_at: '2026-11-21T10:00:00.000Z',
      verification: '{"cvc_check":"M"}',
    });
    const late = {
      ...early,
      status: 'partially_refunded' as const,
      version: 9,
      amount_captured: 10_000,
      amount_refunded: 300,
      captured_at: '2026-11-21T11:00:00.000Z',
      last_error: '{"code":"declined"}',
      expires_at: '2026-11-28T10:00:00.000Z',
    };
    const shown = paymentAt(late, eventOf(early), undefined);
    expect({ ...shown, version: early.version }).to.deep.equal(early);
  });

  it('shows the words it had then, across revisions', () => {
    const first = freshPayment({ amount: 10_000, details: '{"description":"one"}' });
    const second = { ...first, revision: 2, amount: 12_000, details: '{"description":"two"}' };
    const third = { ...second, revision: 3, method: '{"type":"card"}', reference: 'order-1' };
    const setAside = new Map([
      [1, JSON.stringify(descriptiveOf(first))],
      [2, JSON.stringify(descriptiveOf(second))],
    ]);
    for (const then of [first, second, third]) {
      const event = eventOf(then);
      const shown = paymentAt(third, event, setAside.get(event.revision ?? 0));
      expect(descriptiveOf(shown)).to.deep.equal(descriptiveOf(then));
    }
  });

  it('hides the verification that came with a later authorization', () => {
    const early = freshPayment();
    const late = { ...early, verification: '{"auth_code":"1"}', authorized_at: '2026-11-21' };
    expect(paymentAt(late, eventOf(early), undefined).verification).to.equal(null);
  });
});
