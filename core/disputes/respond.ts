/** Answering a dispute, or giving in: the processor is told, and what it says then is booked. */
import { canonicalJson, type JsonObject } from '../base/json.ts';
import { contextOf } from '../accounts/context.ts';
import type { Account } from '../accounts/account.ts';
import { commitWithAnswer } from '../idempotency/answer.ts';
import type { Caller } from '../payments/create.ts';
import type { OperationRecord } from '../payments/record.ts';
import { storedOr } from '../payments/record.ts';
import type { Desk } from '../payments/desk.ts';
import { isOfProfile } from '../payments/store.ts';
import type { Context, Disputes } from '../sdk/connector.ts';
import type { DisputeState, Evidence } from '../sdk/dispute.ts';
import { Fault } from '../sdk/fault.ts';
import { Problem } from '../sdk/problem.ts';
import type { Principal, Reply } from '../sdk/route.ts';
import { findOne } from '../storage/index.ts';
import { bookDispute } from './book.ts';
import { presentDispute } from './present.ts';
import { closedStatuses, type DisputeRecord } from './record.ts';
import type { EvidenceBody } from './schema.ts';

export async function disputeFor(
  desk: Desk,
  principal: Principal,
  id: string,
): Promise<DisputeRecord> {
  const where = { id, merchant_id: principal.merchantId };
  const dispute = await findOne<DisputeRecord>(desk.db, 'disputes', where);
  if (dispute && (await isOfProfile(desk.db, principal, dispute))) return dispute;
  throw new Problem('not_found', 'there is no such dispute');
}

/** Sends evidence; with `submit` the bank gets it and nothing can be added. */
export async function giveEvidence(
  desk: Desk,
  caller: Caller,
  id: string,
  body: EvidenceBody,
): Promise<Reply> {
  const dispute = await openDispute(desk, caller, id);
  const given = { ...storedOr<JsonObject>(dispute.evidence, {}), ...(body.fields as JsonObject) };
  return tell(desk, caller, dispute, given, ({ respond }, context) => {
    const { reference } = dispute;
    const fields = given as Evidence['fields'];
    const submit = body.submit ?? false;
    const submissionId = submissionOf(desk, dispute, { ...given, submit });
    return respond?.(context, { reference, submissionId, fields, submit });
  });
}

/** The money stays with the cardholder. */
export async function acceptDispute(desk: Desk, caller: Caller, id: string): Promise<Reply> {
  const dispute = await openDispute(desk, caller, id);
  return tell(desk, caller, dispute, undefined, ({ accept }, context) => {
    const { reference } = dispute;
    return accept?.(context, { reference, submissionId: submissionOf(desk, dispute, {}) });
  });
}

/** The same words again are the same submission to the processor; a changed dispute is another. */
function submissionOf(desk: Desk, { id, version }: DisputeRecord, said: JsonObject): string {
  const words = desk.keyring.digest('request-fingerprint', canonicalJson(said));
  return `${id}_${version}_${words.slice(0, 12)}`;
}

async function openDispute(desk: Desk, caller: Caller, id: string): Promise<DisputeRecord> {
  const dispute = await disputeFor(desk, caller.principal, id);
  if (!closedStatuses.has(dispute.status)) return dispute;
  throw new Problem('dispute_state', `a dispute that is ${dispute.status} is not heard any more`, {
    members: { dispute_status: dispute.status },
  });
}

async function tell(
  desk: Desk,
  caller: Caller,
  dispute: DisputeRecord,
  evidence: JsonObject | undefined,
  act: (
    disputes: Disputes<unknown>,
    context: Context<unknown>,
  ) => Promise<DisputeState> | undefined,
): Promise<Reply> {
  const account = await accountFor(desk, dispute);
  const { disputes } = account.connector;
  const told = disputes && act(disputes, contextOf(account, desk.mode, desk.clock));
  if (!told) throw new Problem('not_supported', `${account.connector.name} does not take that`);
  const state = await told.catch(asProblem);
  const about: Pick<OperationRecord, 'merchant_id' | 'payment_id' | 'account_id'> = dispute;
  const after = await bookDispute(desk, about, state, evidence);
  return commitWithAnswer(desk, caller.slot, { status: 200, body: presentDispute(after) }, []);
}

async function accountFor(desk: Desk, dispute: DisputeRecord): Promise<Account> {
  const account = await desk.accounts.find(dispute.merchant_id, dispute.account_id);
  if (account) return account;
  throw new Problem('not_supported', "the account's connector is not installed any more");
}

/** Nothing is booked on a fault; telling it again is the same submission. */
function asProblem(error: unknown): never {
  if (!(error instanceof Fault)) throw error;
  const refused = error.kind === 'rejected' || error.kind === 'unauthorized';
  throw refused
    ? new Problem('processor_refused', 'the processor refused it; nothing was changed')
    : new Problem('processor_unreachable', 'the processor gave no answer: send it again');
}
