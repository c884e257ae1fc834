/**
 * What a verdict does to the books. Pure: (payment, operation, verdict) in, the rows that change,
 * the ledger entries and the events out. The same function serves the live call, the later look-up,
 * the review and (later) the processor's webhook, so all of them end in the same state.
 */
import { invariant } from '../base/assert.ts';
import type { EventType } from '../events/event.ts';
import { moves, type Entry } from '../ledger/entry.ts';
import { givesBackSurplus, giveUp, noteDecline } from './give-up.ts';
import { checkAfter } from './check-schedule.ts';
import type { Verdict } from './judge.ts';
import { capturable, restingStatus } from './amounts.ts';
import { lapseOf } from './lapse.ts';
import type { Moment } from './moment.ts';
import { assertMove, assertOperationMove, isUnresolved, type PaymentStatus } from './machine.ts';
import {
  storedOr,
  type MethodSummary,
  type OperationDetails,
  type OperationRecord,
  type OperationResult,
  type PaymentRecord,
} from './record.ts';

/** States that money can still prove wrong: a processor's late success wins over them. */
const ended: ReadonlySet<PaymentStatus> = new Set(['failed', 'cancelled', 'expired']);

export interface Conclusion {
  readonly payment: PaymentRecord;
  readonly operation: OperationRecord;
  readonly entries: readonly Entry[];
  readonly events: readonly EventType[];
}

export type Moving = {
  -readonly [K in keyof PaymentRecord]: PaymentRecord[K];
};

export function conclude(
  before: PaymentRecord,
  operation: OperationRecord,
  verdict: Verdict,
  now: Moment,
): Conclusion {
  assertOperationMove(operation.state, verdict.state);
  const payment: Moving = { ...before };
  const entries: Entry[] = [];
  const events: EventType[] = [];
  const asked = storedOr<OperationDetails>(operation.details, {});

  switch (verdict.state) {
    case 'succeeded':
      succeed(payment, operation, asked, entries, events, now);
      if (operation.kind === 'authorize') learn(payment, verdict.result);
      break;
    case 'declined':
    case 'failed':
      giveUp(payment, operation, verdict, entries, events);
      break;
    case 'pending':
      wait(payment, operation, verdict, events);
      break;
    case 'unknown':
      if (blocksPayment(operation, verdict)) payment.status = 'processing';
      break;
    case 'review':
      if (blocksPayment(operation, verdict)) payment.status = 'in_review';
      break;
  }

  payment.expires_at = lapseOf(payment, before, asked, now);
  const underWay = payment.status === 'requires_action' || payment.status === 'processing';
  if (!underWay) payment.next_action = null;
  if (payment.status !== before.status) {
    assertMove(before.status, payment.status);
    if (ended.has(before.status)) events.unshift('payment.late_success');
    events.unshift(`payment.${payment.status}` as EventType);
  }
  payment.version += 1;
  payment.updated_at = now.iso;
  payment.event_count += events.length;
  return { payment, operation: movedOn(operation, verdict, now), entries, events };
}

/** The operation with what is known of it now. */
export function movedOn(
  operation: OperationRecord,
  verdict: Verdict,
  now: Moment,
): OperationRecord {
  return {
    ...operation,
    state: verdict.state,
    version: operation.version + 1,
    ref: verdict.ref,
    result: JSON.stringify(resultOf(operation, verdict)),
    // Asking on keeps its place in the schedule; a new state starts it anew.
    ...(verdict.state === operation.state
      ? {}
      : { checks: 0, next_check_at: checkAfter(verdict, now.ms) }),
    updated_at: now.iso,
  };
}

/**
 * Refunds and surplus money run beside the payment; everything else holds it up until the outcome
 * is known.
 */
function blocksPayment(operation: OperationRecord, { result }: Verdict): boolean {
  return operation.kind !== 'refund' && !givesBackSurplus(operation) && !result.surplus;
}

function succeed(
  payment: Moving,
  operation: OperationRecord,
  asked: OperationDetails,
  entries: Entry[],
  events: EventType[],
  now: Moment,
): void {
  const { amount } = operation;
  // A success that comes late finds its reservation given back already.
  const reserved = isUnresolved(operation.state) ? amount : 0;
  switch (operation.kind) {
    case 'authorize':
      payment.amount_authorized += amount;
      payment.authorized_at = now.iso;
      payment.last_error = null;
      entries.push(moves.authorize(amount));
      if (asked.capture === 'automatic') {
        payment.amount_captured += amount;
        payment.captured_at = now.iso;
        entries.push(moves.capture(amount));
      }
      break;
    case 'capture': {
      payment.amount_hold_pending -= reserved;
      payment.amount_captured += amount;
      payment.captured_at = now.iso;
      payment.last_error = null;
      entries.push(moves.capture(amount));
      if (asked.final) release(payment, capturable(payment), entries);
      break;
    }
    case 'void':
      payment.status = voided(payment, amount, reserved, asked, entries);
      return;
    case 'refund':
      payment.amount_refund_pending -= reserved;
      payment.amount_refunded += amount;
      entries.push(moves.refund(amount));
      events.push('refund.succeeded');
      if (payment.status === 'processing' || payment.status === 'in_review') return;
      break;
    case 'dispute':
      payment.amount_disputed += amount;
      entries.push(moves.dispute(amount));
      return;
    case 'reinstatement':
      payment.amount_disputed -= amount;
      entries.push(moves.reinstate(amount));
      return;
    case 'approve':
      // The operation under review tells the payment's story; see settle.ts.
      return;
    case 'reject':
      if (asked.surplus) return;
      payment.status = 'cancelled';
      payment.cancellation_reason ??= 'review_rejected';
      return;
  }
  payment.status = restingStatus(payment);
}

/** How the payment stands with this void: its reason may say more than the counters do. */
function voided(
  payment: Moving,
  amount: number,
  reserved: number,
  { ends }: OperationDetails,
  entries: Entry[],
): PaymentStatus {
  if (payment.amount_authorized === 0) return ends ?? 'cancelled';
  payment.amount_hold_pending -= reserved;
  release(payment, amount, entries);
  return (payment.amount_captured === 0 ? ends : undefined) ?? restingStatus(payment);
}

/** What is left of the hold goes back to the cardholder. */
export function release(payment: Moving, amount: number, entries: Entry[]): void {
  payment.amount_voided += amount;
  entries.push(moves.release(amount));
}

/** What the processor told of the method: kept with the payment, for its merchant and for rules. */
function learn(payment: Moving, { verification, instrument }: OperationResult): void {
  if (verification) payment.verification = JSON.stringify(verification);
  if (!instrument) return;
  const known = storedOr<Partial<MethodSummary>>(payment.method, {});
  const via = known.via ?? known.type;
  const given = via === undefined || via === instrument.type ? {} : { via };
  payment.method = JSON.stringify({ ...known, ...instrument, ...given });
}

function wait(
  payment: Moving,
  operation: OperationRecord,
  verdict: Verdict,
  events: EventType[],
): void {
  if (!blocksPayment(operation, verdict)) return;
  invariant(verdict.result.waiting_for, 'a pending outcome says who moves next');
  // Only an authorization waits for a person; anything later waits for the processor alone.
  switch (operation.kind === 'authorize' ? verdict.result.waiting_for : 'processor') {
    case 'customer':
      payment.status = 'requires_action';
      payment.next_action = verdict.result.next_action
        ? JSON.stringify(verdict.result.next_action)
        : payment.next_action;
      if (verdict.result.decline_code) noteDecline(payment, operation, verdict, events);
      break;
    case 'review':
      payment.status = 'in_review';
      break;
    case 'processor':
      payment.status = 'processing';
      break;
  }
}

/** What the payment keeps of an authorization's answer is not kept a second time. */
function resultOf({ kind }: OperationRecord, { state, result }: Verdict): OperationResult {
  if (kind !== 'authorize' || state !== 'succeeded') return result;
  const { verification: _kept, instrument: _learnt, ...rest } = result;
  return rest;
}
