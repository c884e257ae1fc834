/** Native payments in the document's words: ids, decimal amounts, times with an offset. */
import { Problem, toDecimal, type Money, type NativePayment } from '#sdk';
import type { IntentRow } from './intents.ts';
import { statusOf } from './status.ts';

const native = 'pay_';

/** `txn_…`: the payment's own id under another prefix. */
export const transactionOf = (paymentId: string) => `txn_${paymentId.slice(native.length)}`;

/** Throws `not_found` for what is no id of a transaction. */
export function paymentIn(transaction: string): string {
  const found = /^txn_([0-9a-z]{26})$/.exec(transaction)?.[1];
  if (found === undefined) throw new Problem('not_found', 'Transaction not found');
  return native + found;
}

export const intentOf = (paymentId: string, row: IntentRow | undefined) =>
  row?.intent_id ?? `pi_${paymentId.slice(native.length)}`;

/** JSON has no decimals but doubles: twelve digits, the most that an amount has, are exact. */
export const decimal = (money: Money) => Number(toDecimal(money));

/** `2025-11-11T14:30:00+00:00` */
export const timeOf = (iso: string) => `${iso.slice(0, 19)}+00:00`;

export const presentSummary = (payment: NativePayment, row: IntentRow | undefined) => ({
  transaction_id: transactionOf(payment.id),
  payment_intent_id: intentOf(payment.id, row),
  amount: decimal(payment),
  currency: payment.currency.toLowerCase(),
  status: statusOf(payment.status),
  customer_email: payment.customer?.email ?? null,
  customer_name: payment.customer?.name ?? null,
  description: payment.description,
  created_at: timeOf(payment.created_at),
});

export function presentIntent(payment: NativePayment, row: IntentRow | undefined) {
  const { created_at, ...summary } = presentSummary(payment, row);
  return {
    ...summary,
    metadata: payment.metadata,
    created_at,
    updated_at: timeOf(payment.updated_at),
  };
}
