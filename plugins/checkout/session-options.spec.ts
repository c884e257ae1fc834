/** What others build on: addresses with ids in them, the account, the domain, calls by plugins. */
import { expect } from 'chai';
import { definePlugin } from '#sdk';
import { closeBooks } from '../../test/support/books.ts';
import { describeOnEachDatabase } from '../../test/support/databases.ts';
import { checkout } from './index.ts';
import { cards, openShop, Shop, success } from './spec-shop.ts';

const patient = 'rate_limits: { public: { per_second: 100000 } }\n';

/** A dialect's first step: a session of the switch's under another gateway's name. */
const caller = definePlugin({
  id: 'caller',
  name: 'Caller',
  contribute: () => ({
    dialect: {
      authenticate: ({ headers }) => ({ key: headers['caller-key'] ?? '' }),
      problem: ({ problem }) => ({ status: problem.status, body: { error: problem.code } }),
      idempotency: {
        header: 'caller-once',
        methods: ['post'],
        minLength: 1,
        maxLength: 64,
        ttlMs: 86_400_000,
        storeOn: 'all',
        onMismatch: 'refuse',
      },
      routes: [
        {
          id: 'open',
          method: 'post',
          path: '/open',
          access: 'secret',
          rate: 'payments',
          handle: async ({ call }) => {
            const session = await call('createCheckoutSession', {
              body: { amount: 900, currency: 'USD', success_url: success },
              alias: { noun: 'payment', kind: 'order', value: 'A-1' },
            });
            return { status: 201, body: session.body };
          },
        },
      ],
    },
  }),
});

describeOnEachDatabase('the options of checkout sessions', (database) => {
  let shop: Shop;

  before(async () => {
    const plugins = [checkout, caller];
    shop = new Shop(await openShop(await database.open(), { plugins }));
  });
  after(() => closeBooks(shop?.app));

  const account = async (more: object = {}) => {
    const settings = { base_url: shop.app.simulatorUrl, api_key: 'sim_second_0001' };
    const body = { connector: 'card-simulator', name: 'Second', settings, priority: 99, ...more };
    return (await shop.app.call('/v1/accounts', { body })).body;
  };

  it('put the ids of session and payment into the addresses', async () => {
    const session = await shop.session({
      success_url: 'https://shop.example/ok?s={CHECKOUT_SESSION_ID}&p={PAYMENT_ID}',
      cancel_url: 'https://shop.example/no?pi=pi_{PAYMENT_ULID}&again={PAYMENT_ULID}',
    });
    const { id, payment } = session;
    const ulid = payment.slice(4);
    const page = await shop.page(`/checkout/${id}`);
    expect(page.text).to.contain(`https://shop.example/no?pi=pi_${ulid}&amp;again=${ulid}"`);
    const sent = await shop.pay(session, cards.good);
    const after = await shop.page(sent.headers.get('location') ?? '');
    expect(after.text).to.contain(`url=https://shop.example/ok?s=${id}&amp;p=${payment}"`);
    const wrong = await shop.ask({
      amount: 1,
      currency: 'USD',
      success_url: 'https://{PAYMENT_ULID}.shop.example/',
    });
    expect(wrong.body).to.include({ code: 'invalid_request', param: 'success_url' });
  });

  it('answer with the client secret once, and let it confirm the payment', async () => {
    const session = await shop.session();
    expect(session['client_secret']).to.match(/^pay_[0-9a-z]{26}_secret_[0-9a-f]{32}$/);
    expect(await shop.reload(session)).not.to.have.property('client_secret');
    const confirmed = await shop.app.call(`/v1/payments/${session['payment']}/confirm`, {
      key: shop.app.credentials.public_key,
      body: {
        client_secret: session['client_secret'],
        payment_method: {
          type: 'card',
          card: { number: cards.good, exp_month: 12, exp_year: 2034, cvc: '123' },
        },
      },
    });
    expect(confirmed.status, confirmed.text).to.equal(200);
    expect((await shop.page(`/checkout/${session['id']}`)).text).to.contain('Payment received');
  });

  it('have the page under the payment’s name too, whatever its prefix', async () => {
    const session = await shop.session({ description: 'Order 99' });
    const ulid = session['payment'].slice(4);
    for (const name of [`txn_${ulid}`, `pi_${ulid}`, session['payment']]) {
      expect((await shop.page(`/checkout/${name}`)).text).to.contain('Order 99');
    }
    expect((await shop.page(`/checkout/cs_${ulid}`)).status).to.equal(404);
  });

  it('take one account and no other, when it is the merchant’s and works', async () => {
    const { id } = await account();
    const session = await shop.session({ account: id });
    expect(session['account']).to.equal(id);
    await shop.pay(session, cards.good);
    const { body } = await shop.app.call(`/v1/payments/${session['payment']}`);
    expect(body).to.include({ account: id, status: 'captured' });
    const { id: disabled } = await account({ name: 'Off' });
    await shop.app.call(`/v1/accounts/${disabled}`, {
      method: 'PATCH',
      body: { status: 'disabled' },
    });
    for (const wrong of [disabled, 'acct_00000000000000000000000000']) {
      const answer = await shop.ask({
        amount: 1,
        currency: 'USD',
        success_url: success,
        account: wrong,
      });
      expect(answer.body, wrong).to.include({ code: 'account_unusable', param: 'account' });
    }
  });

  it('offer a card form by default, or the processor’s where nothing takes card numbers', async () => {
    const stripe = async (more: object) => {
      const keys = { secret_key: 'sk_test_0001', publishable_key: 'pk_test_0001' };
      const settings = { ...keys, base_url: shop.app.simulatorUrl, ...more };
      return (await account({ connector: 'stripe', name: 'Stripe', settings })).id;
    };
    expect((await shop.session())['allowed_methods']).to.deep.equal(['card']);
    const form = await shop.session({ account: await stripe({}) });
    expect(form['allowed_methods']).to.deep.equal(['hosted']);
    const raw = await shop.session({ account: await stripe({ raw_cards: true }) });
    expect(raw['allowed_methods']).to.deep.equal(['card']);
    const said = await shop.session({ account: form['account'], allowed_methods: ['card'] });
    expect(said['allowed_methods']).to.deep.equal(['card']);
  });

  it('tell the URL that goes with them, in the words that were asked for', async () => {
    const webhook_url = 'http://127.0.0.1:8099/hook';
    const session = await shop.session({ webhook_url, webhook_signer: 'standard' });
    expect(session).to.include({ webhook_url, webhook_signer: 'standard' });
    const { body } = await shop.app.call(`/v1/payments/${session['payment']}`);
    expect(body).to.include({ webhook_url });
    const common = { amount: 1, currency: 'USD', success_url: success };
    for (const wrong of [{ webhook_signer: 'standard' }, { webhook_url, webhook_signer: 'none' }]) {
      const answer = await shop.ask({ ...common, ...wrong });
      expect(answer.body).to.include({ code: 'invalid_request', param: 'webhook_signer' });
    }
  });

  it('complete when they are asked to and are paid, and not before', async () => {
    const session = await shop.session();
    const path = `/v1/checkout_sessions/${session['id']}/complete`;
    const complete = () => shop.app.call(path, { method: 'POST' });
    expect((await complete()).body).to.include({
      code: 'payment_state',
      checkout_session_status: 'open',
    });
    await shop.pay(session, cards.challenged);
    const { body } = await shop.app.call(`/v1/payments/${session['payment']}`);
    await fetch(body['next_action'].url, {
      method: 'POST',
      redirect: 'manual',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'outcome=approve',
    });
    expect((await complete()).body).to.include({ status: 'complete' });
    expect((await complete()).body).to.include({ status: 'complete' });
    const expired = await shop.session();
    await shop.app.call(`/v1/checkout_sessions/${expired['id']}/expire`, { method: 'POST' });
    const late = await shop.app.call(`/v1/checkout_sessions/${expired['id']}/complete`, {
      method: 'POST',
    });
    expect(late.body).to.include({ checkout_session_status: 'expired' });
  });

  it('are opened by other plugins, with a name that lands with the payment, once a key', async () => {
    const key = shop.app.credentials.secret_key;
    const headers = { 'caller-key': key, 'caller-once': 'k-1' };
    const open = () => shop.app.call('/caller/open', { key: null, headers, method: 'POST' });
    const [one, two] = [await open(), await open()];
    expect(one.status, one.text).to.equal(201);
    expect(two.text).to.equal(one.text);
    expect((await shop.reload(one.body))['id']).to.equal(one.body['id']);
    const other = { ...headers, 'caller-once': 'k-2' };
    const taken = await shop.app.call('/caller/open', {
      key: null,
      headers: other,
      method: 'POST',
    });
    expect(taken.body).to.deep.equal({ error: 'reference_taken' });
  });
});

const brandOf = (account: string) => `https://${account.replace('_', '-')}.brand.example`;

describeOnEachDatabase('checkout on a domain of its own', (database) => {
  let shop: Shop;

  before(async () => {
    const place = await database.open();
    const first = await openShop(place);
    const accounts = (await first.call('/v1/accounts')).body['data'] as { id: string }[];
    const { data: profiles } = (await first.call('/v1/profiles')).body;
    await first.stop();
    const domains = {
      ...Object.fromEntries(accounts.map(({ id }) => [id, brandOf(id)])),
      [profiles[0].id]: 'https://shop.pay.example/',
    };
    const yaml = `${patient}plugin_settings: { checkout: { domains: ${JSON.stringify(domains)} } }\n`;
    shop = new Shop(await openShop(place, { yaml }));
  });
  after(() => closeBooks(shop?.app));

  it('is addressed by the profile, and by the account as soon as that is known', async () => {
    const session = await shop.session();
    expect(session['url']).to.equal(`https://shop.pay.example/checkout/${session['id']}`);
    const { data } = (await shop.app.call('/v1/accounts')).body;
    const branded = await shop.session({ account: data[0].id });
    const brand = brandOf(data[0].id);
    expect(branded['url']).to.equal(`${brand}/checkout/${branded['id']}`);
    const link = await shop.link({ account: data[0].id });
    expect(link['url']).to.equal(`${brand}/pay/${link['id']}`);
    await shop.pay(session, cards.good);
    const paid = (await shop.app.call(`/v1/payments/${session['payment']}`)).body;
    const url = `${brandOf(paid['account'])}/checkout/${session['id']}`;
    expect((await shop.reload(session))['url']).to.equal(url);
  });

  it('has the bank send the customer back to it', async () => {
    const { data } = (await shop.app.call('/v1/accounts')).body;
    const session = await shop.session({ account: data[0].id });
    await shop.pay(session, cards.challenged);
    const { body } = await shop.app.call(`/v1/payments/${session['payment']}`);
    expect(body['return_url']).to.equal(session['url']);
  });
});
