/**
 * Notifications. Midtrans puts the signature inside the body, over three of its fields: so the body
 * is parsed before it is believed, bounded in size, and nothing but those three is looked at until
 * the signature holds. It covers neither the status nor the amount of a refund and it has no time:
 * of a genuine one only order_id is used, and the switch reads the rest by GET status.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { WebhookRefusal, type Delivery, type WebhookRequest } from '#sdk';
import type { MidtransContext } from './calls.ts';
import type { Fields } from './fields.ts';
import type { MidtransRef } from './settings.ts';

/** The longest documented sample has 2 kB. */
const bodyMaxBytes = 64 * 1024;

/** Throws {@link WebhookRefusal}. */
export function open(
  { settings }: MidtransContext,
  { body }: WebhookRequest,
): Delivery<MidtransRef> {
  const fields = parse(body);
  const order = shaped(fields, 'order_id', /^[\w~.-]{1,100}$/);
  // The three are signed without anything between them: their shapes keep the borders in place.
  const code = shaped(fields, 'status_code', /^[2-5]\d\d$/);
  const gross = shaped(fields, 'gross_amount', /^\d{1,15}(?:\.\d{1,2})?$/);
  verify(fields['signature_key'], `${order}${code}${gross}${settings.server_key}`);
  const type = shaped(fields, 'transaction_status', /^[A-Za-z_]{1,40}$/);
  const [id, fraud, refunded] = ['transaction_id', 'fraud_status', 'refund_amount'].map((name) =>
    optional(fields, name),
  );
  const news = [order, id, type, code, fraud, refunded].join(':');
  return { id: news, type, subjects: [{ operationId: order }] };
}

function parse(body: Uint8Array): Fields {
  if (body.byteLength > bodyMaxBytes) throw malformed('the body is too large');
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    // SyntaxError and TypeError alike; their texts quote the body, so neither is passed on.
    throw malformed('the body is not JSON in UTF-8');
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw malformed('the body is not a JSON object');
}

function verify(signature: unknown, content: string): void {
  if (signature === undefined) throw new WebhookRefusal('no_signature', 'no signature_key');
  if (typeof signature !== 'string' || !/^[0-9a-f]{128}$/.test(signature)) {
    throw new WebhookRefusal('bad_signature', 'signature_key is not a SHA-512 in hex');
  }
  const expected = createHash('sha512').update(content, 'utf8').digest();
  if (timingSafeEqual(Buffer.from(signature, 'hex'), expected)) return;
  throw new WebhookRefusal('bad_signature', 'signature_key is not of this account');
}

function shaped(fields: Fields, name: string, shape: RegExp): string {
  const value = fields[name];
  if (typeof value === 'string' && shape.test(value)) return value;
  throw malformed(`${name} is not the text it should be`);
}

/** For the delivery's id only: nothing is refused for it, and no separator comes in by it. */
function optional(fields: Fields, name: string): string {
  const value = fields[name];
  const isPlain = typeof value === 'string' || typeof value === 'number';
  return isPlain ? encodeURIComponent(String(value).toWellFormed()).slice(0, 100) : '';
}

const malformed = (detail: string) => new WebhookRefusal('malformed', detail);
