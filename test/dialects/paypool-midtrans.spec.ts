/**
 * Paypool in front of Midtrans: the Snap page, its notifications, late money and lost answers, over
 * real HTTP to a fake that is held to Midtrans's documentation.
 */
import { expect } from 'chai';
import { booksAreRight, eventually } from '../e2e/place.ts';
import { describeOnEachDatabase } from '../support/databases.ts';
import { openWorld, sample, type PaypoolWorld } from './paypool-world.ts';

const redirects = {
  success_redirect_url: 'https://app.example.com/payment/success',
  failure_redirect_url: 'https://app.example.com/payment/failed',
};

describeOnEachDatabase('Paypool in front of Midtrans', (database) => {
  let world: PaypoolWorld;
  let app: PaypoolWorld['app'];
  let fake: PaypoolWorld['fake'];

  before(async () => {
    world = await openWorld(await database.open());
    ({ app, fake } = world);
  });
  after(async () => {
    await fake?.notifications.idle();
    await app?.stop();
    await fake?.close();
    world?.receiver.close();
  });
  afterEach(async () => {
    expect(fake.violations()).to.deep.equal([]);
    expect(await booksAreRight(app)).to.deep.equal([]);
  });

  const advance = (by: string) =>
    app.call('/v1/clock/advance', { body: { by }, key: app.credentials.admin_key });

  /** Every redirect on the way, and the last answer. */
  async function followed(url: string) {
    const way: string[] = [];
    let answer = await fetch(url, { redirect: 'manual' });
    while (answer.status === 303 && way.length < 5) {
      way.push(answer.headers.get('location') ?? '');
      if (!way.at(-1)?.startsWith(app.url)) break;
      answer = await fetch(way.at(-1) ?? '', { redirect: 'manual' });
    }
    return { way, text: await answer.text() };
  }

  it('invoice_url is the Snap page, for whole rupiah and the customer as he was named', async () => {
    const { invoice_url, status, external_id } = await world.created();
    expect(invoice_url).to.match(new RegExp(`^${fake.appUrl}/`));
    expect(status).to.equal('pending');
    const asked = world.lastPage();
    expect(asked).to.deep.include({
      customer_details: { first_name: 'Budi', email: 'budi@example.com', phone: '+628123456789' },
    });
    expect(asked['transaction_details']).to.include({ gross_amount: 250_000 });
    const again = await world.call(`/${external_id}/continue`);
    expect(again.body).to.deep.equal({ success: true, redirect_url: invoice_url });
  });

  it('a customer who pays at Midtrans is told of with Midtrans’s own notification', async () => {
    const { external_id, token } = await world.created();
    const { orderId } = fake.customerPays(token, 'bca_va', 'pending');
    await world.newsHeeded();
    expect(await world.read(external_id)).to.include({ status: 'pending', paid_at: null });
    fake.dashboard.settle(orderId);
    const paid = await world.becomes(external_id, 'paid');
    expect(paid).to.include({ amount: 250_000, currency: 'IDR', payment_method: 'bank_transfer' });
    expect(paid.metadata).to.deep.equal({ order_id: 10_001, cart: { lines: [1, 2] } });
    const { payment, midtrans_data: data } = await world.told(external_id, 'paid');
    const { payment_id: _id, expired_at: _end, created_at: _made, ...rest } = paid;
    expect(payment).to.deep.equal(rest);
    const sent = fake.notifications.of(orderId).map(({ body }) => body);
    expect(sent).to.deep.include(data);
    expect(data).to.include({ order_id: orderId, transaction_status: 'settlement' });
  });

  it('the customer goes on to success when he has paid, whatever the link says', async () => {
    const { external_id, token } = await world.created(redirects);
    const { returnUrl = '' } = fake.customerPays(token, 'gopay', 'paid');
    const { way } = await followed(returnUrl);
    expect(way.at(-1)).to.equal(redirects.success_redirect_url);
    expect((await world.read(external_id)).status).to.equal('paid');
    const hop = new URL(way.find((url) => url.includes('/paypool/return/')) ?? '');
    hop.searchParams.set('success', 'https://evil.example/');
    expect((await followed(hop.href)).way).to.deep.equal([redirects.success_redirect_url]);
  });

  it('a customer who comes back too early waits, and who has not paid goes to failure', async () => {
    const { external_id, token, invoice_url } = await world.created(redirects);
    const { returnUrl = '' } = fake.customerPays(token, 'bca_va', 'pending');
    const early = await followed(returnUrl);
    expect(early.text).to.contain('not complete yet').and.contain('http-equiv="refresh"');
    expect(early.text).to.contain(invoice_url);
    await world.cancel(external_id);
    const late = await followed(returnUrl);
    expect(late.way.at(-1)).to.equal(redirects.failure_redirect_url);
  });

  it('without redirects the customer stays on Midtrans’s page', async () => {
    const { token } = await world.created();
    expect(world.lastPage()).not.to.have.property('callbacks');
    expect(fake.customerPays(token, 'gopay', 'paid').returnUrl).to.equal(undefined);
    await world.created({ failure_redirect_url: redirects.failure_redirect_url });
    expect(world.lastPage()).to.have.property('callbacks');
  });

  it('a denied try leaves the page open, and the payment pending', async () => {
    const { external_id, token } = await world.created();
    fake.customerPays(token, 'credit_card', 'denied');
    await fake.notifications.idle();
    expect((await world.read(external_id)).status).to.equal('pending');
    fake.customerPays(token, 'gopay', 'paid');
    expect((await world.becomes(external_id, 'paid')).payment_method).to.equal('gopay');
  });

  it('cancelling closes the page at Midtrans', async () => {
    const { external_id, invoice_url } = await world.created();
    const answer = await world.cancel(external_id);
    expect(answer.body['data']).to.include({ status: 'failed' });
    expect(await (await fetch(invoice_url)).text()).to.contain('canceled');
    const { payment, midtrans_data: data } = await world.told(external_id, 'failed');
    expect(payment.metadata).to.include({ cancelled: true });
    expect(data, 'nobody sent anything').to.deep.equal({});
  });

  it('fifty requests with one external_id at once open one page', async () => {
    const before = fake.requests.length;
    const body = sample('ORDER-STORM');
    const storm = await Promise.all(Array.from({ length: 50 }, () => world.call('/create', body)));
    const made = storm.filter(({ status }) => status === 201);
    const refused = storm.filter(({ status }) => status === 422);
    expect([made.length, refused.length]).to.deep.equal([1, 49]);
    const pages = fake.requests.slice(before).filter(({ method }) => method === 'POST');
    expect(pages).to.have.length(1);
  });

  it('an hour later it is expired, to the second, and its page is closed', async () => {
    const { external_id, invoice_url } = await world.created();
    await advance('3599s');
    expect((await world.read(external_id)).status).to.equal('pending');
    await advance('1s');
    const { status, expired_at, created_at } = await world.read(external_id);
    expect(status).to.equal('expired');
    expect(Date.parse(expired_at) - Date.parse(created_at)).to.equal(3_600_000);
    expect(await (await fetch(invoice_url)).text()).to.contain('canceled');
    expect((await world.call(`/${external_id}/continue`)).status).to.equal(400);
    await world.told(external_id, 'expired');
  });

  it('money that comes after the end still makes the payment paid', async () => {
    const { external_id, token } = await world.created();
    const { orderId } = fake.customerPays(token, 'bca_va', 'pending');
    await advance('61m');
    await world.becomes(external_id, 'expired');
    // The bank had taken the transfer before Midtrans called it off.
    Object.assign(fake.dashboard.transaction(orderId), { status: 'pending' });
    fake.dashboard.settle(orderId);
    const paid = await world.becomes(external_id, 'paid');
    expect(Date.parse(paid.paid_at)).to.be.greaterThan(Date.parse(paid.expired_at));
    await world.told(external_id, 'paid');
  });

  it('a page that Midtrans does not open is an internal error without details', async () => {
    fake.faults.add({ on: 'POST /snap/v1/transactions', kind: 'unauthorized', times: 1 });
    const answer = await world.call('/create', sample('ORDER-BROKEN'));
    const { request_id: id, ...rest } = answer.body;
    expect(answer.status).to.equal(500);
    expect(rest).to.deep.equal({ success: false, message: 'Internal Paypool error' });
    expect(id).to.match(/^req_/);
    expect(answer.text).not.to.match(/SB-Mid|snap|sql|\.ts/i);
    expect((await world.read('ORDER-BROKEN')).status).to.equal('failed');
  });

  it('a page that did not open is opened by the same request, sent again', async () => {
    const other = await world.call('/create', sample('ORDER-BROKEN', { amount: 300_000 }));
    expect(other.status).to.equal(422);
    const again = await world.call('/create', sample('ORDER-BROKEN'));
    expect(again.status, again.text).to.equal(201);
    expect(again.body['data']).to.include({ status: 'pending', external_id: 'ORDER-BROKEN' });
    expect(again.body['data'].invoice_url).to.match(new RegExp(`^${fake.appUrl}/`));
    expect((await world.call('/create', sample('ORDER-BROKEN'))).status).to.equal(422);
  });

  it('parallel refunds, here and at Midtrans, never give back more than was paid', async () => {
    const { external_id, token } = await world.created();
    const { orderId } = fake.customerPays(token, 'gopay', 'paid');
    await world.becomes(external_id, 'paid');
    const { body: list } = await app.call('/v1/payments?limit=1');
    const [{ id: payment }] = list['data'];
    const refund = () => app.call('/v1/refunds', { body: { payment, amount: 10_000_000 } });
    const race = Promise.all(Array.from({ length: 6 }, refund));
    fake.dashboard.refund(orderId, 50_000, 'goodwill');
    const given = (await race).filter(({ status }) => status === 201);
    expect(given.length).to.be.within(1, 2);
    const after = await eventually(
      async () => (await app.call(`/v1/payments/${payment}`)).body,
      (found) => found['amount_refunded'] === given.length * 10_000_000 + 5_000_000,
    );
    expect(after['amount_refunded']).to.be.at.most(after['amount_captured']);
    expect((await world.read(external_id)).status, 'it has no other word').to.equal('paid');
  });

  it('only 200 counts as heard, and what is told again is the same', async () => {
    world.receiver.answersWith = 204;
    const { external_id, token } = await world.created();
    fake.customerPays(token, 'gopay', 'paid');
    await world.told(external_id, 'paid');
    const about = () => world.receiver.heard.filter(({ raw }) => raw.includes(`"${external_id}"`));
    const [first] = about();
    world.receiver.answersWith = 200;
    await advance('301s');
    const again = await eventually(
      async () => about(),
      (all) => all.length > 1,
    );
    expect(again.slice(1)).to.deep.equal([first]);
    await advance('1h');
    expect(about(), 'heard at last').to.have.length(2);
  });

  it('another currency than rupiah is paid on the switch’s own page', async () => {
    const { invoice_url } = await world.created({ currency: 'USD', amount: 10_000.5 });
    expect(invoice_url).to.match(new RegExp(`^${app.url}/checkout/cs_`));
  });
});
