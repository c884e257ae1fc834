/**
 * The recovery job: every operation whose outcome is not known is asked about on its schedule,
 * until there is evidence. Any number of nodes may run it: a row is claimed by compare-and-swap on
 * its version, which is also the fence that a late claimant's writes fail at.
 */
import { isoTime, minute } from '../base/clock.ts';
import { inParallel } from '../base/parallel.ts';
import type { PaymentKey } from '../ledger/verify.ts';
import { Conflict, earliest } from '../storage/index.ts';
import { advance } from './advance.ts';
import { askOperation } from './ask.ts';
import { nextCheckAt } from './check-schedule.ts';
import { decideAgain, now, type Desk } from './desk.ts';
import { isUnresolved } from './machine.ts';
import type { OperationRecord } from './record.ts';
import { operationChange, operationGuard } from './settle.ts';
import { operationById, paymentById } from './store.ts';

/** A claim that is older than this belongs to a node that died: another one takes over. */
const claimMs = minute;

/** Questions under way at a time: a processor that comes back must not be stormed. */
const concurrency = 16;

const batchSize = 200;

export interface RecoveryRun {
  /** The payments whose operations were asked about. */
  readonly payments: readonly PaymentKey[];
}

/**
 * Asks about everything due. With `orphans`, also about calls that nobody in this process is
 * making: on SQLite, at boot, those are the ones the last process left.
 */
export async function recoverDue(desk: Desk, orphans = false): Promise<RecoveryRun> {
  const payments = new Map<string, PaymentKey>();
  const tried = new Set<string>();
  for (;;) {
    const due = (await dueOperations(desk, orphans)).filter(({ id }) => !tried.has(id));
    if (due.length === 0) return { payments: [...payments.values()] };
    for (const { id, payment_id, merchant_id } of due) {
      tried.add(id);
      payments.set(payment_id, { merchant_id, id: payment_id });
    }
    await inParallel(due, concurrency, (operation) => check(desk, operation));
  }
}

async function dueOperations(desk: Desk, orphans: boolean): Promise<OperationRecord[]> {
  const { db } = desk;
  const due = isoTime(desk.clock.now());
  const query = db.knex('operations').whereNotNull('next_check_at');
  void query.where((either) => {
    void either.where('next_check_at', '<=', due);
    if (orphans) void either.orWhere('state', 'calling');
  });
  const rows = await db.rows<OperationRecord>(
    query.select('*').orderBy('next_check_at').orderBy('id').limit(batchSize),
  );
  return rows.filter((operation) => !desk.engine.isLive(operation));
}

async function check(desk: Desk, due: OperationRecord): Promise<void> {
  const claimed = await claim(desk, due);
  if (!claimed) return;
  try {
    const payment = await paymentById(desk.db, claimed.merchant_id, claimed.payment_id);
    await askOperation(desk, payment, claimed);
    await decideAgain(() => schedule(desk, claimed));
  } catch (error) {
    // The claim runs out by itself and the row is asked about again; the operator hears why.
    desk.observer.recoveryFailed(claimed, error);
  }
}

/** Ours for a minute, or undefined when another node was faster. */
async function claim(desk: Desk, due: OperationRecord): Promise<OperationRecord | undefined> {
  const claimed = {
    ...due,
    checks: due.checks + 1,
    next_check_at: isoTime(desk.clock.now() + claimMs),
    version: due.version + 1,
  };
  try {
    await desk.db.commit([operationChange(due, claimed)]);
    return claimed;
  } catch (error) {
    if (error instanceof Conflict && error.guard === operationGuard) return undefined;
    throw error;
  }
}

/** Still unresolved: the next question gets its time, or a person is called. */
async function schedule(desk: Desk, claimed: OperationRecord): Promise<void> {
  const current = await operationById(desk.db, claimed.id);
  // A state that is new has its own first check; a claim of somebody else's is theirs to follow up.
  if (!isUnresolved(current.state) || current.next_check_at !== claimed.next_check_at) return;
  const { ms, iso } = now(desk);
  const after = {
    ...current,
    next_check_at: nextCheckAt(current.checks, ms),
    version: current.version + 1,
    updated_at: iso,
  };
  if (after.next_check_at !== null) {
    await desk.db.commit([operationChange(current, after)]);
    return;
  }
  const payment = await paymentById(desk.db, current.merchant_id, current.payment_id);
  const { changes } = advance(payment, {}, { ms, iso }, ['payment.needs_operator']);
  await desk.db.commit([...changes, operationChange(current, after)]);
  desk.observer.needsOperator(after);
}

/** When the next question is due, if any: the clock can be moved there. */
export async function nextRecoveryAt(desk: Pick<Desk, 'db'>): Promise<string | undefined> {
  return earliest(desk.db, desk.db.knex('operations'), 'next_check_at');
}
