/**
 * Gives captured money back. Midtrans refunds only what is settled (the next day, for cards); until
 * then a payment can be given back whole, by cancelling it.
 */
import { Fault, sameMoney, type Money, type Refund } from '#sdk';
import {
  afterActing,
  change,
  lookUp,
  orderPath,
  postCore,
  transactionIn,
  type MidtransContext,
} from './calls.ts';
import { refusalOf } from './declines.ts';
import { listOf, optionalTextOf, textOf, type Fields } from './fields.ts';
import { fromRupiah, toRupiah } from './money.ts';
import { orderIdOf } from './order.ts';
import type { MidtransRef } from './settings.ts';
import { done, readTransaction, type MidtransOutcome, type Transaction } from './transaction.ts';

type Command = Refund<MidtransRef>;

/** No refund_key can have a tilde: these name what was given back without one. */
export const cancelledRefund = '~cancel';
export const reversedRefund = '~reversal';

export async function refund(context: MidtransContext, command: Command): Promise<MidtransOutcome> {
  const { of, reason } = command;
  const key = orderIdOf(command);
  const tail = context.settings.direct_refund === true ? 'refund/online/direct' : 'refund';
  const answer = await postCore(context, {
    // Some methods are refunded by transaction_id only.
    path: orderPath(of.transaction ?? of.order, tail),
    body: {
      refund_key: key,
      amount: toRupiah(command.amount),
      ...(reason !== undefined && reason !== '' && { reason: reason.slice(0, 255) }),
    },
    key,
  });
  if (answer.code === '412') return refundUnsettled(context, command);
  const fields = transactionIn(answer);
  if (fields['status_code'] === '202') return denied(command, readTransaction(fields));
  return readRefund(context, command, readTransaction(fields));
}

/** The bank's "no": nothing was given back this time, whatever was before. */
function denied({ of }: Command, { fields }: Transaction): MidtransOutcome {
  if (fromRupiah(fields['refund_amount'], 'refund_amount').amount !== 0) {
    throw new Fault('unintelligible', 'a denied refund that gave something back');
  }
  const ref = { order: of.order, refund: textOf(fields, 'refund_key') };
  return { status: 'declined', ...refusalOf(fields, '202'), ref };
}

async function readRefund(
  context: MidtransContext,
  command: Command,
  transaction: Transaction,
): Promise<MidtransOutcome> {
  const { fields, status } = transaction;
  if (status !== 'refund' && status !== 'partial_refund') {
    throw new Fault('unintelligible', `a refund answered with ${status}`);
  }
  const given = fromRupiah(fields['refund_amount'], 'refund_amount');
  const key = textOf(fields, 'refund_key');
  if (key === command.operationId && !sameMoney(given, command.amount)) {
    // `refund_amount` is the running total in some answers: the list knows what this one was.
    const found = await afterActing(lookUp(context, command.of.order));
    const listed = found && findRefund(readTransaction(found), command);
    if (listed) return listed;
  }
  const ref = { order: command.of.order, refund: key };
  return { status: 'succeeded', operationId: key, amount: given, ref };
}

/** Refused for the payment's state: either not settled yet, or given back before. */
async function refundUnsettled(
  context: MidtransContext,
  command: Command,
): Promise<MidtransOutcome> {
  const found = await lookUp(context, command.of.order);
  if (!found) throw new Fault('rejected', 'Midtrans has no such order');
  const transaction = readTransaction(found);
  const before = findRefund(transaction, command);
  if (before) return before;
  if (transaction.status !== 'capture') {
    throw new Fault('rejected', `status_code 412: a ${transaction.status} cannot be refunded`);
  }
  if (!sameMoney(transaction.gross, command.amount)) {
    throw new Fault('rejected', 'until it is settled a payment can only be given back whole');
  }
  // A key of its own: keys are one set for all paths, and the refund's has been used.
  const key = `${orderIdOf(command)}-cancel`.slice(0, 46);
  const fields = await change(context, { path: orderPath(transaction.id, 'cancel'), key });
  const cancelled = readTransaction(fields);
  if (cancelled.status === 'cancel') return wholeRefund(command, cancelled);
  throw new Fault('unintelligible', `cancel answered with ${cancelled.status}`);
}

const wholeRefund = (command: Asked, transaction: Transaction): MidtransOutcome =>
  done(command, transaction, { ref: { order: command.of.order, refund: cancelledRefund } });

interface Asked {
  readonly operationId: string;
  readonly of: MidtransRef;
  readonly amount: Money;
}

/** This very refund in the transaction, by its key; or the cancellation that stands for it. */
export function findRefund(transaction: Transaction, asked: Asked): MidtransOutcome | undefined {
  const entry = refundsIn(transaction).find(({ key }) => key === asked.operationId);
  if (entry) {
    const ref = { order: asked.of.order, refund: entry.key };
    const { amount } = entry;
    return { status: 'succeeded', operationId: asked.operationId, amount, ref };
  }
  const isCancelled = transaction.status === 'cancel' && sameMoney(transaction.gross, asked.amount);
  return isCancelled ? wholeRefund(asked, transaction) : undefined;
}

interface RefundEntry {
  readonly key: string;
  readonly amount: Money;
  readonly reason: string | undefined;
}

/** Every refund of the transaction. Throws when there are some and none is listed. */
export function refundsIn({ fields, status }: Transaction): readonly RefundEntry[] {
  const listed = listOf(fields, 'refunds').map(entryOf);
  if (listed.length > 0 || (status !== 'refund' && status !== 'partial_refund')) return listed;
  // A single one may stand in the answer itself.
  if (fields['refund_key'] !== undefined) return [entryOf(fields)];
  throw new Fault('unintelligible', `${status} without the list of refunds`);
}

function entryOf(entry: Fields): RefundEntry {
  const amount = fromRupiah(entry['refund_amount'], 'refund_amount');
  const reason = optionalTextOf(entry, 'reason');
  const key = optionalTextOf(entry, 'refund_key');
  return { key: key ?? `~${numberOf(entry)}`, amount, reason };
}

/** Refunds begun in the dashboard may have no key, but they all have a number. */
function numberOf(entry: Fields): string {
  const id = entry['refund_chargeback_id'];
  if (typeof id === 'number' && Number.isSafeInteger(id)) return String(id);
  return textOf(entry, 'refund_chargeback_id');
}
