/** Stripe's news: verified over the raw bytes, then read (Stripe docs, webhook signatures). */
import { createHmac, timingSafeEqual } from 'node:crypto';
import {
  Fault,
  WebhookRefusal,
  type Delivery,
  type WebhookRequest,
  type WebhookSubject,
} from '#sdk';
import type { StripeContext } from './calls.ts';
import { asFields, idOf, innerOf, optionalTextOf, textOf, type Fields } from './fields.ts';
import type { StripeRef } from './settings.ts';

/** Five minutes either way, as Stripe's own libraries allow for the past. */
const toleranceSeconds = 300;

export function open(context: StripeContext, request: WebhookRequest): Delivery<StripeRef> {
  verify(context, request);
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(request.body);
    return readEvent(asFields(JSON.parse(text), 'the event'));
  } catch (error) {
    const unreadable = [Fault, SyntaxError, TypeError].some((kind) => error instanceof kind);
    if (!unreadable) throw error;
    const detail = error instanceof Fault ? error.message : 'the body is not JSON';
    throw Object.assign(new WebhookRefusal('malformed', detail), { cause: error });
  }
}

function verify(context: StripeContext, { body, headers }: WebhookRequest): void {
  const secrets = [context.webhookSecret?.reveal(), context.settings.webhook_secret].filter(
    (secret) => secret !== undefined,
  );
  if (secrets.length === 0) throw new WebhookRefusal('no_secret', 'no endpoint secret is known');
  const header = headers['stripe-signature'];
  if (header === undefined) throw new WebhookRefusal('no_signature', 'no stripe-signature header');
  const { time, signatures } = readHeader(header);
  // While a secret is rolled there are two signatures, and two secrets may be known here: any pair.
  const matches = secrets.filter((secret) => {
    const expected = createHmac('sha256', secret).update(`${time}.`).update(body).digest();
    return signatures.filter((signature) => timingSafeEqual(expected, signature)).length > 0;
  });
  if (matches.length === 0) throw new WebhookRefusal('bad_signature', 'no v1 signature fits');
  const ageSeconds = Math.floor(context.now() / 1000) - Number(time);
  if (Math.abs(ageSeconds) > toleranceSeconds) {
    throw new WebhookRefusal('stale', `signed ${ageSeconds} s ago`);
  }
}

/** `t=1700000000,v1=<hex>,v0=…`: every scheme but v1 is weaker, and not looked at. */
function readHeader(header: string): { time: string; signatures: readonly Buffer[] } {
  const valuesOf = (name: string) =>
    header
      .split(',')
      .filter((part) => part.startsWith(`${name}=`))
      .map((part) => part.slice(name.length + 1));
  const [time, ...more] = valuesOf('t');
  if (time === undefined || more.length > 0 || !/^\d{1,12}$/.test(time)) {
    throw new WebhookRefusal('no_signature', 'the header has no one time');
  }
  const signatures = valuesOf('v1')
    .filter((hex) => /^[0-9a-f]{64}$/.test(hex))
    .map((hex) => Buffer.from(hex, 'hex'));
  if (signatures.length === 0) throw new WebhookRefusal('no_signature', 'no v1 signature');
  return { time, signatures };
}

function readEvent(event: Fields): Delivery<StripeRef> {
  const object = asFields(asFields(event['data'], 'data')['object'], 'data.object');
  // A platform's endpoint also hears of the accounts connected to it, which are not this one.
  const connected = optionalTextOf(event, 'account') !== undefined;
  return {
    id: textOf(event, 'id'),
    type: textOf(event, 'type'),
    subjects: connected ? [] : subjectsOf(object),
  };
}

function subjectsOf(object: Fields): readonly WebhookSubject<StripeRef>[] {
  switch (object['object']) {
    case 'payment_intent':
      return [{ authorization: { intent: textOf(object, 'id') } }];
    case 'setup_intent':
      return [{ setup: { setup: textOf(object, 'id') } }];
    case 'charge':
    case 'dispute':
    case 'refund': {
      const charge = innerOf(object, 'charge');
      const intent = idOf(object, 'payment_intent') ?? (charge && idOf(charge, 'payment_intent'));
      return intent === undefined ? [] : [{ authorization: { intent } }];
    }
    default:
      return [];
  }
}
