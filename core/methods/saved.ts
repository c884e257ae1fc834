/** Keeping a method that a processor has saved, whether a set-up or a payment brought it. */
import { isoTime } from '../base/clock.ts';
import { newId } from '../base/id.ts';
import type { CustomerRecord } from '../customers/customer.ts';
import { eventChange } from '../events/event.ts';
import type { SavedMethod } from '../sdk/saved-method.ts';
import { findOne, insert, update, type Change } from '../storage/index.ts';
import { fence } from './fence.ts';
import { tokenBinding } from './open-method.ts';
import type { MethodsDeps, PaymentMethodRecord, Usage } from './record.ts';

export interface SavedAbout {
  readonly merchantId: string;
  readonly customerId: string;
  readonly accountId: string;
  readonly saved: SavedMethod;
  readonly usage: Usage;
}

/** The unique index on an account's tokens. */
export const savedMethodGuard = 'payment_methods_token';

export interface SavedResult {
  readonly methodId: string;
  readonly changes: readonly Change[];
}

/**
 * The rows that keep a saved method, for the commit of the outcome that brought it: the method and
 * `payment_method.attached`; nothing when the same token is kept already (but `off_session` is
 * remembered: who may charge without the customer may also charge with him).
 *
 * A Conflict with guard {@link savedMethodGuard} means that another commit kept the token at the
 * same moment: build the changes again and commit again.
 */
export async function savedMethodChanges(
  deps: Pick<MethodsDeps, 'db' | 'keyring' | 'clock'>,
  about: SavedAbout,
): Promise<readonly Change[]> {
  return (await keepMethod(deps, about)).changes;
}

/** The same, with the id of the method as it will be. */
export async function keepMethod(
  { db, keyring, clock }: Pick<MethodsDeps, 'db' | 'keyring' | 'clock'>,
  { merchantId, customerId, accountId, saved, usage }: SavedAbout,
): Promise<SavedResult> {
  const token = saved.token.reveal();
  const tokenDigest = keyring.digest('method-token', `${accountId} ${token}`);
  const where = { account_id: accountId, token_digest: tokenDigest, deleted_at: null };
  const known = await findOne<PaymentMethodRecord>(db, 'payment_methods', where);
  if (known) return { methodId: known.id, changes: widened(known, usage, clock.now()) };
  const now = clock.now();
  const at = isoTime(now);
  const id = newId('paymentMethod', now);
  // A customer who was deleted meanwhile: the processor has kept it, and is asked to forget it.
  const customer = await findOne<CustomerRecord>(db, 'customers', { id: customerId });
  const gone = customer?.deleted_at !== null;
  const record: PaymentMethodRecord = {
    id,
    merchant_id: merchantId,
    customer_id: customerId,
    kind: 'processor',
    account_id: accountId,
    token: keyring.seal('saved-method', tokenBinding(id), token),
    token_digest: tokenDigest,
    customer_reference: saved.customerReference ?? null,
    summary: JSON.stringify(saved.instrument),
    fingerprint: null,
    billing: null,
    usage,
    single_use: 0,
    expires_at: null,
    used_at: null,
    held_for: null,
    forget_at: gone ? at : null,
    forget_tries: 0,
    created_at: at,
    updated_at: at,
    deleted_at: null,
    version: 1,
  };
  const data = { id, object: 'payment_method', customer_id: customerId, account: accountId };
  return {
    methodId: id,
    changes: [
      insert('payment_methods', { ...record }),
      ...(gone ? [] : [fence(customer, savedMethodGuard)]),
      ...(gone ? [] : [eventChange('payment_method.attached', { merchantId }, data, now)]),
    ],
  };
}

function widened(known: PaymentMethodRecord, usage: Usage, nowMs: number): readonly Change[] {
  if (usage === known.usage || known.usage === 'off_session') return [];
  const set = { usage, updated_at: isoTime(nowMs), version: known.version + 1 };
  const where = { id: known.id, version: known.version };
  return [update('payment_methods', set, where, savedMethodGuard)];
}
