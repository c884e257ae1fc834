/**
 * What lapses by itself: payments nobody confirmed, challenges nobody finished, holds nobody
 * captured. A hold is given back at the processor first; only then is the payment expired.
 */
import { isoTime } from '../base/clock.ts';
import { Conflict, earliest, StorageUnavailable } from '../storage/index.ts';
import { capturable } from './amounts.ts';
import { now, type Desk } from './desk.ts';
import { advance } from './advance.ts';
import type { PaymentRecord } from './record.ts';
import { releaseHold, withdrawChallenge } from './release.ts';
import { paymentChange } from './settle.ts';
import { paymentById } from './store.ts';
import { syncAll } from './sync.ts';

const batchSize = 100;

/** A void that failed is tried again after this. */
const retryMs = 3_600_000;

/** Expires everything due, oldest first; answers how many were looked at. */
export async function expireDue(desk: Desk): Promise<number> {
  let count = 0;
  for (;;) {
    const due = await duePayments(desk);
    if (due.length === 0) return count;
    for (const payment of due) {
      count += 1;
      await expireOne(desk, payment);
    }
  }
}

async function duePayments(desk: Desk): Promise<PaymentRecord[]> {
  return desk.db.rows<PaymentRecord>(
    desk.db
      .knex('payments')
      .whereNotNull('expires_at')
      .where('expires_at', '<=', isoTime(desk.clock.now()))
      .select('*')
      .orderBy('expires_at')
      .orderBy('id')
      .limit(batchSize),
  );
}

async function expireOne(desk: Desk, due: PaymentRecord): Promise<void> {
  try {
    await lapse(desk, due);
  } catch (error) {
    // Somebody was faster, on this node or another: the payment is read again if it is still due.
    if (error instanceof Conflict) return;
    if (error instanceof StorageUnavailable) throw error;
    desk.observer.expiryFailed(due, error);
  }
  await postpone(desk, due);
}

async function lapse(desk: Desk, due: PaymentRecord): Promise<void> {
  if (due.status === 'created') return lapseUnsent(desk, due);
  const payment = await syncAll(desk, due);
  if (payment.expires_at === null || payment.expires_at > isoTime(desk.clock.now())) return;
  if (payment.status === 'requires_action') return lapseChallenge(desk, payment);
  if (capturable(payment) > 0 && payment.amount_hold_pending === 0) await lapseHold(desk, payment);
}

/** Never sent anywhere: it only has to be written down. */
async function lapseUnsent(desk: Desk, before: PaymentRecord): Promise<void> {
  const { changes } = advance(before, { status: 'expired', expires_at: null }, now(desk));
  await desk.db.commit(changes);
}

/** Nobody waits for the answer. */
const unheard = { slot: undefined, answer: () => ({ status: 200, body: null }) };

/** The processor waits for a customer who did not come: what he might still finish is withdrawn. */
async function lapseChallenge(desk: Desk, before: PaymentRecord): Promise<void> {
  const begun = await withdrawChallenge(desk, before, { ends: 'expired' }, 'switch');
  if (begun) await desk.engine.perform({ ...begun, ...unheard });
}

async function lapseHold(desk: Desk, before: PaymentRecord): Promise<void> {
  const begun = await releaseHold(desk, before, { ends: 'expired' }, 'switch');
  await desk.engine.perform({ ...begun, ...unheard });
}

/**
 * What is still due after it was dealt with waits an hour: one stuck payment must not spin the job.
 */
async function postpone(desk: Desk, due: PaymentRecord): Promise<void> {
  const current = await paymentById(desk.db, due.merchant_id, due.id);
  const ms = desk.clock.now();
  if (current.expires_at === null || current.expires_at > isoTime(ms)) return;
  const after = {
    ...current,
    expires_at: isoTime(ms + retryMs),
    version: current.version + 1,
  };
  try {
    await desk.db.commit([paymentChange(current, after)]);
  } catch (error) {
    if (!(error instanceof Conflict)) throw error;
  }
}

/** When the next payment lapses, if any does. */
export async function nextExpiryAt(desk: Pick<Desk, 'db'>): Promise<string | undefined> {
  return earliest(desk.db, desk.db.knex('payments'), 'expires_at');
}
