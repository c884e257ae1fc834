/** How long payments and holds last, and when one lapses by itself. */
import { day, hour, isoTime } from '../base/clock.ts';
import { capturable } from './amounts.ts';
import type { Moment } from './moment.ts';
import type { OperationDetails, PaymentRecord } from './record.ts';

/** How long a customer has to confirm, and to finish what the processor asked of him. */
export const confirmWindowMs = hour;

/** How long a hold lasts where the account says nothing else: the schemes' usual seven days. */
export const holdValidityMs = 7 * day;

/** When the payment lapses by itself from here on. */
export function lapseOf(
  payment: PaymentRecord,
  before: PaymentRecord,
  asked: OperationDetails,
  now: Moment,
): string | null {
  if (payment.status === 'requires_action') {
    return before.status === 'requires_action'
      ? before.expires_at
      : isoTime(now.ms + confirmWindowMs);
  }
  if (capturable(payment) + payment.amount_hold_pending === 0) return null;
  // A void by expiry that failed is tried again in an hour.
  if (before.amount_authorized > 0) return before.expires_at ?? isoTime(now.ms + hour);
  return isoTime(now.ms + (asked.validity_ms ?? holdValidityMs));
}
