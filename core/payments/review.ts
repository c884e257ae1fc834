/**
 * Payments held for review. Two things hold one: the processor wants somebody's word before it goes
 * on, or its answer was about other money than was asked. The first is approved or rejected at the
 * processor; the second is asked about again, and taken only when the answer has become right.
 */
import { capabilityOf } from './capability.ts';
import { Problem } from '../sdk/problem.ts';
import type { Reply } from '../sdk/route.ts';
import type { Caller } from './create.ts';
import { answerTo, decideAgain, now, type Desk, paymentFor } from './desk.ts';
import { newOperation } from './operation.ts';
import { accountOf } from './hold.ts';
import { advance } from './advance.ts';
import {
  storedOr,
  type OperationDetails,
  type OperationRecord,
  type PaymentRecord,
} from './record.ts';
import { operationInsert } from './settle.ts';
import { operationsOf, paymentById } from './store.ts';
import { syncPayment } from './sync.ts';

export async function approvePayment(desk: Desk, caller: Caller, id: string): Promise<Reply> {
  return decideAgain(async () => {
    const before = await paymentFor(desk, caller.principal, id);
    const held = await heldOperation(desk, before);
    if (held.state !== 'review') {
      return decideReview(desk, caller, before, held, 'approve', undefined);
    }
    const reply = await syncPayment(desk, caller, id);
    const after = await paymentById(desk.db, before.merchant_id, id);
    if (after.status !== 'in_review') return reply;
    throw new Problem(
      'review_mismatch',
      'the processor still speaks of another amount, currency or reference: reject it, or settle it with the processor',
      {
        members: { found: storedOr<{ found?: never }>(held.result, {}).found ?? null },
      },
    );
  });
}

export async function rejectPayment(
  desk: Desk,
  caller: Caller,
  id: string,
  reason: string | undefined,
): Promise<Reply> {
  return decideAgain(async () => {
    const before = await paymentFor(desk, caller.principal, id);
    const held = await heldOperation(desk, before);
    return decideReview(desk, caller, before, held, 'reject', reason);
  });
}

async function heldOperation(desk: Desk, payment: PaymentRecord): Promise<OperationRecord> {
  if (payment.status !== 'in_review') {
    throw new Problem('payment_state', `a payment that is ${payment.status} is not under review`, {
      members: { payment_status: payment.status },
    });
  }
  const held = (await operationsOf(desk.db, payment.id)).findLast(
    ({ kind, state }) => state === 'review' || (state === 'pending' && kind === 'authorize'),
  );
  if (!held) throw new Problem('concurrent_change', 'the payment has just changed: read it again');
  return held;
}

async function decideReview(
  desk: Desk,
  caller: Caller,
  before: PaymentRecord,
  held: OperationRecord,
  kind: 'approve' | 'reject',
  reason: string | undefined,
): Promise<Reply> {
  const account = await accountOf(desk, held);
  const details = reviewDetails(held, kind, reason);
  capabilityOf(account, before, details.by ?? kind);
  const moment = now(desk);
  const { payment, changes } = advance(
    before,
    { status: 'processing', cancellation_reason: reason ?? before.cancellation_reason },
    moment,
  );
  const found = storedOr<{ found?: { amount: number } }>(held.result, {}).found;
  const amount = kind === 'reject' && found ? found.amount : held.amount;
  const operation = newOperation(payment, kind, account.record.id, amount, details, moment.ms);
  return desk.engine.perform({
    payment,
    operation,
    changes: [...changes, operationInsert(operation)],
    account,
    subject: held,
    slot: caller.slot,
    answer: (settled) => answerTo(desk, caller.principal, caller.requestId, 200, settled),
  });
}

/** A wrong answer is undone by what the processor did: a hold is voided, a charge is refunded. */
function reviewDetails(
  held: OperationRecord,
  kind: 'approve' | 'reject',
  reason: string | undefined,
): OperationDetails {
  const details = { subject: held.id, ...(reason === undefined ? {} : { reason }) };
  if (kind === 'approve' || held.state !== 'review') return details;
  if (held.kind !== 'authorize') {
    throw new Problem(
      'not_supported',
      `a ${held.kind} with a wrong answer cannot be rejected: settle it with the processor, then sync`,
    );
  }
  const { capture } = storedOr<OperationDetails>(held.details, {});
  return { ...details, by: capture === 'automatic' ? 'refund' : 'void' };
}
