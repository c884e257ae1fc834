/** Reading payment methods: to show one, and to pay with one. */
import { invariant } from '../base/assert.ts';
import type { Keyring } from '../base/keyring.ts';
import { Secret } from '../base/secret.ts';
import { Problem } from '../sdk/problem.ts';
import { findOne, type Database } from '../storage/index.ts';
import { knownReference } from './customer-reference.ts';
import type { MethodsDeps, PaymentMethodRecord } from './record.ts';

/** Names the row and the column, so that a token copied to another row does not open. */
export function tokenBinding(methodId: string): string {
  return `payment_methods/${methodId}/token`;
}

export interface OpenMethod {
  readonly record: PaymentMethodRecord;
  /** What the processor charges. */
  readonly token: Secret;
  /** The customer it belongs to, in the processor's words; undefined when it has none. */
  readonly customerReference: string | undefined;
}

/** Neither deleted, nor on its way there, nor put by for an authorization. */
export function isUsable({ deleted_at, forget_at, held_for }: PaymentMethodRecord): boolean {
  return deleted_at === null && forget_at === null && held_for === null;
}

/** The merchant's method; undefined when absent, foreign or deleted. */
export async function findMethod(
  db: Database,
  merchantId: string,
  id: string,
): Promise<PaymentMethodRecord | undefined> {
  const where = { id, merchant_id: merchantId, deleted_at: null };
  const method = await findOne<PaymentMethodRecord>(db, 'payment_methods', where);
  return method && isUsable(method) ? method : undefined;
}

/** What is under the seal of a row that was not deleted. */
export function openToken(keyring: Keyring, { id, kind, token }: PaymentMethodRecord): Secret {
  invariant(token !== null, 'a method that was not deleted has its token');
  const purpose = kind === 'vault' ? 'vault-card' : 'saved-method';
  return new Secret(keyring.open(purpose, tokenBinding(id), token));
}

/** The customer a method belongs to, in its processor's words. */
export async function referenceFor(
  deps: Pick<MethodsDeps, 'db'>,
  { customer_reference, account_id, customer_id }: PaymentMethodRecord,
): Promise<string | undefined> {
  if (customer_reference !== null) return customer_reference;
  if (account_id === null || customer_id === null) return undefined;
  return knownReference(deps, account_id, customer_id);
}

export function unknownMethod(): Problem {
  return new Problem('payment_method_unknown', 'there is no such payment method', {
    param: 'payment_method.id',
  });
}

/**
 * A processor's method, open. Throws Problem `payment_method_unknown` when it is absent, foreign or
 * deleted.
 */
export async function openMethod(
  deps: Pick<MethodsDeps, 'db' | 'keyring'>,
  merchantId: string,
  id: string,
): Promise<OpenMethod> {
  const record = await findMethod(deps.db, merchantId, id);
  if (!record) throw unknownMethod();
  const token = openToken(deps.keyring, record);
  return { record, token, customerReference: await referenceFor(deps, record) };
}
