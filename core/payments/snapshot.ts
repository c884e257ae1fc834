/**
 * What a payment's event keeps. The columns that move travel with the event; the descriptive ones
 * stay on the payment and are set aside as a revision whenever they change, so every event can be
 * shown as the payment stood when it happened.
 */
import type { JsonObject } from '../base/json.ts';
import type { EventRecord } from '../events/event.ts';
import { stored, type PaymentRecord } from './record.ts';

const descriptiveColumns = [
  'amount',
  'currency',
  'capture_method',
  'reference',
  'customer_id',
  'method',
  'details',
] as const satisfies readonly (keyof PaymentRecord)[];

type Descriptive = Pick<PaymentRecord, (typeof descriptiveColumns)[number]>;

/** Columns that move, with the value that need not be written down. */
const moving = {
  amount_authorized: 0,
  amount_captured: 0,
  amount_hold_pending: 0,
  amount_voided: 0,
  amount_refunded: 0,
  amount_refund_pending: 0,
  amount_disputed: 0,
  // Once is the rule: a second try and a payment never tried are written down.
  attempts: 1,
  account_id: null,
  next_action: null,
  last_error: null,
  cancellation_reason: null,
  authorized_at: null,
  captured_at: null,
  expires_at: null,
} as const satisfies Partial<Record<keyof PaymentRecord, 0 | 1 | null>>;

/** The moving columns as they are now; what stands at its resting value is left out. */
export function snapshotOf(payment: PaymentRecord): JsonObject {
  const snapshot: Record<string, string | number | null> = { status: payment.status };
  for (const [column, resting] of Object.entries(moving)) {
    const value = payment[column as keyof typeof moving];
    if (value !== resting) snapshot[column] = value;
  }
  return snapshot;
}

export function descriptiveOf(payment: PaymentRecord): Descriptive {
  return Object.fromEntries(
    descriptiveColumns.map((column) => [column, payment[column]]),
  ) as unknown as Descriptive;
}

/**
 * The payment as it stood at `event`; `revision` is the set-aside text when it has changed since.
 */
export function paymentAt(
  payment: PaymentRecord,
  event: EventRecord,
  revision: string | undefined,
): PaymentRecord {
  const snapshot = stored<Partial<PaymentRecord>>(event.data);
  return {
    ...payment,
    ...(revision === undefined ? {} : stored<Descriptive>(revision)),
    ...moving,
    ...snapshot,
    verification: snapshot.authorized_at ? payment.verification : null,
    updated_at: event.created_at,
  };
}
