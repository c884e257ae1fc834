/** One transaction as Midtrans describes it, the same fields in charges, changes and GET status. */
import { Fault, type Money, type Outcome } from '#sdk';
import { optionalTextOf, textOf, wordOf, type Fields } from './fields.ts';
import { fromRupiah } from './money.ts';
import type { MidtransRef } from './settings.ts';

export type MidtransOutcome = Outcome<MidtransRef>;

/** Captured, whatever happened to the money later. */
const capturedStatuses = [
  'capture',
  'settlement',
  'refund',
  'partial_refund',
  'chargeback',
  'partial_chargeback',
] as const;

/** Nothing is held (any more). */
const endedStatuses = ['deny', 'cancel', 'expire', 'failure'] as const;

const statuses = ['pending', 'authorize', ...capturedStatuses, ...endedStatuses] as const;

type Status = (typeof statuses)[number];

const isEnded = (status: Status) => endedStatuses.some((ended) => ended === status);

export interface Transaction {
  readonly status: Status;
  /** `review`: held or captured, and challenged; `over`: nothing is held (any more). */
  readonly standing: 'open' | 'review' | 'authorized' | 'captured' | 'over';
  readonly order: string;
  readonly id: string;
  /** What was asked; what was captured, once that was less. */
  readonly gross: Money;
  readonly fields: Fields;
}

/** Throws `unintelligible` for words out of no table and for words that contradict each other. */
export function readTransaction(fields: Fields): Transaction {
  const status = wordOf(fields, 'transaction_status', statuses);
  const currency = optionalTextOf(fields, 'currency') ?? 'IDR';
  if (currency !== 'IDR') throw new Fault('unintelligible', 'an answer in another currency');
  return {
    status,
    standing: standingOf(status, fields),
    order: textOf(fields, 'order_id'),
    id: textOf(fields, 'transaction_id'),
    gross: fromRupiah(fields['gross_amount'], 'gross_amount'),
    fields,
  };
}

function standingOf(status: Status, fields: Fields): Transaction['standing'] {
  // Wallets and stores leave it out: no fraud check is no objection (Midtrans docs, notifications).
  const given = fields['fraud_status'] ?? undefined;
  const fraud =
    given === undefined
      ? 'accept'
      : wordOf(fields, 'fraud_status', ['accept', 'challenge', 'deny']);
  if (status === 'pending') return 'open';
  if (isEnded(status)) return 'over';
  if (fraud === 'challenge' && (status === 'authorize' || status === 'capture')) return 'review';
  if (fraud !== 'accept') {
    throw new Fault('unintelligible', `transaction_status ${status} with fraud_status ${fraud}`);
  }
  return status === 'authorize' ? 'authorized' : 'captured';
}

/** The handle of an operation on an order. */
export function refOf(of: MidtransRef, { id }: Transaction): MidtransRef {
  return { order: of.order, transaction: id };
}

interface Asked {
  readonly operationId: string;
  readonly of: MidtransRef;
}

/**
 * Captures, voids and reviews have no id of their own at Midtrans: the order's echo is the proof
 * that the answer is about the right money. An answer about another order names that one.
 */
export function done(
  { operationId, of }: Asked,
  transaction: Transaction,
  { amount = transaction.gross, ref = refOf(of, transaction) } = {},
): MidtransOutcome {
  const echoed = transaction.order === of.order ? operationId : transaction.order;
  return { status: 'succeeded', operationId: echoed, amount, ref };
}
