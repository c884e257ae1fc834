/** Webhooks: eight events, their payload and signature, and how often they are tried. */
import { createHmac } from 'node:crypto';
import { expectThat, type Bench, type Caught, type ConformanceRow, type WireBody } from '#sdk';
import {
  act,
  authorized,
  cancel,
  card,
  cards,
  charge,
  confirm,
  objectOf,
  expectEqual,
  expectRefusal,
  intent,
  sold,
} from './client.ts';

const needs = ['native', 'receiver'] as const;

export const formatId = 'card-gateway';

/** Nobody listens there. */
export const nowhere = 'http://127.0.0.1:65533/';

/** An endpoint of the merchant's in this format; the answer holds its secret. */
export async function endpoint(bench: Bench, url: string, more: object = {}): Promise<WireBody> {
  const body = { url, signer: formatId, ...more };
  const answer = await bench.native('/v1/webhook_endpoints', { body });
  expectThat(answer.status === 201, 'an endpoint', answer.text);
  return answer.body;
}

export const forget = (bench: Bench, { id }: WireBody) =>
  bench.native(`/v1/webhook_endpoints/${id}`, { method: 'DELETE' });

const about = (event: string, field: string, id: string) => (caught: Caught) =>
  caught.body?.event === event && caught.body.data?.[field] === id;

export const webhookRows: readonly ConformanceRow[] = [
  {
    id: 'WH-09',
    title: 'eight events: five of payments, three of intents, each once',
    needs,
    check: async (bench) => {
      const receiver = await bench.receiver();
      const own = await endpoint(bench, receiver.url);
      const heard = (event: string, { id }: WireBody) =>
        receiver.next(
          about(event, event.startsWith('payment.') ? 'payment_id' : 'payment_intent_id', id),
        );
      const held = await authorized(bench);
      await act(bench, held, 'capture', { amount: 5000 });
      await act(bench, held, 'refund', { amount: 2000, reason: 'x' });
      const one = await receiver.next(about('payment.refunded', 'payment_id', held.id));
      await act(bench, held, 'refund', { amount: 1000, reason: 'x' });
      await act(bench, held, 'refund', { amount: 2000, reason: 'x' });
      const refunds = await receiver.next(
        ({ body }) => body?.event === 'payment.refunded' && body.data.status === 'refunded',
      );
      expectEqual(
        [one.body.data.status, one.body.data.refunded_amount],
        ['partially_refunded', 2000],
        '',
      );
      expectEqual(refunds.body.data.refunded_amount, 5000, 'refunded_amount');
      await heard('payment.authorized', held);
      await heard('payment.captured', held);
      const gone = await authorized(bench);
      await act(bench, gone, 'void', { reason: 'x' });
      await heard('payment.voided', gone);
      const declined = expectRefusal(await charge(bench, 'sale', { card: card(cards.poor) }), 402);
      const failed = await heard('payment.failed', declined.data);
      expectEqual(failed.body.data.response_code, '51', 'response_code');
      const made = await intent(bench);
      await heard('payment_intent.created', made);
      const paid = objectOf(await confirm(bench, made));
      const done = await heard('payment_intent.succeeded', made);
      expectEqual(
        [done.body.data.payment_id, done.body.data.order_id],
        [paid.id, made.order_id],
        '',
      );
      await heard('payment.captured', paid);
      const held2 = await intent(bench, { capture_method: 'manual' });
      const later = objectOf(await confirm(bench, held2));
      await heard('payment_intent.succeeded', held2);
      await act(bench, later, 'capture', { amount: 9999 });
      await heard('payment.captured', later);
      const ended = await intent(bench);
      objectOf(await cancel(bench, ended));
      await heard('payment_intent.canceled', ended);
      await forget(bench, own);
      const told = new Map<string, number>();
      for (const { body } of receiver.caught) {
        const key = `${body.event} ${body.data.payment_id}`;
        told.set(key, (told.get(key) ?? 0) + 1);
      }
      const repeated = [...told].filter(([, times]) => times > 1);
      expectEqual(repeated, [[`payment.refunded ${held.id}`, 3]], 'each once, but three refunds');
      const words = [...new Set(receiver.caught.map(({ body }) => body.event))];
      expectEqual(words.length, 8, `eight words, not ${words.join(', ')};`);
    },
  },
  {
    id: 'WH-10',
    title: 'X-Webhook-Signature is t=…,v1=…: HMAC-SHA256 of the time, a dot and the exact bytes',
    needs,
    check: async (bench) => {
      const receiver = await bench.receiver();
      const own = await endpoint(bench, receiver.url);
      const made = await sold(bench);
      const { raw, headers, body } = await receiver.next(
        about('payment.captured', 'payment_id', made.id),
      );
      await forget(bench, own);
      const header = headers['x-webhook-signature'] ?? '';
      const [, t = '', v1] = /^t=(\d{10}),v1=([0-9a-f]{64})$/.exec(header) ?? [];
      const digest = (bytes: Uint8Array, sent = t) =>
        createHmac('sha256', own.secret).update(`${sent}.`).update(bytes).digest('hex');
      expectEqual(v1, digest(raw), 'the signature');
      const other = Buffer.from(JSON.stringify(body, null, 1));
      expectThat(digest(other) !== v1, 'another signature for other bytes');
      expectThat(digest(raw, String(Number(t) + 1)) !== v1, 'another signature for another time');
      const lateS = Number(t) - Date.parse(body.timestamp) / 1000;
      expectThat(lateS > -2 && lateS < 3600, 'the time of sending', [t, body.timestamp]);
      const { id, event, timestamp, data } = body;
      expectThat(id.startsWith('evt_') && event === 'payment.captured', 'an event', body);
      expectThat(timestamp.endsWith('Z'), 'a timestamp', timestamp);
      const { payment_id, transaction_id, status, amount, currency } = data;
      const wanted = [made.id, made.transaction_id, 'captured', 9999, 'USD'];
      expectEqual([payment_id, transaction_id, status, amount, currency], wanted, 'data');
      expectEqual([data.card_brand, data.card_last4], ['visa', '4242'], 'the card');
    },
  },
  {
    id: 'WH-13',
    title: 'an endpoint of this format takes nothing but a 200, and keeps the document’s schedule',
    needs: ['native'],
    check: async (bench) => {
      const own = await endpoint(bench, nowhere);
      await forget(bench, own);
      expectEqual([own.success, own.schedule_s], ['200', [0, 300, 900, 3600, 21_600]], 'rules');
      expectEqual(own.expire_after_s, 86_400, 'expire_after_s');
    },
  },
];
