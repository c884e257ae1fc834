/**
 * Webhooks: eight events, signed over the exact bytes of the body. An intent's success is told
 * twice, as the payment's and as the intent's own: so there are two formats for one receiver.
 */
import { createHmac } from 'node:crypto';
import type { Host, NativePayment, PublishedEvent, WebhookFormat } from '#sdk';
import { idOf } from './ids.ts';
import { findIntent } from './intents.ts';
import { presentNews } from './present.ts';
import { paymentAfterRefund } from './refund-news.ts';
import type { Settings } from './settings.ts';

/** Endpoints and payments name the first; the second goes along with it. */
const formatId = 'card-gateway';
const companionId = 'card-gateway-intents';

const signatureHeader = 'x-webhook-signature';

/** At once, and 5 and 15 minutes, one and six hours after: five attempts. */
const scheduleS = [0, 300, 900, 3_600, 21_600];

/** What is not here has no word in the document, and nobody is told. */
export const words: Readonly<Record<string, (payment: NativePayment) => string | undefined>> = {
  // A payment that is charged at once begins in another state, and its outcome is its first news.
  'payment.created': ({ status }) => (status === 'created' ? 'payment_intent.created' : undefined),
  'payment.authorized': () => 'payment.authorized',
  'payment.captured': () => 'payment.captured',
  'payment.partially_captured': () => 'payment.captured',
  'payment.failed': () => 'payment.failed',
  'payment.voided': () => 'payment.voided',
  'payment.cancelled': unheld,
  'payment.expired': unheld,
  'refund.succeeded': () => 'payment.refunded',
};

/** Over before anything was held, or a hold that was given back. */
function unheld({ amount_authorized: held }: NativePayment): string {
  return held > 0 ? 'payment.voided' : 'payment_intent.canceled';
}

export function webhookFormats(host: Host<Settings>): readonly WebhookFormat[] {
  const shared = {
    secretHeaders: [signatureHeader],
    success: '200',
    scheduleS,
    sign: signerOf(host.settings),
  } as const;
  return [
    {
      ...shared,
      id: formatId,
      companions: [companionId],
      encode: async (event, merchantId) => {
        const payment = await paymentOf(host, event, merchantId);
        const word = payment && words[event.type]?.(payment);
        return word === undefined ? undefined : printed(host, word, event, payment);
      },
    },
    { ...shared, id: companionId, encode: (event) => intentSucceeded(host, event) },
  ];
}

async function paymentOf(host: Host, event: PublishedEvent, merchantId: string) {
  if (event.type.startsWith('payment.')) return event.data.object as NativePayment;
  if (event.type !== 'refund.succeeded') return undefined;
  return paymentAfterRefund(host, event, host.actFor({ merchantId }));
}

/** With the money, or with the hold where the merchant captures by himself. */
async function intentSucceeded(host: Host, event: PublishedEvent) {
  const payment = event.data.object as NativePayment;
  const succeeded = payment.capture_method === 'manual' ? 'payment.authorized' : 'payment.captured';
  if (event.type !== succeeded || !(await findIntent(host, payment.id))) return undefined;
  return printed(host, 'payment_intent.succeeded', event, payment);
}

async function printed(
  host: Host,
  word: string,
  event: PublishedEvent,
  payment: NativePayment | undefined,
): Promise<Uint8Array | undefined> {
  if (!payment) return undefined;
  // Its own facts are kept just after it was made: what is told must not depend on the moment.
  const intent = event.type === 'payment.created' ? undefined : await findIntent(host, payment.id);
  const ofIntent = word.startsWith('payment_intent.');
  const body = {
    id: event.id,
    event: word,
    timestamp: event.created_at,
    data: {
      ...((ofIntent || intent) && { payment_intent_id: idOf('pi', payment.id) }),
      ...(intent && { order_id: intent.details.order_id }),
      ...presentNews(payment),
    },
  };
  return Buffer.from(JSON.stringify(body));
}

function signerOf({ webhook_signature: kind }: Settings): WebhookFormat['sign'] {
  return ({ timestampS, body, secrets }): Record<string, string> => {
    if (kind === 'body') {
      return {
        [signatureHeader]: digest(secrets[0] ?? '', body),
        'x-webhook-timestamp': new Date(timestampS * 1000).toISOString(),
      };
    }
    const stamped = Buffer.concat([Buffer.from(`${timestampS}.`), body]);
    const proofs = secrets.map((secret) => `v1=${digest(secret, stamped)}`);
    return { [signatureHeader]: [`t=${timestampS}`, ...proofs].join(',') };
  };
}

const digest = (secret: string, bytes: Uint8Array) =>
  createHmac('sha256', secret).update(bytes).digest('hex');
