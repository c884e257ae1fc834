/** What a payment's counters say. */
import type { PaymentStatus } from './machine.ts';
import type { PaymentRecord } from './record.ts';

/** Where a payment rests when nothing is under way: its counters say it all. */
export function restingStatus(payment: PaymentRecord): PaymentStatus {
  const { amount_authorized: authorized, amount_captured: captured } = payment;
  const { amount_voided: voided, amount_refunded: refunded } = payment;
  const open = authorized - captured - voided;
  if (refunded > 0) return refunded === captured && open === 0 ? 'refunded' : 'partially_refunded';
  if (captured > 0) return open > 0 ? 'partially_captured' : 'captured';
  if (authorized > 0) return open > 0 ? 'authorized' : 'voided';
  return 'failed';
}

/** What is held and neither captured, released nor being captured. */
export function capturable(payment: PaymentRecord): number {
  return (
    payment.amount_authorized -
    payment.amount_captured -
    payment.amount_hold_pending -
    payment.amount_voided
  );
}

/**
 * What was captured and neither refunded, being refunded, nor taken back by a dispute: to refund
 * that too would pay the customer twice.
 */
export function refundable(payment: PaymentRecord): number {
  const given = payment.amount_refunded + payment.amount_refund_pending + payment.amount_disputed;
  return Math.max(0, payment.amount_captured - given);
}
