/** Acme Pay's notifications: `acme-signature: t=<unix seconds>,v1=<HMAC-SHA-256 of "t.body">`. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { WebhookRefusal, type Delivery, type WebhookRequest } from '#sdk';
import type { AcmePayContext } from './calls.ts';
import type { AcmePayRef } from './settings.ts';

/** Acme Pay's documentation: refuse what is more than five minutes off. */
const toleranceMs = 300_000;

export function open(context: AcmePayContext, request: WebhookRequest): Delivery<AcmePayRef> {
  verify(context, request);
  const event = read(request.body);
  return {
    id: event.id,
    type: event.type,
    subjects: [{ authorization: { payment: event.payment } }],
  };
}

function verify({ settings, now }: AcmePayContext, { body, headers }: WebhookRequest): void {
  const header = headers['acme-signature'];
  if (!header) throw new WebhookRefusal('no_signature', 'acme-signature is missing');
  const [, seconds, claimed] = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(header) ?? [];
  if (!seconds || !claimed) throw new WebhookRefusal('bad_signature', 'not of the form t=,v1=');
  const expected = createHmac('sha256', settings.webhook_secret)
    .update(`${seconds}.`)
    .update(body)
    .digest();
  if (!timingSafeEqual(expected, Buffer.from(claimed, 'hex'))) {
    throw new WebhookRefusal('bad_signature', 'made with another secret, or over other bytes');
  }
  if (Math.abs(now() - Number(seconds) * 1000) > toleranceMs) {
    throw new WebhookRefusal('stale', 'more than five minutes off');
  }
}

function read(body: Uint8Array): { id: string; type: string; payment: string } {
  try {
    const event: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
    if (isEvent(event)) return event;
  } catch (error) {
    // Not UTF-8, or not JSON: refused below, like JSON of another shape.
    if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
  }
  throw new WebhookRefusal('malformed', 'not an event as Acme Pay documents it');
}

function isEvent(value: unknown): value is { id: string; type: string; payment: string } {
  if (typeof value !== 'object' || value === null) return false;
  const { id, type, payment } = value as Record<string, unknown>;
  return [id, type, payment].every((field) => typeof field === 'string' && field !== '');
}
