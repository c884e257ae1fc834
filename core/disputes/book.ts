/**
 * A dispute as the processor has it, brought into the books: the money it took away or gave back as
 * an operation of the payment, and what changed as an event. The same state twice changes nothing.
 */
import type { JsonObject } from '../base/json.ts';
import { newId } from '../base/id.ts';
import type { EventType } from '../events/event.ts';
import { advance } from '../payments/advance.ts';
import { decideAgain, now, type Desk } from '../payments/desk.ts';
import { bookForeign } from '../payments/foreign.ts';
import type { OperationRecord, PaymentRecord } from '../payments/record.ts';
import { paymentById } from '../payments/store.ts';
import type { DisputeState } from '../sdk/dispute.ts';
import { Conflict, findOne, insert, update, type Change } from '../storage/index.ts';
import { presentDispute } from './present.ts';
import { closedStatuses, type DisputeRecord } from './record.ts';

export const disputeGuard = 'dispute_version';

/** Guards that somebody faster may have moved: read again, decide again. */
const raced = new Set([disputeGuard, 'disputes_reference']);

/** Answers the dispute as it stands in the books afterwards. */
export async function bookDispute(
  desk: Desk,
  authorization: Pick<OperationRecord, 'merchant_id' | 'payment_id' | 'account_id'>,
  state: DisputeState,
  evidence?: JsonObject,
): Promise<DisputeRecord> {
  for (;;) {
    try {
      return await decideAgain(() => bookOnce(desk, authorization, state, evidence));
    } catch (error) {
      if (!(error instanceof Conflict) || !raced.has(error.guard)) throw error;
    }
  }
}

async function bookOnce(
  desk: Desk,
  { merchant_id, payment_id, account_id }: Parameters<typeof bookDispute>[1],
  state: DisputeState,
  evidence: JsonObject | undefined,
): Promise<DisputeRecord> {
  const payment = await paymentById(desk.db, merchant_id, payment_id);
  const where = { account_id, reference: state.reference };
  const known = await findOne<DisputeRecord>(desk.db, 'disputes', where);
  const { ms, iso } = now(desk);
  const after: DisputeRecord = {
    id: known?.id ?? newId('dispute', ms),
    merchant_id,
    payment_id,
    ...where,
    stage: state.stage,
    status: state.status,
    reason: state.reason,
    processor_reason: state.processorReason,
    amount: state.amount.amount,
    amount_withdrawn: state.withdrawn.amount,
    currency: state.amount.currency,
    evidence: evidence === undefined ? (known?.evidence ?? null) : JSON.stringify(evidence),
    evidence_due_at: state.evidenceDueAt ?? null,
    opened_at: state.openedAt,
    closed_at: closedStatuses.has(state.status) ? (known?.closed_at ?? iso) : null,
    created_at: known?.created_at ?? iso,
    updated_at: iso,
    version: (known?.version ?? 0) + 1,
  };
  if (known && tellsNothingNew(known, after)) return known;
  await write(desk, payment, known, after);
  return after;
}

function tellsNothingNew(known: DisputeRecord, after: DisputeRecord): boolean {
  const still = { ...after, updated_at: known.updated_at, version: known.version };
  return JSON.stringify(sorted(still)) === JSON.stringify(sorted(known));
}

const sorted = (record: object) => Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1));

async function write(
  desk: Desk,
  payment: PaymentRecord,
  known: DisputeRecord | undefined,
  after: DisputeRecord,
): Promise<void> {
  const events = eventsOf(known, after);
  const object = { ...presentDispute(after) };
  const changes = [rowOf(known, after)];
  const taken = after.amount_withdrawn - (known?.amount_withdrawn ?? 0);
  if (taken === 0) {
    const step = advance(payment, {}, now(desk), events, undefined, object);
    await desk.db.commit([...step.changes, ...changes]);
    return;
  }
  await bookForeign(desk, payment, {
    kind: taken > 0 ? 'dispute' : 'reinstatement',
    accountId: after.account_id,
    amount: Math.abs(taken),
    details: { reason: after.reason },
    pending: {},
    // A dispute may take, give back and take again: each movement has a handle of its own.
    verdict: { state: 'succeeded', ref: handleOf(after), result: {} },
    events,
    object,
    changes,
  });
}

function handleOf({ reference, version }: DisputeRecord): string {
  return JSON.stringify({ dispute: reference, step: version });
}

function rowOf(known: DisputeRecord | undefined, after: DisputeRecord): Change {
  if (!known) return insert('disputes', { ...after });
  const { id, version } = known;
  return update('disputes', { ...after }, { id, version }, disputeGuard);
}

function eventsOf(known: DisputeRecord | undefined, after: DisputeRecord): EventType[] {
  const events: EventType[] = known ? [] : ['dispute.opened'];
  if (known?.status !== after.status && closedStatuses.has(after.status)) {
    events.push(`dispute.${after.status}` as EventType);
  }
  return events.length > 0 ? events : ['dispute.updated'];
}
