/** A switch with two accounts at a Stripe of ours, and a client of PayzPool's beside it. */
import { expect } from 'chai';
import { connectors } from '../../connectors/index.ts';
import { ManualClock } from '../../core/base/clock.ts';
import type { WebhookPost } from '../../core/webhooks/port.ts';
import { checkout } from '../../plugins/checkout/index.ts';
import { payzpool } from '../../plugins/payzpool/index.ts';
import { booksAreRight, eventually, freePort } from '../e2e/place.ts';
import { StripeShop } from '../e2e/stripe-shop.ts';
import { startFakeStripe } from '../fakes/stripe/index.ts';
import { startTestSwitch, testNowMs, type Answer, type TestSwitch } from '../support/app.ts';
import type { DatabasePlace, TestDatabase } from '../support/databases.ts';
import { answered } from '../support/webhook-world.ts';
import { create } from './payzpool.golden.ts';

type Body = Answer['body'];

/** The document's own order. */
export const order = JSON.parse(create.body ?? '') as Readonly<Record<string, unknown>>;

/** Called inside a suite: brings its hooks along. Accounts `Stripe` and `Second`, in that order. */
export function stripePool(database: TestDatabase) {
  const posts: WebhookPost[] = [];
  const clock = new ManualClock(testNowMs);
  let place: DatabasePlace;
  let port = 0;
  let shop: StripeShop;
  let app: TestSwitch;
  let second = '';

  const started = (yaml: string, simulatorUrl?: string) =>
    startTestSwitch(place, {
      ...(simulatorUrl !== undefined && { simulatorUrl }),
      clock,
      connectors,
      plugins: [checkout, payzpool],
      yaml: `processors: { absence_grace_ms: 0 }\n${yaml}`,
      env: { POINTSMAN_PORT: String(port), POINTSMAN_BASE_URL: `http://127.0.0.1:${port}` },
      webhooks: {
        port: {
          post: async (post) => {
            posts.push(post);
            return answered(200);
          },
        },
        checkUrl: () => ({ ok: true }),
        close: () => undefined,
      },
    });

  before(async () => {
    place = await database.open();
    port = await freePort();
    const fake = await startFakeStripe({ now: () => new Date(clock.now()) });
    app = await started('');
    shop = new StripeShop(fake, app);
    await shop.open();
    const account = { connector: 'stripe', name: 'Second', settings: shop.settings('second') };
    second = (await shop.post('/v1/accounts', account, 201))['id'];
    await shop.endpointOf(second, 'registered');
  });
  after(async () => {
    await shop?.settled();
    await app?.stop();
    await shop?.fake.close();
  });
  beforeEach(() => use('failover', ['Stripe', 'Second']));
  afterEach(async () => {
    shop.fake.faults.clear();
    await shop.settled();
    expect(shop.fake.violations()).to.deep.equal([]);
    expect(await booksAreRight(app)).to.deep.equal([]);
  });

  const use = async (strategy: string, accounts: readonly string[]) => {
    const rules = { version: 1, rules: [], default: { strategy, accounts } };
    const set = await app.call('/v1/routing', { method: 'PUT', body: { rules } });
    expect(set.status, set.text).to.equal(200);
  };
  const patch = async (account: string, body: object) => {
    const set = await app.call(`/v1/accounts/${account}`, { method: 'PATCH', body });
    expect(set.status, set.text).to.equal(200);
  };
  const daily = (cents: number) => ({
    limits: { time_zone: 'UTC', amounts: { USD: { daily: cents } } },
  });
  const ask = (path: string, body?: unknown): Promise<Answer> => {
    const { public_key, secret_key } = app.credentials;
    const headers = { 'x-api-key': public_key, 'x-api-secret': secret_key };
    const sent = body === undefined ? {} : { body };
    return app.call(`/payzpool/api${path}`, { key: null, headers, ...sent });
  };
  const made = async (more: object = {}): Promise<Body> => {
    const { status, body, text: told } = await ask('/payment-intents', { ...order, ...more });
    expect(status, told).to.equal(201);
    return body['data'];
  };
  const shown = async ({ transaction_id: id }: Body): Promise<Body> =>
    (await ask(`/payment-intents/${id}`)).body['data'];
  const becomes = (one: Body, status: string) =>
    eventually(
      () => shown(one),
      (found) => found['status'] === status,
    );
  /** What Stripe's script does with what the page was given. */
  const confirm = ({ payment_intent: intent, stripe_account: account }: Body, card?: string) =>
    shop.confirmInBrowser({ ...intent, ...account, reference: intent.id }, card);
  const keys = { [`pk_test_shop`]: 'sk_test_shop', [`pk_test_second`]: 'sk_test_second' };
  const dashboardOf = ({ stripe_account: { publishable_key: key } }: Body) =>
    shop.fake.dashboard(keys[key as keyof typeof keys]);
  const numberOf = async (name: string): Promise<number> => {
    const { body } = await ask('/payment-accounts');
    return body['data'].find((one: Body) => one['name'] === name).payment_account_id;
  };
  /** What was posted since somebody looked last. */
  const toldSince = () =>
    posts.splice(0).map((post) => JSON.parse(Buffer.from(post.body).toString('utf8')));

  /** Another process on the same database, with other settings. */
  const restart = async (yamlOf: (port: number) => string): Promise<void> => {
    const first = app;
    await shop.settled();
    await first.running.stop();
    // Another port: nothing is sent over a connection to the one before.
    port = await freePort();
    const again = await started(yamlOf(port), first.simulatorUrl);
    // The simulator belongs to the first one.
    app = { ...again, stop: () => again.running.stop().then(first.stop) };
  };

  return {
    app: () => app,
    shop: () => shop,
    second: () => second,
    posts,
    use,
    patch,
    daily,
    ask,
    made,
    shown,
    becomes,
    confirm,
    dashboardOf,
    numberOf,
    toldSince,
    restart,
  };
}
