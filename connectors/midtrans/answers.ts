/** What a transaction means for the authorization that began it. */
import { Fault, type MethodType, type Succeeded } from '#sdk';
import { actionOf } from './actions.ts';
import { endings, refusalOf } from './declines.ts';
import { optionalTextOf } from './fields.ts';
import { instrumentOf } from './instrument.ts';
import type { MidtransRef } from './settings.ts';
import type { MidtransOutcome, Transaction } from './transaction.ts';

interface Expected {
  /** The authorization's id, which is the order_id. */
  readonly order: string;
  readonly method: MethodType | undefined;
  readonly capture: 'automatic' | 'manual' | undefined;
  /** The hosted page's token, while its customer may try again. */
  readonly snap: string | undefined;
}

/**
 * Decides on transaction_status and fraud_status alone: status_code 200 also comes with payments
 * that still wait. `refund`, `chargeback` and the like mean that the authorization had succeeded.
 */
export function readAuthorization(
  transaction: Transaction,
  { order, method, capture, snap }: Expected,
): MidtransOutcome {
  const { standing, status, fields } = transaction;
  const session = snap === undefined ? {} : { snap };
  const ref: MidtransRef = { order, transaction: transaction.id, ...session };
  switch (standing) {
    case 'open': {
      // On a hosted page the customer may still change his mind: its address stays what he needs.
      const nextAction = method === 'hosted' ? undefined : actionOf(fields);
      return { status: 'pending', ref, waitingFor: 'customer', ...(nextAction && { nextAction }) };
    }
    case 'review':
      return { status: 'pending', ref, waitingFor: 'review' };
    case 'authorized':
      if (capture === 'automatic') {
        throw new Fault('unintelligible', 'a payment to be captured at once that is only held');
      }
      return succeeded(transaction, { ...ref, reached: 'authorized' });
    case 'captured':
      return succeeded(transaction, { ...ref, reached: 'captured' });
    case 'over':
      if (status === 'cancel' || status === 'expire' || status === 'failure') {
        return { status: 'declined', ...endings[status], ref };
      }
      if (method === 'hosted' && !wasSettled(transaction)) {
        // A denied try does not end a hosted page: another method may pay the same order.
        const lastDecline = refusalOf(fields, status);
        return { status: 'pending', ref, waitingFor: 'customer', lastDecline };
      }
      return { status: 'declined', ...refusalOf(fields, status), ref };
  }
}

/** Money had come in before: a later deny takes it back (Midtrans docs, status cycle). */
export function wasSettled({ fields }: Transaction): boolean {
  return optionalTextOf(fields, 'settlement_time') !== undefined;
}

function succeeded(transaction: Transaction, ref: MidtransRef): Succeeded<MidtransRef> {
  const { fields } = transaction;
  const authCode = optionalTextOf(fields, 'approval_code');
  const instrument = instrumentOf(fields);
  return {
    status: 'succeeded',
    operationId: transaction.order,
    amount: transaction.gross,
    ref,
    ...(authCode !== undefined && { verification: { auth_code: authCode } }),
    ...(instrument && { instrument }),
  };
}
