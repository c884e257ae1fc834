/** GET status, asked about each kind of operation. */
import { expect } from 'chai';
import * as spec from './spec-context.ts';
import { sync } from './sync.ts';

const page = { token: 'd379aa71' };

const found = (
  answer: spec.Answer,
  changes: {
    method?: 'token' | 'hosted' | 'bank_transfer';
    capture?: 'automatic' | 'manual';
    ref?: typeof spec.held;
  } = {},
) =>
  sync(spec.stage([answer]).context, {
    operationId: spec.order,
    kind: 'authorize',
    amount: spec.idr(250_000),
    ref: undefined,
    of: undefined,
    method: 'token',
    capture: 'automatic',
    begunAtMs: 0,
    ...changes,
  });

describe('Midtrans: authorizations asked about', () => {
  const words: readonly [
    status: string,
    fraud: string | undefined,
    capture: 'automatic' | 'manual',
    outcome: object,
  ][] = [
    ['PENDING', 'accept', 'automatic', { status: 'pending', waitingFor: 'customer' }],
    ['authorize', 'accept', 'manual', { status: 'succeeded' }],
    ['authorize', 'challenge', 'manual', { status: 'pending', waitingFor: 'review' }],
    ['capture', 'challenge', 'automatic', { status: 'pending', waitingFor: 'review' }],
    ['capture', 'accept', 'manual', { status: 'succeeded' }],
    ['settlement', undefined, 'automatic', { status: 'succeeded' }],
    ['deny', 'accept', 'automatic', { status: 'declined', code: 'other', processorCode: 'deny' }],
    ['cancel', 'accept', 'automatic', { status: 'declined', code: 'withdrawn' }],
    ['expire', undefined, 'automatic', { status: 'declined', code: 'expired' }],
    [
      'failure',
      'accept',
      'automatic',
      { status: 'declined', code: 'processing_error', advice: 'never' },
    ],
    ['refund', 'accept', 'automatic', { status: 'succeeded' }],
    ['partial_refund', 'accept', 'automatic', { status: 'succeeded' }],
    ['chargeback', 'accept', 'automatic', { status: 'succeeded' }],
    ['partial_chargeback', 'accept', 'automatic', { status: 'succeeded' }],
  ];
  for (const [transaction_status, fraud_status, capture, outcome] of words) {
    it(`${transaction_status} (${fraud_status ?? 'no fraud_status'}, ${capture}): ${JSON.stringify(outcome)}`, async () => {
      // Whatever status_code says: 200 comes with payments that wait, 407 with those that expired.
      for (const status_code of ['200', '201', '202', '407']) {
        const answer = spec.transaction({ transaction_status, fraud_status, status_code });
        expect(await found(answer, { capture })).to.include(outcome);
      }
    });
  }

  it('an account number that was lost with its answer is told again', async () => {
    const answer = spec.transaction({
      transaction_status: 'pending',
      payment_type: 'bank_transfer',
      va_numbers: [{ bank: 'bni', va_number: '8578000000111111' }],
    });
    const nextAction = { type: 'transfer_to', bank: 'bni', number: '8578000000111111' };
    expect(await found(answer, { method: 'bank_transfer' })).to.deep.include({ nextAction });
    expect(await found(answer, { method: 'hosted' })).to.not.have.property('nextAction');
  });

  it('a denied try on a hosted page is told, and the page stays open', async () => {
    const ref = { order: spec.order, snap: page.token };
    const answer = spec.transaction({ transaction_status: 'deny', channel_response_code: '51' });
    expect(await found(answer, { method: 'hosted', ref })).to.deep.equal({
      status: 'pending',
      ref: { ...ref, transaction: spec.transactionId },
      waitingFor: 'customer',
      lastDecline: {
        code: 'insufficient_funds',
        advice: 'later',
        processorCode: '51',
        message: 'Success',
      },
    });
    const reversed = spec.transaction({
      transaction_status: 'deny',
      settlement_time: '2026-11-21 11:00:00',
    });
    expect(await found(reversed, { method: 'hosted', ref })).to.include({ status: 'declined' });
  });

  it('a page that nobody has used yet waits; without its token it was never opened', async () => {
    const ref = { order: spec.order, snap: page.token };
    const waits = { status: 'pending', ref, waitingFor: 'customer' };
    expect(await found(spec.missing, { method: 'hosted', ref })).to.deep.equal(waits);
    expect(await found(spec.missing, { method: 'hosted' })).to.equal('not_found');
    expect(await found(spec.missing)).to.equal('not_found');
  });
});

const command = spec.about();
const done = { status: 'succeeded', operationId: command.operationId, amount: spec.idr(250_000) };
const as = (transaction_status: string, changes: object = {}) =>
  spec.transaction({ transaction_status, ...changes });
const later = (kind: Parameters<typeof spec.later>[0], answer: spec.Answer) =>
  sync(spec.stage([answer]).context, spec.later(kind));

describe('Midtrans: later operations asked about', () => {
  const cases = [
    ['capture', 'capture', true],
    ['capture', 'settlement', true],
    ['capture', 'chargeback', true],
    ['capture', 'authorize', false],
    ['capture', 'cancel', false],
    ['void', 'cancel', true],
    ['void', 'expire', true],
    ['void', 'authorize', false],
    ['void', 'settlement', false],
    ['approve', 'capture', true],
    ['approve', 'deny', false],
    ['reject', 'deny', true],
    ['reject', 'capture', false],
  ] as const;
  for (const [kind, status, isThere] of cases) {
    it(`a ${kind} of what is now ${status}: ${isThere ? 'done' : 'not found'}`, async () => {
      const outcome = await later(kind, as(status));
      if (isThere) expect(outcome).to.deep.include(done);
      else expect(outcome).to.equal('not_found');
    });
  }

  it('what is still under review was neither approved nor rejected nor captured', async () => {
    for (const kind of ['approve', 'reject', 'capture'] as const) {
      expect(await later(kind, as('capture', { fraud_status: 'challenge' }))).to.equal('not_found');
    }
    expect(await later('void', spec.missing)).to.equal('not_found');
  });
});
