/** Sync on demand: everything about one payment that is not settled is asked about now. */
import { commitWithAnswer } from '../idempotency/answer.ts';
import type { Reply } from '../sdk/route.ts';
import { askOperation } from './ask.ts';
import type { Caller } from './create.ts';
import { decideAgain, paymentFor, shown, type Desk } from './desk.ts';
import { isUnresolved } from './machine.ts';
import {
  storedOr,
  type OperationRecord,
  type OperationResult,
  type PaymentRecord,
} from './record.ts';
import { operationById, operationsOf, paymentById } from './store.ts';

/** Asks about everything unresolved and answers the payment; 202 while it still is not known. */
export async function syncPayment(desk: Desk, caller: Caller, id: string): Promise<Reply> {
  const { principal, slot } = caller;
  const payment = await syncAll(desk, await paymentFor(desk, principal, id));
  const status = payment.status === 'processing' ? 202 : 200;
  return commitWithAnswer(desk, slot, { status, body: shown(desk, payment, principal) }, []);
}

/** Asks about every operation that may have moved money we do not know of, oldest first. */
export async function syncAll(
  desk: Desk,
  { merchant_id, id }: Pick<PaymentRecord, 'merchant_id' | 'id'>,
): Promise<PaymentRecord> {
  for (const { id: operationId } of await operationsOf(desk.db, id)) {
    await decideAgain(async () => {
      // Read afresh: settling one operation may have settled another. The payment first: an
      // operation that ends in between is seen ended, never the other way round.
      const payment = await paymentById(desk.db, merchant_id, id);
      const operation = await operationById(desk.db, operationId);
      if (!worthAsking(operation) || desk.engine.isLive(operation)) return;
      await askOperation(desk, payment, operation);
    });
  }
  return paymentById(desk.db, merchant_id, id);
}

/**
 * Before something new is done to a payment, what is unresolved about it is asked about: the answer
 * may be that the new thing is not needed, or not possible.
 */
export async function syncFirst(desk: Desk, payment: PaymentRecord): Promise<PaymentRecord> {
  const pending = payment.amount_hold_pending > 0 || payment.amount_refund_pending > 0;
  return pending || askedFirst.has(payment.status) ? syncAll(desk, payment) : payment;
}

/**
 * processing: nobody knows. requires_action: the customer may have finished a moment ago. failed: a
 * charge that was taken for absent may have turned up, and the next card would pay a second time.
 */
const askedFirst: ReadonlySet<PaymentRecord['status']> = new Set([
  'processing',
  'requires_action',
  'failed',
]);

/** Also what was given up because the processor had never heard of it: it may have turned up. */
function worthAsking(operation: OperationRecord): boolean {
  if (isUnresolved(operation.state)) return true;
  if (operation.state !== 'failed') return false;
  return storedOr<OperationResult>(operation.result, {}).absent === true;
}
