/** A delivery's life as rows: filed, begun again. */
import { isoTime, second } from '../base/clock.ts';
import { newId } from '../base/id.ts';
import type { EventRecord } from '../events/event.ts';
import { update, type Change, type Row } from '../storage/index.ts';
import type { DeliveryRecord, EndpointRecord } from './record.ts';
import { deliveryGuard } from './record.ts';
import { defaultExpireAfterS, defaultPlan, laneOfUrl, type Plan } from './rules.ts';

/** Where an event goes: an endpoint, or the URL of its own payment. */
export type Target =
  | { readonly endpoint: EndpointRecord; readonly profileId: string | null }
  | { readonly paymentUrl: string; readonly paymentId: string; readonly profileId: string };

export function targetKey(target: Target): string {
  return 'endpoint' in target ? target.endpoint.id : target.paymentId;
}

export function newDelivery(event: EventRecord, target: Target, nowMs: number): DeliveryRecord {
  const endpoint = 'endpoint' in target ? target.endpoint : undefined;
  const url = 'endpoint' in target ? target.endpoint.url : target.paymentUrl;
  return {
    id: newId('delivery', nowMs),
    merchant_id: event.merchant_id,
    profile_id: target.profileId,
    event_id: event.id,
    event_type: event.type,
    payment_id: event.payment_id,
    endpoint_id: endpoint?.id ?? null,
    target: targetKey(target),
    lane: endpoint?.id ?? laneOfUrl(event.merchant_id, url),
    url,
    signer: endpoint?.signer ?? 'standard',
    attempts: 0,
    last_status: null,
    last_error: null,
    created_at: isoTime(nowMs),
    ...begun(endpoint, nowMs),
    version: 1,
  };
}

/** The columns of a schedule's beginning. */
function begun(endpoint: EndpointRecord | undefined, nowMs: number) {
  const { scheduleS } = planOf(endpoint);
  const expireAfterS = endpoint?.expire_after_s ?? defaultExpireAfterS;
  return {
    state: 'pending',
    round: 0,
    round_started_at: isoTime(nowMs),
    next_attempt_at: isoTime(nowMs + (scheduleS[0] ?? 0) * second),
    expires_at: isoTime(nowMs + expireAfterS * second),
    delivered_at: null,
  } as const;
}

/** The columns that let it begin anew, with the first attempt at once. */
export function begunAgain(endpoint: EndpointRecord | undefined, nowMs: number) {
  return { ...begun(endpoint, nowMs), next_attempt_at: isoTime(nowMs) };
}

export function planOf(endpoint: EndpointRecord | undefined): Plan {
  if (!endpoint) return defaultPlan;
  const scheduleS = JSON.parse(endpoint.schedule) as number[];
  return { scheduleS, jitterPercent: endpoint.jitter_percent };
}

/** Compare-and-swap on the version: whoever is late loses, and looks again. */
export function deliveryChange(
  { id, version }: DeliveryRecord,
  set: Partial<DeliveryRecord>,
): Change {
  const columns: Row = { ...set, version: version + 1 };
  return update('webhook_deliveries', columns, { id, version }, deliveryGuard);
}
