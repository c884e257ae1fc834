/** A delivery's life as rows: filed, begun again. */
import { isoTime, second } from '../base/clock.ts';
import { newId } from '../base/id.ts';
import type { EventRecord } from '../events/event.ts';
import { update, type Change, type Row } from '../storage/index.ts';
import type { WebhookDesk } from './desk.ts';
import type { DeliveryRecord, EndpointRecord } from './record.ts';
import { deliveryGuard } from './record.ts';
import { defaultsOf, laneOf, type Manner } from './rules.ts';

/** Where an event goes: an endpoint, or the URL of its own payment. */
export type Target = (
  | { readonly endpoint: EndpointRecord; readonly profileId: string | null }
  | {
      readonly paymentUrl: string;
      readonly signer: string;
      readonly paymentId: string;
      readonly profileId: string;
    }
) & {
  /** The format, where it is one that goes along with the receiver's own. */
  readonly companion?: string;
};

type Surroundings = Pick<WebhookDesk, 'clock' | 'signers'>;

export function targetKey(target: Target): string {
  const receiver = 'endpoint' in target ? target.endpoint.id : target.paymentId;
  return target.companion === undefined ? receiver : `${receiver}/${target.companion}`;
}

/** The same receiver once more for every format that goes along with its own. */
export function withCompanions(
  { signers }: Pick<WebhookDesk, 'signers'>,
  target: Target,
): Target[] {
  const { companions = [] } = signers.get(signerOf(target)) ?? {};
  return [target, ...companions.map((companion) => ({ ...target, companion }))];
}

export function newDelivery(
  desk: Surroundings,
  event: EventRecord,
  target: Target,
): DeliveryRecord {
  const nowMs = desk.clock.now();
  const endpoint = 'endpoint' in target ? target.endpoint : undefined;
  const url = 'endpoint' in target ? target.endpoint.url : target.paymentUrl;
  const signer = signerOf(target);
  return {
    id: newId('delivery', nowMs),
    merchant_id: event.merchant_id,
    profile_id: target.profileId,
    event_id: event.id,
    event_type: event.type,
    payment_id: event.payment_id,
    endpoint_id: endpoint?.id ?? null,
    target: targetKey(target),
    lane: laneOf(event.merchant_id, endpoint ? { endpointId: endpoint.id } : { url }),
    url,
    signer,
    attempts: 0,
    last_status: null,
    last_error: null,
    created_at: isoTime(nowMs),
    ...begun(mannerOf(desk, { signer }, endpoint), nowMs),
    version: 1,
  };
}

/** The name of the format. */
export function signerOf(target: Target): string {
  if (target.companion !== undefined) return target.companion;
  return 'endpoint' in target ? target.endpoint.signer : target.signer;
}

/** The columns of a schedule's beginning. */
function begun({ scheduleS, expireAfterS }: Manner, nowMs: number) {
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
export function begunAgain(
  desk: Surroundings,
  delivery: DeliveryRecord,
  endpoint: EndpointRecord | undefined,
) {
  const nowMs = desk.clock.now();
  const manner = mannerOf(desk, delivery, endpoint);
  return { ...begun(manner, nowMs), next_attempt_at: isoTime(nowMs) };
}

/** As its endpoint says; a payment's own URL has none, and there the format decides. */
export function mannerOf(
  { signers }: Pick<WebhookDesk, 'signers'>,
  { signer }: Pick<DeliveryRecord, 'signer'>,
  endpoint: EndpointRecord | undefined,
): Manner {
  if (!endpoint) return defaultsOf(signers.get(signer));
  return {
    success: endpoint.success,
    scheduleS: JSON.parse(endpoint.schedule) as number[],
    jitterPercent: endpoint.jitter_percent,
    timeoutMs: endpoint.timeout_ms,
    expireAfterS: endpoint.expire_after_s,
  };
}

/** Compare-and-swap on the version: whoever is late loses, and looks again. */
export function deliveryChange(
  { id, version }: DeliveryRecord,
  set: Partial<DeliveryRecord>,
): Change {
  const columns: Row = { ...set, version: version + 1 };
  return update('webhook_deliveries', columns, { id, version }, deliveryGuard);
}
