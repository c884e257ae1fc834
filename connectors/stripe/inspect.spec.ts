/** What Stripe has about a payment, in total. */
import { expect } from 'chai';
import { stripe } from './index.ts';
import {
  charge,
  faultOf,
  held,
  list,
  nowMs,
  paid,
  pathOf,
  refundObject,
  scripted,
  usd,
  waiting,
} from './spec-context.ts';

const { inspect } = stripe.operations;
if (!inspect) throw new Error('the connector inspects');

const query = { operationId: 'op_0', of: { intent: 'pi_1' }, amount: usd(10_000) };
const withdrawal = { id: 'txn_2', amount: -10_000, currency: 'usd', fee: 1500, net: -11_500 };
const disputeObject = {
  object: 'dispute',
  id: 'dp_1',
  amount: 10_000,
  currency: 'usd',
  status: 'needs_response',
  reason: 'fraudulent',
  created: nowMs / 1000,
  evidence_details: { due_by: nowMs / 1000 + 86_400 },
  balance_transactions: [withdrawal] as object[],
};

const look = (intent: object, refunds: object[] = [], disputes: object[] = []) => {
  const { context, requests } = scripted([intent, list(refunds), list(disputes)]);
  return { found: inspect(context, query), requests };
};

describe('stripe: inspection', () => {
  it('adds up what was held, taken, given back and disputed', async () => {
    const theirs = { ...refundObject, id: 're_2', metadata: {}, reason: 'fraudulent' };
    const { found, requests } = look(paid, [theirs, refundObject], [disputeObject]);
    expect(await found).to.deep.equal({
      authorized: usd(10_000),
      captured: usd(10_000),
      released: 'captured',
      refunds: [
        {
          ref: { intent: 'pi_1', refund: 're_2' },
          operationId: undefined,
          amount: usd(400),
          status: 'succeeded',
          reason: 'fraudulent',
        },
        {
          ref: { intent: 'pi_1', refund: 're_1' },
          operationId: 'op_1',
          amount: usd(400),
          status: 'succeeded',
        },
      ],
      disputes: [
        {
          reference: 'dp_1',
          stage: 'dispute',
          status: 'needs_response',
          reason: 'fraudulent',
          processorReason: 'fraudulent',
          amount: usd(10_000),
          withdrawn: usd(10_000),
          evidenceDueAt: '2026-11-22T04:26:40.000Z',
          openedAt: '2026-11-21T04:26:40.000Z',
        },
      ],
    });
    expect(requests.map(pathOf)).to.deep.equal([
      '/v1/payment_intents/pi_1?expand[0]=latest_charge',
      '/v1/refunds?payment_intent=pi_1&limit=100',
      '/v1/disputes?payment_intent=pi_1&limit=100',
    ]);
  });

  const cancelled = { ...held, status: 'canceled', amount_capturable: 0 };
  const cases: [string, object, number, number, unknown][] = [
    ['waits for the customer', waiting, 0, 0, false],
    ['is held', held, 10_000, 0, false],
    [
      'is captured in part',
      { ...paid, capture_method: 'manual', amount_received: 4000 },
      10_000,
      4000,
      'captured',
    ],
    [
      'was voided',
      { ...cancelled, cancellation_reason: 'requested_by_customer' },
      10_000,
      0,
      'voided',
    ],
    ['ran out', { ...cancelled, cancellation_reason: 'automatic' }, 10_000, 0, 'expired'],
    ['was called off unpaid', { ...cancelled, latest_charge: null }, 0, 0, 'voided'],
    [
      'was declined, then called off',
      { ...cancelled, latest_charge: { ...charge, paid: false } },
      0,
      0,
      'voided',
    ],
  ];
  for (const [title, intent, authorized, captured, released] of cases) {
    it(`of a payment that ${title}`, async () => {
      expect(await look(intent).found).to.deep.include({
        authorized: usd(authorized),
        captured: usd(captured),
        released,
      });
    });
  }

  it('does not take what was let go for a refund', async () => {
    const release = { ...refundObject, amount: 10_000, metadata: {}, balance_transaction: null };
    expect(await look(cancelled, [release]).found).to.deep.include({ refunds: [] });
    const moved = { ...release, amount: 1, balance_transaction: 'txn_9' };
    expect(await look(cancelled, [moved]).found).to.deep.include({ refunds: [] });
    const part = { ...paid, capture_method: 'manual', amount_received: 4000 };
    expect(await look(part, [{ ...release, amount: 6000 }]).found).to.deep.include({ refunds: [] });
    const expired = { ...release, amount: 6001, reason: 'expired_uncaptured_charge' };
    expect(await look(part, [expired]).found).to.deep.include({ refunds: [] });
    const real = await look(part, [{ ...release, amount: 6000, balance_transaction: 'txn_9' }])
      .found;
    expect(real.refunds).to.have.length(1);
  });

  it('is a fault when a word in it is unknown', async () => {
    const odd = (changes: object) => look({ ...paid, ...changes });
    expect(await faultOf(odd({ status: 'moon' }).found)).to.equal('unintelligible');
    expect(await faultOf(look(paid, [{ ...refundObject, status: 'moon' }]).found)).to.equal(
      'unintelligible',
    );
    expect(await faultOf(look(paid, [], [{ ...disputeObject, status: 'moon' }]).found)).to.equal(
      'unintelligible',
    );
  });
});

describe('stripe: disputes', () => {
  const { disputes } = stripe;
  if (!disputes?.respond || !disputes.accept) throw new Error('the connector answers disputes');
  const find = (changes: object) =>
    disputes.find(scripted([{ ...disputeObject, ...changes }]).context, { reference: 'dp_1' });

  const cases: [string, string, string][] = [
    ['warning_needs_response', 'inquiry', 'needs_response'],
    ['warning_closed', 'inquiry', 'closed'],
    ['needs_response', 'dispute', 'needs_response'],
    ['under_review', 'dispute', 'under_review'],
    ['appeal_under_review', 'dispute', 'under_review'],
    ['prevented', 'dispute', 'closed'],
    ['won', 'dispute', 'won'],
    ['lost', 'dispute', 'lost'],
  ];
  for (const [word, stage, status] of cases) {
    it(`${word} is ${status}`, async () => {
      expect(await find({ status: word })).to.include({ stage, status });
    });
  }

  it('call a reason nobody knows general, and keep the word', async () => {
    expect(await find({ reason: 'constructor' })).to.include({
      reason: 'general',
      processorReason: 'constructor',
    });
    expect(await find({ reason: 'subscription_canceled' })).to.include({
      reason: 'subscription_cancelled',
    });
  });

  it('tell what is held back now', async () => {
    const moves = (...balance_transactions: object[]) => find({ balance_transactions });
    const back = { ...withdrawal, amount: 10_000 };
    const elsewhere = { ...withdrawal, amount: -9200, currency: 'eur' };
    expect(await moves()).to.deep.include({ withdrawn: usd(0) });
    expect(await moves(withdrawal, back)).to.deep.include({ withdrawn: usd(0) });
    expect(await moves(elsewhere)).to.deep.include({ withdrawn: usd(10_000) });
    expect(await moves(elsewhere, { ...elsewhere, amount: 9200 })).to.deep.include({
      withdrawn: usd(0),
    });
  });
});
