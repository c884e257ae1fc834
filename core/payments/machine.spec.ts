/** The tables of payments and operations: what may follow what, and that nothing else may. */
import { expect } from 'chai';
import {
  assertMove,
  assertOperationMove,
  isUnresolved,
  operationMachine,
  operationStates,
  paymentMachine,
  paymentStatuses,
  type OperationState,
  type PaymentStatus,
} from './machine.ts';

function reachable(from: PaymentStatus): Set<PaymentStatus> {
  const reached = new Set([from]);
  for (const status of reached) {
    for (const event of paymentMachine.allowed(status)) {
      const next = paymentMachine.next(status, event);
      if (next) reached.add(next);
    }
  }
  return reached;
}

describe('the payment’s table', () => {
  it('has every status, and a way into each', () => {
    expect([...paymentMachine.states].toSorted()).to.deep.equal([...paymentStatuses].toSorted());
    expect([...reachable('created')].toSorted()).to.deep.equal([...paymentStatuses].toSorted());
  });

  it('ends where a hold was let go for good; even a refund can come back', () => {
    const ends = paymentStatuses.filter((status) => paymentMachine.terminal(status));
    expect(ends).to.deep.equal(['voided']);
    expect(paymentMachine.allowed('refunded')).to.deep.equal(['come_back', 'come_back_part']);
  });

  it('lets money that moved late win over an end without money', () => {
    for (const from of ['failed', 'cancelled', 'expired'] as const) {
      expect(() => assertMove(from, 'captured')).not.to.throw();
      expect(() => assertMove(from, 'authorized')).not.to.throw();
    }
  });

  it('counts staying in place as no move', () => {
    for (const status of paymentStatuses) expect(() => assertMove(status, status)).not.to.throw();
  });

  const forbidden: readonly [PaymentStatus, PaymentStatus][] = [
    ['captured', 'authorized'],
    ['captured', 'voided'],
    ['captured', 'processing'],
    ['captured', 'failed'],
    ['refunded', 'authorized'],
    ['refunded', 'processing'],
    ['partially_refunded', 'authorized'],
    ['voided', 'captured'],
    ['voided', 'authorized'],
    ['cancelled', 'processing'],
    ['expired', 'processing'],
    ['created', 'captured'],
    ['authorized', 'failed'],
    ['processing', 'created'],
  ];
  for (const [from, to] of forbidden) {
    it(`refuses ${from} → ${to}`, () => {
      expect(() => assertMove(from, to)).to.throw(`does not go from ${from} to ${to}`);
    });
  }

  it('lets a held payment go everywhere that an unfinished one may go', () => {
    for (const to of ['requires_action', 'partially_refunded', 'refunded', 'failed'] as const) {
      expect(() => assertMove('in_review', to)).not.to.throw();
    }
  });
});

describe('the operation’s table', () => {
  it('has every state', () => {
    expect([...operationMachine.states].toSorted()).to.deep.equal([...operationStates].toSorted());
  });

  it('leaves a success for good unless it was a refund, and a refusal for a late success alone', () => {
    expect(operationMachine.allowed('succeeded')).to.deep.equal(['decline']);
    expect(operationMachine.allowed('declined')).to.deep.equal(['succeed', 'mismatch']);
    expect(operationMachine.allowed('failed')).to.deep.equal(['succeed', 'mismatch']);
  });

  const forbidden: readonly [OperationState, Parameters<typeof assertOperationMove>[1]][] = [
    ['succeeded', 'failed'],
    ['succeeded', 'unknown'],
    ['declined', 'failed'],
    ['declined', 'pending'],
    ['failed', 'unknown'],
    ['pending', 'unknown'],
    ['review', 'pending'],
  ];
  for (const [from, to] of forbidden) {
    it(`refuses ${from} → ${to}`, () => {
      expect(() => assertOperationMove(from, to)).to.throw(`from ${from} to ${to}`);
    });
  }

  it('takes hearing the same again for no move', () => {
    expect(() => assertOperationMove('succeeded', 'succeeded')).not.to.throw();
    expect(() => assertOperationMove('pending', 'pending')).not.to.throw();
  });

  it('names the states that only the processor can end', () => {
    const open = operationStates.filter((state) => isUnresolved(state));
    expect(open).to.deep.equal(['calling', 'pending', 'unknown', 'review']);
  });
});
