/**
 * What a verdict writes: one change set with its guards, and what it does to a decision's subject.
 */
import { expect } from 'chai';
import type { EventRecord } from '../events/event.ts';
import type { Change, Insert, Update } from '../storage/change-set.ts';
import type { OperationRecord } from './record.ts';
import { settle } from './settle.ts';
import { callingOperation, freshPayment, moment, verdictOf } from './spec-world.ts';

const payment = freshPayment({ status: 'processing', version: 7, event_count: 3, revision: 2 });

function held(state: OperationRecord['state']): OperationRecord {
  const operation = callingOperation(payment, 'authorize', 10_000, { capture: 'automatic' });
  return { ...operation, state, version: 4, ref: '{"charge":"ch_1"}' };
}

function updates(changes: readonly Change[], table: string): Update[] {
  return changes.filter((change) => change.kind === 'update' && change.table === table) as Update[];
}

function inserts(changes: readonly Change[], table: string): Insert['row'][] {
  return changes
    .filter((change): change is Insert => change.kind === 'insert' && change.table === table)
    .map(({ row }) => row);
}

describe('settling', () => {
  it('swaps payment and operation on the versions that the decision was made from', () => {
    const operation = held('calling');
    const { changes } = settle(payment, operation, verdictOf('succeeded'), undefined, moment);
    const [ofPayment] = updates(changes, 'payments');
    const [ofOperation] = updates(changes, 'operations');
    expect(ofPayment?.where).to.deep.equal({ merchant_id: 'mer_1', id: 'pay_1', version: 7 });
    expect(ofPayment?.guard).to.equal('payment_version');
    expect(ofPayment?.set).to.include({ version: 8, status: 'captured' });
    expect(ofOperation?.where).to.deep.equal({ id: operation.id, version: 4 });
    expect(ofOperation?.guard).to.equal('operation_version');
  });

  it('writes only the columns that changed', () => {
    const { changes } = settle(payment, held('calling'), verdictOf('declined'), undefined, moment);
    const [change] = updates(changes, 'payments');
    expect(Object.keys(change?.set ?? {})).not.to.include.members(['amount', 'currency', 'id']);
  });

  it('writes entries and events beside the outcome, numbered on', () => {
    const { changes } = settle(payment, held('calling'), verdictOf('succeeded'), undefined, moment);
    expect(inserts(changes, 'ledger_entries').map(({ line }) => line)).to.deep.equal([0, 1]);
    const [event] = inserts(changes, 'events') as unknown as EventRecord[];
    expect(event).to.include({
      type: 'payment.captured',
      payment_id: 'pay_1',
      sequence: 4,
      revision: 2,
      created_at: moment.iso,
    });
  });

  it('tells of a refund with the refund in the event', () => {
    const captured = freshPayment({
      status: 'captured',
      amount_authorized: 10_000,
      amount_captured: 10_000,
      amount_refund_pending: 500,
    });
    const refund = callingOperation(captured, 'refund', 500, { reason: 'broken' });
    const { changes } = settle(captured, refund, verdictOf('succeeded'), held('succeeded'), moment);
    const told = inserts(changes, 'events') as unknown as EventRecord[];
    expect(told.map(({ type }) => type)).to.have.members([
      'refund.succeeded',
      'payment.partially_refunded',
    ]);
    const data = told.find(({ type }) => type === 'refund.succeeded')?.data;
    expect(JSON.parse(data ?? '')).to.include({ id: refund.id, reason: 'broken', amount: 500 });
  });
});

describe('settling a decision settles what it was about', () => {
  it('an approval takes the held authorization for good, with its money', () => {
    const subject = held('pending');
    const approve = callingOperation(payment, 'approve', 10_000, { subject: subject.id });
    const settled = settle(payment, approve, verdictOf('succeeded'), subject, moment);
    expect(settled.payment).to.include({ status: 'captured', amount_captured: 10_000 });
    const after = updates(settled.changes, 'operations');
    expect(after.map(({ where }) => where['id'])).to.deep.equal([approve.id, subject.id]);
    expect(after.map(({ set }) => set['state'])).to.deep.equal(['succeeded', 'succeeded']);
    expect(inserts(settled.changes, 'ledger_entries')).to.have.length(2);
  });

  it('a rejection withdraws it and cancels the payment', () => {
    const subject = held('pending');
    const reject = callingOperation(payment, 'reject', 10_000, { subject: subject.id });
    const settled = settle(payment, reject, verdictOf('succeeded'), subject, moment);
    expect(settled.payment).to.include({
      status: 'cancelled',
      cancellation_reason: 'review_rejected',
      amount_authorized: 0,
    });
    const withdrawn = updates(settled.changes, 'operations').at(0);
    expect(withdrawn?.where).to.deep.equal({ id: subject.id, version: 4 });
    expect(withdrawn?.set).to.include({ state: 'declined', version: 5 });
    expect(inserts(settled.changes, 'ledger_entries')).to.deep.equal([]);
  });

  it('a void that cancels withdraws the challenge nobody will finish', () => {
    const subject = held('pending');
    const asked = { ends: 'cancelled', subject: subject.id } as const;
    const cancel = callingOperation(payment, 'void', 10_000, asked);
    const settled = settle(payment, cancel, verdictOf('succeeded'), subject, moment);
    expect(settled.payment).to.include({ status: 'cancelled', amount_voided: 0 });
    expect(updates(settled.changes, 'operations').map(({ set }) => set['state'])).to.include(
      'declined',
    );
  });

  it('a decision that the processor refuses leaves it as it was', () => {
    const subject = held('pending');
    for (const kind of ['approve', 'reject', 'void'] as const) {
      const decision = callingOperation(payment, kind, 10_000, { subject: subject.id });
      const settled = settle(payment, decision, verdictOf('declined'), subject, moment);
      expect(updates(settled.changes, 'operations')).to.have.length(1);
      expect(settled.payment.status).to.equal(kind === 'void' ? 'requires_action' : 'in_review');
    }
  });

  it('a capture leaves the authorization alone that it draws on', () => {
    const holding = freshPayment({
      status: 'authorized',
      amount_authorized: 10_000,
      amount_hold_pending: 10_000,
    });
    const capture = callingOperation(holding, 'capture', 10_000, { final: true });
    const settled = settle(holding, capture, verdictOf('succeeded'), held('succeeded'), moment);
    expect(updates(settled.changes, 'operations')).to.have.length(1);
  });
});
