/** Capture, void, refund, and where each of them ends. */
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
  payment,
  sold,
} from './client.ts';

const refund = (bench: Bench, made: WireBody, amount: number) =>
  act(bench, made, 'refund', { amount, reason: 'Product returned' });

/** Every action is refused, and nothing has changed. */
async function expectFinal(bench: Bench, made: WireBody, status: string): Promise<void> {
  const before = await payment(bench, made);
  expectEqual(before.status, status, 'status');
  for (const verb of ['capture', 'void', 'refund']) {
    expectRefusal(await act(bench, made, verb, { amount: 1, reason: 'x' }), 400);
  }
  expectEqual(await payment(bench, made), before, 'the payment');
}

export const actionRows: readonly ConformanceRow[] = [
  {
    id: 'AC-03',
    title: 'a capture takes up to what is authorized, once; more, again and unknown are refused',
    check: async (bench) => {
      const whole = await authorized(bench);
      const done = objectOf(await act(bench, whole, 'capture', { amount: 9999 }));
      expectEqual([done.status, done.captured_amount], ['captured', 9999], 'the whole');
      expectRefusal(await act(bench, whole, 'capture', { amount: 9999 }), 400);
      const part = await authorized(bench);
      expectRefusal(await act(bench, part, 'capture', { amount: 10_000 }), 400, 'AMOUNT_TOO_LARGE');
      for (const amount of [0, -1, 1.5, '1', undefined]) {
        expectRefusal(await act(bench, part, 'capture', { amount }), 400, 'INVALID_REQUEST');
      }
      expectEqual((await payment(bench, part)).status, 'authorized', 'status');
      const some = objectOf(await act(bench, part, 'capture', { amount: 1 }));
      expectEqual(
        [some.status, some.captured_amount, some.amount],
        ['captured', 1, 9999],
        'a part',
      );
      expectRefusal(await act(bench, part, 'capture', { amount: 1 }), 400);
      expectRefusal(await act(bench, { id: 'pay_1' }, 'capture', { amount: 1 }), 404);
    },
  },
  {
    id: 'AC-04',
    title: 'a void gives the hold back before a capture, keeps its reason, and is not repeated',
    needs: ['native'],
    check: async (bench) => {
      const made = await authorized(bench);
      const reason = 'Customer requested cancellation';
      expectEqual(objectOf(await act(bench, made, 'void', { reason })).status, 'voided', 'status');
      const { body } = await bench.native(`/v1/payments/${made.id}`);
      expectEqual([body.amount_voided, body.amount_captured], [9999, 0], 'given back');
      const events = await bench.native(`/v1/payments/${made.id}/operations`);
      expectThat(events.text.includes('"void"'), 'a void at the processor', events.text);
      expectRefusal(await act(bench, made, 'void', { reason }), 400);
      expectRefusal(await act(bench, made, 'capture', { amount: 1 }), 400);
      expectRefusal(await act(bench, await sold(bench), 'void', { reason }), 400);
      expectRefusal(await act(bench, { id: 'pay_1' }, 'void', { reason }), 404);
      const silent = await authorized(bench);
      const path = `/api/v1/payments/${silent.id}/void`;
      expectEqual(objectOf(await ask(bench, path, { method: 'POST' })).status, 'voided', 'status');
    },
  },
  {
    id: 'RF-03',
    title: 'only what was captured is refunded',
    check: async (bench) => {
      const held = await authorized(bench);
      expectRefusal(await refund(bench, held, 1), 400);
      objectOf(await act(bench, held, 'void', { reason: 'x' }));
      expectRefusal(await refund(bench, held, 1), 400);
      const { data } = expectRefusal(await charge(bench, 'sale', { card: card(cards.poor) }), 402);
      expectRefusal(await refund(bench, data, 1), 400);
      expectRefusal(await refund(bench, { id: 'pay_1' }, 1), 404);
    },
  },
  {
    id: 'RF-07',
    title: 'refunds go on until everything is back; more than is left is refused',
    check: async (bench) => {
      const made = await sold(bench);
      expectRefusal(await refund(bench, made, 10_000), 400, 'AMOUNT_TOO_LARGE');
      for (const [amount, left] of [
        [3333, 6666],
        [6665, 1],
      ] as const) {
        const some = objectOf(await refund(bench, made, amount));
        expectEqual([some.status, some.refunded_amount], ['partially_refunded', 9999 - left], '');
        expectRefusal(await refund(bench, made, left + 1), 400, 'AMOUNT_TOO_LARGE');
      }
      expectEqual(objectOf(await refund(bench, made, 1)).status, 'refunded', 'status');
      expectRefusal(await refund(bench, made, 1), 400);
      expectRefusal(await act(bench, await sold(bench), 'refund', { reason: 'x' }), 400);
    },
  },
  {
    id: 'RF-08',
    title: 'a refund is done with its answer: partially_refunded, then refunded',
    check: async (bench) => {
      const made = await sold(bench);
      expectEqual(objectOf(await refund(bench, made, 1)).status, 'partially_refunded', 'status');
      expectEqual((await payment(bench, made)).status, 'partially_refunded', 'status');
      const done = objectOf(await refund(bench, made, 9998));
      expectEqual([done.status, done.refunded_amount], ['refunded', 9999], 'the whole');
      expectEqual((await payment(bench, made)).status, 'refunded', 'status');
    },
  },
  {
    id: 'RF-09',
    title: 'twelve refunds at once never add up to more than was captured',
    check: async (bench) => {
      const made = await sold(bench, { amount: 1000 });
      const storm = Array.from({ length: 12 }, () => refund(bench, made, 300));
      const done = (await Promise.all(storm)).filter(({ status }) => status === 200);
      const { refunded_amount: refunded } = await payment(bench, made);
      expectEqual(refunded, done.length * 300, 'refunded');
      expectThat(refunded > 0 && refunded <= 900, 'at most three of them', refunded);
    },
  },
  {
    id: 'ST-04',
    title: 'created, authorized, captured, partially_refunded, refunded; ends are ends',
    check: async (bench) => {
      const made = await authorized(bench);
      expectEqual(made.status, 'authorized', 'status');
      const captured = objectOf(await act(bench, made, 'capture', { amount: 9999 }));
      expectEqual(captured.status, 'captured', 'status');
      expectEqual(objectOf(await refund(bench, made, 1)).status, 'partially_refunded', 'status');
      expectEqual(objectOf(await refund(bench, made, 9998)).status, 'refunded', 'status');
      await expectFinal(bench, made, 'refunded');
      const gone = await authorized(bench);
      objectOf(await act(bench, gone, 'void', { reason: 'x' }));
      await expectFinal(bench, gone, 'voided');
      const declined = await charge(bench, 'sale', { card: card(cards.generic) });
      await expectFinal(bench, expectRefusal(declined, 402).data, 'failed');
    },
  },
];
