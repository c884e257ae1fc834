/** Keys, envelopes, currencies, statuses of refusals. */
import { expectThat, type ConformanceRow } from '#sdk';
import {
  act,
  ask,
  askIntent,
  authorized,
  cards,
  charge,
  confirm,
  objectOf,
  expectEqual,
  expectRefusal,
  intent,
  order,
  payment,
  publicly,
  sold,
} from './client.ts';

const hidden = /\bsk_|whsec_/;

export const wireRows: readonly ConformanceRow[] = [
  {
    id: 'AU-04',
    title: 'payments, transactions and intents want a key in X-API-Key, and 401 without it',
    check: async (bench) => {
      const guarded: readonly (readonly [path: string, body?: object])[] = [
        ['/api/v1/payments/authorize', order()],
        ['/api/v1/payments/sale', order()],
        ['/api/v1/payments/pay_1/capture', { amount: 1 }],
        ['/api/v1/payments/pay_1/void', {}],
        ['/api/v1/payments/pay_1/refund', { amount: 1 }],
        ['/api/v1/payments/pay_1'],
        ['/api/v1/payment-intents', {}],
        ['/api/v1/payment-intents/pi_1/cancel', {}],
        ['/api/v1/transactions'],
        ['/api/v1/transactions/txn_1'],
      ];
      for (const [path, body] of guarded) {
        const call = { keys: null, ...(body && { body }) };
        expectRefusal(await ask(bench, path, call), 401, 'UNAUTHORIZED');
      }
      const { publicKey, secretKey } = bench.keys;
      for (const secret of [`${secretKey}x`, publicKey, '']) {
        const keys = { publicKey, secretKey: secret };
        expectRefusal(await ask(bench, '/api/v1/transactions', { keys }), 401);
      }
      const bearer = { keys: null, headers: { authorization: `Bearer ${secretKey}` } };
      objectOf(await ask(bench, '/api/v1/transactions', bearer));
      objectOf(await ask(bench, '/api/v1/transactions'));
    },
  },
  {
    id: 'AU-16',
    title: 'what belongs to another merchant is 404, and is neither captured, voided nor refunded',
    needs: ['admin'],
    check: async (bench) => {
      const mine = await authorized(bench);
      const keys = await bench.stranger();
      const path = `/api/v1/payments/${mine.id}`;
      expectRefusal(await ask(bench, path, { keys }), 404, 'NOT_FOUND');
      expectRefusal(await ask(bench, `/api/v1/transactions/${mine.transaction_id}`, { keys }), 404);
      for (const verb of ['capture', 'void', 'refund']) {
        const call = { keys, body: { amount: 1 } };
        expectRefusal(await ask(bench, `${path}/${verb}`, call), 404);
      }
      const made = await intent(bench);
      const foreign = { keys, method: 'POST' } as const;
      expectRefusal(await ask(bench, `/api/v1/payment-intents/${made.id}/cancel`, foreign), 404);
      const theirs = objectOf(await ask(bench, '/api/v1/transactions', { keys }));
      expectThat(
        theirs.transactions.every((one: { id: string }) => one.id !== mine.transaction_id),
        'nothing of mine in the list of others',
        theirs,
      );
      expectEqual((await payment(bench, mine)).status, 'authorized', 'status');
    },
  },
  {
    id: 'AU-17',
    title: 'a merchant that was made a moment ago works with keys of its own, apart from others',
    needs: ['admin'],
    check: async (bench) => {
      const keys = await bench.stranger();
      const made = objectOf(await askIntent(bench, {}, { keys }));
      const path = `/api/v1/payment-intents/${made.id}/cancel`;
      expectRefusal(await ask(bench, path, { method: 'POST' }), 404);
      objectOf(await ask(bench, path, { method: 'POST', keys }));
    },
  },
  {
    id: 'AU-18',
    title: 'neither the page nor a public answer holds a secret key',
    check: async (bench) => {
      const made = await intent(bench);
      const page = await bench.open(made.checkout_url);
      expectThat(page.status === 200, 'the page', page.status);
      const { text } = await ask(bench, `/api/public/payment-intents/${made.id}`, { keys: null });
      const paid = await confirm(bench, made);
      for (const seen of [page.text, text, paid.text]) {
        expectThat(!seen.includes(bench.keys.secretKey), 'no secret key', seen);
        expectThat(!hidden.test(seen), 'no secret', seen);
      }
      expectThat(!page.text.includes(made.client_secret), 'no client secret in the page');
      expectThat(!text.includes('client_secret'), 'no client secret for anybody', text);
    },
  },
  {
    id: 'EN-01',
    title: 'merchants call below /api/v1, browsers below /api/public, and neither the other',
    check: async (bench) => {
      const made = await intent(bench);
      objectOf(await ask(bench, `/api/public/payment-intents/${made.id}`, { keys: null }));
      expectRefusal(await ask(bench, `/api/v1/payment-intents/${made.id}`), 404);
      expectRefusal(await ask(bench, '/api/public/payments/authorize', { body: order() }), 404);
      expectRefusal(await ask(bench, '/payments/authorize', { body: order() }), 404);
    },
  },
  {
    id: 'EN-05',
    title: 'objects stand at the top, with nothing around them; refusals are error and code there',
    check: async (bench) => {
      const { body } = await charge(bench, 'sale');
      expectEqual([body.status, body.amount], ['captured', 9999], 'the payment');
      expectEqual([body.success, body.data], [undefined, undefined], 'no envelope');
      const opened = (await askIntent(bench)).body;
      expectEqual([opened.status, opened.data], ['created', undefined], 'the intent');
      const list = (await ask(bench, '/api/v1/transactions?limit=1')).body;
      const members = ['transactions', 'limit', 'offset', 'has_more'];
      expectEqual(Object.keys(list), members, 'members of a list');
      const refused = expectRefusal(await ask(bench, '/api/v1/payments/pay_1'), 404);
      expectEqual(Object.keys(refused), ['error', 'code', 'request_id'], 'members of a refusal');
      expectThat(typeof refused.error === 'string', 'a sentence in error', refused);
    },
  },
  {
    id: 'EN-08',
    title: 'times are ISO 8601 in UTC with Z, and updated_at never lies before created_at',
    check: async (bench) => {
      const made = await authorized(bench);
      const done = objectOf(await act(bench, made, 'capture', { amount: 9999 }));
      const { created_at, expires_at } = await intent(bench);
      for (const time of [done.created_at, done.updated_at, created_at, expires_at]) {
        expectThat(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$/.test(time), 'a time', time);
      }
      expectThat(done.updated_at >= done.created_at, 'updated_at after created_at', done);
      expectEqual(done.created_at, made.created_at, 'created_at');
      expectEqual(Date.parse(expires_at) - Date.parse(created_at), 3_600_000, 'an hour');
    },
  },
  {
    id: 'EN-10',
    title: 'metadata comes back as it was given, at a payment and at an intent',
    check: async (bench) => {
      const metadata = { order_id: '12345', customer_id: 'cus_abc', count: 3, gift: true };
      const made = await sold(bench, { metadata });
      expectEqual(made.metadata, metadata, 'metadata');
      expectEqual((await payment(bench, made)).metadata, metadata, 'metadata');
      expectEqual((await intent(bench, { metadata })).metadata, metadata, 'metadata');
    },
  },
  {
    id: 'EN-11',
    title: 'the description is kept, returned and shown to the payer',
    check: async (bench) => {
      const description = 'Order #12345 & more';
      const made = await sold(bench, { description });
      expectEqual((await payment(bench, made)).description, description, 'description');
      const opened = await intent(bench, { description });
      expectEqual((await publicly(bench, opened)).description, description, 'description');
      const { text } = await bench.open(opened.checkout_url);
      expectThat(text.includes('Order #12345 &amp; more'), 'the description', text);
    },
  },
  {
    id: 'EN-14',
    title: 'USD, EUR and MAD are taken, in three capitals, and no other currency',
    check: async (bench) => {
      for (const currency of ['USD', 'EUR', 'MAD']) {
        expectEqual((await sold(bench, { currency })).currency, currency, 'currency');
        expectEqual((await intent(bench, { currency })).currency, currency, 'currency');
      }
      for (const currency of ['GBP', 'JPY', 'usd', 'US', 'USDT', '', 840, undefined]) {
        expectRefusal(await charge(bench, 'sale', { currency }), 400);
        expectRefusal(await askIntent(bench, { currency }), 400);
      }
    },
  },
  {
    id: 'ER-02',
    title: '400, 401, 402, 404, 409, 410 and 429 come for the causes that are listed',
    check: async (bench) => {
      const bad = [
        { amount: undefined },
        { amount: 0 },
        { amount: -1 },
        { amount: 99.99 },
        { amount: '9999' },
        { currency: 'GBP' },
        { card: undefined },
        { card: { ...order().card, number: '4242424242424241' } },
        { card: { ...order().card, exp_month: 13 } },
      ];
      for (const more of bad) expectRefusal(await charge(bench, 'authorize', more), 400);
      const half = { body: '{"amount": 1' };
      expectRefusal(await ask(bench, '/api/v1/payments/authorize', half), 400, 'INVALID_JSON');
      expectRefusal(await ask(bench, '/api/v1/transactions', { keys: null }), 401);
      expectRefusal(
        await charge(bench, 'sale', { card: { ...order().card, number: cards.poor } }),
        402,
      );
      expectRefusal(await ask(bench, '/api/v1/payments/pay_1'), 404, 'NOT_FOUND');
      const headers = { 'idempotency-key': `er-02-${(await sold(bench)).id}` };
      objectOf(await charge(bench, 'sale', {}, { headers }));
      expectRefusal(await charge(bench, 'sale', { amount: 1 }, { headers }), 409);
      const made = await intent(bench);
      for (let tries = 1; tries <= 5; tries += 1) {
        expectRefusal(await confirm(bench, made, cards.poor), 402);
      }
      expectRefusal(await confirm(bench, made), 410);
      const burst = Array.from({ length: 150 }, () =>
        bench.call('/api/public/payment-intents/pi_1', { keys: null }),
      );
      const limited = (await Promise.all(burst)).find(({ status }) => status === 429);
      expectThat(limited !== undefined, 'a 429 in a burst');
      expectRefusal(limited, 429, 'RATE_LIMITED');
    },
  },
];
