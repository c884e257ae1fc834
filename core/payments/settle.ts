/**
 * Conclusions as rows: what a verdict changes, ready to commit as one set. An operation that
 * decides about another one (approve, reject, the void behind a cancel) settles that one with
 * itself.
 */
import { eventChange, type EventType } from '../events/event.ts';
import { entryChanges } from '../ledger/entry.ts';
import type { JsonObject } from '../base/json.ts';
import { insert, update, type Change, type Row } from '../storage/index.ts';
import { conclude, type Conclusion } from './conclude.ts';
import type { Moment } from './moment.ts';
import type { Verdict } from './judge.ts';
import { isUnresolved } from './machine.ts';
import { concludeOvertaken } from './overtaken.ts';
import { presentRefund } from './present.ts';
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

/** Events of one step; `payment` already counts them. */
export function paymentEvents(
  payment: PaymentRecord,
  operation: OperationRecord | undefined,
  types: readonly EventType[],
  nowMs: number,
): Change[] {
  const first = payment.event_count - types.length + 1;
  return types.map((type, index) => {
    const data: JsonObject =
      type.startsWith('refund.') && operation
        ? { ...presentRefund(operation) }
        : snapshotOf(payment);
    const subject = {
      merchantId: payment.merchant_id,
      paymentId: payment.id,
      sequence: first + index,
      revision: payment.revision,
    };
    return eventChange(type, subject, data, nowMs);
  });
}

export interface Settlement {
  readonly payment: PaymentRecord;
  readonly operation: OperationRecord;
  readonly changes: readonly Change[];
}

/**
 * The rows that end (or park) an operation. `subject` is the operation it decides about, if any.
 */
export function settle(
  payment: PaymentRecord,
  operation: OperationRecord,
  verdict: Verdict,
  subject: OperationRecord | undefined,
  now: Moment,
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
  let last = first;
  // A subject that was answered for meanwhile has told the payment's story already.
  if (subject && isUnresolved(subject.state) && verdict.state === 'succeeded') {
    if (operation.kind === 'approve') {
      const approved: Verdict = { state: 'succeeded', ref: subject.ref, result: verdict.result };
      last = conclude(first.payment, subject, approved, now);
      steps.push({ before: subject, conclusion: last });
    } else {
      changes.push(operationChange(subject, withdrawn(subject, now.iso)));
    }
  }
  for (const { before, conclusion } of steps) {
    changes.push(
      operationChange(before, conclusion.operation),
      ...entryChanges(conclusion.operation, conclusion.entries, now.iso),
      ...paymentEvents(conclusion.payment, conclusion.operation, conclusion.events, now.ms),
    );
  }
  return {
    payment: last.payment,
    operation: first.operation,
    changes: [paymentChange(payment, last.payment), ...changes],
  };
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
