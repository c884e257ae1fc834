/** Asks what became of an operation: GET status of its order tells about all of them. */
import type { Sync } from '#sdk';
import { readAuthorization } from './answers.ts';
import { lookUp, type MidtransContext } from './calls.ts';
import { findRefund } from './refund.ts';
import { isDecided } from './review.ts';
import type { MidtransRef } from './settings.ts';
import { done, readTransaction, type MidtransOutcome, type Transaction } from './transaction.ts';

type Query = Sync<MidtransRef>;

export async function sync(
  context: MidtransContext,
  query: Query,
): Promise<MidtransOutcome | 'not_found'> {
  const { kind, operationId, ref } = query;
  if (kind === 'authorize') return syncAuthorization(context, query);
  const of = query.of ?? ref;
  // Without the authorization's ref there is no order to ask for.
  if (!of) return 'not_found';
  const fields = await lookUp(context, of.order);
  if (!fields) return 'not_found';
  const transaction = readTransaction(fields);
  const asked = { operationId, of, amount: query.amount };
  if (kind === 'refund') return findRefund(transaction, asked) ?? 'not_found';
  return isDone(kind, transaction) ? done(asked, transaction) : 'not_found';
}

async function syncAuthorization(
  context: MidtransContext,
  { operationId: order, ref, method, capture }: Query,
): Promise<MidtransOutcome | 'not_found'> {
  // By order_id, always: every try on a hosted page has a transaction_id of its own.
  const fields = await lookUp(context, order);
  if (fields) {
    return readAuthorization(readTransaction(fields), { order, method, capture, snap: ref?.snap });
  }
  // A page whose customer has not chosen yet is no order to GET status, but it is there.
  if (!ref || ref.snap === undefined) return 'not_found';
  return { status: 'pending', ref, waitingFor: 'customer' };
}

/** Whether the transaction stands where the operation would have put it. */
function isDone(
  kind: Exclude<Query['kind'], 'authorize' | 'refund'>,
  transaction: Transaction,
): boolean {
  const { standing, status } = transaction;
  switch (kind) {
    case 'capture':
      return standing === 'captured';
    case 'void':
      return status === 'cancel' || status === 'expire';
    case 'approve':
    case 'reject':
      return isDecided(kind, transaction);
  }
}
