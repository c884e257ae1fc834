/**
 * "What became of it?" One operation, asked about at its processor, and concluded as far as the
 * answer is evidence. A processor that is silent proves nothing; "not found" proves something only
 * when it was said twice, a grace period apart: the request may still be on its way the first time.
 */
import { isoTime } from '../base/clock.ts';
import type { Account } from '../accounts/account.ts';
import { contextOf } from '../accounts/context.ts';
import { faultOf } from '../accounts/fault.ts';
import { askAbout } from './call.ts';
import { now, type Desk } from './desk.ts';
import { accountOf } from './hold.ts';
import { judge, type Verdict } from './judge.ts';
import { isUnresolved } from './machine.ts';
import {
  storedOr,
  type OperationDetails,
  type OperationRecord,
  type PaymentRecord,
} from './record.ts';
import { operationChange } from './settle.ts';
import { isSurplus, returnSurplus } from './surplus.ts';
import { authorizationOf, operationsOf } from './store.ts';

/** How often an operation may be sent again before it counts as not carried out. */
const resendsMax = 3;

interface Question {
  readonly payment: PaymentRecord;
  readonly operation: OperationRecord;
  readonly account: Account;
  readonly subject: OperationRecord | undefined;
}

/** Answers whether the processor did: an answer that was no news is one too. */
export async function askOperation(
  desk: Desk,
  payment: PaymentRecord,
  operation: OperationRecord,
): Promise<boolean> {
  const account = await accountOf(desk, operation);
  const subject = await subjectOf(desk, operation);
  const question = { payment, operation, account, subject };
  const found = await ask(desk, question);
  // Looked at after the answer: the decision may have been taken while it was on its way.
  if (await isBeingDecided(desk, operation)) return found !== 'no_answer';
  if (found === 'no_answer') await lose(desk, question);
  else if (found === 'not_found') await concludeAbsence(desk, question);
  else if (isSurplus(payment, operation, found)) {
    await returnSurplus(desk, payment, operation, found);
  } else if (!tellsNothingNew(operation, found)) {
    await desk.engine.settle(payment, operation, found, subject);
  }
  return found !== 'no_answer';
}

async function ask(
  desk: Desk,
  { account, operation, subject }: Question,
): Promise<Verdict | 'not_found' | 'no_answer'> {
  try {
    const context = contextOf(account, desk.mode, desk.clock);
    const outcome = await askAbout({ account, operation, subject }, context);
    return outcome === 'not_found' ? outcome : judge(operation, outcome, desk.keyring);
  } catch (error) {
    desk.observer.askFailed(account, operation, faultOf(error));
    return 'no_answer';
  }
}

async function concludeAbsence(desk: Desk, question: Question): Promise<void> {
  const { operation, payment, account, subject } = question;
  // What was told about with other money exists in some form: "not found" is no proof against it.
  if (operation.state === 'failed' || operation.state === 'review') return;
  const { absent_since: since } = operation;
  if (since === null || since > isoTime(desk.clock.now() - desk.absenceGraceMs)) {
    const noted = await noteAbsence(desk, operation);
    return lose(desk, { ...question, operation: noted });
  }
  if (mayResend(desk, question)) {
    await desk.engine.resend(payment, await noteResend(desk, operation), account, subject);
    return;
  }
  const absent: Verdict = { state: 'failed', ref: operation.ref, result: { absent: true } };
  await desk.engine.settle(payment, operation, absent, subject);
}

/** Only what carries no card, to a processor that would recognise a repeat, while it remembers. */
function mayResend(desk: Desk, { operation, account }: Question): boolean {
  if (operation.kind === 'authorize') return false;
  const { resent = 0 } = storedOr<OperationDetails>(operation.details, {});
  const ageMs = desk.clock.now() - Date.parse(operation.created_at);
  return resent < resendsMax && ageMs < account.connector.replayWindowMs;
}

/** The first "not found" is written down with its time; later ones leave it as it is. */
async function noteAbsence(desk: Desk, operation: OperationRecord): Promise<OperationRecord> {
  if (operation.absent_since !== null) return operation;
  return note(desk, operation, { absent_since: now(desk).iso });
}

/**
 * Written down before it leaves: what is found absent after this is found so of the new sending.
 */
async function noteResend(desk: Desk, operation: OperationRecord): Promise<OperationRecord> {
  const details = storedOr<OperationDetails>(operation.details, {});
  const resent = (details.resent ?? 0) + 1;
  return note(desk, operation, {
    absent_since: null,
    details: JSON.stringify({ ...details, resent }),
  });
}

async function note(
  desk: Desk,
  operation: OperationRecord,
  set: Partial<OperationRecord>,
): Promise<OperationRecord> {
  const after = { ...operation, ...set, version: operation.version + 1 };
  await desk.db.commit([operationChange(operation, after)]);
  return after;
}

/** A call that died with its process is unknown from now on, not "still calling". */
async function lose(desk: Desk, { payment, operation, subject }: Question): Promise<void> {
  if (operation.state !== 'calling') return;
  const unknown: Verdict = { state: 'unknown', ref: operation.ref, result: { fault: 'timed_out' } };
  await desk.engine.settle(payment, operation, unknown, subject);
}

function tellsNothingNew(operation: OperationRecord, verdict: Verdict): boolean {
  const givenUp = operation.state === 'failed' || operation.state === 'declined';
  if (givenUp && verdict.state !== 'succeeded' && verdict.state !== 'review') return true;
  return (
    verdict.state === operation.state &&
    verdict.ref === operation.ref &&
    JSON.stringify(verdict.result) === operation.result
  );
}

/**
 * Whether an approval, a rejection or a cancellation of it is under way. Then that one is asked
 * about, and settles both: concluded by itself, the payment would be somewhere the decision cannot
 * go.
 */
async function isBeingDecided(desk: Desk, operation: OperationRecord): Promise<boolean> {
  if (operation.state !== 'pending' && operation.state !== 'review') return false;
  const operations = await operationsOf(desk.db, operation.payment_id);
  return operations.some(
    ({ state, details }) =>
      isUnresolved(state) && storedOr<OperationDetails>(details, {}).subject === operation.id,
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
