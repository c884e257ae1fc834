/**
 * What goes by itself: the methods of a customer who is deleted, and cards whose time is over.
 *
 * A card in the vault is erased in the commit of the customer's deletion. What a processor keeps
 * cannot be charged any more from then on, and is forgotten there by a job: the deletion does not
 * wait for a processor that is down. When it has not been heard for a week our token is erased all
 * the same, and the operator is told.
 */
import { day, isoTime, minute } from '../base/clock.ts';
import { contextOf } from '../accounts/context.ts';
import { faultOf } from '../accounts/fault.ts';
import type { CustomerRecord } from '../customers/customer.ts';
import { Conflict, earliest, remove, update, type Change } from '../storage/index.ts';
import { nextCheckAt } from './check-schedule.ts';
import { openToken } from './open-method.ts';
import type { MethodsDeps, PaymentMethodRecord } from './record.ts';

const methodGuard = 'method_version';

const batchSize = 200;

/** A token that was never used is remembered for so long, to say that it expired. */
const expiredKeptMs = day;

/** While one job asks, another must not. */
const claimMs = 5 * minute;

/** Nothing of the card or the person is left; the row stays, because payments point at it. */
export function erased(at: string) {
  return {
    token: null,
    billing: null,
    fingerprint: null,
    forget_at: null,
    updated_at: at,
    deleted_at: at,
  };
}

/** Beside the deletion of the customer, in one commit. Throws nothing. */
export async function methodsErased(
  { db, clock }: Pick<MethodsDeps, 'db' | 'clock'>,
  { id, merchant_id }: CustomerRecord,
): Promise<readonly Change[]> {
  const at = isoTime(clock.now());
  const where = { customer_id: id, merchant_id, deleted_at: null };
  const methods = await db.find<PaymentMethodRecord>('payment_methods', where);
  return methods.map((method) => {
    if (method.held_for !== null) return remove('payment_methods', { id: method.id });
    if (method.kind === 'vault') return methodChange(method, { ...erased(at), token_digest: '' });
    return methodChange(method, { billing: null, forget_at: at, updated_at: at });
  });
}

function methodChange(before: PaymentMethodRecord, set: Partial<PaymentMethodRecord>): Change {
  const where = { id: before.id, version: before.version, deleted_at: null };
  return update('payment_methods', { ...set, version: before.version + 1 }, where, methodGuard);
}

/** False when somebody else was faster. */
async function tryCommit({ db }: Pick<MethodsDeps, 'db'>, change: Change): Promise<boolean> {
  try {
    await db.commit([change]);
    return true;
  } catch (error) {
    if (error instanceof Conflict && error.guard === methodGuard) return false;
    throw error;
  }
}

/** Erases tokens and held cards past their time, and asks processors to forget; for a job. */
export async function eraseDue(deps: MethodsDeps): Promise<void> {
  await eraseExpired(deps);
  await dropOld(deps);
  await forgetDue(deps);
}

async function eraseExpired(deps: MethodsDeps): Promise<void> {
  for (;;) {
    const at = isoTime(deps.clock.now());
    const query = deps.db
      .knex('payment_methods')
      .select('*')
      .whereNull('used_at')
      .whereNull('deleted_at')
      .where('expires_at', '<=', at)
      .orderBy('expires_at')
      .limit(batchSize);
    const due = await deps.db.rows<PaymentMethodRecord>(query);
    if (due.length === 0) return;
    for (const method of due) {
      deps.cvcs.forget(method.id);
      // A payment that takes the token at this moment wins or loses as a whole.
      await tryCommit(deps, methodChange(method, erased(at)));
    }
  }
}

/** Nobody points at a token that was never used, nor at a card that was never kept. */
async function dropOld({ db, clock }: MethodsDeps): Promise<void> {
  for (;;) {
    const query = db
      .knex('payment_methods')
      .select('id')
      .whereNull('used_at')
      .whereNotNull('deleted_at')
      .where('expires_at', '<=', isoTime(clock.now() - expiredKeptMs))
      .limit(batchSize);
    const old = await db.rows<{ id: string }>(query);
    if (old.length === 0) return;
    await db.commit(old.map(({ id }) => remove('payment_methods', { id, used_at: null })));
  }
}

async function forgetDue(deps: MethodsDeps): Promise<void> {
  const query = deps.db
    .knex('payment_methods')
    .select('*')
    .where('forget_at', '<=', isoTime(deps.clock.now()))
    .orderBy('forget_at')
    .limit(batchSize);
  for (const due of await deps.db.rows<PaymentMethodRecord>(query)) {
    const claimed = {
      ...due,
      forget_at: isoTime(deps.clock.now() + claimMs),
      forget_tries: due.forget_tries + 1,
      version: due.version + 1,
    };
    const { forget_at, forget_tries } = claimed;
    if (!(await tryCommit(deps, methodChange(due, { forget_at, forget_tries })))) continue;
    const gone = await forgotten(deps, claimed);
    const now = deps.clock.now();
    const next = gone ? null : nextCheckAt(claimed.forget_tries, now);
    const set = next === null ? erased(isoTime(now)) : { forget_at: next };
    await tryCommit(deps, methodChange(claimed, set));
  }
}

/** Whether the processor has forgotten it; false when it has to be asked again. */
async function forgotten(deps: MethodsDeps, method: PaymentMethodRecord): Promise<boolean> {
  const { id, merchant_id: merchantId, account_id: accountId } = method;
  const account = accountId === null ? undefined : await deps.accounts.find(merchantId, accountId);
  // Without its connector nobody can be asked; what is left here is a token that charges nothing.
  if (!account) return true;
  try {
    const token = openToken(deps.keyring, method);
    const context = contextOf(account, deps.mode, deps.clock);
    await account.connector.setups?.forget(context, { token });
    return true;
  } catch (error) {
    deps.observer.methodFault(account, id, faultOf(error));
    return false;
  }
}

/** When something of this is due, if anything: the sandbox's clock can be moved there. */
export async function nextEraseAt({ db }: Pick<MethodsDeps, 'db'>): Promise<string | undefined> {
  const open = db.knex('payment_methods').whereNull('used_at').whereNull('deleted_at');
  const expiry = await earliest(db, open, 'expires_at');
  const forget = await earliest(db, db.knex('payment_methods'), 'forget_at');
  return [expiry, forget].filter((at) => at !== undefined).toSorted()[0];
}
