/** Request rates: more than a second allows, sent at once. */
import { expectThat, type Bench, type ClientKeys, type ConformanceRow } from '#sdk';
import { expectRefusal } from './client.ts';

/** Of `sent` requests those that were let through, as many as the seconds that passed allow. */
async function expectLimit(
  bench: Bench,
  path: string,
  perSecond: number,
  options: { readonly keys: ClientKeys | null; readonly body?: object },
): Promise<void> {
  // The second that others have begun is over.
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  const begunMs = performance.now();
  const sent = Array.from({ length: perSecond * 3 }, () => bench.call(path, options));
  const answers = await Promise.all(sent);
  const windows = Math.floor((performance.now() - begunMs) / 1000) + 1;
  const limited = answers.filter(({ status }) => status === 429);
  const passed = answers.length - limited.length;
  expectThat(passed >= perSecond, `${perSecond} let through`, passed);
  expectThat(passed <= perSecond * windows, `no more than ${perSecond} a second`, passed);
  const [first] = limited;
  expectThat(first !== undefined, 'a 429', answers.length);
  expectRefusal(first, 429, 'RATE_LIMITED');
  expectThat(Number(first.headers['retry-after']) >= 1, 'Retry-After', first.headers);
}

export const rateRows: readonly ConformanceRow[] = [
  {
    id: 'RL-01',
    title: 'twenty payment operations a second and merchant, then 429',
    needs: ['admin'],
    check: async (bench) => {
      const keys = await bench.stranger();
      await expectLimit(bench, '/api/v1/payments/authorize', 20, { keys, body: {} });
      await expectLimit(bench, '/api/v1/payments/pay_1/refund', 20, { keys, body: {} });
    },
  },
  {
    id: 'RL-03',
    title: 'a hundred transaction queries a second and merchant, then 429',
    needs: ['admin'],
    check: async (bench) => {
      const keys = await bench.stranger();
      await expectLimit(bench, '/api/v1/transactions/txn_1', 100, { keys });
    },
  },
  {
    id: 'RL-04',
    title: 'fifty public requests a second and address, then 429',
    check: (bench) => expectLimit(bench, '/api/public/payment-intents/pi_1', 50, { keys: null }),
  },
];
