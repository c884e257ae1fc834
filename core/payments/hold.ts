/** What capture and void share: an authorization with something left, and nobody else at it. */
import { invariant } from '../base/assert.ts';
import type { Account } from '../accounts/account.ts';
import { Problem } from '../sdk/problem.ts';
import { capturable } from './amounts.ts';
import { holdValidityMs } from './lapse.ts';
import type { Desk } from './desk.ts';
import {
  storedOr,
  type OperationDetails,
  type OperationRecord,
  type PaymentRecord,
} from './record.ts';
import { authorizationOf, operationsOf } from './store.ts';

/** Throws `payment_state` when nothing is held, `operation_in_progress` when somebody is at it. */
export function assertHoldFree(payment: PaymentRecord, participle: 'captured' | 'voided'): void {
  if (payment.amount_hold_pending > 0 || payment.status === 'processing') {
    throw new Problem(
      'operation_in_progress',
      'a capture or void of this payment has not finished',
      {
        headers: { 'retry-after': '1' },
      },
    );
  }
  const open = ['authorized', 'partially_captured', 'partially_refunded'].includes(payment.status);
  if (open && capturable(payment) > 0) return;
  throw new Problem(
    'payment_state',
    `a payment that is ${payment.status} cannot be ${participle}`,
    {
      members: { payment_status: payment.status },
    },
  );
}

/**
 * Throws `payment_expired` once the hold is over. By its own age: `expires_at` moves on when giving
 * it back has to be tried again, and that must not bring it back to life.
 */
export function assertHoldLasts(
  payment: PaymentRecord,
  authorization: OperationRecord,
  nowMs: number,
): void {
  const { validity_ms: validityMs = holdValidityMs } = storedOr<OperationDetails>(
    authorization.details,
    {},
  );
  if (Date.parse(payment.authorized_at ?? payment.created_at) + validityMs > nowMs) return;
  throw new Problem('payment_expired', 'the authorization has expired; it is being given back');
}

/** The authorization behind the hold, and the account it is at. */
export async function holdingAuthorization(
  desk: Desk,
  payment: PaymentRecord,
): Promise<{ account: Account; authorization: OperationRecord }> {
  const authorization = authorizationOf(await operationsOf(desk.db, payment.id));
  invariant(authorization, 'what is authorized has an authorization');
  return { account: await accountOf(desk, authorization), authorization };
}

/** The account of an operation; a deleted one still serves what it began. */
export async function accountOf(desk: Desk, operation: OperationRecord): Promise<Account> {
  const account = await desk.accounts.find(operation.merchant_id, operation.account_id);
  if (account) return account;
  throw new Problem(
    'not_supported',
    'the connector of this processor account is not installed any more',
  );
}
