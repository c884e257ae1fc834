/** Payment intents: made by the merchant, confirmed by a browser. */
import { expectThat, type ConformanceRow } from '#sdk';
import {
  act,
  ask,
  askIntent,
  cancel,
  card,
  cards,
  checkoutOrder,
  confirm,
  objectOf,
  expectEqual,
  expectRefusal,
  intent,
  payment,
  publicly,
} from './client.ts';

const confirmPath = ({ id }: { readonly id: string }) =>
  `/api/public/payment-intents/${id}/confirm`;

export const intentRows: readonly ConformanceRow[] = [
  {
    id: 'AU-05',
    title: 'a confirmation takes the client secret in body, query or header; a wrong one is 401',
    check: async (bench) => {
      const [made, other] = [await intent(bench), await intent(bench)];
      const path = confirmPath(made);
      const secret = made.client_secret;
      const body = { card: card(cards.poor) };
      const wrong = [undefined, 'pi_1_secret_1', `${secret.slice(0, -1)}_`, other.client_secret, 7];
      for (const client_secret of wrong) {
        const call = { body: { ...body, client_secret }, keys: null };
        expectRefusal(await ask(bench, path, call), 401, 'INVALID_CLIENT_SECRET');
      }
      const inBody = { body: { ...body, client_secret: secret }, keys: null };
      expectRefusal(await ask(bench, path, inBody), 402);
      const query = `${path}?client_secret=${secret}`;
      expectRefusal(await ask(bench, query, { body, keys: null }), 402);
      const headers = { 'x-client-secret': secret };
      expectRefusal(await ask(bench, path, { body, keys: null, headers }), 402);
      expectRefusal(await ask(bench, path, { body }), 401);
    },
  },
  {
    id: 'PI-27',
    title: 'an intent has a page, a client secret and an hour, and says what it was made of',
    check: async (bench) => {
      const made = await intent(bench);
      for (const [field, value] of Object.entries(checkoutOrder)) {
        expectEqual(made[field], value, field);
      }
      expectEqual([made.status, made.capture_method], ['created', 'automatic'], 'status');
      expectThat(/^pi_\w+$/.test(made.id), 'pi_…', made.id);
      expectThat(made.client_secret.startsWith(`${made.id}_secret_`), 'its secret', made);
      expectEqual((await bench.open(made.checkout_url)).status, 200, 'the page');
      for (const field of ['amount', 'currency', 'success_url']) {
        expectRefusal(await askIntent(bench, { [field]: undefined }), 400, 'INVALID_REQUEST');
      }
      for (const amount of [0, -1, 0.5, '1']) {
        expectRefusal(await askIntent(bench, { amount }), 400);
      }
      const bare = { amount: 1, currency: 'MAD', success_url: 'https://shop.example/' };
      objectOf(await ask(bench, '/api/v1/payment-intents', { body: bare }));
      // Two intents for one order: the first may have run out of tries.
      expectEqual((await intent(bench)).order_id, made.order_id, 'order_id');
      expectRefusal(await askIntent(bench, { capture_method: 'later' }), 400);
      expectRefusal(await askIntent(bench, { customer_email: 'nobody' }), 400);
    },
  },
  {
    id: 'PI-28',
    title: 'redirects go to https, or to localhost',
    check: async (bench) => {
      const urls: readonly (readonly [string, number])[] = [
        ['https://shop.example/done', 200],
        ['http://localhost:8765/success', 200],
        ['http://127.0.0.1:3000/', 200],
        ['http://example.com', 400],
        ['http://localhost.example.com/', 400],
        ['ftp://shop.example/', 400],
        ['javascript:alert(1)', 400],
        ['shop.example', 400],
      ];
      for (const [url, status] of urls) {
        for (const more of [{ success_url: url }, { cancel_url: url }]) {
          const answer = await askIntent(bench, more);
          expectThat(answer.status === status, `${status} for ${url}`, answer.text);
        }
      }
    },
  },
  {
    id: 'PI-29',
    title: '{CHECKOUT_SESSION_ID} is replaced by the intent’s id',
    check: async (bench) => {
      const success_url = 'https://shop.example/done?intent={CHECKOUT_SESSION_ID}&a=1';
      const cancel_url = 'https://shop.example/{CHECKOUT_SESSION_ID}/cart';
      const made = await intent(bench, { success_url, cancel_url });
      const shown = await publicly(bench, made);
      const url = new URL(shown.success_url);
      expectEqual(url.searchParams.get('intent'), made.id, 'intent');
      expectEqual(url.searchParams.get('a'), '1', 'a');
      expectEqual(shown.cancel_url, `https://shop.example/${made.id}/cart`, 'cancel_url');
      expectEqual([made.success_url, made.cancel_url], [success_url, cancel_url], 'as given');
    },
  },
  {
    id: 'PI-30',
    title: 'without a cancel_url it is the success_url',
    check: async (bench) => {
      const made = await intent(bench, { cancel_url: undefined });
      expectEqual(made.cancel_url, made.success_url, 'cancel_url');
      const shown = await publicly(bench, made);
      expectEqual(shown.cancel_url, shown.success_url, 'cancel_url');
    },
  },
  {
    id: 'PI-31',
    title: 'capture_method automatic captures, manual leaves the payment authorized',
    check: async (bench) => {
      for (const capture_method of [undefined, 'automatic']) {
        const made = await intent(bench, { capture_method });
        expectEqual(made.capture_method, 'automatic', 'capture_method');
        expectEqual(objectOf(await confirm(bench, made)).status, 'captured', 'status');
      }
      const held = await intent(bench, { capture_method: 'manual' });
      const paid = objectOf(await confirm(bench, held));
      expectEqual(paid.status, 'authorized', 'status');
      const done = objectOf(await act(bench, paid, 'capture', { amount: 9999 }));
      expectEqual(done.status, 'captured', 'status');
    },
  },
  {
    id: 'PI-32',
    title: 'anybody may read an intent, and finds nothing of the merchant’s in it',
    check: async (bench) => {
      const made = await intent(bench);
      const shown = await publicly(bench, made);
      const { id, status, amount, currency, description } = shown;
      const { amount: cents, currency: code, description: text } = checkoutOrder;
      expectEqual([id, status, amount, currency], [made.id, 'created', cents, code], 'intent');
      expectEqual([description, shown.expires_at], [text, made.expires_at], 'intent');
      const own = ['metadata', 'order_id', 'customer_email', 'merchant_id', 'client_secret'];
      const leaked = own.filter((field) => field in shown);
      expectEqual(leaked, [], 'of the merchant');
      const none = `/api/public/payment-intents/${made.id.slice(0, -4)}0000`;
      expectRefusal(await ask(bench, none, { keys: null }), 404);
    },
  },
  {
    id: 'PI-33',
    title: 'a confirmation pays; a decline is 402 and may be tried again; five clicks pay once',
    check: async (bench) => {
      const made = await intent(bench);
      const first = expectRefusal(await confirm(bench, made, cards.poor), 402, 'PAYMENT_DECLINED');
      expectEqual(first.error.response_code, '51', 'response_code');
      expectEqual((await publicly(bench, made)).status, 'created', 'status');
      const paid = objectOf(await confirm(bench, made));
      expectEqual([paid.status, paid.amount, paid.card_last4], ['captured', 9999, '4242'], 'paid');
      expectEqual((await publicly(bench, made)).status, 'captured', 'status');
      expectEqual((await payment(bench, paid)).captured_amount, 9999, 'captured');
      expectRefusal(await confirm(bench, made), 400, 'CANNOT_CONFIRM');
      const call = { body: { client_secret: made.client_secret }, keys: null };
      expectRefusal(await ask(bench, confirmPath(made), call), 400);
      const once = await intent(bench);
      const clicks = await Promise.all([1, 2, 3, 4, 5].map(() => confirm(bench, once)));
      const statuses = clicks.map(({ status }) => status);
      expectEqual(statuses.filter((status) => status === 200).length, 1, 'one that pays');
      expectThat(
        statuses.every((status) => [200, 400, 409].includes(status)),
        'the others refused',
        statuses,
      );
      const { payment_id: id } = await publicly(bench, once);
      const charged = await payment(bench, { id });
      expectEqual([charged.status, charged.captured_amount], ['captured', 9999], 'paid once');
    },
  },
  {
    id: 'PI-34',
    title: 'an intent is cancelled until it is completed, once',
    check: async (bench) => {
      const made = await intent(bench);
      expectEqual(objectOf(await cancel(bench, made)).status, 'voided', 'status');
      expectRefusal(await cancel(bench, made), 400);
      expectEqual((await publicly(bench, made)).status, 'voided', 'status');
      expectRefusal(await confirm(bench, made), 400);
      for (const capture_method of ['automatic', 'manual']) {
        const paid = await intent(bench, { capture_method });
        objectOf(await confirm(bench, paid));
        expectRefusal(await cancel(bench, paid), 400);
      }
      const declined = await intent(bench);
      expectRefusal(await confirm(bench, declined, cards.generic), 402);
      objectOf(await cancel(bench, declined));
      expectRefusal(await confirm(bench, declined), 400);
      expectRefusal(await cancel(bench, { id: 'pi_1' }), 404);
    },
  },
  {
    id: 'CK-12',
    title: 'after five declined cards an intent is gone: 410, and its page with it',
    check: async (bench) => {
      const made = await intent(bench);
      for (let tries = 1; tries <= 5; tries += 1) {
        expectRefusal(await confirm(bench, made, cards.generic), 402);
      }
      expectRefusal(await confirm(bench, made), 410, 'MAX_ATTEMPTS_REACHED');
      expectEqual((await publicly(bench, made)).status, 'failed', 'status');
      const page = await bench.open(made.checkout_url);
      expectThat(page.status === 410 && !page.text.includes('name="number"'), '410', page.status);
    },
  },
  {
    id: 'DX-03',
    title: 'a form of one’s own on another site may read and confirm an intent',
    check: async (bench) => {
      const made = await intent(bench);
      const path = confirmPath(made);
      const headers = {
        origin: 'https://shop.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type,x-client-secret',
      };
      const asked = await bench.call(path, { method: 'OPTIONS', headers, keys: null });
      const allowed = asked.headers['access-control-allow-headers'] ?? '';
      expectThat(asked.headers['access-control-allow-origin'] === '*', 'any origin', asked.headers);
      expectThat(allowed.includes('x-client-secret'), 'the header', allowed);
      const read = await ask(bench, `/api/public/payment-intents/${made.id}`, { keys: null });
      expectEqual(read.headers['access-control-allow-origin'], '*', 'allow-origin');
      const secret = { 'x-client-secret': made.client_secret };
      const call = { body: { card: card(), customer_email: 'payer@example.com' }, keys: null };
      const paid = objectOf(await ask(bench, path, { ...call, headers: secret }));
      expectEqual(paid.status, 'captured', 'status');
    },
  },
];
