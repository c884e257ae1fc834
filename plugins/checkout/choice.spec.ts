/** `choose_account`: who takes the payment is known when a session is opened, or there is none. */
import { expect } from 'chai';
import { stripeShop } from '../../test/e2e/stripe-shop.ts';
import type { Answer } from '../../test/support/app.ts';
import { closeBooks } from '../../test/support/books.ts';
import { describeOnEachDatabase } from '../../test/support/databases.ts';
import { cards, openShop, Shop, success } from './spec-shop.ts';

const asked = { amount: 4200, currency: 'USD', success_url: success, choose_account: true };

describeOnEachDatabase('sessions that choose their account, on our page', (database) => {
  let shop: Shop;

  before(async () => {
    shop = new Shop(await openShop(await database.open()));
  });
  after(() => closeBooks(shop?.app));

  const accounts = async (): Promise<Answer['body'][]> =>
    (await shop.app.call('/v1/accounts')).body['data'];
  const countOf = async (path: string): Promise<number> =>
    (await shop.app.call(`/v1/${path}?limit=100`)).body['data'].length;

  it('leave the card to the page where no account has a form of its own', async () => {
    const session = await shop.session({ choose_account: true });
    const { body } = await shop.app.call(`/v1/payments/${session['payment']}`);
    expect(body).to.include({ status: 'created', next_action: null, account: null });
    await shop.pay(session, cards.good);
    expect(await shop.reload(session)).to.include({ status: 'complete' });
  });

  it('are refused with everybody’s reason where nobody can take the payment', async () => {
    const before = [await countOf('payments'), await countOf('checkout_sessions')];
    const all = await accounts();
    const full = { limits: { time_zone: 'UTC', amounts: { USD: { payment_max: 4199 } } } };
    for (const { id } of all) {
      const answer = await shop.app.call(`/v1/accounts/${id}`, { method: 'PATCH', body: full });
      expect(answer.status, answer.text).to.equal(200);
    }
    const { status, body } = await shop.ask(asked);
    expect([status, body['code']]).to.deep.equal([400, 'no_eligible_account']);
    expect(body['accounts']).to.have.all.keys(all.map(({ name }) => name));
    const { id, name } = all[0] ?? {};
    const named = await shop.ask({ ...asked, account: id });
    expect(named.body).to.include({ code: 'account_unusable', param: 'account' });
    expect(named.body['accounts']).to.have.all.keys([name]);
    expect([await countOf('payments'), await countOf('checkout_sessions')]).to.deep.equal(before);
    await shop.session({ choose_account: true, amount: 4199 });
    for (const one of all) {
      const options = { method: 'PATCH', body: { limits: null } };
      await shop.app.call(`/v1/accounts/${one['id']}`, options);
    }
  });

  it('say nothing about methods', async () => {
    const { body } = await shop.ask({ ...asked, allowed_methods: ['card'] });
    expect(body).to.include({ code: 'invalid_request', param: 'allowed_methods' });
  });
});

describeOnEachDatabase('sessions that choose their account, at Stripe', (database) => {
  const shop = stripeShop(database);

  const ask = (body: object, key: string) =>
    shop().app.call('/v1/checkout_sessions', { body, headers: { 'idempotency-key': key } });

  it('have the form of the account ready, once however often they are asked for', async () => {
    const body = { ...asked, account: shop().account };
    const first = await ask(body, 'ready-1');
    expect(first.status, first.text).to.equal(201);
    expect((await ask(body, 'ready-1')).text).to.equal(first.text);
    const payment = await shop().payment(first.body['payment']);
    expect(payment).to.include({ status: 'requires_action', account: shop().account });
    const [intent, ...more] = await shop().intents(payment['id']);
    expect(more).to.deep.equal([]);
    expect(payment['next_action']).to.deep.include({
      type: 'confirm_in_browser',
      reference: intent?.['id'],
      publishable_key: 'pk_test_shop',
      client_secret: intent?.['client_secret'],
    });
    await shop().app.call(`/v1/checkout_sessions/${first.body['id']}/expire`, { body: {} });
  });

  it('are none when the form could not be made ready, and the payment is called off', async () => {
    const fault = { kind: 'status', status: 402 } as const;
    shop().fake.faults.next(1, { method: 'POST', path: '/v1/payment_intents' }, fault);
    const description = 'Not ready';
    const body = { ...asked, description, account: shop().account };
    const refused = await ask(body, 'ready-2');
    expect(refused.status, refused.text).to.be.within(400, 502);
    const again = await ask(body, 'ready-2');
    expect([again.status, again.body['code']]).to.deep.equal([
      refused.status,
      refused.body['code'],
    ]);
    const all = (await shop().app.call('/v1/payments?limit=100')).body['data'];
    const tried = all.filter((one: Answer['body']) => one['description'] === description);
    expect(tried).to.have.length(1);
    expect(['failed', 'cancelled']).to.include(tried[0].status);
    const path = `/v1/checkout_sessions?payment=${tried[0].id}`;
    expect((await shop().app.call(path)).body['data']).to.deep.equal([]);
  });
});
