/** Keys, envelopes, statuses and shapes: what every call of the document has in common. */
import { expectThat, type ConformanceRow } from '#sdk';
import {
  act,
  ask,
  expectEqual,
  expectRefusal,
  expectStatus,
  fresh,
  intent,
  nativeOf,
  order,
  paid,
  path,
  shown,
} from './client.ts';

const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/;

export const wireRows: readonly ConformanceRow[] = [
  {
    id: 'AU-01',
    title: 'both keys open it, and either one missing or wrong is 401',
    check: async (bench) => {
      const { publicKey, secretKey } = bench.keys;
      expectStatus(await bench.call(path), 200);
      const attempts: Record<string, string | undefined>[] = [
        { 'x-api-key': undefined },
        { 'x-api-secret': undefined },
        { 'x-api-key': undefined, 'x-api-secret': undefined },
        { 'x-api-key': `${publicKey}x` },
        { 'x-api-secret': `${secretKey}x` },
        { 'x-api-key': secretKey, 'x-api-secret': publicKey },
        { 'x-api-key': secretKey },
        { 'x-api-secret': publicKey },
      ];
      for (const headers of attempts) expectRefusal(await bench.call(path, { headers }), 401);
      expectRefusal(await ask(bench, {}, { keys: null }), 401);
    },
  },
  {
    id: 'EN-01',
    title: 'everything is below /api',
    check: async (bench) => {
      expectStatus(await bench.call('/api/payment-intents'), 200);
      expectRefusal(await bench.call('/payment-intents'), 404);
      expectRefusal(await bench.call('/api/v1/payment-intents'), 404);
    },
  },
  {
    id: 'EN-03',
    title: 'a body that is no JSON, no object, or of another type is 400',
    check: async (bench) => {
      for (const body of ['{"amount": 99.99,', 'amount=99.99', '[]', '"text"', '']) {
        expectRefusal(await bench.call(path, { method: 'POST', body }), 400);
      }
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      expectRefusal(await ask(bench, {}, { headers }), 400);
    },
  },
  {
    id: 'EN-04',
    title: 'success wraps data, actions add a message, the list adds count',
    needs: ['native'],
    check: async (bench) => {
      const keys = (body: object) => Object.keys(body).toSorted((a, b) => (a < b ? -1 : 1));
      const made = expectStatus(await ask(bench), 201);
      expectEqual(keys(made), ['data', 'success'], 'members');
      const list = expectStatus(await bench.call(path), 200);
      expectEqual(keys(list), ['count', 'data', 'success'], 'members');
      expectThat(list.success === true && list.count === list.data.length, 'count', list.count);
      const one = expectStatus(await bench.call(`${path}/${made.data.transaction_id}`), 200);
      expectEqual(keys(one), ['data', 'success'], 'members');
      const gone = expectStatus(await act(bench, made.data, 'cancel'), 200);
      expectEqual(gone.message, 'Payment intent cancelled successfully', 'message');
      const back = expectStatus(await act(bench, await paid(bench), 'refund'), 200);
      expectEqual(back.message, 'Refund created successfully', 'message');
      expectEqual(keys(back), ['data', 'message', 'success'], 'members');
    },
  },
  {
    id: 'EN-08',
    title: 'times are whole seconds with +00:00, and updated_at is never before created_at',
    needs: ['native'],
    check: async (bench) => {
      const { created_at, updated_at } = await shown(bench, await paid(bench));
      expectThat(time.test(created_at) && time.test(updated_at), 'times', [created_at, updated_at]);
      expectThat(created_at <= updated_at, 'an order', [created_at, updated_at]);
      const [first] = expectStatus(await bench.call(`${path}?limit=1`), 200).data;
      expectThat(time.test(first.created_at), 'a time', first);
    },
  },
  {
    id: 'EN-09',
    title: 'creating is 201, all else that goes well is 200',
    needs: ['native'],
    check: async (bench) => {
      const made = expectStatus(await ask(bench), 201).data;
      expectStatus(await bench.call(path), 200);
      expectStatus(await bench.call(`${path}/${made.transaction_id}`), 200);
      expectStatus(await act(bench, made, 'cancel', {}), 200);
      expectStatus(await act(bench, await paid(bench), 'refund', {}), 200);
    },
  },
  {
    id: 'EN-10',
    title: 'metadata comes back as it was given',
    check: async (bench) => {
      const metadata = {
        order_id: '12345',
        quantity: 2,
        gift: true,
        note: 'ünï ✓ "q"',
        none: null,
      };
      const { metadata: told } = await shown(bench, await intent(bench, { metadata }));
      expectEqual(told, metadata, 'metadata');
      const { metadata: without } = await shown(
        bench,
        await intent(bench, { metadata: undefined }),
      );
      expectEqual(without, {}, 'metadata');
    },
  },
  {
    id: 'EN-11',
    title: 'the description is kept and returned; 500 characters pass and 501 do not',
    check: async (bench) => {
      const description = 'd'.repeat(500);
      expectEqual(
        (await shown(bench, await intent(bench, { description }))).description,
        description,
        'description',
      );
      expectRefusal(await ask(bench, { description: `${description}d` }), 400, 'description');
    },
  },
  {
    id: 'EN-14',
    title: 'a currency is three letters, answered in lower case; one nobody has is refused',
    check: async (bench) => {
      expectEqual((await intent(bench)).payment_intent.currency, 'usd', 'currency');
      const upper = await intent(bench, { currency: 'EUR' });
      expectEqual(upper.payment_intent.currency, 'eur', 'currency');
      for (const currency of ['us', 'usdd', 'u5d', '', 'zzz', 840]) {
        expectRefusal(await ask(bench, { currency }), 400, 'currency');
      }
    },
  },
  {
    id: 'ID-09',
    title: 'fifty requests at once with one Idempotency-Key make one transaction',
    needs: ['native'],
    check: async (bench) => {
      const headers = { 'idempotency-key': fresh('storm') };
      const customer_email = `${fresh('storm')}@example.com`;
      const storm = await Promise.all(
        Array.from({ length: 50 }, () => ask(bench, { customer_email }, { headers })),
      );
      const odd = storm.find(({ status }) => status !== 201 && status !== 409);
      expectThat(odd === undefined, '201, or 409 while the first runs', odd);
      const texts = new Set(storm.flatMap(({ status, text }) => (status === 201 ? [text] : [])));
      expectThat(texts.size === 1, 'one answer', [...texts]);
      const again = await ask(bench, { customer_email }, { headers });
      expectThat(texts.has(again.text), 'the same answer afterwards', again.text);
      const list = expectStatus(await bench.call(`${path}?customer_email=${customer_email}`), 200);
      expectEqual(list.count, 1, 'transactions');
      expectRefusal(await ask(bench, { customer_email, amount: 1 }, { headers }), 400);
    },
  },
  {
    id: 'ER-01',
    title: 'refusals are 400, 401, 403 and 404, in one shape',
    needs: ['native'],
    check: async (bench) => {
      expectRefusal(await ask(bench, { amount: 0 }), 400, 'amount');
      expectRefusal(await bench.call(path, { keys: null }), 401);
      expectRefusal(await ask(bench, { payment_account_id: 999_999_999 }), 403);
      expectRefusal(await bench.call(`${path}/txn_abc123xyz`), 404);
      expectRefusal(await bench.call('/api/payments'), 404);
      const made = await intent(bench);
      expectRefusal(await act(bench, made, 'refund'), 400);
      const answer = await act(bench, made, 'refund', { reason: 'because' });
      expectRefusal(answer, 400, 'reason');
      expectThat(answer.headers['content-type']?.startsWith('application/json') === true, 'JSON');
    },
  },
  {
    id: 'ER-05',
    title: 'a refusal names the request and nothing of the inside',
    check: async (bench) => {
      const answers = [
        await bench.call(`${path}/txn_%00`),
        await bench.call(`${path}?limit=many`),
        await bench.call(path, { method: 'POST', body: '{"amount":' }),
        await ask(bench, { metadata: { deep: { er: [1] } } }),
        await ask(bench, { customer_email: `${'x'.repeat(300)}@example.com` }),
      ];
      for (const answer of answers) {
        expectThat(answer.status >= 400 && answer.status < 500, 'a refusal', answer);
        const { request_id: id } = answer.body;
        expectThat(String(id).startsWith('req_'), 'the id of the request', answer.text);
        const leak = /select |insert |sqlite|postgres|\.(ts|js):\d|sk_|node_modules/i;
        expectThat(!leak.test(answer.text), 'nothing of the inside', answer.text);
      }
    },
  },
  {
    id: 'UI-05',
    title: 'from two keys to the first paid payment in three steps',
    needs: ['native'],
    check: async (bench) => {
      const made = await paid(bench);
      expectEqual((await shown(bench, made)).status, 'succeeded', 'status');
      expectEqual((await nativeOf(bench, made)).amount_captured, 9999, 'cents');
      expectEqual(order.amount, made.payment_intent.amount, 'amount');
    },
  },
];
