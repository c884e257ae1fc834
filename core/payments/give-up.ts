/** When the processor said no, or nothing was carried out: what is given back, and what is told. */
import { invariant } from '../base/assert.ts';
import type { EventType } from '../events/event.ts';
import { moves, type Entry } from '../ledger/entry.ts';
import { restingStatus } from './amounts.ts';
import type { Moving } from './conclude.ts';
import type { Verdict } from './judge.ts';
import { storedOr, type LastError, type OperationDetails, type OperationRecord } from './record.ts';

/** Surplus money runs beside the payment, as refunds do. */
export function givesBackSurplus({ details }: OperationRecord): boolean {
  return storedOr<OperationDetails>(details, {}).surplus === true;
}

export function giveUp(
  payment: Moving,
  operation: OperationRecord,
  verdict: Verdict,
  entries: Entry[],
  events: EventType[],
): void {
  if (operation.kind === 'refund') {
    giveUpRefund(payment, operation, entries, events);
    return;
  }
  invariant(operation.state !== 'succeeded', 'only refunds come back after they succeeded');
  // It stays under review and is tried again when it is asked about next.
  if (givesBackSurplus(operation)) return;
  payment.last_error = JSON.stringify(errorOf(operation, verdict));
  switch (operation.kind) {
    case 'authorize':
      payment.status = endOf(verdict);
      return;
    case 'capture':
      payment.amount_hold_pending -= operation.amount;
      payment.status = restingStatus(payment);
      events.push('payment.capture_failed');
      return;
    case 'void':
      if (payment.amount_authorized === 0) {
        payment.status = 'requires_action';
      } else {
        payment.amount_hold_pending -= operation.amount;
        payment.status = restingStatus(payment);
      }
      events.push('payment.void_failed');
      return;
    default:
      payment.status = 'in_review';
      events.push('payment.review_failed');
  }
}

/** What its time or somebody's hand ended at the processor was not declined. */
function endOf({ result }: Verdict): 'failed' | 'expired' | 'cancelled' {
  if (result.decline_code === 'expired') return 'expired';
  return result.decline_code === 'withdrawn' ? 'cancelled' : 'failed';
}

/** Refused, or sent back by the bank after all: then what was booked comes back too. */
function giveUpRefund(
  payment: Moving,
  operation: OperationRecord,
  entries: Entry[],
  events: EventType[],
): void {
  events.push('refund.failed');
  if (operation.state !== 'succeeded') {
    payment.amount_refund_pending -= operation.amount;
    return;
  }
  payment.amount_refunded -= operation.amount;
  entries.push(moves.returnRefund(operation.amount));
  if (payment.status === 'processing' || payment.status === 'in_review') return;
  payment.status = restingStatus(payment);
}

/** The customer's try was declined where he may try again: told once, for each that is new. */
export function noteDecline(
  payment: Moving,
  operation: OperationRecord,
  { result }: Verdict,
  events: EventType[],
): void {
  const error = JSON.stringify(errorOf(operation, { state: 'declined', ref: null, result }));
  if (error === payment.last_error) return;
  payment.last_error = error;
  events.push('payment.attempt_declined');
}

function errorOf(operation: OperationRecord, { state, result }: Verdict): LastError {
  if (state === 'declined') {
    return {
      code: 'declined',
      ...(result.decline_code ? { decline_code: result.decline_code } : {}),
      ...(result.advice ? { advice: result.advice } : {}),
      ...(result.processor_code ? { processor_code: result.processor_code } : {}),
      message: result.message ?? 'The processor declined the operation.',
      operation: operation.kind,
    };
  }
  const refused = result.fault === 'rejected' || result.fault === 'unauthorized';
  return {
    code: refused ? 'refused' : 'not_sent',
    message: refused
      ? 'The processor refused the request; nothing was carried out.'
      : 'The processor could not be reached; nothing was carried out.',
    operation: operation.kind,
  };
}
