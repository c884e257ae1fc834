/** One step of a payment outside a verdict: what a verb or a job decides by itself. */
import type { EventType } from '../events/event.ts';
import type { JsonObject } from '../base/json.ts';
import type { Change } from '../storage/index.ts';
import type { Moment } from './moment.ts';
import { assertMove } from './machine.ts';
import type { OperationRecord, PaymentRecord } from './record.ts';
import { paymentChange, paymentEvents } from './settle.ts';

export interface Step {
  readonly payment: PaymentRecord;
  readonly changes: readonly Change[];
}

/**
 * The payment with `set`, under its next version, and the rows that say so. A status that changes
 * is checked against the machine and announced; `events` are announced besides (about `operation`
 * or `object`).
 */
export function advance(
  before: PaymentRecord,
  set: Partial<PaymentRecord>,
  now: Moment,
  events: readonly EventType[] = [],
  operation?: OperationRecord,
  object?: JsonObject,
): Step {
  const status = set.status ?? before.status;
  const announced =
    status === before.status ? events : [`payment.${status}` as EventType, ...events];
  assertMove(before.status, status);
  const payment: PaymentRecord = {
    ...before,
    ...set,
    version: before.version + 1,
    event_count: before.event_count + announced.length,
    updated_at: now.iso,
  };
  return {
    payment,
    changes: [
      paymentChange(before, payment),
      ...paymentEvents(payment, operation, announced, now.ms, object),
    ],
  };
}
