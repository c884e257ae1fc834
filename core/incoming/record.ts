/** A processor's webhook as it is filed: verified, sealed, and not yet believed. */

export const incomingStates = ['waiting', 'applied', 'ignored', 'failed'] as const;

export type IncomingState = (typeof incomingStates)[number];

export interface IncomingRecord {
  readonly id: string;
  readonly merchant_id: string;
  readonly account_id: string;
  /** What makes a repeat recognisable; unique within the account. */
  readonly delivery_id: string;
  /** The processor's own word for what happened. */
  readonly type: string;
  /** JSON of the connector's subjects: where to look. */
  readonly subjects: string;
  /** The raw body, sealed: it may tell about people. */
  readonly body: string;
  readonly state: IncomingState;
  readonly attempts: number;
  readonly next_try_at: string | null;
  /** Why it waits, was left alone, or failed. */
  readonly detail: string | null;
  readonly payment_id: string | null;
  readonly received_at: string;
  readonly applied_at: string | null;
  readonly version: number;
}

export const incomingGuard = 'incoming_webhook_version';

export function bodyBinding(id: string): string {
  return `incoming_webhooks/${id}/body`;
}
