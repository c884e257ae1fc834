/** New operations: an intention, before anybody has heard of it. */
import { hour, isoTime } from '../base/clock.ts';
import { newId } from '../base/id.ts';
import type { Account } from '../accounts/account.ts';
import type { MethodType } from '../sdk/command.ts';
import type { FailedOver } from '../routing/failover.ts';
import type { Reserved } from '../routing/reserved.ts';
import { firstCheckAt } from './check-schedule.ts';
import { holdValidityMs } from './lapse.ts';
import type { OperationDetails, OperationRecord, PaymentRecord, RecordedKind } from './record.ts';

/** In state `calling`; refunds carry their own prefix, being objects of their own. */
export function newOperation(
  payment: PaymentRecord,
  kind: RecordedKind,
  accountId: string,
  amount: number,
  details: OperationDetails,
  nowMs: number,
): OperationRecord {
  const now = isoTime(nowMs);
  return {
    id: newId(kind === 'refund' ? 'refund' : 'operation', nowMs),
    merchant_id: payment.merchant_id,
    payment_id: payment.id,
    account_id: accountId,
    kind,
    state: 'calling',
    version: 1,
    amount,
    currency: payment.currency,
    origin: 'merchant',
    ref: null,
    result: null,
    details: JSON.stringify(details),
    checks: 0,
    next_check_at: firstCheckAt(nowMs),
    absent_since: null,
    created_at: now,
    updated_at: now,
  };
}

/** An authorization of the whole payment at one account, on that account's terms. */
export function newAuthorization(
  payment: PaymentRecord,
  { record }: Account,
  method: MethodType,
  reserved: Reserved | undefined,
  nowMs: number,
  failover?: FailedOver,
): OperationRecord {
  const validityMs = record.hold_validity_hours * hour;
  const details = {
    capture: payment.capture_method,
    ...(method === 'card' ? {} : { method }),
    ...(reserved && { reserved }),
    ...(failover && { failover }),
    ...(validityMs === holdValidityMs ? {} : { validity_ms: validityMs }),
  };
  return newOperation(payment, 'authorize', record.id, payment.amount, details, nowMs);
}
