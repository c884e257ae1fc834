/**
 * How the sandbox is brought to produce each type of event. Nothing is made up: what a receiver
 * hears is what it would hear of a shop's payment. Types that no recipe can bring about say why.
 */
import { randomUUID } from 'node:crypto';
import type { JsonObject } from '../../core/base/json.ts';
import type { EventType } from '../../core/wiring/local-webhooks.ts';
import { namedCards } from '../../core/wiring/test-cards.ts';
import { Refused, type Api } from './api.ts';
import { usageError } from './exit.ts';
import type { ListView } from './present.ts';
import { word } from './render.ts';

/** What a recipe works with; `trigger` makes it. */
export interface Kitchen {
  readonly api: Api;
  /** The payment's id, declined or not. */
  pay(card: string, more?: object): Promise<string>;
  /** `POST` to the switch. */
  post(path: string, body?: object): Promise<JsonObject>;
  /** `POST` to the simulator, where a bank's side of things is done. */
  simulate(path: string, body?: object): Promise<JsonObject>;
  /** Waits for an event about the payment. */
  heard(type: EventType, payment: string): Promise<JsonObject>;
  /** Moves the sandbox's clock by the recipe's own time. */
  moveClock(): Promise<void>;
}

export interface Recipe {
  /** It answers the payment it was about, if it was about one. */
  cook(kitchen: Kitchen): Promise<string | undefined>;
  /** How far it moves the sandbox's clock: with everything else in the sandbox. */
  readonly clock?: string;
}

const manual = { capture_method: 'manual' };
const unconfirmed = { confirm: false, payment_method: undefined };

/** A card of the simulator by its name on the command line. */
export function cardMethod(name: string): JsonObject {
  const number = namedCards.find((card) => card.name === name)?.number;
  if (number === undefined) throw new Error(`the simulator has no card "${name}"`);
  const exp_year = new Date().getUTCFullYear() + 3;
  return {
    type: 'card',
    card: { number, exp_month: 12, exp_year, cvc: '123', holder_name: 'Jane Doe' },
  };
}

const authorized = (kitchen: Kitchen) => kitchen.pay('visa', manual);

const paying = (card: string, more: object = {}): Recipe => ({
  cook: (kitchen) => kitchen.pay(card, more),
});

/** Something is done with a payment that `make` made. */
const then = (
  make: (kitchen: Kitchen) => Promise<string>,
  verb: string,
  body: object = {},
): Recipe => ({
  async cook(kitchen) {
    const payment = await make(kitchen);
    await kitchen.post(`/v1/payments/${payment}${verb === '' ? '' : `/${verb}`}`, body);
    return payment;
  },
});

/** What is asked of the processor next fails this once. */
async function failing(
  kitchen: Kitchen,
  kind: string,
  fault: string,
  path: string,
  body: object,
): Promise<void> {
  await kitchen.simulate('/control/faults', { kind, fault, times: 1 });
  try {
    await kitchen.post(path, body);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
  }
}

const refused = (
  make: (kitchen: Kitchen) => Promise<string>,
  verb: 'capture' | 'void' | 'approve',
  fault: string,
): Recipe => ({
  async cook(kitchen) {
    const payment = await make(kitchen);
    await failing(kitchen, verb, fault, `/v1/payments/${payment}/${verb}`, {});
    return payment;
  },
});

const refusedRefund: Recipe = {
  async cook(kitchen) {
    const payment = await kitchen.pay('visa');
    await failing(kitchen, 'refund', 'decline', '/v1/refunds', { payment });
    return payment;
  },
};

const refunded = (body: object): Recipe => ({
  async cook(kitchen) {
    const payment = await kitchen.pay('visa');
    await kitchen.post('/v1/refunds', { payment, ...body });
    return payment;
  },
});

async function looked({ api }: Kitchen, path: string): Promise<ListView> {
  return (await api.call('GET', path)).body as unknown as ListView;
}

/** What the simulator finds a payment's charge by: the operation that authorized it. */
async function chargeOf(kitchen: Kitchen, payment: string): Promise<string> {
  const { data } = await looked(kitchen, `/v1/payments/${payment}/operations`);
  return `/control/charges/${word(data.find(({ kind }) => kind === 'authorize')?.['id'])}`;
}

/** Nobody confirms it within its hour. */
const lapsed: Recipe = {
  clock: '61m',
  async cook(kitchen) {
    const payment = await kitchen.pay('visa', unconfirmed);
    await kitchen.moveClock();
    return payment;
  },
};

/** A dispute that the switch knows of, and what comes of it. */
const disputed = (
  follow: (kitchen: Kitchen, dispute: { ours: string; theirs: string }) => Promise<unknown>,
): Recipe => ({
  async cook(kitchen) {
    const payment = await kitchen.pay('visa');
    const made = await kitchen.simulate(`${await chargeOf(kitchen, payment)}/disputes`);
    const opened = await kitchen.heard('dispute.opened', payment);
    const { object } = opened['data'] as { object: JsonObject };
    await follow(kitchen, { ours: word(object['id']), theirs: word(made['id']) });
    return payment;
  },
});

const decided = (outcome: 'won' | 'lost'): Recipe =>
  disputed((kitchen, { theirs }) =>
    kitchen.simulate(`/control/disputes/${theirs}/resolve`, { outcome }),
  );

/** Of a payment that a dispute has taken back already, the processor refunds all once more. */
const contradicted: Recipe = {
  async cook(kitchen) {
    const payment = (await decided('lost').cook(kitchen)) ?? '';
    await kitchen.heard('dispute.lost', payment);
    await kitchen.simulate(`${await chargeOf(kitchen, payment)}/refunds`, { amount: 10_000 });
    return payment;
  },
};

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** How long the simulator denies that it has the charge: until the switch has given it up. */
const lagMs = 6_000;

/** The processor has the money, and denies it for so long that the switch gives the payment up. */
const late: Recipe = {
  clock: '1h',
  async cook(kitchen) {
    const once = { kind: 'authorize', times: 1 };
    await kitchen.simulate('/control/faults', { ...once, fault: 'reset_after' });
    await kitchen.simulate('/control/faults', {
      ...once,
      fault: 'not_found_lag',
      latency_ms: lagMs,
    });
    const payment = await kitchen.pay('visa');
    await kitchen.moveClock();
    await kitchen.heard('payment.failed', payment);
    await pause(lagMs);
    await kitchen.post(`/v1/payments/${payment}/sync`);
    return payment;
  },
};

const person = (kitchen: Kitchen) =>
  kitchen.post('/v1/customers', {
    name: 'Jane Doe',
    email: 'jane@shop.example',
    reference: `t-${randomUUID()}`,
  });

const customer = (follow: (kitchen: Kitchen, id: string) => Promise<unknown>): Recipe => ({
  async cook(kitchen) {
    await follow(kitchen, word((await person(kitchen))['id']));
    return undefined;
  },
});

/** An endpoint that nobody answers, with an event for it before and after its patience. */
const disabled: Recipe = {
  clock: '4d',
  async cook(kitchen) {
    const body = { url: 'https://nobody.invalid/', events: ['customer.created'] };
    const made = await kitchen.post('/v1/webhook_endpoints', body);
    const endpoint = `/v1/webhook_endpoints/${word(made['id'])}`;
    await person(kitchen);
    await kitchen.moveClock();
    await person(kitchen);
    const { api } = kitchen;
    const isDisabled = async () => (await api.call('GET', endpoint)).body['status'] === 'disabled';
    for (let looks = 0; looks < 100 && !(await isDisabled()); looks += 1) await pause(100);
    await api.call('DELETE', endpoint);
    return undefined;
  },
};

const pinged: Recipe = {
  async cook(kitchen) {
    const { data } = await looked(kitchen, '/v1/webhook_endpoints?limit=1');
    const id = data[0]?.['id'];
    if (id === undefined) {
      throw usageError('There is no endpoint to ping', 'Make one: webhooks create https://…');
    }
    await kitchen.post(`/v1/webhook_endpoints/${word(id)}/test`);
    return undefined;
  },
};

export const recipes: Partial<Readonly<Record<EventType, Recipe>>> = {
  'payment.created': paying('visa', unconfirmed),
  'payment.updated': then((kitchen) => kitchen.pay('visa', unconfirmed), '', {
    description: 'Order 17, with shipping',
  }),
  'payment.processing': then((kitchen) => kitchen.pay('visa', unconfirmed), 'confirm', {
    payment_method: cardMethod('visa'),
  }),
  'payment.requires_action': paying('challenge', { return_url: 'https://shop.example/thanks' }),
  'payment.in_review': paying('review'),
  'payment.authorized': { cook: authorized },
  'payment.partially_captured': then(authorized, 'capture', { amount: 4_000 }),
  'payment.captured': paying('visa'),
  'payment.partially_refunded': refunded({ amount: 4_000 }),
  'payment.refunded': refunded({}),
  'payment.voided': then(authorized, 'void'),
  'payment.cancelled': then((kitchen) => kitchen.pay('visa', unconfirmed), 'cancel'),
  'payment.failed': paying('insufficient-funds'),
  'payment.expired': lapsed,
  'payment.capture_failed': refused(authorized, 'capture', 'decline'),
  'payment.void_failed': refused(authorized, 'void', 'decline'),
  'payment.review_failed': refused((kitchen) => kitchen.pay('review'), 'approve', 'status_429'),
  'payment.late_success': late,
  'payment.needs_operator': contradicted,
  'refund.created': refunded({}),
  'refund.succeeded': refunded({}),
  'refund.failed': refusedRefund,
  'dispute.opened': disputed(async () => undefined),
  'dispute.updated': disputed((kitchen, { ours }) =>
    kitchen.post(`/v1/disputes/${ours}/evidence`, {
      fields: { customer_name: 'Jane Doe' },
      submit: true,
    }),
  ),
  'dispute.won': decided('won'),
  'dispute.lost': decided('lost'),
  'customer.created': customer(async () => undefined),
  'customer.updated': customer(({ api }, id) =>
    api.call('PATCH', `/v1/customers/${id}`, { body: { name: 'Jane Roe' } }),
  ),
  'customer.deleted': customer(({ api }, id) => api.call('DELETE', `/v1/customers/${id}`)),
  'payment_method.attached': customer((kitchen, customer_id) =>
    kitchen.post('/v1/payment_methods', { customer_id, ...cardMethod('visa') }),
  ),
  'webhook_endpoint.disabled': disabled,
  ping: pinged,
};

/** Types without a recipe, and why. */
export const beyondReach: Partial<Readonly<Record<EventType, string>>> = {
  'payment.attempt_declined':
    'The simulator’s charges end with their decline. Processors tell of it where the customer may ' +
    'try again on the same charge.',
  'payment.retry_scheduled':
    'It needs a routing rule with retry_later, and an off-session payment with a saved method that ' +
    'is declined; see docs/routing.md.',
  'dispute.closed': 'Disputes at the simulator end as won or lost.',
  'setup.succeeded': 'The simulator keeps no methods; connect a processor that does.',
  'setup.failed': 'The simulator keeps no methods; connect a processor that does.',
  'routing.draft_withdrawn':
    'It needs a routing draft with a guard, and payments that fare worse by it than by the live ' +
    'rules; see docs/routing.md.',
};
