/** Everything GET status has about one order: what its news is booked from. */
import {
  Fault,
  money,
  type DisputeState,
  type FoundRefund,
  type Inspect,
  type Inspection,
} from '#sdk';
import { wasSettled } from './answers.ts';
import { lookUp, type MidtransContext } from './calls.ts';
import { optionalTextOf, textOf } from './fields.ts';
import { cancelledRefund, refundsIn, reversedRefund } from './refund.ts';
import type { MidtransRef } from './settings.ts';
import { readTransaction, type Transaction } from './transaction.ts';

type Query = Inspect<MidtransRef>;
type Totals = Pick<Inspection<MidtransRef>, 'authorized' | 'captured' | 'released'>;

const nothing = money(0, 'IDR');
const untouched: Totals = { authorized: nothing, captured: nothing, released: false };

export async function inspect(
  context: MidtransContext,
  query: Query,
): Promise<Inspection<MidtransRef>> {
  const fields = await lookUp(context, query.of.order);
  if (!fields) {
    if (query.of.snap !== undefined) return { ...untouched, refunds: [], disputes: [] };
    throw new Fault('unintelligible', 'an order that Midtrans had is not there any more');
  }
  const transaction = readTransaction(fields);
  if (transaction.order !== query.of.order) {
    throw new Fault('unintelligible', 'an answer about another order');
  }
  return {
    ...totalsOf(transaction, query),
    refunds: refundsOf(transaction, query),
    disputes: disputesOf(transaction),
  };
}

function totalsOf(transaction: Transaction, query: Query): Totals {
  const { standing, status, gross } = transaction;
  switch (standing) {
    case 'open':
    case 'review':
      return untouched;
    case 'authorized':
      return { authorized: gross, captured: nothing, released: false };
    case 'captured':
      return capturedTotals(transaction, query);
    case 'over': {
      if (takenBack(transaction, query) !== undefined) return capturedTotals(transaction, query);
      const authorized = query.of.reached === undefined ? nothing : gross;
      const released = status === 'expire' ? 'expired' : 'voided';
      return { authorized, captured: nothing, released };
    }
  }
}

/** gross_amount falls to what was captured; Midtrans releases the rest at once. */
function capturedTotals({ gross }: Transaction, { amount }: Query): Totals {
  const authorized = amount.currency === 'IDR' && amount.amount > gross.amount ? amount : gross;
  return { authorized, captured: gross, released: 'captured' };
}

/** What takes the whole of a captured payment back without a refund of Midtrans's. */
function takenBack(transaction: Transaction, { of, amount }: Query): string | undefined {
  const { status, fields, gross } = transaction;
  // gross_amount falls below what was asked when a part was captured, and for nothing else.
  const isLess = gross.amount < amount.amount && of.reached === 'authorized';
  const wasCaptured = of.reached === 'captured' || isLess || wasSettled(transaction);
  if (status === 'cancel' && wasCaptured) return cancelledRefund;
  if (status !== 'deny') return undefined;
  // A transfer is never denied before it was paid: this is the reversal of one that was.
  const type = optionalTextOf(fields, 'payment_type') ?? '';
  const isTransfer = ['bank_transfer', 'echannel', 'cstore'].includes(type);
  return wasCaptured || isTransfer ? reversedRefund : undefined;
}

function refundsOf(transaction: Transaction, query: Query): FoundRefund<MidtransRef>[] {
  const { order } = query.of;
  const whole = takenBack(transaction, query);
  const listed = refundsIn(transaction).map(
    ({ key, amount, reason }): FoundRefund<MidtransRef> => ({
      ref: { order, refund: key },
      // Ids of the switch's operations begin so; whose it really is, the switch knows.
      operationId: key.startsWith('op_') ? key : undefined,
      amount,
      status: 'succeeded',
      ...(reason !== undefined && { reason }),
    }),
  );
  if (whole === undefined) return listed;
  return [
    ...listed,
    {
      ref: { order, refund: whole },
      operationId: undefined,
      amount: transaction.gross,
      status: 'succeeded',
      reason: whole === reversedRefund ? 'reversed' : 'cancelled',
    },
  ];
}

/** Midtrans tells of a chargeback when it is over, and lost; there is nothing to answer. */
function disputesOf(transaction: Transaction): DisputeState[] {
  const { status, gross, id, fields } = transaction;
  if (status === 'partial_chargeback') {
    // No documented field says how much: a guess would be booked, a fault is looked at.
    throw new Fault('unintelligible', 'a partial chargeback that does not say how much');
  }
  if (status !== 'chargeback') return [];
  return [
    {
      reference: id,
      stage: 'dispute',
      status: 'lost',
      reason: 'general',
      processorReason: status,
      amount: gross,
      withdrawn: gross,
      // When it was charged back is not told: the payment's own time, which never changes.
      openedAt: isoTimeOf(textOf(fields, 'transaction_time')),
    },
  ];
}

/** `2021-06-23 11:18:59`, in Jakarta's time (GMT+7) without saying so. */
function isoTimeOf(text: string): string {
  const match = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2})$/.exec(text);
  const ms = match ? Date.parse(`${match[1]}T${match[2]}+07:00`) : NaN;
  if (Number.isNaN(ms)) throw new Fault('unintelligible', 'transaction_time is not a time');
  return new Date(ms).toISOString();
}
