/**
 * `trigger`: makes the sandbox really produce an event, through the simulator. Nothing is made up:
 * what a receiver hears is what it would hear of a shop's payment.
 */
import { randomUUID } from 'node:crypto';
import type { JsonObject } from '../../core/base/json.ts';
import { namedCards } from '../../core/wiring/test-cards.ts';
import { Refused, type Api } from './api.ts';
import { define, type Parent, type Session } from './define.ts';
import { CliError, exitCodes, usageError } from './exit.ts';
import { objectText, type ListView } from './present.ts';
import { word } from './render.ts';
import { credentialsOf } from './settings.ts';

/** What a recipe works with; it answers the payment it was about, if it was about one. */
interface Kitchen {
  readonly api: Api;
  pay(card: string, more?: object): Promise<string>;
  verb(payment: string, verb: string, body?: object): Promise<void>;
  /** A desk of the simulator, where a bank's side of things is done. */
  desk(payment: string, path: string): Promise<void>;
}

type Recipe = (kitchen: Kitchen) => Promise<string | undefined>;

const manual = { capture_method: 'manual' };
const unconfirmed = { confirm: false, payment_method: undefined };

const authorized = (kitchen: Kitchen) => kitchen.pay('visa', manual);

/** Something is done with a payment that `make` made. */
const then =
  (make: Recipe, verb: string, body: object = {}): Recipe =>
  async (kitchen) => {
    const payment = (await make(kitchen)) ?? '';
    await kitchen.verb(payment, verb, body);
    return payment;
  };

const refunded =
  (body: object): Recipe =>
  async (kitchen) => {
    const payment = await kitchen.pay('visa');
    await kitchen.api.call('POST', '/v1/refunds', { body: { payment, ...body } });
    return payment;
  };

const customer =
  (follow: (api: Api, path: string) => Promise<unknown>): Recipe =>
  async ({ api }) => {
    const body = { name: 'Jane Doe', email: 'jane@shop.example', reference: `t-${randomUUID()}` };
    const made = await api.call('POST', '/v1/customers', { body });
    await follow(api, `/v1/customers/${word(made.body['id'])}`);
    return undefined;
  };

const recipes: Readonly<Record<string, Recipe>> = {
  'payment.created': (kitchen) => kitchen.pay('visa', unconfirmed),
  'payment.updated': then((kitchen) => kitchen.pay('visa', unconfirmed), '', {
    description: 'Order 17, with shipping',
  }),
  'payment.processing': then((kitchen) => kitchen.pay('visa', unconfirmed), 'confirm', {
    payment_method: cardMethod('visa'),
  }),
  'payment.requires_action': (kitchen) =>
    kitchen.pay('challenge', { return_url: 'https://shop.example/thanks' }),
  'payment.in_review': (kitchen) => kitchen.pay('review'),
  'payment.authorized': authorized,
  'payment.partially_captured': then(authorized, 'capture', { amount: 4_000 }),
  'payment.captured': (kitchen) => kitchen.pay('visa'),
  'payment.partially_refunded': refunded({ amount: 4_000 }),
  'payment.refunded': refunded({}),
  'payment.voided': then(authorized, 'void'),
  'payment.cancelled': then((kitchen) => kitchen.pay('visa', unconfirmed), 'cancel'),
  'payment.failed': (kitchen) => kitchen.pay('insufficient-funds'),
  'refund.created': refunded({}),
  'refund.succeeded': refunded({}),
  'dispute.opened': async (kitchen) => {
    const payment = await kitchen.pay('visa');
    await kitchen.desk(payment, 'disputes');
    return payment;
  },
  'customer.created': customer(async () => undefined),
  'customer.updated': customer((api, path) =>
    api.call('PATCH', path, { body: { name: 'Jane Roe' } }),
  ),
  'customer.deleted': customer((api, path) => api.call('DELETE', path)),
};

export function addTrigger(parent: Parent): void {
  define(parent, {
    usage: 'trigger <event>',
    summary: 'Make the sandbox produce an event, with a payment at the simulator',
    arguments: ['payment.captured, refund.succeeded, dispute.opened …'],
    examples: ['trigger payment.captured', 'trigger dispute.opened --json'],
    run: (session, _options, type) => trigger(session, type ?? ''),
  });
}

async function trigger(session: Session, type: string) {
  const recipe = recipes[type];
  if (!recipe) {
    const known = Object.keys(recipes).join(', ');
    throw usageError(`Nothing here produces "${type}"`, `What can be produced: ${known}`);
  }
  const api = session.api();
  if (api.live) throw usageError('Events are triggered in the sandbox only.');
  const before = await newest(api, type);
  const payment = await recipe(kitchenOf(session, api));
  const event = await awaited(api, type, payment, before);
  session.print(event, objectText(event));
  return exitCodes.done;
}

function cardMethod(name: string): JsonObject {
  const number = namedCards.find((card) => card.name === name)?.number;
  if (number === undefined) throw new Error(`the simulator has no card "${name}"`);
  const exp_year = new Date().getUTCFullYear() + 3;
  return {
    type: 'card',
    card: { number, exp_month: 12, exp_year, cvc: '123', holder_name: 'Jane Doe' },
  };
}

function kitchenOf(session: Session, api: Api): Kitchen {
  return {
    api,
    pay: async (card, more = {}) => {
      const usual = { amount: 10_000, currency: 'USD', confirm: true };
      const body = { ...usual, payment_method: cardMethod(card), ...more };
      try {
        return word((await api.call('POST', '/v1/payments', { body })).body['id']);
      } catch (error) {
        // A card that is declined is what some of the recipes are about.
        const declined = error instanceof Refused && error.problem['payment'];
        if (!declined) throw error;
        return word((declined as JsonObject)['id']);
      }
    },
    verb: async (payment, verb, body) => {
      const path = `/v1/payments/${payment}${verb === '' ? '' : `/${verb}`}`;
      await api.call('POST', path, body ? { body } : {});
    },
    desk: async (payment, path) => {
      const { body } = await api.call('GET', `/v1/payments/${payment}/operations`);
      const [operation] = (body as unknown as ListView).data;
      await atSimulator(session, `/control/charges/${word(operation?.['id'])}/${path}`);
    },
  };
}

async function atSimulator(session: Session, path: string): Promise<void> {
  const url = credentialsOf(session.terminal, session.options)?.simulator_url;
  if (!url) {
    throw usageError(
      'The simulator’s address is not known here',
      'It stands in credentials.json: name its directory with --data.',
    );
  }
  let response: Response;
  try {
    const headers = { 'content-type': 'application/json' };
    response = await fetch(url + path, { method: 'POST', headers, body: '{}' });
  } catch (error) {
    throw new CliError(exitCodes.unavailable, `No answer from the simulator: ${String(error)}`);
  }
  if (response.ok) return;
  throw new CliError(exitCodes.refused, `The simulator answered ${response.status} to ${path}`);
}

async function newest(api: Api, type: string, payment?: string): Promise<JsonObject | undefined> {
  const query = { type, payment, limit: 1 };
  const { body } = await api.call('GET', '/v1/events', { query });
  return (body as unknown as ListView).data[0];
}

/** News from the simulator takes a moment to arrive and to be looked up. */
const waitMs = 15_000;
const pollMs = 100;

async function awaited(
  api: Api,
  type: string,
  payment: string | undefined,
  before: JsonObject | undefined,
): Promise<JsonObject> {
  const startedMs = performance.now();
  for (;;) {
    const event = await newest(api, type, payment);
    if (event && event['id'] !== before?.['id']) return event;
    if (performance.now() - startedMs > waitMs) {
      throw new CliError(exitCodes.refused, `No ${type} came of it within ${waitMs / 1000} s.`);
    }
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}
