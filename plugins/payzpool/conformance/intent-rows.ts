/** Creating, reading, cancelling and refunding. */
import { expectThat, type ConformanceRow } from '#sdk';
import {
  act,
  ask,
  cards,
  expectEqual,
  expectRefusal,
  expectStatus,
  intent,
  nativeOf,
  order,
  paid,
  path,
  pay,
  shown,
} from './client.ts';

export const intentRows: readonly ConformanceRow[] = [
  {
    id: 'PI-01',
    title: 'amount, currency, customer_email and return_url are required, each of them',
    check: async (bench) => {
      for (const field of ['amount', 'currency', 'customer_email', 'return_url']) {
        expectRefusal(await ask(bench, { [field]: undefined }), 400, field);
        expectRefusal(await ask(bench, { [field]: null }), 400, field);
      }
      const { errors } = expectRefusal(await bench.call(path, { body: {} }), 400);
      expectEqual(Object.keys(errors).length, 4, 'fields at once');
      expectRefusal(await ask(bench, { customer_email: 'nobody' }), 400, 'customer_email');
      expectRefusal(await ask(bench, { return_url: 'yoursite' }), 400, 'return_url');
      const { amount, currency, customer_email, return_url } = order;
      const least = { amount, currency, customer_email, return_url };
      expectStatus(await bench.call(path, { body: least }), 201);
    },
  },
  {
    id: 'PI-02',
    title: 'the optional fields are kept, and their limits are 500 characters',
    check: async (bench) => {
      const told = await shown(bench, await intent(bench));
      expectEqual(told.customer_name, 'John Doe', 'customer_name');
      expectEqual(told.description, 'Order #12345', 'description');
      const url = (length: number) => 'https://example.com/'.padEnd(length, 'w');
      expectStatus(await ask(bench, { webhook_url: url(500) }), 201);
      expectRefusal(await ask(bench, { webhook_url: url(501) }), 400, 'webhook_url');
      expectRefusal(await ask(bench, { webhook_url: 'not a url' }), 400, 'webhook_url');
      expectRefusal(await ask(bench, { description: 'd'.repeat(501) }), 400, 'description');
      expectRefusal(await ask(bench, { metadata: 'none' }), 400, 'metadata');
      for (const payment_account_id of ['six', '0x1', 0, 1.5, true]) {
        expectRefusal(await ask(bench, { payment_account_id }), 400, 'payment_account_id');
      }
      const missing = { customer_name: undefined, description: undefined, metadata: undefined };
      const empty = { customer_name: '', description: null, metadata: [] };
      for (const nothing of [missing, empty]) {
        const { customer_name, description, metadata } = await shown(
          bench,
          await intent(bench, nothing),
        );
        expectEqual([customer_name, description, metadata], [null, null, {}], 'nothing');
      }
    },
  },
  {
    id: 'PI-03',
    title: 'the answer holds the transaction, its page, the intent and a publishable key',
    check: async (bench) => {
      const made = await intent(bench);
      const { transaction_id: id, payment_intent: inner } = made;
      expectThat(/^txn_\w+$/.test(id), 'txn_…', id);
      expectThat(made.checkout_url.endsWith(`/checkout/${id}`), 'its page', made.checkout_url);
      expectThat(/^pi_\w+$/.test(inner.id), 'pi_…', inner.id);
      expectThat(inner.client_secret.startsWith(`${inner.id}_secret_`), 'its secret', inner);
      const { status, amount, currency } = inner;
      expectEqual([status, amount, currency], ['requires_payment_method', 99.99, 'usd'], 'intent');
      expectThat(made.stripe_account.publishable_key.startsWith('pk_'), 'pk_…', made);
      expectThat(!JSON.stringify(made).includes('sk_'), 'no secret key', made);
    },
  },
  {
    id: 'PI-04',
    title: 'amounts are decimals, in and out, exact, and a fraction of a cent is refused',
    needs: ['native'],
    check: async (bench) => {
      const cents: [unknown, number, number][] = [
        [99.99, 99.99, 9999],
        ['99.99', 99.99, 9999],
        [1.1, 1.1, 110],
        [0.07, 0.07, 7],
        [50, 50, 5000],
        [4.35, 4.35, 435],
        [8_999_999_999.99, 8_999_999_999.99, 899_999_999_999],
      ];
      for (const [amount, back, minor] of cents) {
        const made = await intent(bench, { amount });
        expectEqual(made.payment_intent.amount, back, 'amount');
        expectEqual((await shown(bench, made)).amount, back, 'amount');
        expectEqual((await nativeOf(bench, made)).amount, minor, 'cents');
      }
      const yen = await intent(bench, { amount: 500, currency: 'jpy' });
      expectEqual((await nativeOf(bench, yen)).amount, 500, 'yen');
      for (const amount of [
        99.999,
        '99.999',
        0.001,
        0,
        '0.00',
        -5,
        '0x10',
        '9,99',
        '',
        true,
        1e21,
      ]) {
        expectRefusal(await ask(bench, { amount }), 400, 'amount');
      }
      expectRefusal(await ask(bench, { amount: 5.5, currency: 'jpy' }), 400, 'amount');
    },
  },
  {
    id: 'PI-05',
    title: 'a transaction is read by its id, with metadata and updated_at; another one is 404',
    needs: ['admin'],
    check: async (bench) => {
      const made = await intent(bench);
      const { created_at, updated_at, ...rest } = await shown(bench, made);
      const { amount, currency, customer_email, customer_name, description, metadata } = order;
      const wanted = {
        transaction_id: made.transaction_id,
        payment_intent_id: made.payment_intent.id,
        amount,
        currency,
        status: 'pending',
        customer_email,
        customer_name,
        description,
        metadata,
      };
      expectEqual(rest, wanted, 'intent');
      expectThat(created_at !== undefined && updated_at !== undefined, 'both times', created_at);
      const { transaction_id: id } = made;
      for (const other of [`${id.slice(0, -1)}${id.endsWith('0') ? '1' : '0'}`, 'txn_', 'x']) {
        expectRefusal(await bench.call(`${path}/${other}`), 404);
      }
      const keys = await bench.stranger();
      expectRefusal(await bench.call(`${path}/${id}`, { keys }), 404);
      expectRefusal(await bench.call(`${path}/${id}/cancel`, { method: 'POST', keys }), 404);
      expectRefusal(await bench.call(`${path}/${id}/refund`, { method: 'POST', keys }), 404);
      expectRefusal(await bench.call(`${path}/${id}`, { keys: await bench.neighbour() }), 404);
    },
  },
  {
    id: 'AC-05',
    title: 'what is pending or processing can be cancelled, once',
    needs: ['native'],
    check: async (bench) => {
      const made = await intent(bench);
      const { data } = expectStatus(await act(bench, made, 'cancel'), 200);
      expectEqual(data, { transaction_id: made.transaction_id, status: 'cancelled' }, 'data');
      expectEqual((await shown(bench, made)).status, 'cancelled', 'status');
      expectRefusal(await act(bench, made, 'cancel'), 400);
      const page = await bench.open(made.checkout_url);
      expectThat(!page.text.includes('name="number"'), 'a page without a form', page.text);
      const held = await intent(bench);
      await pay(bench, held, cards.held);
      expectEqual((await shown(bench, held)).status, 'processing', 'status');
      const rejected = expectStatus(await act(bench, held, 'cancel'), 200);
      expectEqual(rejected.data.status, 'cancelled', 'status');
      expectRefusal(await act(bench, await paid(bench), 'cancel'), 400);
      const failed = await intent(bench);
      await pay(bench, failed, cards.poor);
      expectRefusal(await act(bench, failed, 'cancel'), 400);
    },
  },
  {
    id: 'RF-01',
    title: 'an empty refund gives back everything, an amount gives back a part',
    needs: ['native'],
    check: async (bench) => {
      const made = await paid(bench);
      const { data } = expectStatus(await act(bench, made, 'refund', { amount: 50.0 }), 200);
      const { refund_id: id, ...rest } = data;
      expectThat(/^re_\w+$/.test(id), 're_…', id);
      const { transaction_id } = made;
      expectEqual(rest, { transaction_id, amount: 50, status: 'refunded' }, 'data');
      expectEqual((await nativeOf(bench, made)).amount_refunded, 5000, 'cents');
      const more = expectStatus(await act(bench, made, 'refund', {}), 200).data;
      expectEqual(more.amount, 49.99, 'what was left');
      const whole = expectStatus(await act(bench, await paid(bench), 'refund'), 200).data;
      expectEqual(whole.amount, 99.99, 'all of it');
      const other = await paid(bench);
      for (const amount of [0, -1, 0.001, 'half']) {
        expectRefusal(await act(bench, other, 'refund', { amount }), 400, 'amount');
      }
      expectRefusal(await act(bench, other, 'refund', { amount: 100 }), 400, 'amount');
      const exact = expectStatus(await act(bench, other, 'refund', { amount: '99.99' }), 200);
      expectEqual(exact.data.amount, 99.99, 'the whole as an amount');
    },
  },
  {
    id: 'RF-02',
    title: 'the reason is one of three',
    needs: ['native'],
    check: async (bench) => {
      const made = await paid(bench);
      for (const reason of ['duplicate', 'fraudulent', 'requested_by_customer']) {
        expectStatus(await act(bench, made, 'refund', { amount: 1, reason }), 200);
      }
      for (const reason of ['other', '', 5]) {
        expectRefusal(await act(bench, made, 'refund', { amount: 1, reason }), 400, 'reason');
      }
    },
  },
  {
    id: 'RF-03',
    title: 'only what succeeded is refunded',
    needs: ['native'],
    check: async (bench) => {
      const open = await intent(bench);
      expectRefusal(await act(bench, open, 'refund'), 400);
      await pay(bench, open, cards.poor);
      expectRefusal(await act(bench, open, 'refund'), 400);
      const gone = await intent(bench);
      expectStatus(await act(bench, gone, 'cancel'), 200);
      expectRefusal(await act(bench, gone, 'refund'), 400);
      const made = await paid(bench);
      expectStatus(await act(bench, made, 'refund'), 200);
      expectRefusal(await act(bench, made, 'refund'), 400);
    },
  },
  {
    id: 'RF-09',
    title: 'ten refunds at once never give back more than was paid',
    needs: ['native'],
    check: async (bench) => {
      const made = await paid(bench, { amount: 10 });
      const all = await Promise.all(
        Array.from({ length: 10 }, () => act(bench, made, 'refund', { amount: 3 })),
      );
      const odd = all.find(({ status }) => status !== 200 && status !== 400);
      expectThat(odd === undefined, '200 or 400', odd);
      const given = all.filter(({ status }) => status === 200).length;
      const { amount_refunded, amount_captured } = await nativeOf(bench, made);
      expectEqual(amount_refunded, given * 300, 'cents');
      expectThat(amount_refunded <= amount_captured, 'no more than was paid', amount_refunded);
    },
  },
  {
    id: 'ST-01',
    title: 'the six statuses, each after what leads there',
    needs: ['native'],
    check: async (bench) => {
      const made = await intent(bench);
      const status = async () => (await shown(bench, made)).status;
      expectEqual(await status(), 'pending', 'status');
      await pay(bench, made, cards.poor);
      expectEqual(await status(), 'failed', 'status');
      await pay(bench, made);
      expectEqual(await status(), 'succeeded', 'status');
      expectStatus(await act(bench, made, 'refund', { amount: 1 }), 200);
      expectEqual(await status(), 'refunded', 'status');
      const gone = await intent(bench);
      expectStatus(await act(bench, gone, 'cancel'), 200);
      expectEqual((await shown(bench, gone)).status, 'cancelled', 'status');
      const held = await intent(bench);
      await pay(bench, held, cards.held);
      expectEqual((await shown(bench, held)).status, 'processing', 'status');
      const { id } = await nativeOf(bench, held);
      expectStatus(await bench.native(`/v1/payments/${id}/approve`, { body: {} }), 200);
      expectEqual((await shown(bench, held)).status, 'succeeded', 'status');
    },
  },
];
