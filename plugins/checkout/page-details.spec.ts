/** Smaller things on the page: the e-mail address, cards that are kept, pages that watch. */
import { expect } from 'chai';
import { request } from 'node:http';
import { closeBooks } from '../../test/support/books.ts';
import { describeOnEachDatabase } from '../../test/support/databases.ts';
import { cards, openShop, Shop } from './spec-shop.ts';

describeOnEachDatabase('details of the checkout page', (database) => {
  let shop: Shop;

  before(async () => {
    shop = new Shop(await openShop(await database.open()));
  });
  after(() => closeBooks(shop?.app));

  const pathOf = (session: { id?: string }) => `/checkout/${session.id}`;
  const billingOf = async (session: { payment?: string }) =>
    (await shop.app.call(`/v1/payments/${session.payment}`)).body['billing'];

  it('has the e-mail address that the shop knows, for the customer to put right', async () => {
    const session = await shop.session({ customer_email: 'jane@example.com' });
    const { text } = await shop.page(pathOf(session));
    expect(text).to.match(/id="email"[^>]*autocomplete="email"[^>]*value="jane@example.com"/s);
    const wrong = await shop.pay(session, cards.good, {
      form: await shop.formKey(pathOf(session)),
      email: 'jane@',
    });
    expect(wrong.status).to.equal(422);
    expect(wrong.text).to.match(/id="email"[^>]*aria-invalid="true"/s);
    expect(
      (
        await shop.pay(session, cards.good, {
          email: 'j@example.org',
          form: await shop.formKey(pathOf(session)),
        })
      ).status,
    ).to.equal(303);
    expect(await billingOf(session)).to.deep.equal({ email: 'j@example.org' });
    expect((await shop.page(pathOf(await shop.session()))).text).not.to.contain('id="email"');
  });

  it('says that a card is kept, and keeps it', async () => {
    const { body: customer } = await shop.app.call('/v1/customers', { body: { name: 'Jane Doe' } });
    const session = await shop.session({
      customer_id: customer['id'],
      customer_name: 'Jane Doe',
      setup_future_usage: 'off_session',
    });
    const { text } = await shop.page(pathOf(session));
    expect(text).to.contain('keeps this card for later').and.contain('value="Jane Doe"');
    await shop.pay(session, cards.good);
    const { body } = await shop.app.call(`/v1/payment_methods?customer_id=${customer['id']}`);
    expect(body['data'].map(({ usage }: { usage: string }) => usage)).to.deep.equal([
      'off_session',
    ]);
    expect((await shop.page(pathOf(await shop.session()))).text).not.to.contain('for later');
    const nobodys = { amount: 1, currency: 'USD', success_url: session['success_url'] };
    const refused = await shop.ask({ ...nobodys, setup_future_usage: 'off_session' });
    expect(refused.body).to.include({ code: 'invalid_request', param: 'customer_id' });
  });

  it('tells its script how things stand, and no more than that', async () => {
    const session = await shop.session();
    const look = async () =>
      (await shop.page(pathOf(session), { accept: 'application/json' })).body;
    expect(await look()).to.deep.equal({ state: 'open created' });
    await shop.pay(session, cards.held);
    expect(await look()).to.deep.equal({ state: 'open in_review' });
    const { text } = await shop.page(pathOf(session));
    expect(text).to.contain('data-watch="open in_review"');
    await shop.app.call(`/v1/payments/${session['payment']}/approve`, { body: {} });
    expect(await look()).to.deep.equal({ state: 'complete captured' });
  });

  it('does not draw itself again and again once its time is over', async () => {
    const session = await shop.session({ expires_in: 600 });
    await shop.pay(session, cards.held);
    await shop.advance('11m');
    expect((await shop.page(pathOf(session))).text).not.to.contain('data-seconds');
  });

  it('answers under any host name that leads to the switch', async () => {
    const session = await shop.session();
    const status = await new Promise((resolve, reject) => {
      const headers = { host: 'pay.brand.example' };
      request(shop.app.url + pathOf(session), { headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end();
    });
    expect(status).to.equal(200);
  });
});
