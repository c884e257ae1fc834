/**
 * The bodies Midtrans sends, each with the fields its documented examples have: answers to a charge
 * and to changes, GET status, notifications.
 */
import type { RefundEntry, Transaction } from './state.ts';
import { amountText, signatureOf, timeText, type JsonObject } from './wire.ts';

const isFinalNo = (transaction: Transaction) =>
  ['deny', 'cancel', 'expire', 'failure'].includes(transaction.status);

/** In answers to a charge and in notifications: 201 waits, 202 is over without money. */
export function statusCode(transaction: Transaction): string {
  if (isFinalNo(transaction)) return '202';
  return transaction.status === 'pending' || transaction.fraud === 'challenge' ? '201' : '200';
}

/** GET status differs: 407 for expired, 200 for cancelled and for a DANA payment that waits. */
export function statusCodeOfLookup(transaction: Transaction): string {
  if (transaction.status === 'expire') return '407';
  if (transaction.status === 'cancel') return '200';
  return transaction.paymentType === 'dana' ? '200' : statusCode(transaction);
}

function core(transaction: Transaction): JsonObject & { order_id: string; gross_amount: string } {
  return {
    transaction_id: transaction.id,
    order_id: transaction.orderId,
    gross_amount: amountText(transaction.grossAmount),
    payment_type: transaction.paymentType,
    transaction_time: timeText(transaction.createdAtMs),
    transaction_status: transaction.status,
  };
}

/** The documented GoPay and store notifications carry no fraud_status: a reader must do without. */
function fraud(transaction: Transaction): JsonObject {
  const silent = ['gopay', 'cstore'].includes(transaction.paymentType);
  return silent || transaction.fraud === undefined ? {} : { fraud_status: transaction.fraud };
}

function card(transaction: Transaction, names: readonly string[]): JsonObject {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = transaction.method[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

export function chargeAnswer(transaction: Transaction, message: string): JsonObject {
  const { method, offer, expiresAtMs } = transaction;
  const isCard = transaction.paymentType === 'credit_card';
  return {
    status_code: statusCode(transaction),
    status_message: message,
    ...core(transaction),
    merchant_id: transaction.merchant.id,
    currency: 'IDR',
    ...fraud(transaction),
    ...method,
    ...offer,
    ...(isCard && transaction.status !== 'pending' ? { on_us: true } : {}),
    ...(expiresAtMs === undefined ? {} : { expiry_time: timeText(expiresAtMs) }),
  };
}

const changeMessages = {
  capture: 'Success, Credit Card capture transaction is successful',
  cancel: 'Success, transaction is canceled',
  approve: 'Success, transaction is approved',
  deny: 'Success, transaction is denied',
  expire: 'Success, transaction has expired',
} as const;

export type Change = keyof typeof changeMessages;

/** The answer to a change that was made; expire reports its success as 407. */
export function changeAnswer(transaction: Transaction, change: Change): JsonObject {
  const message = changeMessages[change];
  const names = change === 'approve' ? ['masked_card', 'approval_code', 'bank'] : cardLine;
  return {
    status_code: change === 'expire' ? '407' : '200',
    status_message: message,
    ...core(transaction),
    ...(change === 'expire' ? {} : { ...fraud(transaction), ...card(transaction, names) }),
  };
}

const cardLine = ['masked_card', 'bank'];

/** The bank refuses the capture: the answer says deny, the transaction stays as it was. */
export function captureDenial(transaction: Transaction, amount: number): JsonObject {
  const bank = String(transaction.channel);
  return {
    status_code: '202',
    status_message: `Deny by Bank [${bank.toUpperCase()}] with code [01] and message [Refer to card issuer]`,
    ...core(transaction),
    ...fraud(transaction),
    ...card(transaction, ['masked_card', 'bank', 'approval_code']),
    gross_amount: amountText(amount),
    transaction_status: 'deny',
    channel_response_code: '01',
    channel_response_message: 'Refer to card issuer',
    merchant_id: transaction.merchant.id,
    currency: 'IDR',
  };
}

export function refundAnswer(
  transaction: Transaction,
  entry: { readonly chargebackId: number; readonly amount: number; readonly key: string },
  message: string,
  code: '200' | '202',
): JsonObject {
  return {
    status_code: code,
    status_message: message,
    ...core(transaction),
    refund_chargeback_id: entry.chargebackId,
    refund_amount: amountText(code === '202' ? 0 : entry.amount),
    refund_key: entry.key,
  };
}

export function refundedTotal(transaction: Transaction): number {
  return transaction.refunds.reduce((sum, { amount }) => sum + amount, 0);
}

/** `refund_amount` is the running total, the list has the single ones. */
function refundFields(transaction: Transaction): JsonObject {
  if (transaction.refunds.length === 0) return {};
  return {
    refund_amount: amountText(refundedTotal(transaction)),
    refunds: transaction.refunds.map(refundLine),
  };
}

function refundLine(entry: RefundEntry): JsonObject {
  return {
    refund_chargeback_id: entry.chargebackId,
    refund_amount: amountText(entry.amount),
    created_at: timeText(entry.createdAtMs),
    reason: entry.reason,
    refund_key: entry.key,
    refund_method: entry.method,
    ...(entry.confirmedAtMs === undefined
      ? {}
      : { bank_confirmed_at: timeText(entry.confirmedAtMs) }),
  };
}

function settled({ settledAtMs }: Transaction): JsonObject {
  return settledAtMs === undefined ? {} : { settlement_time: timeText(settledAtMs) };
}

/** GET status, signed like a notification. DANA's status word is in upper case. */
export function lookupAnswer(transaction: Transaction): JsonObject {
  const code = statusCodeOfLookup(transaction);
  const isDana = transaction.paymentType === 'dana';
  const { expiresAtMs, offer } = transaction;
  const base = core(transaction);
  return {
    status_code: code,
    status_message: 'Success, transaction is found',
    ...base,
    ...(isDana ? { transaction_status: transaction.status.toUpperCase() } : {}),
    signature_key: signatureOf({ ...base, status_code: code }, transaction.merchant.serverKey),
    merchant_id: transaction.merchant.id,
    currency: 'IDR',
    ...fraud(transaction),
    ...transaction.method,
    ...(isDana && offer['actions'] !== undefined ? { actions: offer['actions'] } : {}),
    ...transaction.echoes,
    ...settled(transaction),
    ...refundFields(transaction),
    ...(expiresAtMs === undefined ? {} : { expiry_time: timeText(expiresAtMs) }),
  };
}

export function notificationBody(transaction: Transaction): JsonObject {
  const code = statusCode(transaction);
  const base = core(transaction);
  const refund = transaction.refunds.at(-1);
  return {
    ...base,
    status_code: code,
    status_message: 'midtrans payment notification',
    signature_key: signatureOf({ ...base, status_code: code }, transaction.merchant.serverKey),
    merchant_id: transaction.merchant.id,
    currency: 'IDR',
    ...fraud(transaction),
    ...transaction.method,
    ...transaction.echoes,
    ...settled(transaction),
    ...refundFields(transaction),
    ...(refund === undefined ? {} : { refund_key: refund.key }),
  };
}
