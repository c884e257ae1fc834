/** Webhooks to the application. */
import { createHmac } from 'node:crypto';
import { expectThat, type Bench, type ConformanceRow, type Receiver } from '#sdk';
import { at, cards, created, pay, read, same, timePattern } from './client.ts';

/** The webhook_url of an application of its own, and the application's token. */
async function listening(bench: Bench) {
  const receiver = await bench.receiver();
  const keys = await bench.neighbour();
  const answer = await bench.native('/v1/webhook_endpoints', {
    body: { url: receiver.url, signer: 'paypool', profile_id: keys.profileId },
  });
  expectThat(answer.status === 201, 'an endpoint with the format paypool', answer.text);
  const { id, secret, success } = answer.body as Record<'id' | 'secret' | 'success', string>;
  return { receiver, keys, id, secret, success };
}

const about = (receiver: Receiver, externalId: string) =>
  receiver.next(({ body }) => body?.payment?.external_id === externalId);

const needs = ['native', 'admin', 'receiver'] as const;

export const webhookRows: readonly ConformanceRow[] = [
  {
    id: 'WH-08',
    title: 'an event sent again has the same name, body and signature',
    needs,
    check: async (bench) => {
      const { receiver, keys, id, secret, success } = await listening(bench);
      expectThat(success === '200', 'only 200 to count as delivered', success);
      const { external_id, invoice_url } = await created(bench, {}, keys);
      await pay(bench, invoice_url, cards.good);
      const first = await about(receiver, external_id);
      const proof = createHmac('sha256', secret).update(first.raw).digest('hex');
      expectThat(first.headers['x-paypool-signature'] === proof, proof, first.headers);
      const event = first.headers['x-paypool-event'];
      expectThat(/^evt_\w+$/.test(event ?? ''), 'the name of the event', first.headers);
      const { body } = await bench.native(`/v1/webhook_deliveries?endpoint=${id}`);
      const [delivery] = body.data.filter((one: { event: string }) => one.event === event);
      await bench.native(`/v1/webhook_deliveries/${delivery.id}/resend`, { method: 'POST' });
      const again = await receiver.next(
        (one) => one !== first && one.headers['x-paypool-event'] === event,
      );
      expectThat(Buffer.from(again.raw).equals(first.raw), 'the same bytes', again.body);
      expectThat(again.headers['x-paypool-signature'] === proof, 'the same signature');
    },
  },
  {
    id: 'WH-14',
    title: 'payment.updated tells the payment, and what the processor sent',
    needs,
    check: async (bench) => {
      const { receiver, keys } = await listening(bench);
      const metadata = { order_id: 10_001 };
      const { external_id, invoice_url } = await created(bench, { metadata }, keys);
      await pay(bench, invoice_url, cards.good);
      const { body } = await about(receiver, external_id);
      expectThat(
        same(Object.keys(body), ['event', 'payment', 'midtrans_data']),
        'three members',
        body,
      );
      const { paid_at, ...payment } = body.payment;
      const wanted = {
        external_id,
        amount: 250_000,
        currency: 'IDR',
        status: 'paid',
        customer_name: 'Budi',
        customer_email: 'budi@example.com',
        payment_method: 'credit_card',
        metadata,
      };
      expectThat(body.event === 'payment.updated', 'payment.updated', body.event);
      expectThat(same(payment, wanted), JSON.stringify(wanted), payment);
      expectThat(timePattern.test(paid_at), 'when it was paid', paid_at);
      const { midtrans_data: data } = body;
      const isObject = typeof data === 'object' && data !== null && !Array.isArray(data);
      expectThat(isObject, 'an object', data);
    },
  },
  {
    id: 'WH-15',
    title: 'an application hears of its own payments alone, at its own address',
    needs,
    check: async (bench) => {
      const { receiver, keys } = await listening(bench);
      const ours = await created(bench);
      await pay(bench, ours.invoice_url, cards.good);
      const theirs = await created(bench, {}, keys);
      const declined = await created(bench, {}, keys);
      await pay(bench, theirs.invoice_url, cards.good);
      await pay(bench, declined.invoice_url, cards.declined);
      await about(receiver, theirs.external_id);
      const failed = await about(receiver, declined.external_id);
      expectThat(failed.body.payment.status === 'failed', 'failed', failed.body);
      const cancelled = await created(bench, {}, keys);
      await bench.call(at(cancelled.external_id, '/cancel'), { method: 'POST', keys });
      const told = await about(receiver, cancelled.external_id);
      const { status, metadata, paid_at } = told.body.payment;
      const wanted = { status: 'failed', metadata: { cancelled: true }, paid_at: null };
      expectThat(same({ status, metadata, paid_at }, wanted), JSON.stringify(wanted), told.body);
      const stray = receiver.caught.filter(({ raw }) =>
        Buffer.from(raw).includes(ours.external_id),
      );
      expectThat(stray.length === 0, 'nothing about another application', stray.length);
    },
  },
  {
    id: 'WH-17',
    title: 'what the webhook says is what the payment says afterwards',
    needs,
    check: async (bench) => {
      const { receiver, keys } = await listening(bench);
      const { external_id, invoice_url } = await created(bench, {}, keys);
      expectThat((await read(bench, external_id, keys)).status === 'pending', 'pending first');
      await pay(bench, invoice_url, cards.good);
      const { body } = await about(receiver, external_id);
      const now = await read(bench, external_id, keys);
      for (const [name, value] of Object.entries(body.payment)) {
        expectThat(same(now[name], value), `${name} ${JSON.stringify(value)}`, now[name]);
      }
    },
  },
];
