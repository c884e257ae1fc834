/** Endpoints, deliveries and replays as the API shows them. */
import { maskCards } from '../base/card-mask.ts';
import type { AttemptRecord, DeliveryRecord, EndpointRecord, ReplayRecord } from './record.ts';

/** `secret` only in the answer that makes it. */
export function presentEndpoint(endpoint: EndpointRecord, secret?: string) {
  return {
    id: endpoint.id,
    object: 'webhook_endpoint' as const,
    url: endpoint.url,
    description: endpoint.description,
    events: JSON.parse(endpoint.events) as string[],
    profile_id: endpoint.profile_id,
    also_payment_urls: endpoint.also_payment_urls === 1,
    signer: endpoint.signer,
    status: endpoint.status,
    disabled_reason: endpoint.disabled_reason,
    failing_since: endpoint.failing_since,
    success: endpoint.success,
    timeout_ms: endpoint.timeout_ms,
    schedule_s: JSON.parse(endpoint.schedule) as number[],
    expire_after_s: endpoint.expire_after_s,
    jitter_percent: endpoint.jitter_percent,
    previous_secret_until: endpoint.previous_until,
    ...(secret === undefined ? {} : { secret }),
    created_at: endpoint.created_at,
    updated_at: endpoint.updated_at,
  };
}

export function presentDelivery(delivery: DeliveryRecord) {
  return {
    id: delivery.id,
    object: 'webhook_delivery' as const,
    event: delivery.event_id,
    event_type: delivery.event_type,
    payment: delivery.payment_id,
    endpoint: delivery.endpoint_id,
    url: delivery.url,
    signer: delivery.signer,
    state: delivery.state,
    attempts: delivery.attempts,
    next_attempt_at: delivery.next_attempt_at,
    expires_at: delivery.expires_at,
    last_status: delivery.last_status,
    last_error: delivery.last_error,
    created_at: delivery.created_at,
    delivered_at: delivery.delivered_at,
  };
}

export function presentAttempt(attempt: AttemptRecord) {
  const { status, response_headers: headers, response_excerpt: excerpt } = attempt;
  return {
    n: attempt.n,
    at: attempt.at,
    duration_ms: attempt.duration_ms,
    request: {
      url: attempt.url,
      headers: JSON.parse(attempt.request_headers) as Record<string, string>,
    },
    response:
      status === null
        ? null
        : {
            status,
            headers: JSON.parse(headers ?? '{}') as Record<string, string>,
            body: excerpt ?? '',
          },
    error: attempt.error,
  };
}

/** The beginning of a body as the log shows it. */
export function bodyExcerpt(body: Uint8Array | undefined, length: number): string | null {
  // Masked before it is cut: half a card number is no card number any more, but still its half.
  return body ? maskCards(Buffer.from(body).toString('utf8')).slice(0, length) : null;
}

export function presentReplay(replay: ReplayRecord) {
  return {
    id: replay.id,
    object: 'webhook_replay' as const,
    endpoint: replay.endpoint_id,
    from: replay.from_at,
    to: replay.to_at,
    types: JSON.parse(replay.types) as string[],
    state: replay.state,
    queued: replay.queued,
    created_at: replay.created_at,
  };
}
