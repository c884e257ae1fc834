/** Transactions: one by its id, and lists by offset. */
import { expectThat, type Bench, type ConformanceRow, type WireBody } from '#sdk';
import {
  act,
  ask,
  authorized,
  card,
  cards,
  charge,
  objectOf,
  expectEqual,
  expectRefusal,
  intent,
  sold,
} from './client.ts';

const list = async (bench: Bench, query = ''): Promise<WireBody> =>
  objectOf(await ask(bench, `/api/v1/transactions${query}`));

const idsOf = ({ transactions }: WireBody): string[] =>
  transactions.map(({ id }: { id: string }) => id);

export const transactionRows: readonly ConformanceRow[] = [
  {
    id: 'LG-13',
    title: 'transactions by id; lists by status, ten at a time, a hundred at most, from an offset',
    check: async (bench) => {
      const held = await authorized(bench);
      const captured = await sold(bench);
      const voided = await authorized(bench);
      await act(bench, voided, 'void', { reason: 'x' });
      const refunded = await sold(bench);
      await act(bench, refunded, 'refund', { amount: 9999, reason: 'x' });
      const partly = await sold(bench);
      await act(bench, partly, 'refund', { amount: 1, reason: 'x' });
      const failed = (await charge(bench, 'sale', { card: card(cards.poor) })).body.data;
      const made = await intent(bench);

      const one = objectOf(await ask(bench, `/api/v1/transactions/${captured.transaction_id}`));
      expectEqual([one.id, one.payment_id], [captured.transaction_id, captured.id], 'ids');
      expectEqual([one.type, one.status, one.amount], ['sale', 'captured', 9999], 'the payment');
      expectEqual((await list(bench, '?limit=1')).transactions[0].status, 'failed', 'the newest');

      const byStatus: Readonly<Record<string, readonly WireBody[]>> = {
        authorized: [held],
        captured: [captured],
        voided: [voided],
        refunded: [partly, refunded],
        failed: [failed],
      };
      for (const [status, wanted] of Object.entries(byStatus)) {
        const found = await list(bench, `?status=${status}&limit=100`);
        const ids = idsOf(found);
        const newest = ids.filter((id) => wanted.some((own) => own.transaction_id === id));
        expectEqual(
          newest,
          wanted.map((own) => own.transaction_id),
          status,
        );
        const others = Object.entries(byStatus).filter(([name]) => name !== status);
        const strays = others
          .flatMap(([, own]) => own)
          .filter((own) => ids.includes(own.transaction_id));
        expectEqual(strays, [], `of other states among ${status}`);
      }
      const all = idsOf(await list(bench, '?limit=100'));
      expectThat(!all.includes(made.id.replace('pi_', 'txn_')), 'no intent without a try', all);
      const untried = `/api/v1/transactions/${made.id.replace('pi_', 'txn_')}`;
      expectRefusal(await ask(bench, untried), 404);

      const ten = await list(bench);
      expectEqual([ten.limit, ten.offset], [10, 0], 'limit and offset');
      expectThat(ten.transactions.length <= 10, 'ten at most', ten.transactions.length);
      const bad = ['status=expired', 'status=none', 'limit=0', 'limit=101', 'limit=x', 'offset=-1'];
      for (const query of bad) {
        expectRefusal(await ask(bench, `/api/v1/transactions?${query}`), 400);
      }
      expectRefusal(await ask(bench, '/api/v1/transactions/txn_1'), 404, 'NOT_FOUND');
    },
  },
  {
    id: 'LS-06',
    title: 'pages by offset neither repeat nor skip while nothing is added',
    check: async (bench) => {
      for (let count = 0; count < 5; count += 1) await sold(bench);
      const whole = await list(bench, '?limit=10');
      const parts = [];
      for (const offset of [0, 3, 6]) {
        const page = await list(bench, `?limit=3&offset=${offset}`);
        expectEqual(page.offset, offset, 'offset');
        parts.push(...idsOf(page));
      }
      expectEqual(parts, idsOf(whole).slice(0, 9).slice(0, parts.length), 'the same order');
      expectEqual(new Set(parts).size, parts.length, 'each once');
      const last = await list(bench, '?limit=1&offset=10000');
      expectEqual([last.transactions, last.has_more], [[], false], 'behind the end');
    },
  },
];
