/** Payments and operations, read. One question each. */
import type { Principal } from '../sdk/route.ts';
import { findOne, type Database, type Select } from '../storage/index.ts';
import { Problem } from '../sdk/problem.ts';
import { invariant } from '../base/assert.ts';
import type { OperationRecord, PaymentRecord } from './record.ts';

/** One wording for what is not there and what is not yours. */
export function absent(): Problem {
  return new Problem('not_found', 'there is no such payment');
}

/** The merchant's payment. Throws `not_found` for absent and foreign ones alike. */
export async function paymentById(
  db: Database,
  merchantId: string,
  id: string,
): Promise<PaymentRecord> {
  const payment = await findOne<PaymentRecord>(db, 'payments', { merchant_id: merchantId, id });
  if (!payment) throw absent();
  return payment;
}

export async function operationById(db: Database, id: string): Promise<OperationRecord> {
  const operation = await findOne<OperationRecord>(db, 'operations', { id });
  invariant(operation, 'an operation is never deleted');
  return operation;
}

/** Oldest first: ids are ordered by time. */
export async function operationsOf(db: Database, paymentId: string): Promise<OperationRecord[]> {
  const operations = await db.find<OperationRecord>('operations', { payment_id: paymentId });
  return operations.toSorted((a, b) => (a.id.slice(-26) < b.id.slice(-26) ? -1 : 1));
}

/** The authorization that holds (or held) the money. */
export function authorizationOf(
  operations: readonly OperationRecord[],
): OperationRecord | undefined {
  return operations.findLast(({ kind, state }) => kind === 'authorize' && state === 'succeeded');
}

export async function paymentByReference(
  db: Database,
  merchantId: string,
  reference: string,
): Promise<PaymentRecord | undefined> {
  return findOne<PaymentRecord>(db, 'payments', { merchant_id: merchantId, reference });
}

/** What belongs to a payment is seen by whoever sees it: with a bound key only its profile's. */
export async function isOfProfile(
  db: Database,
  { profileId }: Pick<Principal, 'profileId'>,
  of: { readonly merchant_id: string; readonly payment_id: string },
): Promise<boolean> {
  if (profileId === undefined) return true;
  const payment = await paymentById(db, of.merchant_id, of.payment_id);
  return payment.profile_id === profileId;
}

/** The ids of a profile's payments, to narrow a list by; undefined for keys that see them all. */
export function paymentsOfProfile(
  db: Database,
  { merchantId, profileId }: Pick<Principal, 'merchantId' | 'profileId'>,
): Select | undefined {
  if (profileId === undefined) return undefined;
  return db.knex('payments').select('id').where({ merchant_id: merchantId, profile_id: profileId });
}
