/**
 * Tries declined payments without their customer again, when they are due. Any number of nodes may
 * run it: a row is claimed by compare-and-swap on its version, and the same version stands guard in
 * the commit of the intention, so a try is begun once. It goes the way of every confirmation, under
 * all its guards; when to come again is decided with its outcome (retry-schedule.ts).
 */
import { hour, isoTime, minute } from '../base/clock.ts';
import { Problem } from '../sdk/problem.ts';
import { Conflict, earliest, StorageUnavailable } from '../storage/index.ts';
import { advance } from './advance.ts';
import { assertConfirmable, confirmOnce } from './confirm.ts';
import type { Caller } from './create.ts';
import { decideAgain, now, type Desk } from './desk.ts';
import type { PaymentStatus } from './machine.ts';
import {
  retryChange,
  retryGraceMs,
  retryGuard,
  retryRemoval,
  savedMethodOf,
  withoutRetryAt,
  type RetryRecord,
} from './retry-schedule.ts';
import { paymentById } from './store.ts';
import { syncFirst } from './sync.ts';

/** Tried side by side at most: what is due at one time must not storm a processor. */
const batchSize = 16;

/** A claim that is older than this belongs to a node that died before the intention. */
const claimMs = 5 * minute;

/** What stands in the way just now is looked at again after this. */
const postponedMs = hour;

/** Tries everything due; answers how many were looked at. */
export async function retryDue(desk: Desk): Promise<number> {
  let count = 0;
  for (;;) {
    const due = await dueRetries(desk);
    if (due.length === 0) return count;
    count += due.length;
    await Promise.all(due.map((row) => retryOne(desk, row)));
  }
}

async function dueRetries({ db, clock }: Desk): Promise<RetryRecord[]> {
  return db.rows<RetryRecord>(
    db
      .knex('payment_retries')
      .where('due_at', '<=', isoTime(clock.now()))
      .select('*')
      .orderBy('due_at')
      .orderBy('payment_id')
      .limit(batchSize),
  );
}

async function retryOne(desk: Desk, due: RetryRecord): Promise<void> {
  const claimed = await claim(desk, due);
  if (!claimed) return;
  try {
    await decideAgain(() => tryAgain(desk, claimed));
  } catch (error) {
    try {
      await handle(desk, claimed, error);
    } catch (second) {
      // Somebody else changed it meanwhile: it is looked at again when the claim runs out.
      if (!(second instanceof Conflict)) throw second;
    }
  }
}

/** Ours for five minutes, or undefined when another node was faster. */
async function claim(desk: Desk, due: RetryRecord): Promise<RetryRecord | undefined> {
  const due_at = isoTime(desk.clock.now() + claimMs);
  try {
    await desk.db.commit([retryChange(due, { due_at })]);
    return { ...due, due_at, version: due.version + 1 };
  } catch (error) {
    if (error instanceof Conflict && error.guard === retryGuard) return undefined;
    throw error;
  }
}

const endOf = ({ until_at }: RetryRecord) => isoTime(Date.parse(until_at) + retryGraceMs);

async function tryAgain(desk: Desk, row: RetryRecord): Promise<void> {
  const { merchant_id: merchantId, payment_id: id } = row;
  const before = await syncFirst(desk, await paymentById(desk.db, merchantId, id));
  const end = endOf(row);
  assertConfirmable(before, desk.clock.now(), end);
  const methodId = savedMethodOf(before);
  if (methodId === undefined) {
    throw new Problem('payment_method_unusable', 'the last try was not with a saved method');
  }
  await confirmOnce(
    desk,
    ownCaller(desk, merchantId),
    before,
    { payment_method: { type: 'saved', id: methodId } },
    {
      end,
      set: { last_error: withoutRetryAt(before.last_error) },
      // Not due while it is under way; at its end it is looked at in any case.
      changes: [retryChange(row, { attempts: row.attempts + 1, due_at: end })],
    },
  );
}

/** The switch itself: nobody waits for the answer, and no key of the merchant's is meant. */
function ownCaller({ mode }: Desk, merchantId: string): Caller {
  return {
    principal: {
      kind: 'secret',
      keyId: 'switch',
      merchantId,
      profileId: undefined,
      mode,
      scopes: new Set(),
    },
    requestId: 'retry-later',
    slot: undefined,
  };
}

async function handle(desk: Desk, row: RetryRecord, error: unknown): Promise<void> {
  // The intention lost a race, or a limit was just reached: the claim runs out by itself.
  if (error instanceof Conflict) return;
  if (error instanceof StorageUnavailable) throw error;
  if (error instanceof Problem) {
    await decideAgain(() => giveWay(desk, row, error));
    return;
  }
  desk.observer.retryFailed(row.payment_id, error);
}

/** Refusals that another hour may lift. */
const passing: ReadonlySet<string> = new Set([
  'no_eligible_account',
  'account_unusable',
  'operation_in_progress',
  'concurrent_change',
]);

const underWay: ReadonlySet<PaymentStatus> = new Set([
  'processing',
  'requires_action',
  'in_review',
]);

/** It could not be tried: later then, or never, when the payment or its method are past it. */
async function giveWay(desk: Desk, row: RetryRecord, { code }: Problem): Promise<void> {
  const { db } = desk;
  const payment = await paymentById(db, row.merchant_id, row.payment_id);
  const moment = now(desk);
  const failed = payment.status === 'failed';
  if (failed ? passing.has(code) : underWay.has(payment.status)) {
    await db.commit([retryChange(row, { due_at: isoTime(moment.ms + postponedMs) })]);
    return;
  }
  const told = failed
    ? advance(payment, { last_error: withoutRetryAt(payment.last_error) }, moment, [
        'payment.updated',
      ]).changes
    : [];
  await db.commit([...told, retryRemoval(payment.id)]);
}

/** When the next try is due, if any is. */
export async function nextRetryAt({ db }: Pick<Desk, 'db'>): Promise<string | undefined> {
  return earliest(db, db.knex('payment_retries'), 'due_at');
}
