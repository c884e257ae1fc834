/**
 * Whether and when a declined payment without its customer is tried again by itself. Pure: rows and
 * figures in, the next moment out.
 *
 * Off unless the rule that routed the payment says `retry_later: {max_attempts, within_hours}`. The
 * tries are spread evenly: `within_hours / max_attempts` after each decline, so with 3 within 72
 * hours one day, two days and three days after the first. An account without funds is not asked
 * twice a day: after `insufficient_funds` a day passes at least. The window ends where the first
 * decline put its end; a try that would come a little later comes at the end, and none is squeezed
 * in when less than half of the wait is left.
 */
import { day, hour, isoTime } from '../base/clock.ts';
import type { EventType } from '../events/event.ts';
import type { RetryLater } from '../routing/rules/rule.ts';
import { findOne, insert, remove, update, type Change, type Database } from '../storage/index.ts';
import type { Verdict } from './judge.ts';
import { isUnresolved } from './machine.ts';
import type { Moment } from './moment.ts';
import {
  stored,
  storedOr,
  type LastError,
  type MethodSummary,
  type OperationRecord,
  type PaymentRecord,
  type StoredDetails,
} from './record.ts';

/**
 * Authorizations of one payment at most, whoever begins them: a page that lets a thief test cards
 * is a gift to him.
 */
export const attemptsMax = 5;

/** So much after its window a try may still begin: the job rings once a minute, and may be busy. */
export const retryGraceMs = hour;

export const retryGuard = 'retry_version';

/** What a commit may lose to a retry that somebody else wrote down: read and decide again. */
export const retryGuards: readonly string[] = [
  retryGuard,
  'payment_retries_pkey',
  'payment_retries.payment_id',
];

export interface RetryRecord {
  readonly payment_id: string;
  readonly merchant_id: string;
  /** Tries begun by the switch itself; the merchant's own do not count. */
  readonly attempts: number;
  /** When the job looks at it next: to try, or to see that there is nothing to try any more. */
  readonly due_at: string;
  readonly until_at: string;
  readonly version: number;
}

export function retryChange(before: RetryRecord, set: Partial<RetryRecord>): Change {
  const { payment_id, version } = before;
  return update(
    'payment_retries',
    { ...set, version: version + 1 },
    { payment_id, version },
    retryGuard,
  );
}

export const retryRemoval = (paymentId: string): Change =>
  remove('payment_retries', { payment_id: paymentId });

/** The row that a verdict on this operation may concern; most payments never have one. */
export async function retryOf(
  db: Database,
  payment: PaymentRecord,
  { kind }: Pick<OperationRecord, 'kind'>,
): Promise<RetryRecord | undefined> {
  const again = payment.attempts > 1 || payment.status === 'failed';
  if (kind !== 'authorize' || !again || !withoutCustomer(payment)) return undefined;
  return findOne<RetryRecord>(db, 'payment_retries', { payment_id: payment.id });
}

const withoutCustomer = ({ details }: PaymentRecord): boolean =>
  stored<StoredDetails>(details).off_session === true;

/** The saved method that can be charged again without anybody typing anything. */
export function savedMethodOf({ method }: PaymentRecord): string | undefined {
  return storedOr<Partial<MethodSummary>>(method, {}).id;
}

export interface Rescheduled {
  readonly payment: PaymentRecord;
  readonly changes: readonly Change[];
  readonly events: readonly EventType[];
}

/**
 * What becomes of the retries with the end of an authorization. `payment` stands as it was
 * concluded; `row` is what {@link retryOf} read before.
 */
export function reschedule(
  payment: PaymentRecord,
  operation: OperationRecord,
  verdict: Verdict,
  row: RetryRecord | undefined,
  now: Moment,
): Rescheduled {
  if (operation.kind !== 'authorize' || isUnresolved(verdict.state)) {
    return { payment, changes: [], events: [] };
  }
  const next = nextTry(payment, verdict, row, now.ms);
  if (next === undefined) {
    return { payment, changes: row ? [retryRemoval(payment.id)] : [], events: [] };
  }
  const { merchant_id, id: payment_id } = payment;
  const change = row
    ? retryChange(row, { due_at: next.due_at })
    : insert('payment_retries', { payment_id, merchant_id, attempts: 0, ...next, version: 1 });
  const error = { ...storedOr<object>(payment.last_error, {}), retry_at: next.due_at };
  return {
    payment: {
      ...payment,
      last_error: JSON.stringify(error),
      event_count: payment.event_count + 1,
    },
    changes: [change],
    events: ['payment.retry_scheduled'],
  };
}

/** Undefined: it is not tried again. */
function nextTry(
  payment: PaymentRecord,
  verdict: Verdict,
  row: RetryRecord | undefined,
  nowMs: number,
): Pick<RetryRecord, 'due_at' | 'until_at'> | undefined {
  if (payment.status !== 'failed' || payment.attempts >= attemptsMax) return undefined;
  if (savedMethodOf(payment) === undefined || !withoutCustomer(payment)) return undefined;
  const asked = retryLaterOf(payment);
  if (!asked || (row?.attempts ?? 0) >= asked.max_attempts || !mayCome(verdict, row)) {
    return undefined;
  }
  const untilMs = row ? Date.parse(row.until_at) : nowMs + asked.within_hours * hour;
  const dueMs = dueAfter(asked, verdict, untilMs, nowMs);
  return dueMs === undefined ? undefined : { due_at: isoTime(dueMs), until_at: isoTime(untilMs) };
}

/** What the rule that routed the payment last says; null and undefined alike: nothing. */
function retryLaterOf({ routing }: PaymentRecord): RetryLater | null | undefined {
  const decision = storedOr<{ readonly retry_later?: RetryLater | null }>(routing, {});
  return decision.retry_later;
}

/**
 * A decline that says "later" begins and continues. What surely was not sent continues as well: the
 * processor was out of order on that day, and said nothing about the card.
 */
function mayCome({ state, result }: Verdict, row: RetryRecord | undefined): boolean {
  if (state === 'declined') return result.advice === 'later';
  const refused = result.fault === 'rejected' || result.fault === 'unauthorized';
  return state === 'failed' && row !== undefined && !refused;
}

function dueAfter(
  { max_attempts, within_hours }: RetryLater,
  { result }: Verdict,
  untilMs: number,
  nowMs: number,
): number | undefined {
  const evenMs = Math.floor((within_hours * hour) / max_attempts);
  const waitMs = result.decline_code === 'insufficient_funds' ? Math.max(evenMs, day) : evenMs;
  if (nowMs + waitMs <= untilMs) return nowMs + waitMs;
  return untilMs - nowMs >= waitMs / 2 ? untilMs : undefined;
}

/** The last error of a payment that is not (or no longer) waiting for its next try. */
export function withoutRetryAt(lastError: string | null): string | null {
  if (lastError === null) return null;
  const { retry_at: _over, ...error } = stored<LastError>(lastError);
  return JSON.stringify(error);
}
