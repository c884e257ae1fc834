/** Webhooks: events, payload, signature, whom they go to, and the log of them. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { expectThat, type Bench, type Caught, type ConformanceRow, type WireBody } from '#sdk';
import {
  act,
  cards,
  expectEqual,
  expectStatus,
  intent,
  nativeOf,
  order,
  paid,
  path,
  pay,
} from './client.ts';

const needs = ['native', 'receiver'] as const;

const about = (made: WireBody, event: string) => (caught: Caught) =>
  caught.body?.event === event && caught.body.data?.transaction_id === made.transaction_id;

/** What signs the URL of a single transaction: the profile's webhook secret. */
async function secretOf(bench: Bench, made: WireBody): Promise<string> {
  const { profile_id: profile } = await nativeOf(bench, made);
  const answer = await bench.native(`/v1/profiles/${profile}/webhook_secret`);
  return expectStatus(answer, 200).secret;
}

/** The document's own check, in PHP there. */
function verified({ raw, headers }: Caught, webhookSecret: string): boolean {
  const signature = headers['x-payzpool-signature'] ?? '';
  const expected = createHmac('sha256', webhookSecret).update(raw).digest('hex');
  return (
    signature.length === expected.length &&
    timingSafeEqual(Buffer.from(expected), Buffer.from(signature))
  );
}

export const webhookRows: readonly ConformanceRow[] = [
  {
    id: 'WH-01',
    title: 'four events: succeeded, payment_failed, canceled, refunded, and no other',
    needs,
    check: async (bench) => {
      const receiver = await bench.receiver();
      const webhook_url = receiver.url;
      const made = await intent(bench, { webhook_url });
      await pay(bench, made, cards.poor);
      await receiver.next(about(made, 'payment_intent.payment_failed'));
      await pay(bench, made);
      await receiver.next(about(made, 'payment_intent.succeeded'));
      await act(bench, made, 'refund', { amount: 10 });
      await receiver.next(about(made, 'charge.refunded'));
      const gone = await intent(bench, { webhook_url });
      await act(bench, gone, 'cancel');
      await receiver.next(about(gone, 'payment_intent.canceled'));
      const told = receiver.caught.map(({ body }) => String(body?.event));
      const wanted = [
        'charge.refunded',
        'payment_intent.canceled',
        'payment_intent.payment_failed',
        'payment_intent.succeeded',
      ];
      expectEqual(
        told.toSorted((a, b) => (a < b ? -1 : 1)),
        wanted,
        'each once',
      );
    },
  },
  {
    id: 'WH-02',
    title: 'the payload is event, data and timestamp',
    needs,
    check: async (bench) => {
      const receiver = await bench.receiver();
      const made = await paid(bench, { webhook_url: receiver.url });
      const { body } = await receiver.next(about(made, 'payment_intent.succeeded'));
      const { timestamp, ...rest } = body;
      const data = {
        transaction_id: made.transaction_id,
        payment_intent_id: made.payment_intent.id,
        amount: 99.99,
        currency: 'usd',
        status: 'succeeded',
        customer_email: order.customer_email,
      };
      expectEqual(rest, { event: 'payment_intent.succeeded', data }, 'payload');
      expectThat(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/.test(timestamp), 'a time', timestamp);
      await act(bench, made, 'refund');
      const back = await receiver.next(about(made, 'charge.refunded'));
      expectEqual(back.body.data, { ...data, status: 'refunded' }, 'payload');
    },
  },
  {
    id: 'WH-03',
    title: 'the signature is HMAC-SHA256 of the exact body in hexadecimal',
    needs,
    check: async (bench) => {
      const receiver = await bench.receiver();
      const made = await paid(bench, { webhook_url: receiver.url });
      const caught = await receiver.next(about(made, 'payment_intent.succeeded'));
      const { 'x-payzpool-signature': signature = '', 'content-type': type } = caught.headers;
      expectThat(/^[0-9a-f]{64}$/.test(signature), 'sixty-four digits', signature);
      expectThat(type?.startsWith('application/json') === true, 'JSON', type);
      const secret = await secretOf(bench, made);
      expectThat(verified(caught, secret), 'a signature that fits', signature);
      const spaced = Buffer.from(JSON.stringify(caught.body, null, 1));
      expectThat(!verified({ ...caught, raw: spaced }, secret), 'other bytes do not fit');
      expectThat(!verified(caught, `${secret}x`), 'another secret does not fit');
    },
  },
  {
    id: 'WH-04',
    title: 'the URL of a transaction gets its events, the account’s URL those of the others',
    needs,
    check: async (bench) => {
      const [own, common] = [await bench.receiver(), await bench.receiver()];
      const body = { url: common.url, signer: 'payzpool' };
      const endpoint = expectStatus(await bench.native('/v1/webhook_endpoints', { body }), 201);
      const mine = await paid(bench, { webhook_url: own.url });
      const other = await paid(bench);
      await own.next(about(mine, 'payment_intent.succeeded'));
      const caught = await common.next(about(other, 'payment_intent.succeeded'));
      expectThat(verified(caught, endpoint.secret), 'the secret of the endpoint');
      const strays = (list: readonly Caught[], made: WireBody) =>
        list.filter((one) => one.body.data.transaction_id === made.transaction_id);
      expectEqual(strays(common.caught, mine).length, 0, 'strays');
      expectEqual(strays(own.caught, other).length, 0, 'strays');
      const at = `/v1/webhook_endpoints/${endpoint.id}`;
      expectStatus(await bench.native(at, { method: 'DELETE' }), 200);
    },
  },
  {
    id: 'WH-16',
    title: 'the log shows what was sent, what came back, and what came in',
    needs,
    check: async (bench) => {
      const receiver = await bench.receiver();
      const made = await paid(bench, { webhook_url: receiver.url });
      await receiver.next(about(made, 'payment_intent.succeeded'));
      const { id: payment } = await nativeOf(bench, made);
      const log = async () =>
        expectStatus(await bench.native(`/v1/webhook_deliveries?payment=${payment}`), 200).data;
      // The answer of the receiver is written down a moment after it was given.
      let [delivery] = await log();
      for (let looks = 0; delivery?.state === 'pending' && looks < 100; looks += 1) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        [delivery] = await log();
      }
      const one = expectStatus(await bench.native(`/v1/webhook_deliveries/${delivery.id}`), 200);
      expectEqual(JSON.parse(one.request_body).event, 'payment_intent.succeeded', 'request');
      const [attempt] = one.log;
      expectThat(attempt.response.status === 200, 'the answer', attempt);
      expectThat(typeof attempt.at === 'string' && attempt.duration_ms >= 0, 'when', attempt);
      expectThat(attempt.request.url === receiver.url, 'where', attempt);
      const signature = attempt.request.headers['x-payzpool-signature'];
      expectThat(!/^[0-9a-f]{64}$/.test(signature), 'no signature in the log', signature);
      const incoming = await bench.native('/v1/incoming_webhooks?limit=1');
      expectThat(Array.isArray(expectStatus(incoming, 200).data), 'what came in', incoming.text);
      expectStatus(await bench.call(`${path}/${made.transaction_id}`), 200);
    },
  },
  {
    id: 'DX-04',
    title: 'the check of the document’s sample accepts a real delivery and refuses a changed one',
    needs,
    check: async (bench) => {
      const receiver = await bench.receiver();
      const made = await paid(bench, { webhook_url: receiver.url });
      const caught = await receiver.next(about(made, 'payment_intent.succeeded'));
      const secret = await secretOf(bench, made);
      expectThat(verified(caught, secret), 'a valid signature', caught.headers);
      const bent = Buffer.from(caught.raw);
      bent[bent.length - 2] = (bent[bent.length - 2] ?? 0) ^ 1;
      expectThat(!verified({ ...caught, raw: bent }, secret), 'a changed byte is noticed');
      const headers = { ...caught.headers, 'x-payzpool-signature': '0'.repeat(64) };
      expectThat(!verified({ ...caught, headers }, secret), 'a forged signature is noticed');
    },
  },
];
