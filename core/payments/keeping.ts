/** Methods kept with a payment: whose they are at the processor, and the rows that keep them. */
import type { Clock } from '../base/clock.ts';
import { invariant } from '../base/assert.ts';
import type { Keyring } from '../base/keyring.ts';
import type { Account } from '../accounts/account.ts';
import type { Customers } from '../customers/customer.ts';
import {
  customerReference,
  holdCard,
  keepCard,
  partyOf,
  releaseHeld,
  savedMethodChanges,
  savedMethodGuard,
  vaultCardGuard,
} from '../methods/index.ts';
import type { MethodInput } from '../sdk/command.ts';
import { Fault } from '../sdk/fault.ts';
import type { Change, Database } from '../storage/index.ts';
import type { Verdict } from './judge.ts';
import { isUnresolved } from './machine.ts';
import { stored, type OperationRecord, type PaymentRecord, type StoredDetails } from './record.ts';

interface Deps {
  readonly db: Database;
  readonly clock: Clock;
  readonly keyring: Keyring;
  readonly mode: 'sandbox' | 'live';
  readonly customers: Customers;
}

/**
 * The processor's id of the payment's customer. Throws Faults whose effect is none: whatever became
 * of the customer there, the authorization was not sent.
 */
export async function referenceOf(
  deps: Deps,
  account: Account,
  { merchant_id: merchantId, customer_id: customerId }: PaymentRecord,
): Promise<string | undefined> {
  invariant(customerId !== null, 'a method is kept for a customer');
  const customer = await deps.customers.find(merchantId, customerId);
  if (!customer) throw new Fault('rejected', 'the customer was deleted');
  try {
    return await customerReference(deps, account, merchantId, customerId, partyOf(customer));
  } catch (error) {
    if (!(error instanceof Fault) || error.effect === 'none') throw error;
    const fault = new Fault('unreachable', 'the customer could not be made known to the processor');
    fault.cause = error;
    throw fault;
  }
}

/** What a commit of {@link keptWith}'s rows may lose: build them again. */
export const keepingGuards: readonly string[] = [savedMethodGuard, vaultCardGuard];

/**
 * The rows that keep a method on request, for the commit of the outcome. What the processor has
 * saved wins; else the card goes to the vault, where the payment had one. `method` is there in the
 * live call only: while its customer is at his bank a card is put by, but when an answer is lost
 * and found later, the card is gone by then and is not kept.
 */
export async function keptWith(
  deps: Deps,
  { payment, operation }: { payment: PaymentRecord; operation: OperationRecord },
  { saved, state, result }: Verdict,
  method: MethodInput | undefined,
): Promise<readonly Change[]> {
  const { setup_future_usage: usage, billing } = stored<StoredDetails>(payment.details);
  const { customer_id: customerId, merchant_id: merchantId } = payment;
  if (operation.kind !== 'authorize' || customerId === null || usage === undefined) return [];
  const { account_id: accountId, id: operationId } = operation;
  const owner = { merchantId, customerId, usage };
  if (method?.type !== 'card') {
    const rows =
      saved && state === 'succeeded'
        ? await savedMethodChanges(deps, { ...owner, accountId, saved })
        : [];
    if (isUnresolved(state)) return rows;
    return [...rows, ...(await releaseHeld(deps, operationId, state === 'succeeded' && !saved))];
  }
  const about = { ...owner, card: method, billing };
  if (state === 'pending' && result.waiting_for === 'customer') {
    return holdCard(deps, about, operationId);
  }
  if (state !== 'succeeded') return [];
  if (saved) return savedMethodChanges(deps, { ...owner, accountId, saved });
  return (await keepCard(deps, about))?.changes ?? [];
}
