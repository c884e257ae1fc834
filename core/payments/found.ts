/**
 * What was found at the processor and is not in our books: refunds, captures and releases that
 * somebody began there. Each becomes an operation of origin `processor`, one commit apiece: a crash
 * between two leaves books that are right and a rest that is found again.
 */
import { canonicalJson, type Json } from '../base/json.ts';
import type { FoundRefund, Inspection } from '../sdk/inspection.ts';
import { Conflict } from '../storage/index.ts';
import { advance } from './advance.ts';
import { capturable, refundable } from './amounts.ts';
import { decideAgain, now, type Desk } from './desk.ts';
import { bookForeign } from './foreign.ts';
import type { Verdict } from './judge.ts';
import { isUnresolved } from './machine.ts';
import type { OperationDetails, OperationRecord, PaymentRecord } from './record.ts';
import { operationsOf, paymentById } from './store.ts';

/**
 * Nothing is booked twice: each step is decided on the books as they are when it commits. Answers
 * false when something had to wait for an operation of ours whose outcome is not known.
 */
export async function bookFound(
  desk: Desk,
  key: Pick<PaymentRecord, 'merchant_id' | 'id'>,
  authorization: OperationRecord,
  found: Inspection<unknown>,
): Promise<boolean> {
  const book = <T>(step: (books: Books) => Promise<T>) =>
    decideAgain(async () => {
      const payment = await paymentById(desk.db, key.merchant_id, key.id);
      return step({
        desk,
        payment,
        operations: await operationsOf(desk.db, key.id),
        authorization,
      });
    });
  await book((books) => bookCapture(books, found));
  await book((books) => bookRelease(books, found));
  let complete = true;
  for (const refund of found.refunds) {
    complete = (await book((books) => bookRefund(books, refund))) && complete;
  }
  return complete;
}

interface Books {
  readonly desk: Desk;
  readonly payment: PaymentRecord;
  readonly operations: readonly OperationRecord[];
  readonly authorization: OperationRecord;
}

/** Somebody is at the hold: what it comes to is his to book. */
function isHoldBusy({ payment, operations }: Books): boolean {
  return (
    payment.amount_hold_pending > 0 ||
    operations.some(({ kind, state }) => kind !== 'refund' && isUnresolved(state))
  );
}

async function bookCapture(books: Books, { captured }: Inspection<unknown>): Promise<void> {
  const { payment } = books;
  const more = captured.amount - payment.amount_captured;
  if (more === 0 || isHoldBusy(books)) return;
  if (more < 0 || more > capturable(payment)) {
    return callOperator(books, 'the processor has captured another amount than the books say');
  }
  await reserve(books, 'capture', more, {}, { amount_hold_pending: more });
}

async function bookRelease(books: Books, { released }: Inspection<unknown>): Promise<void> {
  const { payment } = books;
  const left = capturable(payment);
  if (released === false || left === 0 || isHoldBusy(books)) return;
  const details = released === 'expired' ? ({ ends: 'expired' } as const) : {};
  await reserve(books, 'void', left, details, { amount_hold_pending: left });
}

async function bookRefund(books: Books, refund: FoundRefund<unknown>): Promise<boolean> {
  const { desk, payment, operations, authorization } = books;
  const ref = canonicalJson(refund.ref as Json);
  const known = operations.find(
    (operation) =>
      operation.kind === 'refund' && (operation.id === refund.operationId || operation.ref === ref),
  );
  const verdict = verdictOn(refund, ref);
  if (known) {
    if (!saysTheSame(known, verdict)) {
      await desk.engine.settle(payment, known, verdict, authorization);
    }
    return true;
  }
  if (refund.status === 'failed') return true;
  // One of ours whose answer was lost may be this very one: it is asked about first.
  if (refund.operationId === undefined && operations.some(isLostRefund)) return false;
  if (refund.amount.amount > refundable(payment)) {
    // What an unknown refund of ours has reserved may come free again.
    if (operations.some(isOpenRefund)) return false;
    await callOperator(books, 'the processor has refunded more than the books can hold');
    return true;
  }
  const reason = refund.reason === undefined ? {} : { reason: refund.reason };
  const pending = payment.amount_refund_pending + refund.amount.amount;
  await reserve(
    books,
    'refund',
    refund.amount.amount,
    reason,
    { amount_refund_pending: pending },
    verdict,
  );
  return true;
}

const isOpenRefund = ({ kind, state }: OperationRecord): boolean =>
  kind === 'refund' && isUnresolved(state);

function isLostRefund(operation: OperationRecord): boolean {
  return isOpenRefund(operation) && operation.ref === null;
}

function verdictOn({ status, reason }: FoundRefund<unknown>, ref: string): Verdict {
  switch (status) {
    case 'succeeded':
      return { state: 'succeeded', ref, result: {} };
    case 'pending':
      return { state: 'pending', ref, result: { waiting_for: 'processor' } };
    case 'failed':
      return {
        state: 'declined',
        ref,
        result: { decline_code: 'other', advice: 'never', processor_code: reason ?? 'failed' },
      };
  }
}

function saysTheSame({ state }: OperationRecord, verdict: Verdict): boolean {
  if (state === verdict.state) return true;
  // "Pending" is no news of what has ended, and a failure none of what was given up.
  if (verdict.state === 'pending') return !isUnresolved(state);
  return verdict.state === 'declined' && state === 'failed';
}

/** The operation as if we had begun it, and what it came to, in one commit. */
async function reserve(
  { desk, payment: before, authorization }: Books,
  kind: 'capture' | 'void' | 'refund',
  amount: number,
  details: OperationDetails,
  pending: Partial<PaymentRecord>,
  verdict: Verdict = { state: 'succeeded', ref: authorization.ref, result: {} },
): Promise<void> {
  const { account_id: accountId } = authorization;
  await bookForeign(desk, before, { kind, accountId, amount, details, pending, verdict });
}

/** Once a payment: a person has to look, and looking twice helps nobody. */
async function callOperator({ desk, payment }: Books, reason: string): Promise<void> {
  const told = await desk.db.find('events', {
    payment_id: payment.id,
    type: 'payment.needs_operator',
  });
  desk.observer.contradiction(payment, reason);
  if (told.length > 0) return;
  const { changes } = advance(payment, {}, now(desk), ['payment.needs_operator']);
  try {
    await desk.db.commit(changes);
  } catch (error) {
    // Somebody changed the payment: the next news finds the contradiction again, if it lasts.
    if (!(error instanceof Conflict)) throw error;
  }
}
