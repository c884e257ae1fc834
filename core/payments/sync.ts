/** Asking the processor what became of what is not settled. Evidence alone moves the books. */
import { commitWithAnswer } from '../access/answer.ts';
import type { Reply } from '../sdk/route.ts';
import { isoTime } from '../base/clock.ts';
import { askAbout, contextOf } from './call.ts';
import type { Caller } from './create.ts';
import { now, shown, type Desk, paymentFor } from './desk.ts';
import { accountOf } from './hold.ts';
import { faultOf, judge, type Verdict } from './judge.ts';
import { isUnresolved } from './machine.ts';
import {
  storedOr,
  type OperationDetails,
  type OperationRecord,
  type PaymentRecord,
} from './record.ts';
import { operationChange } from './settle.ts';
import { authorizationOf, operationById, operationsOf, paymentById } from './store.ts';

/** Asks about everything unresolved and answers the payment; 202 while it still is not known. */
export async function syncPayment(desk: Desk, caller: Caller, id: string): Promise<Reply> {
  const { principal, slot } = caller;
  const payment = await syncAll(desk, await paymentFor(desk, principal, id));
  const status = payment.status === 'processing' ? 202 : 200;
  return commitWithAnswer(desk, slot, { status, body: shown(desk, payment, principal) }, []);
}

/** Every unresolved operation of the payment is asked about, oldest first. */
export async function syncAll(
  desk: Desk,
  { merchant_id, id }: PaymentRecord,
): Promise<PaymentRecord> {
  for (const { id: operationId } of await operationsOf(desk.db, id)) {
    // Read afresh: settling one operation may have settled another.
    const operation = await operationById(desk.db, operationId);
    if (!isUnresolved(operation.state) || desk.engine.isLive(operation)) continue;
    await syncOperation(desk, await paymentById(desk.db, merchant_id, id), operation);
  }
  return paymentById(desk.db, merchant_id, id);
}

/**
 * Asks about one operation and concludes what the answer proves. A processor that is silent proves
 * nothing; "not found" proves something only when it is said twice, a grace period apart, because
 * the request may still be on its way when the first one is said.
 */
export async function syncOperation(
  desk: Desk,
  payment: PaymentRecord,
  operation: OperationRecord,
): Promise<void> {
  const account = await accountOf(desk, operation);
  const subject = await subjectOf(desk, operation);
  const found = await (async (): Promise<Verdict | 'not_found' | 'no_answer'> => {
    try {
      const context = contextOf(account, desk.mode, desk.clock);
      const outcome = await askAbout({ account, operation, subject }, context);
      return outcome === 'not_found' ? outcome : judge(operation, outcome);
    } catch (error) {
      desk.observer.askFailed(account, operation, faultOf(error));
      return 'no_answer';
    }
  })();
  const verdict = found === 'not_found' ? verdictOfAbsence(desk, operation) : found;
  if (verdict === 'no_answer') return lose(desk, payment, operation, subject);
  if (verdict === 'absent_once') {
    await lose(desk, payment, await noteAbsence(desk, operation), subject);
    return;
  }
  if (tellsNothingNew(operation, verdict)) return;
  await desk.engine.settle(payment, operation, verdict, subject);
}

function verdictOfAbsence(desk: Desk, operation: OperationRecord): Verdict | 'absent_once' {
  const { absent_since: since } = operation;
  const provenAt = isoTime(desk.clock.now() - desk.absenceGraceMs);
  if (since === null || since > provenAt) return 'absent_once';
  return { state: 'failed', ref: operation.ref, result: { fault: 'unreachable' } };
}

/** The first "not found" is written down with its time; later ones leave it as it is. */
async function noteAbsence(desk: Desk, operation: OperationRecord): Promise<OperationRecord> {
  if (operation.absent_since !== null) return operation;
  const { iso } = now(desk);
  const after = {
    ...operation,
    absent_since: iso,
    checks: operation.checks + 1,
    version: operation.version + 1,
  };
  await desk.db.commit([operationChange(operation, after)]);
  return after;
}

/** A call that died with its process is unknown from now on, not "still calling". */
async function lose(
  desk: Desk,
  payment: PaymentRecord,
  operation: OperationRecord,
  subject: OperationRecord | undefined,
): Promise<void> {
  if (operation.state !== 'calling') return;
  const verdict: Verdict = { state: 'unknown', ref: operation.ref, result: { fault: 'timed_out' } };
  await desk.engine.settle(payment, operation, verdict, subject);
}

function tellsNothingNew(operation: OperationRecord, verdict: Verdict): boolean {
  return (
    verdict.state === operation.state &&
    verdict.ref === operation.ref &&
    JSON.stringify(verdict.result) === operation.result
  );
}

/** The operation this one is about: named in its details, or the payment's authorization. */
async function subjectOf(
  desk: Desk,
  operation: OperationRecord,
): Promise<OperationRecord | undefined> {
  if (operation.kind === 'authorize') return undefined;
  const operations = await operationsOf(desk.db, operation.payment_id);
  const { subject } = storedOr<OperationDetails>(operation.details, {});
  return subject === undefined
    ? authorizationOf(operations)
    : operations.find(({ id }) => id === subject);
}
