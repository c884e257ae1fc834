/**
 * Objects for the placeholders that examples in the documentation use: `{payment_id}` is a payment
 * that was captured, `{held_payment_id}` one under review … Each is made anew, so that no example
 * finds what another one left.
 */
import { describedRoutes } from '../../core/wiring/routes.ts';
import type { Example, Route } from '../../core/sdk/route.ts';
import { card, chargeBody, type Answer, type CallOptions, type TestSwitch } from './app.ts';

/** Every route as data, those of the sandbox's clock included; not to be called. */
export const routes: readonly Route[] = describedRoutes(true);

/** Who owns what is made: a merchant's secret key and the box's admin key. */
export interface Owner {
  readonly app: TestSwitch;
  readonly key?: string;
}

async function made(owner: Owner, path: string, options: CallOptions): Promise<Answer['body']> {
  const { app, key = app.credentials.secret_key } = owner;
  const answer = await app.call(path, { key, ...options });
  if (answer.status >= 300) throw new Error(`${path} answered ${answer.status}: ${answer.text}`);
  return answer.body;
}

type Maker = (owner: Owner) => Promise<string>;

const payment =
  (body: Record<string, unknown>): Maker =>
  async (owner) =>
    (await made(owner, '/v1/payments', { body })).id;

async function setup(owner: Owner, payment_method: object): Promise<Answer['body']> {
  const body = {
    customer_id: await fixture(owner, 'customer_id'),
    account: await fixture(owner, 'keeping_account_id'),
    payment_method,
    return_url: 'https://shop.example/cards',
  };
  return made(owner, '/v1/setups', { body });
}

async function atSimulator({ app }: Owner, path: string): Promise<void> {
  const response = await fetch(app.simulatorUrl + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  });
  if (!response.ok) throw new Error(`${path} answered ${response.status}`);
}

/** The id of the first object of a list that news from outside has yet to fill. */
async function awaited(owner: Owner, path: string): Promise<string> {
  for (let tries = 1; tries <= 200; tries += 1) {
    const [first] = (await made(owner, path, {}))['data'];
    if (first) return first.id;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${path} stays empty`);
}

/** Things without a name of their own that two examples could clash over. */
let count = 0;

const makers: Readonly<Record<string, Maker>> = {
  payment_id: payment(chargeBody()),
  created_payment_id: payment({ amount: 10_000, currency: 'USD' }),
  authorized_payment_id: payment(chargeBody({ capture_method: 'manual' })),
  held_payment_id: payment(chargeBody({ payment_method: card('4000000000009235') })),
  refund_id: async (owner) => {
    const body = { payment: await fixture(owner, 'payment_id'), amount: 1 };
    return (await made(owner, '/v1/refunds', { body })).id;
  },
  customer_id: async (owner) => (await made(owner, '/v1/customers', { body: {} })).id,
  account_id: async (owner) => {
    count += 1;
    const settings = { base_url: owner.app.simulatorUrl, api_key: `sim_fixture_${count}` };
    // Priority: behind the accounts of the sandbox, so that no payment is routed here.
    const body = { connector: 'card-simulator', name: `F ${count}`, settings, priority: 99 };
    return (await made(owner, '/v1/accounts', { body })).id;
  },
  // On a switch with the connectors of method-keeper.ts.
  keeping_account_id: async (owner) => {
    count += 1;
    const body = { connector: 'method-keeper', name: `K ${count}`, settings: {}, priority: 99 };
    return (await made(owner, '/v1/accounts', { body })).id;
  },
  setup_id: async (owner) => (await setup(owner, { type: 'hosted' })).id,
  payment_method_id: async (owner) => {
    count += 1;
    return (await setup(owner, { type: 'token', token: `tok_${count}` })).payment_method;
  },
  // The simulator's own desk disputes it, and its webhook brings the news.
  dispute_id: async (owner) => {
    const id = await fixture(owner, 'disputed_payment_id');
    return awaited(owner, `/v1/disputes?payment=${id}`);
  },
  disputed_payment_id: async (owner) => {
    const id = await fixture(owner, 'payment_id');
    const operations = await made(owner, `/v1/payments/${id}/operations`, {});
    await atSimulator(owner, `/control/charges/${operations['data'][0].id}/disputes`);
    await awaited(owner, `/v1/disputes?payment=${id}`);
    return id;
  },
  webhook_id: async (owner) => {
    const id = await fixture(owner, 'payment_id');
    const operations = await made(owner, `/v1/payments/${id}/operations`, {});
    await atSimulator(owner, `/control/charges/${operations['data'][0].id}/refunds`);
    return awaited(owner, `/v1/incoming_webhooks?payment=${id}`);
  },
  // Nobody is there: what is sent comes to nothing at once.
  endpoint_id: async (owner) => {
    const body = { url: `${owner.app.simulatorUrl}/nobody`, events: ['customer.deleted'] };
    return (await made(owner, '/v1/webhook_endpoints', { body })).id;
  },
  delivery_id: async (owner) => {
    const id = await fixture(owner, 'endpoint_id');
    return (await made(owner, `/v1/webhook_endpoints/${id}/test`, { method: 'POST' })).id;
  },
  event_id: async (owner) => {
    const id = await fixture(owner, 'payment_id');
    return (await made(owner, `/v1/events?payment=${id}&limit=1`, {})).data[0].id;
  },
  profile_id: async (owner) => (await made(owner, '/v1/profiles', { body: { name: 'F' } })).id,
  key_id: async (owner) => {
    const body = { kind: 'secret', name: 'F' };
    return (await made(owner, '/v1/api_keys', { body })).id;
  },
  routing_version_id: async (owner) => {
    const rules = { version: 1, rules: [], default: { strategy: 'failover', accounts: 'all' } };
    return (await made(owner, '/v1/routing', { method: 'PUT', body: { rules } })).version;
  },
  draft_version_id: async (owner) => {
    const rules = { version: 1, rules: [], default: { strategy: 'round_robin', accounts: 'all' } };
    const body = { rules, percent: 0 };
    return (await made(owner, '/v1/routing/draft', { method: 'PUT', body })).draft.version;
  },
  checkout_session_id: async (owner) => {
    const body = { amount: 10_000, currency: 'USD', success_url: 'https://shop.example/thanks' };
    return (await made(owner, '/v1/checkout_sessions', { body })).id;
  },
  paid_checkout_session_id: async (owner) => {
    const id = await fixture(owner, 'checkout_session_id');
    const { payment: paid } = await made(owner, `/v1/checkout_sessions/${id}`, {});
    const body = { payment_method: card('4242424242424242') };
    await made(owner, `/v1/payments/${paid}/confirm`, { body });
    return id;
  },
  payment_link_id: async (owner) => {
    const body = { type: 'one_time', amount: 10_000, currency: 'USD' };
    return (await made(owner, '/v1/payment_links', { body })).id;
  },
  merchant_id: async (owner) => {
    const options = { body: { name: 'F' }, key: owner.app.credentials.admin_key };
    return (await made(owner, '/v1/merchants', options)).merchant.id;
  },
};

/** A fresh object for a placeholder, by its id. Throws for a placeholder nobody makes. */
export async function fixture(owner: Owner, name: string): Promise<string> {
  const make = makers[name];
  if (!make) throw new Error(`test/support/fixtures.ts makes nothing for {${name}}`);
  return make(owner);
}

/** Every `{placeholder}` in texts, at any depth, replaced by a fresh object's id. */
export async function filled<T>(owner: Owner, value: T): Promise<T> {
  if (typeof value === 'string') {
    let text: string = value;
    for (const [whole, name = ''] of value.matchAll(/\{(\w+_id)\}/g)) {
      text = text.replace(whole, await fixture(owner, name));
    }
    return text as T;
  }
  if (value === null || typeof value !== 'object') return value;
  const copy: unknown[] = [];
  for (const [key, item] of Object.entries(value)) copy.push([key, await filled(owner, item)]);
  if (Array.isArray(value)) return copy.map((pair) => (pair as unknown[])[1]) as T;
  return Object.fromEntries(copy as [string, unknown][]) as T;
}

export interface ReadyRequest {
  readonly path: string;
  readonly method: string;
  readonly body: unknown;
}

/** An example as a request that can be sent: path and query put together, placeholders filled. */
export async function requestOf(
  owner: Owner,
  route: Route,
  example: Example,
): Promise<ReadyRequest> {
  const params = await filled(owner, example.params ?? {});
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(example.query ?? {})) {
    query.set(key, await filled(owner, `${value as string | number}`));
  }
  const path = route.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => params[name] ?? name);
  return {
    path: query.size === 0 ? path : `${path}?${query}`,
    method: route.method.toUpperCase(),
    body: await filled(owner, example.body),
  };
}

/** The key that the route's owner calls with. */
export function ownersKey({ app, key = app.credentials.secret_key }: Owner, route: Route) {
  if (route.access.kind === 'anyone') return null;
  return route.access.kind === 'admin' ? app.credentials.admin_key : key;
}
