/** A payment's life: shown, continued, paid, cancelled, expired, listed. */
import { expectThat, type Bench, type ConformanceRow } from '#sdk';
import {
  at,
  base,
  cards,
  created,
  expectErrors,
  expectMessage,
  newId,
  pay,
  post,
  read,
  same,
  timePattern,
} from './client.ts';

const members = [
  'payment_id',
  'external_id',
  'amount',
  'currency',
  'status',
  'customer_name',
  'customer_email',
  'payment_method',
  'paid_at',
  'expired_at',
  'metadata',
  'created_at',
].toSorted();

const minuteMs = 60_000;

const statusOf = async (bench: Bench, id: string) => (await read(bench, id)).status as string;

export const lifeRows: readonly ConformanceRow[] = [
  {
    id: 'PI-38',
    title: 'a payment is found by its external_id, and tells the rest once it is paid',
    check: async (bench) => {
      const metadata = { order_id: 10_001 };
      const made = await created(bench, { metadata });
      const open = await read(bench, made.external_id);
      expectThat(same(Object.keys(open).toSorted(), members), members.join(), open);
      const { paid_at, payment_method, status } = open;
      const unpaid = { paid_at: null, payment_method: null, status: 'pending' };
      expectThat(same({ paid_at, payment_method, status }, unpaid), 'nothing paid yet', open);
      await pay(bench, made.invoice_url, cards.good);
      const paid = await read(bench, made.external_id);
      expectThat(same(Object.keys(paid).toSorted(), members), members.join(), paid);
      const wanted = {
        payment_id: made.payment_id,
        external_id: made.external_id,
        amount: 250_000,
        currency: 'IDR',
        status: 'paid',
        customer_name: 'Budi',
        customer_email: 'budi@example.com',
        payment_method: 'credit_card',
        expired_at: made.expired_at,
        metadata,
        created_at: open.created_at,
      };
      const { paid_at: at_, ...rest } = paid;
      for (const [name, value] of Object.entries(wanted)) {
        expectThat(same(rest[name], value), `${name} ${JSON.stringify(value)}`, rest[name]);
      }
      expectThat(timePattern.test(at_) && at_ >= open.created_at, 'when it was paid', at_);
      expectMessage(await bench.call(at(newId())), 404);
    },
  },
  {
    id: 'PI-39',
    title: 'a pending payment can be continued on its page, a paid or cancelled one cannot',
    check: async (bench) => {
      const made = await created(bench);
      const { status, body } = await bench.call(at(made.external_id, '/continue'));
      const wanted = { success: true, redirect_url: made.invoice_url };
      expectThat(status === 200 && same(body, wanted), JSON.stringify(wanted), body);
      await pay(bench, made.invoice_url, cards.good);
      const other = await created(bench);
      await bench.call(at(other.external_id, '/cancel'), { method: 'POST' });
      for (const { external_id } of [made, other]) {
        const refused = await bench.call(at(external_id, '/continue'));
        expectMessage(refused, 400);
        const { message } = refused.body;
        const told = 'Payment is not pending or cannot be continued';
        expectThat(message === told, told, message);
      }
      expectMessage(await bench.call(at(newId(), '/continue')), 404);
    },
  },
  {
    id: 'AC-08',
    title: 'a pending payment can be cancelled once; a paid one not at all',
    check: async (bench) => {
      const made = await created(bench, { metadata: { order: 1 } });
      const cancel = (id: string) => bench.call(at(id, '/cancel'), { method: 'POST' });
      const { status, body } = await cancel(made.external_id);
      expectThat(status === 200 && body.success === true, '200', body);
      expectThat(body.data.status === 'failed', 'failed: it has no word of its own', body.data);
      expectThat(same(body.data.metadata, { order: 1, cancelled: true }), 'the mark', body.data);
      expectMessage(await cancel(made.external_id), 400);
      expectThat((await statusOf(bench, made.external_id)) === 'failed', 'it to stay so');
      const page = await bench.open(made.invoice_url);
      expectThat(!page.text.includes('name="number"'), 'a page that takes no card', page.text);
      const paid = await created(bench);
      await pay(bench, paid.invoice_url, cards.good);
      expectMessage(await cancel(paid.external_id), 400);
      expectThat((await statusOf(bench, paid.external_id)) === 'paid', 'it to stay paid');
      expectMessage(await cancel(newId()), 404);
    },
  },
  {
    id: 'LS-05',
    title: 'the list is filtered by status and days, 15 a page',
    check: async (bench) => {
      const paid = await created(bench);
      await pay(bench, paid.invoice_url, cards.good);
      for (let n = 1; n <= 16; n += 1) await created(bench);
      const list = async (query: string) => {
        const { status, body } = await bench.call(`${base}?${query}`);
        expectThat(status === 200, `200 for ${query}`, body);
        return body.data as { external_id: string; status: string; created_at: string }[];
      };
      expectThat((await list('')).length === 15, '15 by default');
      expectThat((await list('per_page=3')).length === 3, '3 when asked for');
      const newest = await list('per_page=100');
      const times = newest.map(({ created_at }) => created_at);
      expectThat(same(times, times.toSorted().toReversed()), 'the newest first', times);
      for (const status of ['pending', 'paid', 'expired', 'failed']) {
        const found = await list(`status=${status}&per_page=100`);
        expectThat(
          found.every((one) => one.status === status),
          `only ${status}`,
          found,
        );
        const has = found.some(({ external_id }) => external_id === paid.external_id);
        expectThat(has === (status === 'paid'), `the paid one under paid`, status);
      }
      const today = times[0]?.slice(0, 10) ?? '';
      const day = (offset: number) =>
        new Date(Date.parse(today) + offset * 86_400_000).toISOString().slice(0, 10);
      const here = await list(`start_date=${today}&end_date=${today}&per_page=100`);
      expectThat(here.length >= 15, 'the end of the day included', here.length);
      expectThat((await list(`start_date=${day(1)}`)).length === 0, 'nothing from tomorrow');
      const before = await list(`end_date=${day(-1)}&per_page=100`);
      expectThat(
        before.every((one) => one.created_at < today),
        'nothing of today',
        before,
      );
      expectErrors(await bench.call(`${base}?status=refunded`), ['status']);
      expectErrors(await bench.call(`${base}?start_date=05-02-2026`), ['start_date']);
      expectErrors(await bench.call(`${base}?end_date=2026-02-30`), ['end_date']);
      for (const per_page of ['0', '101', 'many']) {
        expectErrors(await bench.call(`${base}?per_page=${per_page}`), ['per_page']);
      }
    },
  },
  {
    id: 'LS-06',
    title: 'following next_page_url repeats and leaves out nothing while payments come in',
    check: async (bench) => {
      const ids: string[] = [];
      for (let n = 1; n <= 7; n += 1) ids.unshift((await created(bench)).external_id);
      let url = `${base}?per_page=2`;
      const seen: string[] = [];
      while (seen.length < ids.length) {
        const { body } = await bench.call(url);
        seen.push(...body.data.map((one: { external_id: string }) => one.external_id));
        await created(bench);
        url = base + new URL(body.meta.next_page_url).search;
      }
      expectThat(same(seen.slice(0, ids.length), ids), ids.join(), seen.join());
      const [first, second] = [
        await bench.call(`${base}?per_page=3&page=1`),
        await bench.call(`${base}?per_page=3&page=2`),
      ];
      const six = await bench.call(`${base}?per_page=6`);
      expectThat(
        same([...first.body.data, ...second.body.data], six.body.data),
        'two pages of three to be one of six',
        second.body.meta,
      );
    },
  },
  {
    id: 'ST-05',
    title: 'a payment is pending, paid, failed or expired',
    needs: ['clock'],
    check: async (bench) => {
      const [paid, failed, open] = [
        await created(bench),
        await created(bench),
        await created(bench),
      ];
      await pay(bench, paid.invoice_url, cards.good);
      await pay(bench, failed.invoice_url, cards.declined);
      expectThat((await statusOf(bench, open.external_id)) === 'pending', 'pending');
      await bench.advance(61 * minuteMs);
      for (const [{ external_id }, wanted] of [
        [paid, 'paid'],
        [failed, 'failed'],
        [open, 'expired'],
      ] as const) {
        const status = await statusOf(bench, external_id);
        expectThat(status === wanted, wanted, status);
      }
    },
  },
  {
    id: 'ER-03',
    title: 'a wrong token is 401, a wrong field 422 with its sentence',
    check: async (bench) => {
      const headers = { authorization: 'Bearer wrong' };
      expectMessage(await bench.call(base, { headers }), 401);
      const { status, body } = await post(bench, { external_id: undefined });
      const wanted = {
        success: false,
        errors: { external_id: ['The external id field is required.'] },
      };
      expectThat(status === 422 && same(body, wanted), JSON.stringify(wanted), body);
    },
  },
  {
    id: 'SC-03',
    title: 'a payment expires at its expired_at, and not before',
    needs: ['clock'],
    check: async (bench) => {
      const { external_id, invoice_url } = await created(bench);
      await bench.advance(58 * minuteMs);
      expectThat((await statusOf(bench, external_id)) === 'pending', 'pending before');
      await bench.advance(2 * minuteMs);
      const payment = await read(bench, external_id);
      expectThat(payment.status === 'expired', 'expired after', payment);
      const left = Date.parse(payment.expired_at) - Date.parse(payment.created_at);
      expectThat(left === 60 * minuteMs, 'an hour', left);
      expectMessage(await bench.call(at(external_id, '/continue')), 400);
      expectMessage(await bench.call(at(external_id, '/cancel'), { method: 'POST' }), 400);
      const page = await bench.open(invoice_url);
      expectThat(!page.text.includes('name="number"'), 'a page that takes no card', page.text);
    },
  },
];
