/**
 * The Stripe pool as its document means it: two accounts at Stripe, the one chosen when the intent
 * is made, the customer in Stripe's own form, and Stripe's ids all the way.
 */
import { expect } from 'chai';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { eventually } from '../e2e/place.ts';
import { describeOnEachDatabase } from '../support/databases.ts';
import { payAtPage } from './payzpool-client.ts';
import { order, stripePool } from './payzpool-pool.ts';

const intents = '/v1/payment_intents';

/** With another Host, as behind a reverse proxy. */
async function pageAt(url: string, host: string): Promise<string> {
  const asked = request(url, { headers: { host } }).end();
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  return text(answer);
}

describeOnEachDatabase('payzpool with Stripe', (database) => {
  const pool = stripePool(database);
  const { app, shop, second, posts, toldSince, restart, use, patch, daily } = pool;
  const { ask, made, shown, becomes, confirm, dashboardOf, numberOf } = pool;

  it('carries the intent of the chosen account, and its publishable key alone', async () => {
    await use('round_robin', ['Stripe', 'Second']);
    const pair = [await made(), await made()];
    const used = pair.map(({ stripe_account: { publishable_key: key } }) => key);
    expect(used).to.have.members(['pk_test_second', 'pk_test_shop']);
    for (const one of pair) {
      const { id, client_secret } = one['payment_intent'];
      const known = dashboardOf(one).look('payment_intent', id);
      expect(known).to.include({ client_secret, amount: 9999, currency: 'usd' });
      expect(known?.status).to.equal('requires_payment_method');
      const [mine, other] =
        used[0] === one['stripe_account'].publishable_key ? used : [...used].reverse();
      expect(JSON.stringify(one)).to.contain(mine).and.not.contain(other);
      expect(JSON.stringify(one)).not.to.match(/sk_|whsec_/);
    }
  });

  it('the page of the transaction renders the form of the chosen account', async () => {
    const one = await made();
    expect(one['checkout_url']).to.equal(`${app().url}/checkout/${one['transaction_id']}`);
    const page = await fetch(one['checkout_url']);
    const html = await page.text();
    expect(html).to.contain('data-key="pk_test_shop"');
    expect(html).to.contain(`data-secret="${one['payment_intent'].client_secret}"`);
    expect(html).not.to.match(/sk_test_|sk_sandbox_|whsec_/);
  });

  it('is paid in Stripe’s form; Stripe’s id is in all that is told of it', async () => {
    const one = await made();
    const { id } = one['payment_intent'];
    posts.splice(0);
    expect(await confirm(one)).to.include({ status: 'succeeded' });
    const paid = await becomes(one, 'succeeded');
    expect(paid).to.include({ payment_intent_id: id, amount: 99.99, currency: 'usd' });
    const [event] = await eventually(
      async () => posts,
      (list) => list.length === 1,
    ).then(toldSince);
    expect(event).to.deep.include({ event: 'payment_intent.succeeded' });
    expect(event.data).to.include({ payment_intent_id: id, status: 'succeeded' });
    const { body } = await ask('/payment-intents?status=succeeded&limit=1');
    expect(body['data'][0]).to.include({ payment_intent_id: id });
    const here = `${one['checkout_url']}?sent=1&payment_intent=${id}&redirect_status=succeeded`;
    const page = await (await fetch(here)).text();
    expect(page).to.contain(`${app().url}/payzpool/return/${one['transaction_id']}`);
    const back = await fetch(`${app().url}/payzpool/return/${one['transaction_id']}`, {
      redirect: 'manual',
    });
    expect(back.headers.get('location')).to.equal(
      `https://yoursite.com/payment/success?payment_intent=${id}&redirect_status=succeeded`,
    );
  });

  it('a declined card is told, and another one may follow on the same intent', async () => {
    const one = await made();
    posts.splice(0);
    expect((await confirm(one, 'pm_card_chargeDeclined'))['error']).to.include({
      code: 'card_declined',
    });
    const [event] = await eventually(
      async () => posts,
      (list) => list.length === 1,
    ).then(toldSince);
    expect(event.event).to.equal('payment_intent.payment_failed');
    await confirm(one);
    await becomes(one, 'succeeded');
    expect(
      dashboardOf(one)
        .all('charge')
        .filter(({ paid }) => paid),
    ).not.to.be.empty;
  });

  it('cancelling closes the intent at Stripe, and a refund gives back there', async () => {
    const gone = await made();
    const cancelled = await ask(`/payment-intents/${gone['transaction_id']}/cancel`, {});
    expect(cancelled.body['data'].status).to.equal('cancelled');
    const { id } = gone['payment_intent'];
    expect(dashboardOf(gone).look('payment_intent', id)?.status).to.equal('canceled');

    const one = await made();
    await confirm(one);
    await becomes(one, 'succeeded');
    const body = { amount: 50.0, reason: 'requested_by_customer' };
    const refund = await ask(`/payment-intents/${one['transaction_id']}/refund`, body);
    expect(refund.body['data']).to.include({ amount: 50, status: 'refunded' });
    const [given] = dashboardOf(one).all('refund').slice(-1);
    expect(given).to.include({ amount: 5000, payment_intent: one['payment_intent'].id });
    await becomes(one, 'refunded');
  });

  it('the account that is picked is used, and a full or sleeping one is refused', async () => {
    const payment_account_id = await numberOf('Second');
    const one = await made({ payment_account_id });
    expect(one['stripe_account'].publishable_key).to.equal('pk_test_second');
    await patch(second(), daily(9999));
    const before = shop().fake.requests.length;
    const beyond = await ask('/payment-intents', { ...order, amount: 100, payment_account_id });
    expect([beyond.status, beyond.body['code']]).to.deep.equal([400, 'account_unusable']);
    await patch(second(), { limits: null, status: 'disabled' });
    const off = await ask('/payment-intents', { ...order, payment_account_id });
    expect([off.status, off.body['code']]).to.deep.equal([400, 'account_unusable']);
    expect(shop().fake.requests.length).to.equal(before);
    await patch(second(), { status: 'active' });
  });

  it('what an open intent may take is held: the next one goes to the other account', async () => {
    await patch(shop().account, daily(9999));
    expect((await made())['stripe_account'].publishable_key).to.equal('pk_test_shop');
    expect((await made())['stripe_account'].publishable_key).to.equal('pk_test_second');
    await patch(shop().account, { limits: null });
  });

  it('another account takes it while it was handed to nobody: Stripe refuses the first', async () => {
    const fault = { kind: 'status', status: 429 } as const;
    shop().fake.faults.next(1, { method: 'POST', path: intents }, fault);
    const one = await made();
    expect(one['stripe_account'].publishable_key).to.equal('pk_test_second');
    const { id } = one['payment_intent'];
    expect(dashboardOf(one).look('payment_intent', id)?.status).to.equal('requires_payment_method');
  });

  it('an answer that was lost is a server error, and nobody is sent to pay it', async () => {
    shop().fake.faults.next(1, { method: 'POST', path: intents }, { kind: 'close', acted: true });
    const description = 'The one that was lost';
    const lost = await ask('/payment-intents', { ...order, description });
    expect(lost.status, lost.text).to.equal(500);
    expect(lost.body['message']).to.equal('Something went wrong on our end');
    const payments = (await app().call('/v1/payments?limit=100')).body['data'];
    const { id } = payments.find((one: typeof lost.body) => one['description'] === description);
    // Nobody has its page, and it was called off as soon as it was found.
    expect((await app().call(`/v1/checkout_sessions?payment=${id}`)).body['data']).to.deep.equal(
      [],
    );
    await app().call(`/v1/payments/${id}/sync`, { body: {} });
    const { body } = await app().call(`/v1/payments/${id}`);
    expect(body).to.include({ status: 'cancelled' });
    const [intent, ...more] = await shop().intents(id);
    expect(more).to.deep.equal([]);
    expect(intent).to.include({ status: 'canceled' });
  });

  it('where the pool at Stripe is full, whoever takes cards otherwise has its page', async () => {
    await use('failover', ['Stripe', 'Simulator A']);
    await patch(shop().account, daily(100));
    const one = await made();
    expect(one['stripe_account'].publishable_key).to.equal(app().credentials.public_key);
    await payAtPage(one['checkout_url']);
    expect(await shown(one)).to.include({ status: 'succeeded' });
    await patch(shop().account, { limits: null });
  });

  it('adding an account registers the webhook at Stripe, and deleting it removes it', async () => {
    const name = 'third';
    const account = { connector: 'stripe', name, settings: shop().settings(name) };
    const { id } = await shop().post('/v1/accounts', account, 201);
    await shop().endpointOf(id, 'registered');
    const endpoints = () => shop().fake.dashboard(`sk_test_${name}`).all('webhook_endpoint');
    expect(endpoints().map(({ url }) => url)).to.deep.equal([`${app().url}/webhooks/${id}`]);
    expect((await app().call(`/v1/accounts/${id}`, { method: 'DELETE' })).status).to.equal(200);
    await eventually(
      async () => endpoints(),
      (list) => list.length === 0,
    );
  });

  it('the log has what Stripe sent', async () => {
    const one = await made();
    await confirm(one);
    await becomes(one, 'succeeded');
    const payment = `pay_${String(one['transaction_id']).slice(4)}`;
    const [news] = await eventually(
      async () => (await app().call(`/v1/incoming_webhooks?payment=${payment}`)).body['data'],
      ([latest]) => latest?.state === 'applied',
    );
    expect(news).to.include({ type: 'payment_intent.succeeded' });
    const { body: whole } = await app().call(`/v1/incoming_webhooks/${news.id}?whole=true`);
    expect(whole['body']).to.contain(one['payment_intent'].id);
  });

  it('an account with a domain of its own has its pages there', async () => {
    let branded = '';
    await restart((port) => {
      branded = `http://pay.yourdomain.example:${port}`;
      const domains = `{ ${shop().account}: '${branded}' }`;
      return `plugin_settings: { checkout: { domains: ${domains} } }\n`;
    });
    const one = await made();
    expect(one['checkout_url']).to.equal(`${branded}/checkout/${one['transaction_id']}`);
    const { host } = new URL(branded);
    const page = await pageAt(`${app().url}/checkout/${one['transaction_id']}`, host);
    expect(page).to.contain('data-key="pk_test_shop"');
    const other = await made({ payment_account_id: await numberOf('Second') });
    expect(other['checkout_url']).to.equal(`${app().url}/checkout/${other['transaction_id']}`);
  });
});
