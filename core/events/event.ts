/**
 * Events: facts we publish. A row is written in the commit of the change it tells of and never
 * changes after.
 *
 * A payment's event keeps what moved (status, amounts, the last error) and the number of the
 * revision that holds the rest, instead of the whole payment again: the full object is put together
 * from frozen parts when it is read. That keeps a payment's rows under 2.5 kB.
 */
import { newId } from '../base/id.ts';
import { isoTime } from '../base/clock.ts';
import type { JsonObject } from '../base/json.ts';
import { insert, type Change } from '../storage/index.ts';

export const eventTypes = [
  'payment.created',
  'payment.updated',
  'payment.requires_action',
  'payment.processing',
  'payment.in_review',
  'payment.authorized',
  'payment.partially_captured',
  'payment.captured',
  'payment.partially_refunded',
  'payment.refunded',
  'payment.voided',
  'payment.cancelled',
  'payment.failed',
  'payment.expired',
  'payment.capture_failed',
  'payment.void_failed',
  'payment.review_failed',
  'payment.late_success',
  'payment.attempt_declined',
  'payment.retry_scheduled',
  'payment.needs_operator',
  'refund.created',
  'refund.succeeded',
  'refund.failed',
  'dispute.opened',
  'dispute.updated',
  'dispute.won',
  'dispute.lost',
  'dispute.closed',
  'customer.created',
  'customer.updated',
  'customer.deleted',
  'setup.succeeded',
  'setup.failed',
  'payment_method.attached',
  'webhook_endpoint.disabled',
  'routing.draft_withdrawn',
  // Sent to one endpoint, when its owner wants to see whether it hears.
  'ping',
] as const;

export type EventType = (typeof eventTypes)[number];

/** As stored: `data` is JSON text. */
export interface EventRecord {
  readonly merchant_id: string;
  readonly id: string;
  readonly type: EventType;
  readonly payment_id: string | null;
  readonly sequence: number | null;
  readonly revision: number | null;
  readonly data: string;
  readonly created_at: string;
}

/** What an event is about: a payment's place in its own story, or nothing but the data. */
export interface EventSubject {
  readonly merchantId: string;
  readonly paymentId?: string;
  readonly sequence?: number;
  readonly revision?: number;
}

export function eventChange(
  type: EventType,
  subject: EventSubject,
  data: JsonObject,
  nowMs: number,
): Change {
  const record: EventRecord = {
    merchant_id: subject.merchantId,
    id: newId('event', nowMs),
    type,
    payment_id: subject.paymentId ?? null,
    sequence: subject.sequence ?? null,
    revision: subject.revision ?? null,
    data: JSON.stringify(data),
    created_at: isoTime(nowMs),
  };
  return insert('events', { ...record });
}
