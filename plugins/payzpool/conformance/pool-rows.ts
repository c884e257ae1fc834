/**
 * The pool: accounts, strategies, picking one by hand, limits. With accounts of its own at the
 * simulator, which are gone afterwards.
 */
import { expectThat, type Bench, type ConformanceRow, type WireBody } from '#sdk';
import {
  ask,
  cards,
  expectEqual,
  expectRefusal,
  expectStatus,
  intent,
  nativeOf,
  paid,
  pay,
} from './client.ts';

const names = ['pool a', 'pool b', 'pool c'] as const;
type Name = (typeof names)[number];

interface Pool {
  readonly bench: Bench;
  numberOf(name: Name): number;
  patch(name: Name, body: object): Promise<void>;
  /** The strategy from now on, over the three of them. */
  use(strategy: string, more?: object): Promise<void>;
  /** A payment, and who took it: `a`, `b`, `c`. */
  taken(more?: object, card?: string): Promise<string>;
}

const native = async (
  bench: Bench,
  path: string,
  status: number,
  body?: object,
  method?: 'PUT' | 'PATCH' | 'DELETE',
) =>
  expectStatus(
    await bench.native(path, { ...(body && { body }), ...(method && { method }) }),
    status,
  );

async function withPool(bench: Bench, act: (pool: Pool) => Promise<void>): Promise<void> {
  const { data } = await native(bench, '/v1/accounts?limit=100', 200);
  const simulator = data.find((one: WireBody) => one.connector === 'card-simulator');
  expectThat(simulator !== undefined, 'an account at the simulator', data);
  const { base_url } = simulator.settings;
  const ids = new Map<string, string>();
  const before = await native(bench, '/v1/routing', 200);
  try {
    for (const name of names) {
      const settings = { base_url, api_key: `sim_${name.replace(' ', '_')}` };
      const body = { connector: 'card-simulator', name, priority: 10, settings };
      ids.set(name, (await native(bench, '/v1/accounts', 201, body)).id);
    }
    await act(await poolOf(bench, ids));
  } finally {
    if (before.source === 'merchant') {
      await native(bench, '/v1/routing', 200, { rules: before.text }, 'PUT');
    } else {
      await native(bench, '/v1/routing', 200, undefined, 'DELETE');
    }
    for (const id of ids.values()) {
      await native(bench, `/v1/accounts/${id}`, 200, undefined, 'DELETE');
    }
  }
}

async function poolOf(bench: Bench, ids: ReadonlyMap<string, string>): Promise<Pool> {
  const { data } = expectStatus(await bench.call('/api/payment-accounts'), 200);
  const nameOf = (id: string) => [...ids].find(([, one]) => one === id)?.[0] ?? id;
  return {
    bench,
    numberOf: (name) => data.find((one: WireBody) => one.name === name).payment_account_id,
    patch: async (name, body) => {
      await native(bench, `/v1/accounts/${ids.get(name)}`, 200, body, 'PATCH');
    },
    use: async (strategy, more = {}) => {
      const rule = { strategy, accounts: names, ...more };
      const rules = { version: 1, rules: [], default: rule };
      await native(bench, '/v1/routing', 200, { rules }, 'PUT');
    },
    taken: async (more = {}, card = cards.good) => {
      const made = await intent(bench, more);
      await pay(bench, made, card);
      return nameOf((await nativeOf(bench, made)).account).replace('pool ', '');
    },
  };
}

async function turns(pool: Pool, count: number, more: object = {}): Promise<string> {
  let order = '';
  for (let turn = 1; turn <= count; turn += 1) order += await pool.taken(more);
  return order;
}

const countOf = (order: string, name: string) => order.split(name).length - 1;

const row = (
  id: string,
  title: string,
  check: (pool: Pool, bench: Bench) => Promise<void>,
): ConformanceRow => ({
  id,
  title,
  needs: ['native', 'admin'],
  check: (bench) => withPool(bench, (pool) => check(pool, bench)),
});

const weights = { 'pool a': 60, 'pool b': 30, 'pool c': 10 };
const daily = (cents: number) => ({
  limits: { time_zone: 'UTC', amounts: { USD: { daily: cents } } },
});

export const poolRows: readonly ConformanceRow[] = [
  row('RT-01', 'one owner has several accounts, each with its own facts', async (pool, bench) => {
    await pool.patch('pool b', { priority: 3, weight: 30, status: 'disabled', ...daily(500) });
    const { data, count } = expectStatus(await bench.call('/api/payment-accounts'), 200);
    expectEqual(count, data.length, 'count');
    const mine = data.filter(({ name }: WireBody) => names.includes(name));
    const numbers = mine.map((one: WireBody) => one.payment_account_id);
    expectThat(numbers.every(Number.isInteger) && new Set(numbers).size === 3, 'numbers', mine);
    const active = mine.map(({ name, is_active }: WireBody) => [name, is_active]);
    expectEqual(
      active,
      [
        ['pool a', true],
        ['pool b', false],
        ['pool c', true],
      ],
      'accounts',
    );
    const all = (await native(bench, '/v1/accounts?limit=100', 200)).data;
    const b = all.find(({ name }: WireBody) => name === 'pool b');
    expectEqual([b.priority, b.weight, b.status], [3, 30, 'disabled'], 'facts');
  }),
  row('RT-02', 'six strategies, and a change holds from the next intent on', async (pool) => {
    const strategies = ['weighted_round_robin', 'round_robin', 'weighted', 'least_used', 'random'];
    for (const strategy of strategies) {
      await pool.use(strategy);
      expectThat('abc'.includes(await pool.taken()), `somebody by ${strategy}`);
    }
    await pool.use('failover', { accounts: ['pool c', 'pool a'] });
    expectEqual(await pool.taken(), 'c', 'the first');
    await pool.use('failover', { accounts: ['pool b', 'pool a'] });
    expectEqual(await pool.taken(), 'b', 'the first, after a change');
  }),
  row(
    'RT-03',
    'weighted round robin: 60/30/10 of twenty is 12, 6 and 2, give or take one',
    async (pool) => {
      await pool.use('weighted_round_robin', { weights });
      const order = await turns(pool, 20);
      for (const [name, share] of [
        ['a', 12],
        ['b', 6],
        ['c', 2],
      ] as const) {
        const count = countOf(order, name);
        expectThat(Math.abs(count - share) <= 1, `${share} for ${name}`, order);
      }
    },
  ),
  row('RT-04', 'what was declined takes nothing of an account’s share', async (pool) => {
    await pool.use('weighted_round_robin', {
      weights: { 'pool a': 50, 'pool b': 50 },
      accounts: ['pool a', 'pool b'],
    });
    let order = '';
    for (let turn = 1; turn <= 8; turn += 1) {
      await pool.taken({}, cards.poor);
      order += await pool.taken();
    }
    expectThat(Math.abs(countOf(order, 'a') - countOf(order, 'b')) <= 1, 'halves', order);
  }),
  row('RT-05', 'without weights the accounts take turns', async (pool) => {
    await pool.use('weighted_round_robin');
    const order = await turns(pool, 6);
    for (const name of 'abc') expectEqual(countOf(order, name), 2, `turns of ${name}`);
  }),
  row('RT-06', 'round robin: a, b, c, a, b, c', async (pool) => {
    await pool.use('round_robin');
    expectThat('abcabcabc'.includes(await turns(pool, 6)), 'one after another');
  }),
  row('RT-07', 'weighted: the better priority goes first', async (pool) => {
    await pool.patch('pool c', { priority: 1 });
    await pool.use('weighted');
    expectEqual(await turns(pool, 3), 'ccc', 'order');
    await pool.patch('pool c', { priority: 20 });
    await pool.patch('pool b', { priority: 1 });
    expectEqual(await turns(pool, 3), 'bbb', 'order');
  }),
  row('RT-08', 'least used: whoever is furthest from its limit', async (pool) => {
    await pool.patch('pool a', daily(100_000));
    await pool.patch('pool b', daily(200_000));
    await pool.patch('pool c', daily(1_000_000));
    await pool.use('least_used');
    const order = await turns(pool, 6, { amount: 100 });
    expectThat(countOf(order, 'a') === 1 && countOf(order, 'b') === 1, 'shares of use', order);
  }),
  row('RT-09', 'failover: the second only while the first cannot', async (pool) => {
    await pool.use('failover');
    expectEqual(await turns(pool, 2), 'aa', 'the first');
    await pool.patch('pool a', { status: 'disabled' });
    expectEqual(await turns(pool, 2), 'bb', 'the second');
    await pool.patch('pool a', { status: 'active', ...daily(9998) });
    expectEqual(await pool.taken(), 'b', 'the second, for the first is full');
    await pool.patch('pool a', { limits: null });
    expectEqual(await pool.taken(), 'a', 'back to the first');
  }),
  row('RT-10', 'random: every account has its chance', async (pool) => {
    await pool.use('random');
    let order = '';
    // Of three fair accounts one is missed in forty draws once in three and a half million runs.
    for (let draw = 1; draw <= 40 && new Set(order).size < 3; draw += 1) {
      order += await pool.taken();
    }
    expectEqual(new Set(order).size, 3, 'accounts');
  }),
  row('RT-11', 'payment_account_id bypasses the strategy', async (pool) => {
    await pool.use('failover', { accounts: ['pool a'] });
    const picked = { payment_account_id: pool.numberOf('pool c') };
    expectEqual(await pool.taken(picked), 'c', 'the one picked');
    const text = { payment_account_id: String(pool.numberOf('pool b')) };
    expectEqual(await pool.taken(text), 'b', 'the one picked');
    expectEqual(await pool.taken(), 'a', 'the strategy again');
  }),
  row('RT-12', 'an account of somebody else is 403', async (pool, bench) => {
    const payment_account_id = pool.numberOf('pool a');
    const keys = await bench.stranger();
    expectRefusal(await ask(bench, { payment_account_id }, { keys }), 403, 'payment_account_id');
    expectRefusal(await ask(bench, { payment_account_id: 987_654_321 }), 403);
    expectStatus(await ask(bench, { payment_account_id }), 201);
  }),
  row('RT-13', 'an account that is not active is 400', async (pool, bench) => {
    await pool.patch('pool a', { status: 'disabled' });
    const picked = { payment_account_id: pool.numberOf('pool a') };
    expectRefusal(await ask(bench, picked), 400, 'payment_account_id');
    await pool.patch('pool a', { status: 'active' });
    expectStatus(await ask(bench, picked), 201);
  }),
  row('RT-14', 'an amount beyond what is left of the day or month is 400', async (pool, bench) => {
    const payment_account_id = pool.numberOf('pool a');
    // Use is counted from the day on which an account has limits.
    await pool.patch('pool a', daily(10_000));
    await paid(bench, { amount: 40, payment_account_id });
    for (const span of ['daily', 'monthly']) {
      const limits = { time_zone: 'UTC', amounts: { USD: { [span]: 10_000 } } };
      await pool.patch('pool a', { limits });
      const answer = await ask(bench, { amount: 60.01, payment_account_id });
      expectRefusal(answer, 400, 'payment_account_id');
      expectStatus(await ask(bench, { amount: 60, payment_account_id }), 201);
    }
  }),
  row('RT-15', 'who is full or off is never chosen; what just fits is taken', async (pool) => {
    await pool.patch('pool a', { status: 'disabled' });
    await pool.patch('pool b', daily(10_000));
    await pool.use('failover');
    const order = [await pool.taken({ amount: 60 }), await pool.taken({ amount: 40 })];
    order.push(await pool.taken({ amount: 0.01 }));
    expectEqual(order, ['b', 'b', 'c'], 'accounts');
  }),
  row('RT-16', 'where nobody can take it, each account’s reason is told', async (pool, bench) => {
    await pool.patch('pool a', { status: 'disabled' });
    await pool.patch('pool b', daily(9998));
    await pool.patch('pool c', daily(9998));
    await pool.use('failover');
    const { code, accounts } = expectRefusal(await ask(bench), 400);
    expectEqual(code, 'no_eligible_account', 'code');
    const told = names.map((name) => accounts[name]);
    const full = 'limit_reached:daily_amount';
    expectEqual(told, ['disabled', full, full], 'reasons');
  }),
  {
    id: 'SC-05',
    title: 'limits begin anew with the day of their time zone',
    needs: ['native', 'admin', 'clock'],
    check: (bench) =>
      withPool(bench, async (pool) => {
        const zone = { limits: { time_zone: 'Asia/Jakarta', amounts: { USD: { daily: 9999 } } } };
        await pool.patch('pool a', zone);
        const picked = { payment_account_id: pool.numberOf('pool a') };
        expectEqual(await pool.taken(picked), 'a', 'the first of the day');
        expectRefusal(await ask(bench, { ...picked, amount: 0.01 }), 400, 'payment_account_id');
        const { created_at } = await intent(bench).then((made) => nativeOf(bench, made));
        const ofDay = (Date.parse(created_at) + 7 * hourMs) % dayMs;
        await bench.advance(dayMs - ofDay - 60_000);
        expectRefusal(await ask(bench, { ...picked, amount: 0.01 }), 400, 'payment_account_id');
        await bench.advance(120_000);
        expectStatus(await ask(bench, picked), 201);
      }),
  },
];

const hourMs = 60 * 60 * 1000;
const dayMs = 24 * hourMs;
