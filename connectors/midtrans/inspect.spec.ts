/** The totals that news is booked from. */
import { expect } from 'chai';
import { check } from './check.ts';
import { inspect } from './inspect.ts';
import type { MidtransRef } from './settings.ts';
import * as spec from './spec-context.ts';

const whole = spec.idr(250_000);
const none = spec.idr(0);

const seen = (answer: spec.Answer, of: MidtransRef = spec.held) =>
  inspect(spec.stage([answer]).context, { operationId: spec.order, of, amount: whole });

const as = (transaction_status: string, changes: object = {}) =>
  spec.transaction({ transaction_status, ...changes });

describe('Midtrans: everything about one order', () => {
  const captured: MidtransRef = { ...spec.held, reached: 'captured' };
  const begun: MidtransRef = { order: spec.order };
  const rows: readonly [what: string, answer: object, of: MidtransRef, totals: object][] = [
    ['a try', as('pending'), begun, { authorized: none, captured: none, released: false }],
    [
      'a challenge',
      as('capture', { fraud_status: 'challenge' }),
      begun,
      { authorized: none, captured: none, released: false },
    ],
    ['a hold', as('authorize'), begun, { authorized: whole, captured: none, released: false }],
    [
      'a capture',
      as('capture'),
      begun,
      { authorized: whole, captured: whole, released: 'captured' },
    ],
    [
      'a part captured',
      as('capture', { gross_amount: '100000.00' }),
      spec.held,
      { authorized: whole, captured: spec.idr(100_000), released: 'captured' },
    ],
    [
      'a settlement',
      as('settlement'),
      begun,
      { authorized: whole, captured: whole, released: 'captured' },
    ],
    [
      'a hold given back',
      as('cancel'),
      spec.held,
      { authorized: whole, captured: none, released: 'voided' },
    ],
    [
      'a hold that ran out',
      as('expire'),
      spec.held,
      { authorized: whole, captured: none, released: 'expired' },
    ],
    [
      'a try called off',
      as('cancel'),
      begun,
      { authorized: none, captured: none, released: 'voided' },
    ],
    [
      'a try that ran out',
      as('expire'),
      begun,
      { authorized: none, captured: none, released: 'expired' },
    ],
    ['a denied card', as('deny'), begun, { authorized: none, captured: none, released: 'voided' }],
    [
      'an unused page',
      spec.missing,
      { order: spec.order, snap: 't' },
      { authorized: none, captured: none, released: false },
    ],
  ];
  for (const [what, answer, of, totals] of rows) {
    it(`${what}: ${JSON.stringify(totals)}`, async () => {
      expect(await seen(answer, of)).to.deep.equal({ ...totals, refunds: [], disputes: [] });
    });
  }

  it('refunds are told apart: the switch’s by its id, others by their own key', async () => {
    const refunds = [
      { refund_key: 'op_01jd7v3g0kz8m4x2q9w7c5b1n9', refund_amount: '5000.00', reason: 'broken' },
      { refund_key: 'dashboard-1', refund_amount: '7000.00', reason: '' },
      { refund_chargeback_id: 3, refund_amount: '1000.00' },
    ];
    const { refunds: told, captured: total } = await seen(as('partial_refund', { refunds }));
    expect(total).to.deep.equal(whole);
    expect(told).to.deep.equal([
      {
        ref: { order: spec.order, refund: refunds[0]?.refund_key },
        operationId: refunds[0]?.refund_key,
        amount: spec.idr(5_000),
        status: 'succeeded',
        reason: 'broken',
      },
      {
        ref: { order: spec.order, refund: 'dashboard-1' },
        operationId: undefined,
        amount: spec.idr(7_000),
        status: 'succeeded',
      },
      {
        ref: { order: spec.order, refund: '~3' },
        operationId: undefined,
        amount: spec.idr(1_000),
        status: 'succeeded',
      },
    ]);
  });

  it('a settlement that turns to deny takes all of it back', async () => {
    const transfer = as('deny', { payment_type: 'bank_transfer' });
    const settled = as('deny', { settlement_time: '2026-11-21 10:05:00' });
    for (const [answer, of] of [
      [transfer, begun],
      [settled, begun],
      [as('deny'), captured],
    ] as const) {
      expect(await seen(answer, of)).to.deep.equal({
        authorized: whole,
        captured: whole,
        released: 'captured',
        refunds: [
          {
            ref: { order: spec.order, refund: '~reversal' },
            operationId: undefined,
            amount: whole,
            status: 'succeeded',
            reason: 'reversed',
          },
        ],
        disputes: [],
      });
    }
  });

  it('a captured card that was cancelled has been given back whole', async () => {
    const { captured: total, refunds } = await seen(as('cancel'), captured);
    expect(total).to.deep.equal(whole);
    expect(refunds).to.have.length(1);
    expect(refunds[0]).to.deep.include({
      ref: { order: spec.order, refund: '~cancel' },
      amount: whole,
    });
  });

  it('a part that was captured and cancelled has been given back as well', async () => {
    const {
      authorized,
      captured: total,
      refunds,
    } = await seen(as('cancel', { gross_amount: '100000.00' }));
    expect({ authorized, total }).to.deep.equal({ authorized: whole, total: spec.idr(100_000) });
    expect(refunds[0]).to.deep.include({ amount: spec.idr(100_000), reason: 'cancelled' });
  });

  it('a chargeback is a dispute that is lost; how much a part is, nobody says', async () => {
    const { captured: total, disputes } = await seen(as('chargeback'));
    expect(total).to.deep.equal(whole);
    expect(disputes).to.deep.equal([
      {
        reference: spec.transactionId,
        stage: 'dispute',
        status: 'lost',
        reason: 'general',
        processorReason: 'chargeback',
        amount: whole,
        withdrawn: whole,
        openedAt: '2026-11-21T03:00:00.000Z',
      },
    ]);
    expect(await spec.faultOf(seen(as('partial_chargeback')))).to.equal('unintelligible');
  });

  it('another order, no order and a list that is missing are faults', async () => {
    const answers = [as('capture', { order_id: 'op_x' }), spec.missing, as('refund')];
    for (const answer of answers) {
      expect(await spec.faultOf(seen(answer))).to.equal('unintelligible');
    }
  });
});

describe('Midtrans: the account', () => {
  it('is asked about an order that cannot be: 404 proves the key', async () => {
    const facts = { reference: 'G1', country: 'ID', currency: 'IDR' };
    expect(await check(spec.stage([spec.missing], { merchant_id: 'G1' }).context)).to.deep.equal(
      facts,
    );
    const wrong = check(spec.stage([{ status: 401, text: '' }]).context);
    expect(await spec.faultOf(wrong)).to.equal('unauthorized');
  });
});
