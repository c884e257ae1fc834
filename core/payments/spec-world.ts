/**
 * A payment's life as pure data, for the properties of conclude.spec.ts: verbs as the switch
 * decides them, verdicts as processors give them, in any order that the switch lets happen.
 */
import { isoTime } from '../base/clock.ts';
import type { EventRecord, EventType } from '../events/event.ts';
import type { EntryRecord } from '../ledger/entry.ts';
import type { Row, Update } from '../storage/change-set.ts';
import { capturable, refundable } from './amounts.ts';
import { newOperation } from './operation.ts';
import type { Verdict } from './judge.ts';
import { assertMove, isUnresolved, operationMachine, type OperationState } from './machine.ts';
import {
  storedOr,
  type OperationDetails,
  type OperationRecord,
  type PaymentRecord,
  type RecordedKind,
} from './record.ts';
import { paymentEvents, settle } from './settle.ts';
import { authorizationOf } from './store.ts';

/** 2026-11-21T10:00:00Z. */
export const nowMs = Date.UTC(2026, 10, 21, 10);
export const moment = { ms: nowMs, iso: isoTime(nowMs) };

/** A payment of 100.00 as it is written down first. */
export function freshPayment(more: Partial<PaymentRecord> = {}): PaymentRecord {
  return {
    merchant_id: 'mer_1',
    id: 'pay_1',
    profile_id: 'prof_1',
    version: 1,
    status: 'created',
    amount: 10_000,
    currency: 'USD',
    amount_authorized: 0,
    amount_captured: 0,
    amount_hold_pending: 0,
    amount_voided: 0,
    amount_refunded: 0,
    amount_refund_pending: 0,
    amount_disputed: 0,
    capture_method: 'manual',
    reference: null,
    customer_id: null,
    account_id: null,
    method: null,
    details: '{}',
    verification: null,
    routing: null,
    next_action: null,
    last_error: null,
    cancellation_reason: null,
    attempts: 0,
    event_count: 1,
    revision: 1,
    authorized_at: null,
    captured_at: null,
    expires_at: null,
    created_at: moment.iso,
    updated_at: moment.iso,
    ...more,
  };
}

/** An operation of `payment` on which the processor is being called. */
export function callingOperation(
  payment: PaymentRecord,
  kind: RecordedKind,
  amount: number,
  details: OperationDetails = {},
): OperationRecord {
  return newOperation(payment, kind, 'acct_1', amount, details, nowMs);
}

export interface Step {
  /** Which of the moves that are possible is made. */
  readonly pick: number;
  /** How much of what may be captured or refunded, in 1/1000. */
  readonly share: number;
  readonly waitingFor: 'customer' | 'processor' | 'review';
  readonly final: boolean;
}

interface Move {
  readonly name: string;
  make(step: Step): void;
}

const eventOf: { readonly [S in Verdict['state']]: string } = {
  succeeded: 'succeed',
  pending: 'wait',
  declined: 'decline',
  failed: 'fail',
  unknown: 'lose',
  review: 'mismatch',
};

/** What may happen besides an orderly life. */
export interface Surprises {
  /** An operation is answered for while a decision about it is under way. */
  readonly races?: boolean;
  /** What was given up turns out to have moved money after all. */
  readonly late?: boolean;
}

export class World {
  payment: PaymentRecord;
  readonly operations: OperationRecord[] = [];
  readonly entries: EntryRecord[] = [];
  readonly events: EventRecord[] = [];
  /** What happened, for a counterexample that can be read. */
  readonly story: string[] = [];

  readonly #surprises: Surprises;

  constructor(captureMethod: 'automatic' | 'manual', surprises: Surprises = {}) {
    this.#surprises = surprises;
    this.payment = freshPayment({ capture_method: captureMethod });
  }

  /** Makes one of the possible moves; false when there is none. */
  take(step: Step): boolean {
    const moves = [...this.#verbs(), ...this.#answers()];
    const move = moves[step.pick % Math.max(1, moves.length)];
    if (!move) return false;
    this.story.push(`${this.payment.status}: ${move.name}`);
    move.make(step);
    return true;
  }

  #verbs(): Move[] {
    const { status, amount_hold_pending: holding } = this.payment;
    const moves: Move[] = [];
    const add = (name: string, make: (step: Step) => void) => moves.push({ name, make });
    const canTry = status === 'failed' && this.payment.attempts < 5;
    if (status === 'created' || canTry) add('confirm', () => this.#confirm());
    const holds = ['authorized', 'partially_captured', 'partially_refunded'].includes(status);
    if (holds && holding === 0 && capturable(this.payment) > 0) {
      add('capture', (step) => this.#capture(step));
      add('void', () => this.#void());
    }
    if (refundable(this.payment) > 0) add('refund', (step) => this.#refund(step));
    if (status === 'requires_action' && this.#waiting()) add('cancel', () => this.#cancel());
    const held = this.#held();
    if (held?.state === 'pending') add('approve', () => this.#review('approve', held));
    if (held?.kind === 'authorize') add('reject', () => this.#review('reject', held));
    return moves;
  }

  /** Every verdict that the operation's table lets in. */
  #answers(): Move[] {
    return this.operations.flatMap((operation) => {
      if (!this.#mayBeAnswered(operation)) return [];
      return (Object.keys(eventOf) as Verdict['state'][])
        .filter((state) => mayHear(operation.state, state))
        .map((state) => ({
          name: `${operation.kind} of ${operation.amount} ${operation.state} → ${state}`,
          make: (step: Step) => this.answer(operation, verdictOf(state, step)),
        }));
    });
  }

  /** Settles as the switch does, and lands the change set in memory, guards and all. */
  answer(operation: OperationRecord, verdict: Verdict): void {
    const subject = this.#subjectOf(operation);
    for (const change of settle(this.payment, operation, verdict, subject, moment).changes) {
      if (change.kind === 'insert') this.#insert(change.table, change.row);
      else if (change.kind === 'update') this.#update(change);
    }
  }

  #insert(table: string, row: Row): void {
    if (table === 'ledger_entries') this.entries.push(row as unknown as EntryRecord);
    else if (table === 'events') this.events.push(row as unknown as EventRecord);
    else throw new Error(`nobody inserts into ${table} here`);
  }

  #update({ table, set, where }: Update): void {
    const rows: { id: string; version: number }[] =
      table === 'payments' ? [this.payment] : this.operations;
    const row = rows.find(({ id, version }) => id === where['id'] && version === where['version']);
    if (!row) throw new Error(`lost the compare-and-swap on ${table}`);
    const after = { ...row, ...set };
    if (table === 'payments') this.payment = after as PaymentRecord;
    else this.operations[rows.indexOf(row)] = after as OperationRecord;
  }

  #start(kind: RecordedKind, amount: number, set: Partial<PaymentRecord>, asked = {}): void {
    const after = { ...this.payment, ...set, version: this.payment.version + 1 };
    assertMove(this.payment.status, after.status);
    if (after.status !== this.payment.status) {
      after.event_count += 1;
      const told = paymentEvents(after, undefined, [`payment.${after.status}` as EventType], nowMs);
      for (const change of told) if (change.kind === 'insert') this.#insert('events', change.row);
    }
    this.payment = after;
    this.operations.push(callingOperation(after, kind, amount, asked));
  }

  #confirm(): void {
    const { amount, capture_method: capture, attempts } = this.payment;
    this.#start('authorize', amount, { status: 'processing', attempts: attempts + 1 }, { capture });
  }

  #capture({ share, final }: Step): void {
    const left = capturable(this.payment);
    const amount = Math.max(1, Math.round((left * share) / 1000));
    const asked = { final: final || amount === left };
    this.#start('capture', amount, { amount_hold_pending: amount }, asked);
  }

  #void(): void {
    const amount = capturable(this.payment);
    this.#start('void', amount, { amount_hold_pending: amount });
  }

  #refund({ share }: Step): void {
    const amount = Math.max(1, Math.round((refundable(this.payment) * share) / 1000));
    const pending = this.payment.amount_refund_pending + amount;
    this.#start('refund', amount, { amount_refund_pending: pending });
  }

  #cancel(): void {
    const asked = { ends: 'cancelled', subject: this.#waiting()?.id };
    this.#start('void', this.payment.amount, { status: 'processing' }, asked);
  }

  #review(kind: 'approve' | 'reject', held: OperationRecord): void {
    this.#start(kind, held.amount, { status: 'processing' }, { subject: held.id });
  }

  #waiting(): OperationRecord | undefined {
    return this.operations.findLast(
      ({ kind, state }) => kind === 'authorize' && state === 'pending',
    );
  }

  #held(): OperationRecord | undefined {
    if (this.payment.status !== 'in_review') return undefined;
    return this.operations.findLast(
      ({ kind, state }) => state === 'review' || (state === 'pending' && kind === 'authorize'),
    );
  }

  #subjectOf(operation: OperationRecord): OperationRecord | undefined {
    if (operation.kind === 'authorize') return undefined;
    const { subject } = storedOr<OperationDetails>(operation.details, {});
    return subject === undefined
      ? authorizationOf(this.operations)
      : this.operations.find(({ id }) => id === subject);
  }

  #mayBeAnswered(operation: OperationRecord): boolean {
    if (!isUnresolved(operation.state)) return this.#surprises.late === true;
    return this.#surprises.races === true || !this.#isDecided(operation);
  }

  #isDecided({ id }: OperationRecord): boolean {
    return this.operations.some(
      ({ state, details }) =>
        isUnresolved(state) && storedOr<OperationDetails>(details, {}).subject === id,
    );
  }
}

function mayHear(from: OperationState, state: Verdict['state']): boolean {
  if (from === 'pending' && state === 'pending') return true;
  return operationMachine.next(from, eventOf[state] as never) !== undefined;
}

/** A verdict as judge.ts would give it. */
export function verdictOf(
  state: OperationState,
  { waitingFor }: Pick<Step, 'waitingFor'> = { waitingFor: 'processor' },
): Verdict {
  const ref = '{"charge":"ch_1"}';
  switch (state) {
    case 'pending':
      return { state, ref, result: { waiting_for: waitingFor } };
    case 'declined':
      return { state, ref, result: { decline_code: 'do_not_honor', advice: 'later' } };
    case 'failed':
      return { state, ref: null, result: { fault: 'unreachable' } };
    case 'unknown':
      return { state, ref: null, result: { fault: 'timed_out' } };
    case 'review':
      return { state, ref, result: { found: { amount: 1, currency: 'USD', operation: 'op_x' } } };
    default:
      return { state: 'succeeded', ref, result: {} };
  }
}
