/**
 * A payment's life at its processor in five steps, each of which the processor tells by one signed
 * delivery; and the telling of it in a given order, with repeats.
 */
import { second } from '../../core/base/clock.ts';
import { randomOf } from '../chaos/random.ts';
import type { FakeMidtrans } from '../fakes/midtrans/index.ts';
import type { Answer, TestSwitch } from '../support/app.ts';
import { permutations } from '../support/permutations.ts';

const steps = [0, 1, 2, 3, 4] as const;

/** Every order in which five things can be told: 120. */
export const orders = permutations(steps);

export interface Life {
  readonly payment: string;
  /** What every delivery names: the processor's id of it, or ours. */
  readonly subject: string;
  /** What happens at the processor next; the steps come in their order, each once. */
  happen(step: number): Promise<void>;
  /** Sends what tells of a step. Throws unless it is taken with a 200. */
  tell(step: number): Promise<void>;
}

/**
 * Lives one life for each order, some at a time. A step happens no sooner than it must to be told:
 * so the switch sees the beginning, the middle or the end of the life at the processor, as the
 * order has it. About a third of the deliveries are repeated later.
 */
export async function liveIn(
  app: TestSwitch,
  wanted: readonly (readonly number[])[],
  begin: () => Promise<Life>,
): Promise<string[]> {
  const queue = wanted.entries();
  const ends: string[] = [];
  const worker = async () => {
    for (const [at, order] of queue) ends[at] = await liveOnce(app, order, await begin(), at);
  };
  await Promise.all(Array.from({ length: 6 }, worker));
  return ends;
}

async function liveOnce(
  app: TestSwitch,
  order: readonly number[],
  life: Life,
  seed: number,
): Promise<string> {
  const random = randomOf(seed, 'lives');
  let happened = 0;
  for (const [count, step] of order.entries()) {
    for (; happened <= step; happened += 1) await life.happen(happened);
    await life.tell(step);
    if (random.chance(0.3)) await life.tell(random.pick(order.slice(0, count + 1)));
    // Half of the news is heeded before the next comes, half comes on its heels.
    if (random.chance(0.5)) await heeded(app, life.subject, count + 1);
  }
  await heeded(app, life.subject, order.length);
  return endOf(app, life.payment);
}

/**
 * Waits until `count` different deliveries about a subject were heeded. When that takes long the
 * clock is moved, for those that wait for their next try.
 */
export async function heeded(app: TestSwitch, subject: string, count: number): Promise<void> {
  const { db } = app.running;
  for (let tries = 1; ; tries += 1) {
    const rows = await db.rows<{ state: string; detail: string | null }>(
      db
        .knex('incoming_webhooks')
        .select('state', 'detail')
        .where('subjects', 'like', `%${subject}%`),
    );
    if (rows.length === count && rows.every(({ state }) => state === 'applied')) return;
    if (tries === 1_200) throw new Error(`not ${count} heeded: ${JSON.stringify(rows)}`);
    if (tries > 8) app.clock.advance(second);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** How a payment ends: what its merchant sees, and where the money is. One line, to be compared. */
async function endOf(app: TestSwitch, payment: string): Promise<string> {
  const { body: found } = await app.call(`/v1/payments/${payment}`);
  const { body: refunds } = await app.call(`/v1/refunds?payment=${payment}`);
  const { body: disputes } = await app.call(`/v1/disputes?payment=${payment}`);
  const about = { payment_id: payment, type: 'payment.needs_operator' };
  const alarms = await app.running.db.find('events', about);
  const amounts = ['authorized', 'captured', 'voided', 'refunded', 'disputed', 'refundable'];
  return JSON.stringify({
    status: found['status'],
    amounts: amounts.map((name) => `${name} ${found[`amount_${name}`]}`),
    refunds: refunds['data']
      .map(({ amount, status }: Answer['body']) => `${status} ${amount}`)
      .toSorted(),
    disputes: disputes['data'].map(
      ({ amount, amount_withdrawn, status }: Answer['body']) =>
        `${status} ${amount}, ${amount_withdrawn} withdrawn`,
    ),
    books: await balancesOf(app, payment),
    alarms: alarms.length,
  });
}

async function balancesOf({ running: { db } }: TestSwitch, payment_id: string): Promise<string[]> {
  const own = db.knex('operations').select('id').where({ payment_id });
  const entries = await db.rows<{ debit: string; credit: string; amount: number }>(
    db.knex('ledger_entries').select('*').whereIn('operation_id', own),
  );
  const balances = new Map<string, number>();
  const add = (name: string, amount: number) =>
    balances.set(name, (balances.get(name) ?? 0) + amount);
  for (const { debit, credit, amount } of entries) {
    add(debit, -amount);
    add(credit, amount);
  }
  return [...balances]
    .filter(([, balance]) => balance !== 0)
    .map((it) => it.join(' '))
    .toSorted();
}

/** Midtrans: a card waits for 3-D Secure, is charged, settled, and given back in two parts. */
export async function midtransLife(
  fake: FakeMidtrans,
  app: TestSwitch,
  account: string,
): Promise<Life> {
  const { body } = await app.call('/v1/payments', {
    body: {
      amount: 25_000_000,
      currency: 'IDR',
      confirm: true,
      account,
      return_url: 'https://shop.example/back',
      payment_method: { type: 'token', token: fake.cardToken('4811111111111114') },
    },
  });
  const payment = body['id'];
  const { body: operations } = await app.call(`/v1/payments/${payment}/operations`);
  const order = operations['data'][0].id;
  const { dashboard, notifications } = fake;
  const acts = [
    () => undefined,
    () => dashboard.authenticate(order, 'ok'),
    () => dashboard.settle(order),
    () => dashboard.refund(order, 50_000),
    () => dashboard.refund(order, 200_000),
  ];
  return {
    payment,
    subject: order,
    happen: async (step) => acts[step]?.(),
    tell: async (step) => {
      const news = notifications.of(order)[step];
      if (!news) throw new Error(`no news of step ${step}`);
      const [attempt] = (await notifications.redeliver(news)).slice(-1);
      if (attempt?.status !== 200) throw new Error(`step ${step}: ${JSON.stringify(attempt)}`);
    },
  };
}
