/** Giving a hold back before it is captured, and calling off what is not finished. */
import { capabilityOf } from './capability.ts';
import { commitWithAnswer } from '../access/answer.ts';
import { Problem } from '../sdk/problem.ts';
import type { Reply } from '../sdk/route.ts';
import { capturable } from './conclude.ts';
import type { Caller } from './create.ts';
import { answerTo, decideAgain, now, shown, type Desk, paymentFor } from './desk.ts';
import { newOperation } from './operation.ts';
import { accountOf, assertHoldFree, holdingAuthorization } from './hold.ts';
import { assertMove } from './machine.ts';
import type { PaymentRecord } from './record.ts';
import { operationInsert, paymentChange, paymentEvents } from './settle.ts';
import { operationsOf } from './store.ts';
import { syncFirst } from './sync.ts';

/** Releases what is left of the authorization at the processor. */
export async function voidPayment(
  desk: Desk,
  caller: Caller,
  id: string,
  reason: string | undefined,
): Promise<Reply> {
  const { principal } = caller;
  return decideAgain(async () => {
    const before = await syncFirst(desk, await paymentFor(desk, principal, id));
    assertHoldFree(before, 'voided', desk.clock.now());
    const { account, authorization } = await holdingAuthorization(desk, before);
    capabilityOf(account, before, 'void');
    const amount = capturable(before);
    const { ms, iso } = now(desk);
    const payment: PaymentRecord = {
      ...before,
      amount_hold_pending: amount,
      cancellation_reason: reason ?? before.cancellation_reason,
      version: before.version + 1,
      updated_at: iso,
    };
    const details = reason === undefined ? {} : { reason };
    const operation = newOperation(payment, 'void', account.record.id, amount, details, ms);
    return desk.engine.perform({
      payment,
      operation,
      changes: [paymentChange(before, payment), operationInsert(operation)],
      account,
      subject: authorization,
      slot: caller.slot,
      answer: (settled) => answerTo(desk, principal, caller.requestId, 200, settled),
    });
  });
}

/**
 * Cancels a payment that has not been paid: at once when no processor knows of it, by a void when
 * one waits for the customer, and like a void when it is authorized.
 */
export async function cancelPayment(
  desk: Desk,
  caller: Caller,
  id: string,
  reason: string | undefined,
): Promise<Reply> {
  const { principal } = caller;
  return decideAgain(async () => {
    const before = await syncFirst(desk, await paymentFor(desk, principal, id));
    switch (before.status) {
      case 'created':
        return cancelUnsent(desk, caller, before, reason);
      case 'requires_action':
        return cancelWaiting(desk, caller, before, reason);
      case 'authorized':
        return voidPayment(desk, caller, id, reason);
      case 'processing':
        throw new Problem(
          'operation_in_progress',
          'the payment is being processed: sync it first',
          {
            headers: { 'retry-after': '1' },
          },
        );
      default:
        throw new Problem(
          'payment_state',
          `a payment that is ${before.status} cannot be cancelled`,
          {
            members: { payment_status: before.status },
          },
        );
    }
  });
}

async function cancelUnsent(
  desk: Desk,
  { principal, slot }: Caller,
  before: PaymentRecord,
  reason: string | undefined,
): Promise<Reply> {
  const { ms, iso } = now(desk);
  const after: PaymentRecord = {
    ...before,
    status: 'cancelled',
    cancellation_reason: reason ?? null,
    version: before.version + 1,
    event_count: before.event_count + 1,
    updated_at: iso,
  };
  assertMove(before.status, after.status);
  return commitWithAnswer(desk, slot, { status: 200, body: shown(desk, after, principal) }, [
    paymentChange(before, after),
    ...paymentEvents(after, undefined, ['payment.cancelled'], ms),
  ]);
}

async function cancelWaiting(
  desk: Desk,
  caller: Caller,
  before: PaymentRecord,
  reason: string | undefined,
): Promise<Reply> {
  const subject = (await operationsOf(desk.db, before.id)).findLast(
    ({ kind, state }) => kind === 'authorize' && state === 'pending',
  );
  if (!subject) {
    throw new Problem('concurrent_change', 'the payment has just changed: read it again');
  }
  const account = await accountOf(desk, subject);
  capabilityOf(account, before, 'void');
  const { ms, iso } = now(desk);
  const payment: PaymentRecord = {
    ...before,
    status: 'processing',
    cancellation_reason: reason ?? null,
    version: before.version + 1,
    event_count: before.event_count + 1,
    updated_at: iso,
  };
  assertMove(before.status, payment.status);
  const details = {
    ends: 'cancelled' as const,
    subject: subject.id,
    ...(reason === undefined ? {} : { reason }),
  };
  const operation = newOperation(payment, 'void', account.record.id, payment.amount, details, ms);
  return desk.engine.perform({
    payment,
    operation,
    changes: [
      paymentChange(before, payment),
      operationInsert(operation),
      ...paymentEvents(payment, undefined, ['payment.processing'], ms),
    ],
    account,
    subject,
    slot: caller.slot,
    answer: (settled) => answerTo(desk, caller.principal, caller.requestId, 200, settled),
  });
}
