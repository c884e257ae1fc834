/**
 * One order and its story: bought at once or in two steps, captured or voided, refunded in parallel
 * parts. Which, is drawn from the seed and the order's number. The amount is the order's own: in
 * the processor's ledger it names the order without the switch having a say.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { insist, type Answer, type Counter, type PaymentView } from './buyer.ts';
import { randomOf, type Random } from './random.ts';

export interface Order {
  readonly reference: string;
  /** Of no other order of this round. */
  readonly amount: number;
  /** Every definitive answer, in the order they came. */
  readonly answers: Answer[];
  /** Requests begun whose answer never became definitive. */
  open: number;
}

export interface OrderPlan {
  readonly steps: 1 | 2;
  readonly capture: 'automatic' | 'manual';
  /** The same first request at the same time, from two processes of the merchant. */
  readonly twins: boolean;
  readonly cardNumber: string;
  /** What becomes of an authorization. */
  readonly closing: 'capture' | 'part' | 'parts' | 'void' | 'leave';
  /** Percentages of what was captured, asked for at the same moment. */
  readonly refunds: readonly number[];
  /** Other tries after a failure that moved nothing. */
  readonly retries: number;
}

const goodCards = ['4242424242424242', '5555555555554444', '6011111111111117'];
const declinedCards = ['4000000000000002', '4000000000009995'];

export function planOf(random: Random): OrderPlan {
  const manual = random.chance(0.3);
  return {
    steps: random.chance(0.25) ? 2 : 1,
    capture: manual ? 'manual' : 'automatic',
    twins: random.chance(0.08),
    cardNumber: random.pick(random.chance(0.07) ? declinedCards : goodCards),
    closing: random.pick(['capture', 'capture', 'part', 'parts', 'void', 'void', 'leave']),
    refunds: random.chance(0.35)
      ? random.pick([[100], [40], [50, 50], [60, 60], [30, 30, 30], [100, 100]])
      : [],
    retries: random.chance(0.5) ? 2 : 0,
  };
}

/** Buys, and waits for every answer. `onPause` is called whenever one is not definitive yet. */
export async function buy(
  counter: Counter,
  seed: number,
  order: Order,
  onPause: (rounds: number) => Promise<void>,
): Promise<void> {
  const random = randomOf(seed, order.reference);
  const plan = planOf(random);
  const ask = async (action: string, path: string, body: object): Promise<Answer | undefined> => {
    order.open += 1;
    const answer = await insist(
      counter,
      random,
      { order: order.reference, action, path, body },
      onPause,
    );
    if (answer) {
      order.open -= 1;
      order.answers.push(answer);
    }
    return answer;
  };
  const paid = await pay(ask, order, plan);
  if (!paid) return;
  await delay(random.between(0, 30));
  const closed = paid.status === 'authorized' ? await close(ask, paid, plan) : paid;
  if (!closed || closed.amount_captured === 0) return;
  await Promise.all(
    plan.refunds.map((percent, place) =>
      ask(`refund${place}`, '/v1/refunds', {
        payment: closed.id,
        amount: Math.max(1, Math.floor((closed.amount_captured * percent) / 100)),
      }),
    ),
  );
}

type AskFor = (action: string, path: string, body: object) => Promise<Answer | undefined>;

/** The payment once it is authorized or captured; undefined when it came to nothing. */
async function pay(ask: AskFor, order: Order, plan: OrderPlan): Promise<PaymentView | undefined> {
  const method = {
    type: 'card',
    card: { number: plan.cardNumber, exp_month: 12, exp_year: 2030, cvc: '123' },
  };
  const base = {
    amount: order.amount,
    currency: 'USD',
    reference: order.reference,
    capture_method: plan.capture,
  };
  const atOnce = plan.steps === 1 ? { confirm: true, payment_method: method } : {};
  const first = () => ask('create', '/v1/payments', { ...base, ...atOnce });
  const [created] = await Promise.all(plan.twins ? [first(), first()] : [first()]);
  let answer = created;
  const id = created?.payment?.id;
  if (plan.steps === 2 && created?.kind === 'ok') {
    answer = await ask('confirm', `/v1/payments/${id}/confirm`, { payment_method: method });
  }
  for (let retry = 1; retry <= plan.retries && mayRetry(answer); retry += 1) {
    const body = { payment_method: { ...method, card: { ...method.card, number: goodCards[0] } } };
    answer = await ask(`confirm-again${retry}`, `/v1/payments/${id}/confirm`, body);
  }
  return answer?.kind === 'ok' ? answer.payment : undefined;
}

function mayRetry(answer: Answer | undefined): boolean {
  return answer?.kind === 'refused' && answer.payment?.status === 'failed';
}

/** What the merchant does with a hold; the payment as it stood after. */
async function close(
  ask: AskFor,
  { id, amount }: PaymentView,
  { closing }: OrderPlan,
): Promise<PaymentView | undefined> {
  const path = `/v1/payments/${id}`;
  const part = Math.max(1, Math.floor(amount / 2));
  switch (closing) {
    case 'leave':
      return undefined;
    case 'void':
      await ask('void', `${path}/void`, {});
      return undefined;
    case 'capture':
      return (await ask('capture', `${path}/capture`, {}))?.payment;
    case 'part':
      return (await ask('capture', `${path}/capture`, { amount: part, final: true }))?.payment;
    case 'parts': {
      const first = await ask('capture', `${path}/capture`, { amount: part });
      if (first?.kind !== 'ok') return first?.payment;
      return (await ask('capture-rest', `${path}/capture`, {}))?.payment;
    }
  }
}
