/** Changing and forgetting payment methods. */
import { isoTime } from '../base/clock.ts';
import { contextOf } from '../accounts/context.ts';
import { Problem } from '../sdk/problem.ts';
import { Conflict, update } from '../storage/index.ts';
import { accountOf, processorProblem } from './desk.ts';
import { erased } from './erase.ts';
import { findMethod, openMethod } from './open-method.ts';
import type { MethodsDeps, PaymentMethodRecord } from './record.ts';
import type { MethodUpdateBody } from './schema.ts';

/** The merchant's method. Throws `not_found` for absent, foreign and deleted ones alike. */
export async function methodFor(
  { db }: Pick<MethodsDeps, 'db'>,
  merchantId: string,
  id: string,
): Promise<PaymentMethodRecord> {
  const method = await findMethod(db, merchantId, id);
  if (!method) throw new Problem('not_found', 'there is no such payment method');
  return method;
}

export async function updateMethod(
  deps: MethodsDeps,
  merchantId: string,
  id: string,
  { billing }: MethodUpdateBody,
): Promise<PaymentMethodRecord> {
  const method = await methodFor(deps, merchantId, id);
  const text = billing === null ? null : JSON.stringify(billing);
  return change(deps, method, { billing: text });
}

/**
 * The processor forgets first: a method that is deleted here can never be charged again. A
 * processor that is down leaves everything as it was, and the deletion can be sent again
 * (forgetting what is gone is a success there).
 */
export async function deleteMethod(
  deps: MethodsDeps,
  merchantId: string,
  id: string,
): Promise<PaymentMethodRecord> {
  const method = await methodFor(deps, merchantId, id);
  if (method.account_id !== null) {
    const account = await accountOf(deps, merchantId, method.account_id);
    const { token } = await openMethod(deps, merchantId, id);
    const context = contextOf(account, deps.mode, deps.clock);
    await account.connector.setups?.forget(context, { token }).catch((error: unknown) => {
      throw processorProblem(deps, account, id, error);
    });
  }
  const at = isoTime(deps.clock.now());
  // The person's data goes with it; the row stays, because payments and set-ups point at it.
  deps.cvcs.forget(id);
  const vault = method.kind === 'vault' ? { token_digest: '' } : {};
  return change(deps, method, { ...erased(at), ...vault });
}

async function change(
  { db, clock }: MethodsDeps,
  before: PaymentMethodRecord,
  set: Partial<PaymentMethodRecord>,
): Promise<PaymentMethodRecord> {
  const stamps = { updated_at: isoTime(clock.now()), version: before.version + 1 };
  const where = { id: before.id, version: before.version, deleted_at: null };
  try {
    await db.commit([update('payment_methods', { ...set, ...stamps }, where, 'method_version')]);
  } catch (error) {
    if (!(error instanceof Conflict) || error.guard !== 'method_version') throw error;
    throw new Problem('concurrent_change', 'the method was changed meanwhile: read it again');
  }
  return { ...before, ...set, ...stamps };
}
