/** Giving a hold back before it is captured, and calling off what is not finished. */
import { commitWithAnswer } from '../idempotency/answer.ts';
import { Problem } from '../sdk/problem.ts';
import type { Reply } from '../sdk/route.ts';
import { advance } from './advance.ts';
import { isConfirmable } from './confirm.ts';
import type { Caller } from './create.ts';
import { answerTo, decideAgain, now, paymentFor, shown, type Desk } from './desk.ts';
import type { Settled } from './engine.ts';
import { assertHoldFree } from './hold.ts';
import type { PaymentRecord } from './record.ts';
import { releaseHold, withdrawChallenge } from './release.ts';
import { retryRemoval, withoutRetryAt, type RetryRecord } from './retry-schedule.ts';
import { findOne, type Change } from '../storage/index.ts';
import { syncFirst } from './sync.ts';

/** Releases what is left of the authorization at the processor. */
export async function voidPayment(
  desk: Desk,
  caller: Caller,
  id: string,
  reason: string | undefined,
): Promise<Reply> {
  return decideAgain(async () => {
    const before = await syncFirst(desk, await paymentFor(desk, caller.principal, id));
    assertHoldFree(before, 'voided');
    const begun = await releaseHold(desk, before, wishOf(reason));
    return desk.engine.perform({ ...begun, ...answering(desk, caller) });
  });
}

const wishOf = (reason: string | undefined) => (reason === undefined ? {} : { reason });

function answering(desk: Desk, { principal, requestId, slot }: Caller) {
  return {
    slot,
    answer: (settled: Settled) => answerTo(desk, principal, requestId, 200, settled),
  };
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
        return cancelUnsent(desk, caller, before, reason, overdue(before, now(desk).iso));
      case 'requires_action':
        return cancelWaiting(desk, caller, before, reason);
      case 'failed':
        return cancelFailed(desk, caller, before, reason);
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
        throw notCancellable(before);
    }
  });
}

function notCancellable({ status }: PaymentRecord): Problem {
  return new Problem('payment_state', `a payment that is ${status} cannot be cancelled`, {
    members: { payment_status: status },
  });
}

async function cancelUnsent(
  desk: Desk,
  { principal, slot }: Caller,
  before: PaymentRecord,
  reason: string | undefined,
  set: Partial<PaymentRecord> = {},
  rows: readonly Change[] = [],
): Promise<Reply> {
  const { payment, changes } = advance(
    before,
    { status: 'cancelled', expires_at: null, cancellation_reason: reason ?? null, ...set },
    now(desk),
  );
  const answer = { status: 200, body: shown(desk, payment, principal) };
  return commitWithAnswer(desk, slot, answer, [...changes, ...rows]);
}

/** One whose hour is over has expired, even if its job has not come round yet. */
function overdue({ expires_at: at }: PaymentRecord, nowIso: string): Partial<PaymentRecord> {
  return at !== null && at <= nowIso ? { status: 'expired' } : {};
}

/**
 * A payment that has failed for good is over already. One that could be tried again, by itself or
 * by a customer with another card, is not: called off, nobody can pay it any more.
 */
async function cancelFailed(
  desk: Desk,
  caller: Caller,
  before: PaymentRecord,
  reason: string | undefined,
): Promise<Reply> {
  const waiting = await findOne<RetryRecord>(desk.db, 'payment_retries', {
    payment_id: before.id,
  });
  if (!waiting && !isConfirmable(before, now(desk).ms)) throw notCancellable(before);
  const set = { last_error: withoutRetryAt(before.last_error) };
  return cancelUnsent(desk, caller, before, reason, set, waiting ? [retryRemoval(before.id)] : []);
}

async function cancelWaiting(
  desk: Desk,
  caller: Caller,
  before: PaymentRecord,
  reason: string | undefined,
): Promise<Reply> {
  const wish = { ...wishOf(reason), ends: 'cancelled' } as const;
  const begun = await withdrawChallenge(desk, before, wish);
  if (!begun) throw new Problem('concurrent_change', 'the payment has just changed: read it again');
  return desk.engine.perform({ ...begun, ...answering(desk, caller) });
}
