/**
 * `payment.updated`, to the application's webhook_url: told when a payment's word changes. The
 * signature is more than Paypool's document has; a receiver may leave it alone.
 */
import { createHmac } from 'node:crypto';
import type { Host, JsonObject, NativePayment, WebhookFormat } from '#sdk';
import { externalIds, told } from './payment.ts';

/** Events after which the status is another one. */
const types = new Set([
  'payment.partially_captured',
  'payment.captured',
  'payment.failed',
  'payment.cancelled',
  'payment.voided',
  'payment.expired',
]);

export function paypoolWebhook(host: Host): WebhookFormat {
  return {
    id: 'paypool',
    encode: async ({ id, type, data }, merchantId) => {
      if (!types.has(type)) return undefined;
      const payment = data.object as NativePayment;
      const names = await externalIds(host, merchantId, [payment]);
      const body = {
        event: 'payment.updated',
        payment: told(payment, names.get(payment.id) ?? payment.id),
        midtrans_data: await notificationOf(host, merchantId, id),
      };
      return Buffer.from(JSON.stringify(body));
    },
    sign: ({ eventId, body, secrets: [secret = ''] }) => ({
      'x-paypool-event': eventId,
      'x-paypool-signature': createHmac('sha256', secret).update(body).digest('hex'),
    }),
    secretHeaders: ['x-paypool-signature'],
    success: '200',
  };
}

/** What the processor sent and the event came from; nothing when the switch asked by itself. */
async function notificationOf(host: Host, merchantId: string, event: string): Promise<JsonObject> {
  const principal = host.actFor({ merchantId });
  const { body } = await host.call<{ data: { id: string }[] }>('listIncomingWebhooks', {
    principal,
    query: { event },
  });
  const [webhook] = body.data;
  if (!webhook) return {};
  const answer = await host.call<{ body: string }>('getIncomingWebhook', {
    principal,
    params: { webhook_id: webhook.id },
    query: { whole: true },
  });
  return objectIn(answer.body.body);
}

function objectIn(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as JsonObject) : {};
  } catch (error) {
    // Some processors send forms.
    if (!(error instanceof SyntaxError)) throw error;
    return {};
  }
}
