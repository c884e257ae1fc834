/** Booking what the processor did by itself: an operation nobody here began, with its outcome. */
import type { JsonObject } from '../base/json.ts';
import type { EventType } from '../events/event.ts';
import { entryChanges } from '../ledger/entry.ts';
import type { Change } from '../storage/index.ts';
import { conclude } from './conclude.ts';
import { now, type Desk } from './desk.ts';
import type { Verdict } from './judge.ts';
import { newOperation } from './operation.ts';
import type { OperationDetails, OperationRecord, PaymentRecord, RecordedKind } from './record.ts';
import { operationInsert, paymentChange, paymentEvents } from './settle.ts';

export interface ForeignAct {
  readonly kind: RecordedKind;
  readonly accountId: string;
  /** Minor units of the payment's currency. */
  readonly amount: number;
  readonly details: OperationDetails;
  /** What the intention would have reserved. */
  readonly pending: Partial<PaymentRecord>;
  readonly verdict: Verdict;
  /** Announced beside what the outcome announces. */
  readonly events?: readonly EventType[];
  /** What those events tell about, where that is not the payment. */
  readonly object?: JsonObject;
  /** Rows of the feature that books it. */
  readonly changes?: readonly Change[];
}

/**
 * One commit, guarded by the payment's version. Throws Conflict when somebody changed it meanwhile.
 */
export async function bookForeign(
  desk: Desk,
  before: PaymentRecord,
  act: ForeignAct,
): Promise<OperationRecord> {
  const moment = now(desk);
  const { kind, accountId, amount, details } = act;
  const begun: OperationRecord = {
    ...newOperation(before, kind, accountId, amount, details, moment.ms),
    origin: 'processor',
  };
  const concluded = conclude({ ...before, ...act.pending }, begun, act.verdict, moment);
  const first: EventType[] = [
    ...(kind === 'refund' ? (['refund.created'] as const) : []),
    ...(act.events ?? []),
  ];
  const events = [...first, ...concluded.events];
  const payment = {
    ...concluded.payment,
    event_count: concluded.payment.event_count + first.length,
  };
  const { operation } = concluded;
  await desk.db.commit([
    paymentChange(before, payment),
    operationInsert(operation),
    ...entryChanges(operation, concluded.entries, moment.iso),
    ...paymentEvents(payment, operation, events, moment.ms, act.object),
    ...(act.changes ?? []),
  ]);
  return operation;
}
