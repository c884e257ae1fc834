/** What capture and void share: an authorization with something left, and nobody else at it. */
import { isoTime } from '../base/clock.ts';
import { invariant } from '../base/assert.ts';
import type { Account } from '../accounts/account.ts';
import { Problem } from '../sdk/problem.ts';
import { capturable } from './conclude.ts';
import type { Desk } from './desk.ts';
import type { OperationRecord, PaymentRecord } from './record.ts';
import { authorizationOf, operationsOf } from './store.ts';

/** Throws `payment_state` when nothing is held, `operation_in_progress` when somebody is at it. */
export function assertHoldFree(
  payment: PaymentRecord,
  participle: 'captured' | 'voided',
  nowMs: number,
): void {
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
  if (open && capturable(payment) > 0) {
    if (participle === 'voided' || payment.expires_at === null) return;
    if (payment.expires_at > isoTime(nowMs)) return;
    throw new Problem('payment_expired', 'the authorization has expired; it is being given back');
  }
  throw new Problem(
    'payment_state',
    `a payment that is ${payment.status} cannot be ${participle}`,
    {
      members: { payment_status: payment.status },
    },
  );
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
