/** Webhooks: four events, and a digest of the exact bytes in hexadecimal. */
import { createHmac } from 'node:crypto';
import type { Host, NativePayment, NativeRefund, PublishedEvent, WebhookFormat } from '#sdk';
import { intentsOf } from './intents.ts';
import { decimal, intentOf, timeOf, transactionOf } from './present.ts';
import { statusOf } from './status.ts';

/** Endpoints and payments name the format so. */
export const formatId = 'payzpool';

const signatureHeader = 'x-payzpool-signature';

/** What is not here has no word in the document, and nobody is told. */
const words: Readonly<Record<string, string>> = {
  'payment.captured': 'payment_intent.succeeded',
  'payment.partially_captured': 'payment_intent.succeeded',
  'payment.failed': 'payment_intent.payment_failed',
  // Declined in the processor's own form, where the customer may try again.
  'payment.attempt_declined': 'payment_intent.payment_failed',
  'payment.cancelled': 'payment_intent.canceled',
  'payment.voided': 'payment_intent.canceled',
  'payment.expired': 'payment_intent.canceled',
  'refund.succeeded': 'charge.refunded',
};

export function webhookFormat(host: Host): WebhookFormat {
  return {
    id: formatId,
    secretHeaders: [signatureHeader],
    encode: async (event, merchantId) => {
      const word = words[event.type];
      if (word === undefined) return undefined;
      const payment = await paymentOf(host, event, merchantId);
      const row = (await intentsOf(host, [payment.id])).get(payment.id);
      const body = {
        event: word,
        data: {
          transaction_id: transactionOf(payment.id),
          payment_intent_id: intentOf(payment.id, row),
          amount: decimal(payment),
          currency: payment.currency.toLowerCase(),
          status: word === 'charge.refunded' ? 'refunded' : statusOf(payment.status),
          customer_email: payment.customer?.email ?? null,
        },
        timestamp: timeOf(event.created_at),
      };
      return Buffer.from(JSON.stringify(body));
    },
    sign: ({ body, secrets: [secret = ''] }) => ({
      [signatureHeader]: createHmac('sha256', secret).update(body).digest('hex'),
    }),
  };
}

/** Of a refund's event: what is printed of its payment cannot change any more. */
async function paymentOf(
  host: Host,
  { type, data }: PublishedEvent,
  merchantId: string,
): Promise<NativePayment> {
  if (type.startsWith('payment.')) return data.object as NativePayment;
  const params = { payment_id: (data.object as NativeRefund).payment };
  const principal = host.actFor({ merchantId });
  return (await host.call<NativePayment>('getPayment', { principal, params })).body;
}
