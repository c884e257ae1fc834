/** Creating a payment: what it takes, what it refuses, what it answers. */
import { expectThat, type ConformanceRow } from '#sdk';
import {
  at,
  base,
  created,
  expectErrors,
  expectMessage,
  newId,
  post,
  read,
  same,
  sampleOf,
  timePattern,
} from './client.ts';

const required = ['external_id', 'amount', 'customer_name', 'customer_email'] as const;

/** Flat, nested, and as long as no native field is. */
const metadatas = [
  {},
  { order_id: 10_001, cart_total: 250_000 },
  { text: 'kopi ☕', whole: 3, part: 0.1, no: false, nothing: null, empty: '' },
  {
    cart: {
      lines: [
        { sku: 'A', n: 2 },
        { sku: 'B', n: 1.5 },
      ],
      total: { idr: 250_000 },
    },
  },
  { note: 'x'.repeat(501), [`key ${'y'.repeat(80)}`]: '😀'.repeat(700) },
  { json_1: 'a name that is used inside' },
];

export const createRows: readonly ConformanceRow[] = [
  {
    id: 'EN-10',
    title: 'metadata comes back unchanged, nested numbers too',
    check: async (bench) => {
      for (const metadata of metadatas) {
        const { external_id: id } = await created(bench, { metadata });
        const { metadata: back } = await read(bench, id);
        expectThat(same(back, metadata), JSON.stringify(metadata).slice(0, 200), back);
      }
      const large = { note: 'x'.repeat(25_001) };
      expectErrors(await post(bench, { metadata: large }), ['metadata']);
      expectErrors(await post(bench, { metadata: 'a text' }), ['metadata']);
    },
  },
  {
    id: 'EN-11',
    title: 'the description is kept, up to 1000 characters',
    needs: ['native'],
    check: async (bench) => {
      const description = `Order #10001 ${'é'.repeat(987)}`;
      await created(bench, { description });
      const { body } = await bench.native('/v1/payments?limit=1');
      expectThat(body.data[0].description === description, 'the description', body.data[0]);
      expectErrors(await post(bench, { description: `${description}.` }), ['description']);
    },
  },
  {
    id: 'EN-12',
    title: 'an external_id of 1 to 255 characters finds its payment, whatever is in it',
    check: async (bench) => {
      const odd = `${newId()}/a b%?#é&`;
      for (const external_id of [odd, newId().padEnd(255, 'x')]) {
        await created(bench, { external_id });
        const { external_id: back } = await read(bench, external_id);
        expectThat(back === external_id, external_id, back);
      }
      for (const external_id of [newId().padEnd(256, 'x'), '']) {
        expectErrors(await post(bench, { external_id }), ['external_id']);
      }
      expectMessage(await bench.call(at(odd.toLowerCase())), 404);
    },
  },
  {
    id: 'EN-14',
    title: 'a currency has exactly three letters, is one there is, and is IDR by default',
    check: async (bench) => {
      for (const [given, shown] of [
        [undefined, 'IDR'],
        ['IDR', 'IDR'],
        ['idr', 'IDR'],
        ['USD', 'USD'],
      ]) {
        const { currency } = await created(bench, { currency: given });
        expectThat(currency === shown, `${shown} for ${given}`, currency);
      }
      for (const currency of ['ID', 'IDRX', 'XYZ', '123']) {
        expectErrors(await post(bench, { currency }), ['currency']);
      }
    },
  },
  {
    id: 'ID-08',
    title: 'an external_id is taken once an application, and free for the next one',
    needs: ['admin'],
    check: async (bench) => {
      const first = await created(bench);
      const { external_id } = first;
      const again = await post(bench, { external_id, amount: 10_000 });
      expectErrors(again, ['external_id']);
      expectThat(
        same(again.body.errors.external_id, ['The external id has already been taken.']),
        'the reason',
        again.body,
      );
      const other = await created(bench, { external_id, amount: 10_000 }, await bench.neighbour());
      expectThat(other.payment_id !== first.payment_id, 'another payment', other);
      const { amount } = await read(bench, external_id);
      expectThat(amount === 250_000, 'the first to stand as it was', amount);
    },
  },
  {
    id: 'ID-09',
    title: 'of many requests with one external_id at the same moment one creates the payment',
    check: async (bench) => {
      const external_id = newId();
      const many = await Promise.all(
        Array.from({ length: 15 }, () => post(bench, { external_id })),
      );
      const made = many.filter(({ status }) => status === 201);
      expectThat(made.length === 1, 'one 201', many.map(({ status }) => status).join());
      for (const answer of many) if (answer.status !== 201) expectErrors(answer, ['external_id']);
      const { body } = await bench.call(`${base}?per_page=100`);
      const listed = body.data.filter((one: typeof body) => one.external_id === external_id);
      expectThat(listed.length === 1, 'one payment', listed);
      expectThat(listed[0].payment_id === made[0]?.body.data.payment_id, 'that one', listed);
    },
  },
  {
    id: 'PI-35',
    title: 'each required field is asked for, and all that is wrong is told at once',
    check: async (bench) => {
      for (const field of required) {
        for (const value of [undefined, null, field === 'amount' ? undefined : '']) {
          const answer = await post(bench, { [field]: value });
          expectErrors(answer, [field]);
          const wanted = [`The ${field.replaceAll('_', ' ')} field is required.`];
          expectThat(same(answer.body.errors[field], wanted), wanted[0] ?? '', answer.body);
        }
      }
      expectErrors(await bench.call(`${base}/create`, { body: {} }), required);
      const wrong = {
        amount: 'much',
        customer_name: 'x'.repeat(201),
        customer_email: 'budi',
        customer_phone: 'call me',
        success_redirect_url: 'app.example.com',
        failure_redirect_url: 'javascript:alert(1)',
      };
      const { customer_phone: phone, ...others } = wrong;
      expectErrors(await post(bench, others), Object.keys(others));
      const external_id = newId();
      const refused = await post(bench, { external_id, customer_phone: phone });
      expectErrors(refused, ['customer_phone']);
      const url = `https://app.example.com/${'x'.repeat(476)}`;
      const right = { success_redirect_url: url, customer_phone: '0812-3456-789' };
      await created(bench, { external_id, ...right });
      expectErrors(await post(bench, { success_redirect_url: `${url}x` }), [
        'success_redirect_url',
      ]);
    },
  },
  {
    id: 'PI-36',
    title: 'amounts are whole rupiah from 10000 up, and come back as they were sent',
    check: async (bench) => {
      for (const amount of [9999, 9999.99, 0, -10_000, 10_000.5, 1e10, true, 'x']) {
        expectErrors(await post(bench, { amount }), ['amount']);
      }
      for (const amount of [10_000, 10_001, 250_000, 9_999_999_999]) {
        const made = await created(bench, { amount });
        expectThat(made.amount === amount, String(amount), made.amount);
        const { amount: back } = await read(bench, made.external_id);
        expectThat(back === amount, String(amount), back);
      }
      const { amount } = await created(bench, { amount: '10000' });
      expectThat(amount === 10_000, 'a number for a number in text', amount);
      const least = await post(bench, { amount: 9999 });
      const wanted = ['The amount field must be at least 10000.'];
      expectThat(same(least.body.errors.amount, wanted), wanted[0] ?? '', least.body);
    },
  },
  {
    id: 'PI-37',
    title: 'the answer has seven members: a number, the sample’s fields, pending, a page, an end',
    check: async (bench) => {
      const sent = sampleOf();
      const { body } = await bench.call(`${base}/create`, { body: sent });
      expectThat(body.message === 'Payment created successfully', 'the message', body);
      const { payment_id, invoice_url, expired_at, ...rest } = body.data;
      const { external_id } = sent;
      const wanted = { external_id, amount: 250_000, currency: 'IDR', status: 'pending' };
      expectThat(same(rest, wanted), JSON.stringify(wanted), rest);
      expectThat(Number.isSafeInteger(payment_id) && payment_id > 0, 'a number', payment_id);
      expectThat(/^https?:\/\/\S+$/.test(invoice_url), 'a page', invoice_url);
      expectThat(timePattern.test(expired_at), 'an end', expired_at);
      const next = await created(bench);
      expectThat(next.payment_id > payment_id, 'a higher number for the next one', next);
    },
  },
];
