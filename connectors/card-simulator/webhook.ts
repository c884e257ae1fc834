/**
 * The simulator's news: verified over the raw bytes, then read for nothing but where to look.
 * Header: `Simulator-Signature: t=<unix seconds>,v1=<hex HMAC-SHA-256 of "t.body">`.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { Fault, WebhookRefusal, type Delivery, type WebhookRequest } from '#sdk';
import type { SimulatorContext } from './calls.ts';
import { asFields, textOf, type Fields } from './fields.ts';
import type { CardSimulatorRef } from './settings.ts';

/** Both ways: the clocks of two machines differ either way. */
const toleranceMs = 300_000;

export function open(
  context: SimulatorContext,
  { body, headers }: WebhookRequest,
): Delivery<CardSimulatorRef> {
  verify(context, body, headers['simulator-signature']);
  try {
    const event = asFields(
      JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)),
      'it',
    );
    return { id: textOf(event, 'id'), type: textOf(event, 'type'), subjects: subjectsOf(event) };
  } catch (error) {
    // Not UTF-8 (TypeError), not JSON, or without the fields every event has.
    const known = [Fault, SyntaxError, TypeError].some((kind) => error instanceof kind);
    if (known) throw new WebhookRefusal('malformed', 'signed, and not an event of the simulator');
    throw error;
  }
}

function verify(
  { webhookSecret, now }: SimulatorContext,
  body: Uint8Array,
  header: string | undefined,
): void {
  if (!webhookSecret) throw new WebhookRefusal('no_secret', 'no endpoint is registered');
  if (header === undefined) throw new WebhookRefusal('no_signature', 'no Simulator-Signature');
  const [, seconds, claimed] = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(header) ?? [];
  if (seconds === undefined || claimed === undefined) {
    throw new WebhookRefusal('bad_signature', 'the header is not t=…,v1=…');
  }
  const expected = createHmac('sha256', webhookSecret.reveal())
    .update(`${seconds}.`)
    .update(body)
    .digest();
  if (!timingSafeEqual(expected, Buffer.from(claimed, 'hex'))) {
    throw new WebhookRefusal('bad_signature', 'it was not made with this secret over these bytes');
  }
  if (Math.abs(now() - Number(seconds) * 1000) > toleranceMs) {
    throw new WebhookRefusal('stale', 'signed more than five minutes from now');
  }
}

/** A charge by its own reference, everything else by that of the charge it was done to. */
function subjectsOf(event: Fields): Delivery<CardSimulatorRef>['subjects'] {
  const object = asFields(asFields(event['data'], 'data')['object'], 'object');
  const name = textOf(object, 'object') === 'charge' ? 'reference' : 'charge_reference';
  return [{ operationId: textOf(object, name) }];
}
