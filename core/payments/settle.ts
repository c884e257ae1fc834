/**
 * Conclusions as rows: what a verdict changes, ready to commit as one set. An operation that
 * decides about another one (approve, reject, the void behind a cancel) settles that one with
 * itself.
 */
import { invariant } from '../base/assert.ts';
import { eventChange, type EventType } from '../events/event.ts';
import { entryChanges } from '../ledger/entry.ts';
import type { JsonObject } from '../base/json.ts';
import { changesOf, type Delta } from '../routing/board.ts';
import { endOf } from '../routing/reserved.ts';
import { insert, update, type Change, type Row } from '../storage/index.ts';
import { conclude, type Conclusion } from './conclude.ts';
import type { Moment } from './moment.ts';
import type { Verdict } from './judge.ts';
import { isUnresolved } from './machine.ts';
import { concludeOvertaken } from './overtaken.ts';
import { presentRefund } from './present.ts';
import { reschedule, type RetryRecord } from './retry-schedule.ts';
import { snapshotOf } from './snapshot.ts';
import {
  storedOr,
  type OperationDetails,
  type OperationRecord,
  type PaymentRecord,
} from './record.ts';

export const paymentGuard = 'payment_version';
export const operationGuard = 'operation_version';

/** The columns that differ, as the `set` of an update. */
function changed<T extends object>(before: T, after: T): Row {
  const set: Record<string, string | number | null> = {};
  for (const column of Object.keys(after)) {
    const value = after[column as keyof T] as string | number | null;
    if (value !== before[column as keyof T]) set[column] = value;
  }
  return set;
}

/** Compare-and-swap on the version the decision was made from. */
export function paymentChange(before: PaymentRecord, after: PaymentRecord): Change {
  const { merchant_id, id, version } = before;
  return update('payments', changed(before, after), { merchant_id, id, version }, paymentGuard);
}

export function operationChange(before: OperationRecord, after: OperationRecord): Change {
  const { id, version } = before;
  return update('operations', changed(before, after), { id, version }, operationGuard);
}

export function operationInsert(operation: OperationRecord): Change {
  return insert('operations', { ...operation });
}

/**
 * Events of one step; `payment` already counts them. `object` is what events of other features tell
 * about: a dispute.
 */
export function paymentEvents(
  payment: PaymentRecord,
  operation: OperationRecord | undefined,
  types: readonly EventType[],
  nowMs: number,
  object?: JsonObject,
): Change[] {
  const first = payment.event_count - types.length + 1;
  return types.map((type, index) => {
    const data = dataOf(type, payment, operation, object);
    const subject = {
      merchantId: payment.merchant_id,
      paymentId: payment.id,
      sequence: first + index,
      revision: payment.revision,
    };
    return eventChange(type, subject, data, nowMs);
  });
}

function dataOf(
  type: EventType,
  payment: PaymentRecord,
  operation: OperationRecord | undefined,
  object: JsonObject | undefined,
): JsonObject {
  if (type.startsWith('payment.')) return snapshotOf(payment);
  if (type.startsWith('refund.') && operation) return { ...presentRefund(operation) };
  invariant(object, `a ${type} tells about something`);
  return object;
}

export interface Settlement {
  /** What ended authorizations held of shares and limits, and hold no more. */
  readonly ended: readonly Delta[];
  readonly payment: PaymentRecord;
  readonly operation: OperationRecord;
  readonly changes: readonly Change[];
}

/**
 * The rows that end (or park) an operation. `subject` is the operation it decides about, `retry`
 * the row of the payment's later tries, if any.
 */
export function settle(
  payment: PaymentRecord,
  operation: OperationRecord,
  verdict: Verdict,
  subject: OperationRecord | undefined,
  now: Moment,
  retry?: RetryRecord,
): Settlement {
  const { subject: decided } = storedOr<OperationDetails>(operation.details, {});
  const overtaken = subject && subject.id === decided && !isUnresolved(subject.state);
  const first = overtaken
    ? concludeOvertaken(payment, operation, verdict, subject, now)
    : conclude(payment, operation, verdict, now);
  const steps: { before: OperationRecord; conclusion: Conclusion }[] = [
    { before: operation, conclusion: first },
  ];
  const changes: Change[] = [];
  const ended: Delta[] = [];
  let last = first;
  // A subject that was answered for meanwhile has told the payment's story already.
  if (subject && isUnresolved(subject.state) && verdict.state === 'succeeded') {
    if (operation.kind === 'approve') {
      const approved: Verdict = { state: 'succeeded', ref: subject.ref, result: verdict.result };
      last = conclude(first.payment, subject, approved, now);
      steps.push({ before: subject, conclusion: last });
    } else {
      const after = withdrawn(subject, now.iso);
      changes.push(operationChange(subject, after));
      ended.push(...released(subject, after));
    }
  }
  for (const { before, conclusion } of steps) {
    ended.push(...released(before, conclusion.operation));
    changes.push(
      operationChange(before, conclusion.operation),
      // A refund that succeeded has one line in the books; what undoes it comes after.
      ...entryChanges(
        conclusion.operation,
        conclusion.entries,
        now.iso,
        before.state === 'succeeded' ? 1 : 0,
      ),
      ...paymentEvents(conclusion.payment, conclusion.operation, conclusion.events, now.ms),
    );
  }
  const later = reschedule(last.payment, operation, verdict, retry, now);
  changes.push(...later.changes);
  changes.push(...paymentEvents(later.payment, first.operation, later.events, now.ms));
  return {
    payment: later.payment,
    operation: first.operation,
    ended,
    changes: [paymentChange(payment, later.payment), ...changes, ...changesOf(ended)],
  };
}

/** Nothing while it is not known how it ends: it may yet be a success. */
export function released(before: OperationRecord, after: OperationRecord): readonly Delta[] {
  if (after.kind !== 'authorize' || isUnresolved(after.state)) return [];
  const { reserved } = storedOr<OperationDetails>(after.details, {});
  return endOf({
    merchantId: after.merchant_id,
    accountId: after.account_id,
    money: { amount: after.amount, currency: after.currency },
    reserved,
    succeeded: after.state === 'succeeded',
    late: !isUnresolved(before.state),
  });
}

/** An authorization that was called off before it came to anything. */
function withdrawn(subject: OperationRecord, now: string): OperationRecord {
  return {
    ...subject,
    state: 'declined',
    version: subject.version + 1,
    next_check_at: null,
    result: JSON.stringify({
      decline_code: 'withdrawn',
      advice: 'never',
      processor_code: 'withdrawn',
    }),
    updated_at: now,
  };
}
