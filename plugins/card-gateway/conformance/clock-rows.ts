/** What time does: keys, holds and intents run out, and webhooks are tried again. */
import { expectThat, type Bench, type ConformanceRow, type WireBody } from '#sdk';
import {
  act,
  authorized,
  charge,
  confirm,
  objectOf,
  expectEqual,
  expectRefusal,
  intent,
  payment,
  publicly,
  sold,
} from './client.ts';
import { endpoint, forget, nowhere } from './webhook-rows.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

async function deliveryOf(bench: Bench, { id }: WireBody): Promise<WireBody> {
  const { body } = await bench.native(`/v1/webhook_deliveries?endpoint=${id}`);
  expectEqual(body.data.length, 1, 'deliveries');
  return body.data[0];
}

export const clockRows: readonly ConformanceRow[] = [
  {
    id: 'SC-02',
    title: 'an intent lasts an hour, and is 410 after it',
    needs: ['clock'],
    check: async (bench) => {
      const [paid, late, declined] = [
        await intent(bench),
        await intent(bench),
        await intent(bench),
      ];
      expectRefusal(await confirm(bench, declined, '4000000000000002'), 402);
      await bench.advance(59 * minuteMs);
      objectOf(await confirm(bench, paid));
      await bench.advance(2 * minuteMs);
      for (const gone of [late, declined]) {
        expectRefusal(await confirm(bench, gone), 410, 'INTENT_EXPIRED');
        expectEqual((await publicly(bench, gone)).status, 'expired', 'status');
      }
      expectEqual((await bench.open(late.checkout_url)).status, 410, 'the page');
      expectEqual((await publicly(bench, paid)).status, 'captured', 'status');
    },
  },
  {
    id: 'WH-11',
    title: 'five attempts: at once, and 5 minutes, 15 minutes, 1 hour and 6 hours later',
    needs: ['native', 'clock'],
    check: async (bench) => {
      const own = await endpoint(bench, nowhere, { events: ['payment.captured'] });
      await sold(bench);
      // Seconds before and after each moment: what is due is tried, and nothing earlier.
      const moments = [5 * minuteMs, 15 * minuteMs, hourMs, 6 * hourMs];
      await bench.advance(1000);
      let passedMs = 1000;
      for (const [made, momentMs] of moments.entries()) {
        await bench.advance(momentMs - 5000 - passedMs);
        expectEqual((await deliveryOf(bench, own)).attempts, made + 1, 'attempts before');
        await bench.advance(10_000);
        expectEqual((await deliveryOf(bench, own)).attempts, made + 2, 'attempts after');
        passedMs = momentMs + 5000;
      }
      const { state, next_attempt_at } = await deliveryOf(bench, own);
      await forget(bench, own);
      expectEqual([state, next_attempt_at], ['failed', null], 'the delivery');
    },
  },
  {
    id: 'WH-12',
    title: 'after the fifth failure a delivery has failed; one older than a day has expired',
    needs: ['native', 'clock'],
    check: async (bench) => {
      const only = { events: ['payment.captured'] };
      const failing = await endpoint(bench, nowhere, only);
      const waiting = await endpoint(bench, nowhere, { ...only, schedule_s: [0, 90_000] });
      await sold(bench);
      await bench.advance(23 * hourMs);
      const [given, open] = [await deliveryOf(bench, failing), await deliveryOf(bench, waiting)];
      expectEqual([given.state, given.attempts], ['failed', 5], 'after five');
      expectEqual([open.state, open.attempts], ['pending', 1], 'within the day');
      await bench.advance(2 * hourMs);
      const { state, attempts } = await deliveryOf(bench, waiting);
      expectEqual([state, attempts], ['expired', 1], 'after a day');
      await forget(bench, failing);
      await forget(bench, waiting);
    },
  },
  {
    id: 'ID-06',
    title: 'a key is new again after 24 hours, and pays again',
    needs: ['clock'],
    check: async (bench) => {
      const headers = { 'idempotency-key': `id-06-${(await sold(bench)).id}` };
      const first = objectOf(await charge(bench, 'sale', {}, { headers }));
      await bench.advance(dayMs - minuteMs);
      const again = objectOf(await charge(bench, 'sale', {}, { headers }));
      expectEqual(again.id, first.id, 'the same payment');
      await bench.advance(2 * minuteMs);
      const next = objectOf(await charge(bench, 'sale', { amount: 1 }, { headers }));
      expectThat(next.id !== first.id && next.amount === 1, 'a new payment', next);
    },
  },
  {
    id: 'SC-01',
    title: 'a hold lasts seven days to the minute, is then given back, and cannot be captured',
    needs: ['native', 'clock'],
    check: async (bench) => {
      const [late, gone] = [await authorized(bench), await authorized(bench)];
      await bench.advance(7 * dayMs - minuteMs);
      expectEqual((await payment(bench, late)).status, 'authorized', 'status');
      const done = objectOf(await act(bench, late, 'capture', { amount: 9999 }));
      expectEqual(done.status, 'captured', 'status');
      await bench.advance(2 * minuteMs);
      expectEqual((await payment(bench, gone)).status, 'expired', 'status');
      const { body } = await bench.native(`/v1/payments/${gone.id}`);
      expectEqual([body.amount_voided, body.amount_captured], [9999, 0], 'given back');
      for (const verb of ['capture', 'void', 'refund']) {
        expectRefusal(await act(bench, gone, verb, { amount: 9999, reason: 'x' }), 400);
      }
    },
  },
];
