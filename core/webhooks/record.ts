/** Outgoing webhooks as stored. JSON columns are text; flags are 0 and 1. */
import type { EventType } from '../events/event.ts';

export interface ListenerRecord {
  readonly merchant_id: string;
  /** Whether events of this merchant go into the outbox. */
  readonly active: 0 | 1;
  /** A payment was given a URL of its own once; then it stays active. */
  readonly by_payment: 0 | 1;
  readonly since: string;
  readonly catch_up_at: string | null;
  readonly version: number;
}

export interface OutboxRecord {
  readonly event_id: string;
  readonly merchant_id: string;
}

export const endpointStatuses = ['enabled', 'disabled'] as const;

/** What counts as delivered. */
export const successRules = ['2xx', '200'] as const;

export type SuccessRule = (typeof successRules)[number];

export interface EndpointRecord {
  readonly id: string;
  readonly merchant_id: string;
  /** Only events of this profile's payments; null for all, and for what belongs to no payment. */
  readonly profile_id: string | null;
  readonly url: string;
  readonly description: string | null;
  /** JSON: `["*"]`, types, `payment.*`. */
  readonly events: string;
  readonly also_payment_urls: 0 | 1;
  readonly signer: string;
  /** Sealed, like the previous one, which signs beside it until previous_until. */
  readonly secret: string;
  readonly previous_secret: string | null;
  readonly previous_until: string | null;
  readonly status: (typeof endpointStatuses)[number];
  readonly disabled_reason: 'by_you' | 'failing' | null;
  /** Events from before it are not for this endpoint. */
  readonly active_since: string;
  readonly success: SuccessRule;
  readonly timeout_ms: number;
  /** JSON: seconds from the first due time to each attempt. */
  readonly schedule: string;
  readonly expire_after_s: number;
  readonly jitter_percent: number;
  /** Since when every attempt has failed. */
  readonly failing_since: string | null;
  readonly created_at: string;
  readonly updated_at: string;
  readonly deleted_at: string | null;
  readonly version: number;
}

export const deliveryStates = ['pending', 'delivered', 'failed', 'expired'] as const;

export type DeliveryState = (typeof deliveryStates)[number];

export interface DeliveryRecord {
  readonly id: string;
  readonly merchant_id: string;
  readonly profile_id: string | null;
  readonly event_id: string;
  readonly event_type: EventType;
  readonly payment_id: string | null;
  readonly endpoint_id: string | null;
  /** The endpoint, or the payment whose own URL it is: one delivery of an event to each. */
  readonly target: string;
  /** Deliveries of one lane share its few places; see dispatcher.ts. */
  readonly lane: string;
  readonly url: string;
  readonly signer: string;
  readonly state: DeliveryState;
  readonly attempts: number;
  /** Attempts since the schedule last began. */
  readonly round: number;
  readonly round_started_at: string;
  /** While an attempt is under way: when it is taken for lost. */
  readonly next_attempt_at: string | null;
  readonly expires_at: string;
  readonly last_status: number | null;
  readonly last_error: string | null;
  readonly created_at: string;
  readonly delivered_at: string | null;
  readonly version: number;
}

export interface AttemptRecord {
  readonly delivery_id: string;
  readonly n: number;
  readonly at: string;
  readonly url: string;
  readonly duration_ms: number;
  /** JSON; signatures are masked. */
  readonly request_headers: string;
  readonly status: number | null;
  readonly error: string | null;
  /** JSON. */
  readonly response_headers: string | null;
  /** Its first kB, card numbers masked. */
  readonly response_excerpt: string | null;
}

export interface ReplayRecord {
  readonly id: string;
  readonly merchant_id: string;
  readonly endpoint_id: string;
  readonly from_at: string;
  readonly to_at: string;
  /** JSON: as `events` of an endpoint. */
  readonly types: string;
  readonly state: 'running' | 'done';
  readonly cursor: string | null;
  readonly queued: number;
  readonly created_at: string;
  readonly version: number;
}

export const listenerGuard = 'webhook_listener_version';
export const listenerClash = 'webhook_listeners_pkey';
export const endpointGuard = 'webhook_endpoint_version';
export const deliveryGuard = 'webhook_delivery_version';
export const deliveryClash = 'webhook_deliveries_target';
export const replayGuard = 'webhook_replay_version';

export function secretBinding(endpointId: string): string {
  return `webhook_endpoints/${endpointId}/secret`;
}
