/**
 * Money nobody asked for any more: an authorization that was taken for lost, turned up, and found
 * the payment paid by another. It is never booked as the payment's; the switch gives it back by
 * itself.
 */
import { advance } from './advance.ts';
import { now, type Desk } from './desk.ts';
import { accountOf } from './hold.ts';
import type { Verdict } from './judge.ts';
import { isUnresolved } from './machine.ts';
import { newOperation } from './operation.ts';
import {
  storedOr,
  type OperationDetails,
  type OperationRecord,
  type PaymentRecord,
} from './record.ts';
import { operationInsert } from './settle.ts';
import { operationById, operationsOf, paymentById } from './store.ts';

/** Whether a success is one too many: with it, more would be authorized than the payment is for. */
export function isSurplus(
  payment: PaymentRecord,
  operation: OperationRecord,
  { state }: Verdict,
): boolean {
  if (operation.kind !== 'authorize' || state !== 'succeeded') return false;
  const charging = payment.status === 'processing' && !isUnresolved(operation.state);
  return charging || payment.amount_authorized + operation.amount > payment.amount;
}

/** Writes down what turned up, then voids or refunds it at the processor. */
export async function returnSurplus(
  desk: Desk,
  payment: PaymentRecord,
  operation: OperationRecord,
  found: Verdict,
): Promise<void> {
  const verdict: Verdict = { state: 'review', ref: found.ref, result: { surplus: true } };
  if (operation.state !== 'review') {
    await desk.engine.settle(payment, operation, verdict, undefined);
  }
  const held = await operationById(desk.db, operation.id);
  if (held.state !== 'review' || (await isBeingReturned(desk, held))) return;
  const account = await accountOf(desk, held);
  const { capture } = storedOr<OperationDetails>(held.details, {});
  const by = capture === 'automatic' ? 'refund' : 'void';
  const moment = now(desk);
  const before = await paymentById(desk.db, payment.merchant_id, payment.id);
  const step = advance(before, {}, moment);
  const details = { subject: held.id, by, surplus: true } as const;
  const giving = {
    ...newOperation(step.payment, 'reject', held.account_id, held.amount, details, moment.ms),
    origin: 'switch' as const,
  };
  await desk.engine.perform({
    payment: step.payment,
    operation: giving,
    changes: [...step.changes, operationInsert(giving)],
    account,
    subject: held,
    slot: undefined,
    answer: () => ({ status: 200, body: null }),
  });
}

async function isBeingReturned(desk: Desk, held: OperationRecord): Promise<boolean> {
  const operations = await operationsOf(desk.db, held.payment_id);
  return operations.some(
    ({ kind, state, details }) =>
      kind === 'reject' &&
      (isUnresolved(state) || state === 'succeeded') &&
      storedOr<OperationDetails>(details, {}).subject === held.id,
  );
}
