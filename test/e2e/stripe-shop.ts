/**
 * A shop that sells through a fake Stripe: the account, the webhook endpoint and the customer's
 * browser, and after every test the question whether both sides' books are right.
 */
import { expect } from 'chai';
import { ManualClock } from '../../core/base/clock.ts';
import { startFakeStripe, type Dashboard, type FakeStripe } from '../fakes/stripe/index.ts';
import type { Delivery } from '../fakes/stripe/webhooks.ts';
import { testNowMs, type Answer, type TestSwitch } from '../support/app.ts';
import type { TestDatabase } from '../support/databases.ts';
import type { Life } from './lives.ts';
import { booksAreRight, eventually, poster, startReachableSwitch } from './place.ts';

type Body = Answer['body'];

/** Everything a payment takes by default: a card of Stripe's sandbox, charged at once. */
export const token = (name: string) => ({ type: 'token', token: `pm_card_${name}` });

export class StripeShop {
  readonly fake: FakeStripe;
  readonly app: TestSwitch;
  /** Posts to the switch, and expects the status. */
  readonly post: ReturnType<typeof poster>;
  #account = '';

  constructor(fake: FakeStripe, app: TestSwitch) {
    this.fake = fake;
    this.app = app;
    this.post = poster(app);
  }

  get account(): string {
    return this.#account;
  }

  /** What the account's owner, its customers and the banks can do at Stripe. */
  get dashboard(): Dashboard {
    return this.fake.dashboard('sk_test_shop');
  }

  settings(name = 'shop', more: object = {}) {
    const keys = { secret_key: `sk_test_${name}`, publishable_key: `pk_test_${name}` };
    return { ...keys, base_url: this.fake.url, ...more };
  }

  /** The account at Stripe, its endpoint registered. */
  async open(): Promise<void> {
    const settings = this.settings('shop', { raw_cards: true });
    const account = { connector: 'stripe', name: 'Stripe', check: true, settings };
    this.#account = (await this.post('/v1/accounts', account, 201))['id'];
    await this.endpointOf(this.#account, 'registered');
  }

  async endpointOf(account: string, state: string): Promise<Body> {
    return eventually(
      async () => (await this.app.call(`/v1/accounts/${account}`)).body,
      ({ webhook }) => webhook.state === state,
    );
  }

  /** 25.00 USD unless `more` says something else. */
  pay(method: object, more: object = {}, status = 201): Promise<Body> {
    const payment = {
      amount: 2_500,
      currency: 'USD',
      confirm: true,
      account: this.#account,
      return_url: 'https://shop.example/back',
      payment_method: method,
      ...more,
    };
    return this.post('/v1/payments', payment, status);
  }

  hold(more: object = {}): Promise<Body> {
    return this.pay(token('visa'), { capture_method: 'manual', ...more });
  }

  async payment(id: string): Promise<Body> {
    return (await this.app.call(`/v1/payments/${id}`)).body;
  }

  becomes(id: string, status: string): Promise<Body> {
    return eventually(
      () => this.payment(id),
      (found) => found['status'] === status,
    );
  }

  async refunds(payment: string): Promise<Body[]> {
    return (await this.app.call(`/v1/refunds?payment=${payment}`)).body['data'];
  }

  /** The one dispute of a payment, once it looks as it should. */
  async dispute(payment: string, status: string): Promise<Body> {
    const found = await eventually(
      async () => (await this.app.call(`/v1/disputes?payment=${payment}`)).body['data'],
      (data: Body[]) => data.length === 1 && data[0]?.['status'] === status,
    );
    return found[0] ?? {};
  }

  /** The intents at Stripe behind a payment: more than one would be a double charge. */
  async intents(payment: string) {
    const { body } = await this.app.call(`/v1/payments/${payment}/operations`);
    const ids = body['data'].map(({ id }: Body) => id);
    return this.dashboard
      .all('payment_intent')
      .filter(({ metadata }) => ids.includes(metadata['pointsman_operation']));
  }

  async intentOf(payment: string): Promise<string> {
    const [intent, ...more] = await this.intents(payment);
    if (!intent || more.length > 0) throw new Error(`${payment} has ${more.length + 1} intents`);
    return intent.id;
  }

  /** What Stripe's script does in the customer's browser, with what `next_action` gave it. */
  async confirmInBrowser(action: Body, card = 'pm_card_visa'): Promise<Body> {
    const { reference, publishable_key: key, client_secret } = action;
    const kind = String(reference).startsWith('seti_') ? 'setup_intents' : 'payment_intents';
    const form = { key, client_secret, payment_method: card, return_url: 'https://shop.example' };
    const path = `${this.fake.url}/v1/${kind}/${reference}/confirm`;
    const answer = await fetch(path, { method: 'POST', body: new URLSearchParams(form) });
    return { status: answer.status, ...((await answer.json()) as Body) };
  }

  async customer(): Promise<string> {
    return (await this.post('/v1/customers', { name: 'Jane Doe' }, 201))['id'];
  }

  /** Every delivery that is under way has been answered. */
  settled(): Promise<void> {
    return this.fake.webhooks.settled();
  }
}

/** A shop for the suite around it: its hooks open it, look at the books, and close it. */
export function stripeShop(database: TestDatabase): () => StripeShop {
  let shop: StripeShop | undefined;
  const opened = () => {
    if (!shop) throw new Error('the shop opens before the first test');
    return shop;
  };
  before(async () => {
    const clock = new ManualClock(testNowMs);
    const fake = await startFakeStripe({ now: () => new Date(clock.now()) });
    shop = new StripeShop(fake, await startReachableSwitch(await database.open(), clock));
    await shop.open();
  });
  // Also run where a suite was skipped for want of its database.
  after(async () => {
    await shop?.settled();
    await shop?.app.stop();
    await shop?.fake.close();
  });
  afterEach(async () => {
    await opened().settled();
    expect(opened().fake.violations()).to.deep.equal([]);
    expect(opened().fake.mistakes).to.deep.equal([]);
    expect(await booksAreRight(opened().app)).to.deep.equal([]);
  });
  return opened;
}

/**
 * Stripe: the customer pays in the browser, a part is captured there, a part of that given back,
 * and another part disputed and won. Its deliveries have to be held back.
 */
export async function stripeLife(shop: StripeShop): Promise<Life> {
  const { dashboard, fake } = shop;
  const { id: payment, next_action } = await shop.pay(
    { type: 'hosted' },
    { capture_method: 'manual' },
  );
  const intent: string = next_action['reference'];
  let dispute = '';
  const acts: (readonly [type: string, act: () => unknown])[] = [
    ['payment_intent.amount_capturable_updated', () => shop.confirmInBrowser(next_action)],
    ['payment_intent.succeeded', () => dashboard.capture(intent, 2_000)],
    ['charge.refunded', () => dashboard.refund(intent, { amount: 500 })],
    [
      'charge.dispute.created',
      () => {
        dispute = dashboard.openDispute(intent, { amount: 1_000 }).id;
      },
    ],
    ['charge.dispute.closed', () => dashboard.decideDispute(dispute, 'won')],
  ];
  const isAbout = ({ event }: Delivery) => {
    const object: { id?: string; payment_intent?: string } = event.data.object;
    return object.id === intent || object.payment_intent === intent;
  };
  return {
    payment,
    subject: intent,
    happen: async (step) => {
      await acts[step]?.[1]();
    },
    tell: async (step) => {
      const news = fake.webhooks.deliveries.findLast(
        (it) => it.event.type === acts[step]?.[0] && isAbout(it),
      );
      if (!news) throw new Error(`no news of step ${step}`);
      await fake.webhooks.send(news);
      if (news.attempts.at(-1) !== 200) throw new Error(`step ${step}: ${news.attempts.at(-1)}`);
    },
  };
}
