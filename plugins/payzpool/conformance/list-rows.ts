/** The list and its filters. */
import { expectThat, type Bench, type ConformanceRow, type WireBody } from '#sdk';
import {
  act,
  cards,
  expectEqual,
  expectRefusal,
  expectStatus,
  fresh,
  intent,
  paid,
  path,
  pay,
} from './client.ts';

const shopper = () => `${fresh('shopper')}@example.com`;

async function listed(bench: Bench, query: object): Promise<WireBody[]> {
  const search = new URLSearchParams(query as Record<string, string>);
  const { data, count } = expectStatus(await bench.call(`${path}?${search.toString()}`), 200);
  expectEqual(count, data.length, 'count');
  return data;
}

const idsOf = (list: readonly WireBody[]) => list.map((one) => one.transaction_id as string);

export const listRows: readonly ConformanceRow[] = [
  {
    id: 'LS-01',
    title: 'filters by status, customer and days; limit 50 at first and 100 at most; offset',
    needs: ['native'],
    check: async (bench) => {
      const customer_email = shopper();
      const open = await intent(bench, { customer_email });
      const failed = await intent(bench, { customer_email });
      await pay(bench, failed, cards.poor);
      const gone = await intent(bench, { customer_email });
      await act(bench, gone, 'cancel');
      const done = await paid(bench, { customer_email });
      const back = await paid(bench, { customer_email });
      await act(bench, back, 'refund');
      const mine = await listed(bench, { customer_email });
      const newest = [back, done, gone, failed, open].map((one) => one.transaction_id);
      expectEqual(idsOf(mine), newest, 'the newest first');
      const states = { pending: open, failed, cancelled: gone, succeeded: done, refunded: back };
      for (const [status, one] of Object.entries(states)) {
        const of = await listed(bench, { customer_email, status });
        expectEqual(idsOf(of), [one.transaction_id], status);
        const all = await listed(bench, { status, limit: '100' });
        expectThat(idsOf(all).includes(one.transaction_id), `one that is ${status}`, all);
        expectThat(
          all.every((each) => each.status === status),
          `all ${status}`,
          all,
        );
      }
      expectEqual(await listed(bench, { customer_email, status: 'processing' }), [], 'none');
      const part = await listed(bench, { customer_email, limit: '2', offset: '1' });
      expectEqual(idsOf(part), newest.slice(1, 3), 'a part');
      const day = String(mine[0]?.created_at).slice(0, 10);
      const days = { from_date: day, to_date: day };
      expectEqual((await listed(bench, { customer_email, ...days })).length, 5, 'of that day');
      expectThat((await listed(bench, days)).length >= 5, 'of that day', days);
      for (const before of [{ to_date: '2001-01-01' }, { from_date: '2999-01-01' }]) {
        expectEqual(await listed(bench, before), [], 'no day');
        expectEqual(await listed(bench, { customer_email, ...before }), [], 'no day');
      }
      expectEqual(await listed(bench, { customer_email: shopper() }), [], 'nobody');
      expectRefusal(await bench.call(`${path}?status=paid`), 400, 'status');
      expectRefusal(await bench.call(`${path}?limit=101`), 400, 'limit');
      expectRefusal(await bench.call(`${path}?limit=0`), 400, 'limit');
      expectRefusal(await bench.call(`${path}?offset=-1`), 400, 'offset');
      expectRefusal(await bench.call(`${path}?from_date=01/02/2025`), 400, 'from_date');
      expectStatus(await bench.call(`${path}?limit=100`), 200);
      const left = 51 - (await listed(bench, { limit: '51' })).length;
      await Promise.all(Array.from({ length: left }, () => intent(bench)));
      expectEqual((await listed(bench, {})).length, 50, 'fifty at first');
    },
  },
  {
    id: 'LS-06',
    title: 'pages by offset repeat and skip nothing while nothing comes in',
    check: async (bench) => {
      const customer_email = shopper();
      const made: string[] = [];
      for (let one = 1; one <= 7; one += 1) {
        made.unshift((await intent(bench, { customer_email })).transaction_id);
      }
      for (const narrow of [{ customer_email }, {}]) {
        const seen: string[] = [];
        for (let offset = 0; offset < 7; offset += 3) {
          const page = { ...narrow, limit: '3', offset: String(offset) };
          seen.push(...idsOf(await listed(bench, page)));
        }
        expectEqual(seen.slice(0, 7), made, 'each once');
      }
    },
  },
];
