/**
 * The end of a decision (approve, reject, cancel) whose subject was settled while it was under way,
 * by a look-up or a webhook: that tells the payment's story already. A hold that was let go all the
 * same is released; a person has to look when money moved that was to be called off.
 */
import type { EventType } from '../events/event.ts';
import type { Entry } from '../ledger/entry.ts';
import { capturable } from './amounts.ts';
import { movedOn, release, type Conclusion, type Moving } from './conclude.ts';
import type { Verdict } from './judge.ts';
import { assertOperationMove } from './machine.ts';
import type { Moment } from './moment.ts';
import type { OperationRecord, PaymentRecord } from './record.ts';

export function concludeOvertaken(
  before: PaymentRecord,
  operation: OperationRecord,
  verdict: Verdict,
  subject: OperationRecord,
  now: Moment,
): Conclusion {
  assertOperationMove(operation.state, verdict.state);
  const payment: Moving = { ...before };
  const entries: Entry[] = [];
  const events: EventType[] = [];
  const undone = verdict.state === 'succeeded' && operation.kind !== 'approve';
  if (undone && subject.state === 'succeeded') {
    if (before.status === 'authorized' && before.amount_hold_pending === 0) {
      release(payment, capturable(payment), entries);
      payment.status = 'voided';
      payment.expires_at = null;
      events.push('payment.voided');
    } else {
      events.push('payment.needs_operator');
    }
  }
  payment.version += 1;
  payment.updated_at = now.iso;
  payment.event_count += events.length;
  return { payment, operation: movedOn(operation, verdict, now), entries, events };
}
