/** Checkout sessions over HTTP: what is taken, what is answered, how they end. */
import { expect } from 'chai';
import { eventually } from '../../test/e2e/place.ts';
import { closeBooks } from '../../test/support/books.ts';
import { describeOnEachDatabase } from '../../test/support/databases.ts';
import { cards, openShop, Shop, success } from './spec-shop.ts';

describeOnEachDatabase('checkout sessions', (database) => {
  let shop: Shop;

  before(async () => {
    shop = new Shop(await openShop(await database.open()));
  });
  after(() => closeBooks(shop?.app));

  it('own one payment, and tell where the customer is to be sent', async () => {
    const session = await shop.session({
      metadata: { order: 17 },
      customer_email: 'jane@example.com',
      reference: 'order-17',
    });
    expect(session).to.include({
      object: 'checkout_session',
      status: 'open',
      amount: 4200,
      currency: 'USD',
      success_url: success,
      cancel_url: success,
      expires_at: '2026-11-21T11:00:00.000Z',
      url: `${shop.app.url}/checkout/${session['id']}`,
    });
    const payment = (await shop.app.call(`/v1/payments/${session['payment']}`)).body;
    expect(payment).to.include({ status: 'created', amount: 4200, reference: 'order-17' });
    expect(payment['customer']).to.deep.equal({ email: 'jane@example.com' });
    const { client_secret: _once, ...kept } = session;
    expect(await shop.reload(session)).to.deep.equal(kept);
    const again = { amount: 1, currency: 'USD', success_url: success, reference: 'order-17' };
    expect((await shop.ask(again)).body['code']).to.equal('reference_taken');
  });

  it('answer a repeat with the same session and make one payment', async () => {
    const body = { amount: 700, currency: 'EUR', success_url: success };
    const headers = { 'idempotency-key': 'session-1' };
    const [one, two] = await Promise.all([shop.ask(body, headers), shop.ask(body, headers)]);
    const later = await shop.ask(body, headers);
    expect(later.status).to.equal(201);
    for (const { status, text } of [one, two]) {
      expect(status === 409 || text === later.text, text).to.equal(true);
    }
    const { body: payments } = await shop.app.call('/v1/payments?currency=EUR');
    expect(payments['data']).to.have.length(1);
    expect((await shop.ask({ ...body, amount: 701 }, headers)).status).to.equal(422);
  });

  it('add lines up, less a discount, and refuse sums that disagree', async () => {
    const line_items = [
      { name: 'Beans', quantity: 2, unit_amount: 1450 },
      { name: 'Filters', quantity: 1, unit_amount: 390 },
    ];
    const lines = { amount: undefined, line_items, discount_amount: 290 };
    expect(await shop.session(lines)).to.include({ amount: 3000, subtotal: 3290 });
    const subtotal = { amount: undefined, subtotal: 500, discount_amount: 100 };
    expect((await shop.session(subtotal))['amount']).to.equal(400);
    expect((await shop.session({ ...lines, amount: 3000 }))['amount']).to.equal(3000);
    const common = { currency: 'USD', success_url: success };
    const wrong: [object, string][] = [
      [{}, 'amount'],
      [{ amount: 5, discount_amount: 1 }, 'discount_amount'],
      [{ line_items, amount: 1 }, 'amount'],
      [{ line_items, subtotal: 1 }, 'subtotal'],
      [{ subtotal: 100, discount_amount: 100 }, 'discount_amount'],
    ];
    for (const [body, param] of wrong) {
      const answer = await shop.ask({ ...common, ...body });
      expect(answer.status, answer.text).to.equal(400);
      expect(answer.body['param']).to.equal(param);
    }
  });

  it('send customers to https only, or to this machine', async () => {
    const urls: [string, number][] = [
      ['http://localhost:3000/ok', 201],
      ['http://127.0.0.1/ok', 201],
      ['https://shop.example/{CHECKOUT_SESSION_ID}#done', 201],
      ['http://shop.example/', 400],
      ['http://localhost.evil.example/', 400],
      ['https://{CHECKOUT_SESSION_ID}.shop.example/', 400],
      ['https://jane:pass@shop.example/', 400],
      ['https://', 400],
      ['javascript:alert(1)', 400],
    ];
    for (const [success_url, status] of urls) {
      const answer = await shop.ask({ amount: 1, currency: 'USD', success_url });
      expect(answer.status, success_url).to.equal(status);
      const back = await shop.ask({
        amount: 1,
        currency: 'USD',
        success_url: success,
        cancel_url: success_url,
      });
      expect(back.status, success_url).to.equal(status);
    }
  });

  it('are listed by keyset, newest first, and only to their merchant', async () => {
    for (let count = 0; count < 5; count += 1) {
      shop.app.clock.advance(10);
      await shop.session({ amount: 100 + count });
    }
    const list = async (query: string) =>
      (await shop.app.call(`/v1/checkout_sessions?${query}`)).body;
    const first = await list('limit=2');
    expect(first['has_more']).to.equal(true);
    const [a, b] = first['data'];
    expect([a.amount, b.amount]).to.deep.equal([104, 103]);
    const second = await list(`limit=2&starting_after=${b.id}`);
    expect(second['data'].map((one: { amount: number }) => one.amount)).to.deep.equal([102, 101]);
    const back = await list(`limit=2&ending_before=${second['data'][0].id}`);
    expect(back['data']).to.deep.equal(first['data']);
    expect((await list(`payment=${a.payment}`))['data']).to.deep.equal([a]);
    const nowhere = await shop.app.call('/v1/checkout_sessions?starting_after=cs_nothing');
    expect(nowhere.body['code']).to.equal('invalid_cursor');
    const made = await shop.app.call('/v1/merchants', {
      key: shop.app.credentials.admin_key,
      body: { name: 'Other' },
    });
    const key = made.body['secret_key'].key;
    expect((await shop.app.call('/v1/checkout_sessions', { key })).body['data']).to.deep.equal([]);
    const foreign = await shop.app.call(`/v1/checkout_sessions/${a.id}`, { key });
    expect(foreign.status).to.equal(404);
    expect(
      (await shop.app.call(`/v1/checkout_sessions/${a.id}/expire`, { key, method: 'POST' })).status,
    ).to.equal(404);
    for (const none of [null, shop.app.credentials.public_key]) {
      const answer = await shop.app.call(`/v1/checkout_sessions/${a.id}`, { key: none });
      expect(answer.status).to.equal(none === null ? 401 : 403);
    }
  });

  it('are seen by a key of their own profile alone', async () => {
    const { id: profile_id } = (await shop.app.call('/v1/profiles', { body: { name: 'Second' } }))
      .body;
    const bound = await shop.app.call('/v1/api_keys', {
      body: { kind: 'secret', name: 'k', profile_id },
    });
    const key = bound.body['key'];
    const session = await shop.session();
    const path = `/v1/checkout_sessions/${session['id']}`;
    expect((await shop.app.call(path, { key })).status).to.equal(404);
    const { body } = await shop.app.call('/v1/checkout_sessions', {
      key,
      body: { amount: 1, currency: 'USD', success_url: success },
    });
    expect(body['profile_id']).to.equal(profile_id);
    const mine = (await shop.app.call('/v1/checkout_sessions', { key })).body['data'];
    expect(mine.map(({ id }: { id: string }) => id)).to.deep.equal([body['id']]);
  });

  it('end when the merchant says so, and their payment with them', async () => {
    const session = await shop.session();
    const path = `/v1/checkout_sessions/${session['id']}/expire`;
    const headers = { 'idempotency-key': 'end-1' };
    const ended = await shop.app.call(path, { body: {}, headers });
    expect(ended.body).to.include({ status: 'expired', end_reason: 'cancelled' });
    expect((await shop.app.call(path, { body: {}, headers })).text).to.equal(ended.text);
    expect((await shop.app.call(path, { method: 'POST' })).status).to.equal(200);
    const payment = await shop.app.call(`/v1/payments/${session['payment']}`);
    expect(payment.body['status']).to.equal('cancelled');
    const page = await shop.page(`/checkout/${session['id']}`);
    expect(page.status).to.equal(410);
    expect(page.text).to.contain('cancelled').and.not.contain('name="number"');
  });

  const withSecret = ({ payment, client_secret }: Record<string, string>, number: string) => {
    const card = { number, exp_month: 12, exp_year: 2034, cvc: '123' };
    const body = { client_secret, payment_method: { type: 'card', card } };
    const key = shop.app.credentials.public_key;
    return shop.app.call(`/v1/payments/${payment}/confirm`, { key, body });
  };

  it('that ended take no other card after a declined one, from whoever has the secret', async () => {
    const session = await shop.session();
    expect((await withSecret(session, cards.declined)).status).to.equal(402);
    const path = `/v1/checkout_sessions/${session['id']}/expire`;
    expect((await shop.app.call(path, { method: 'POST' })).status).to.equal(200);
    const late = await withSecret(session, cards.good);
    expect([late.status, late.body['payment_status']]).to.deep.equal([409, 'cancelled']);
  });

  it('end with the fifth declined card, wherever it was given', async () => {
    const session = await shop.session();
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      expect((await withSecret(session, cards.declined)).status).to.equal(402);
    }
    const ended = await eventually(
      () => shop.reload(session),
      ({ status }) => status === 'expired',
    );
    expect(ended['end_reason']).to.equal('attempts');
  });

  it('that were paid are complete and cannot be ended', async () => {
    const session = await shop.session({ capture_method: 'manual' });
    expect((await shop.pay(session, cards.good)).status).to.equal(303);
    expect((await shop.reload(session))['status']).to.equal('complete');
    const path = `/v1/checkout_sessions/${session['id']}/expire`;
    const answer = await shop.app.call(path, { method: 'POST' });
    expect(answer.body).to.include({ code: 'payment_state', checkout_session_status: 'complete' });
  });

  it('expire when the clock says so: unpaid, declined, and in the middle of a challenge', async () => {
    const [fresh, declined, challenged, long] = [
      await shop.session({ expires_in: 600 }),
      await shop.session({ expires_in: 600 }),
      await shop.session({ expires_in: 600 }),
      await shop.session(),
    ];
    await shop.pay(declined, cards.declined);
    await shop.pay(challenged, cards.challenged);
    await shop.advance('11m');
    for (const session of [fresh, declined, challenged]) {
      const now = await shop.reload(session);
      expect(now).to.include({ status: 'expired', end_reason: 'time' });
      expect((await shop.page(`/checkout/${session['id']}`)).status).to.equal(410);
    }
    expect((await shop.reload(long))['status']).to.equal('open');
    const statuses = await Promise.all(
      [fresh, declined, challenged].map(async ({ payment }) => {
        return (await shop.app.call(`/v1/payments/${payment}`)).body['status'];
      }),
    );
    expect(statuses).to.deep.equal(['cancelled', 'cancelled', 'cancelled']);
  });

  it('stay open past their time while a payment is held, and follow its end', async () => {
    const session = await shop.session({ expires_in: 600 });
    await shop.pay(session, cards.held);
    expect((await shop.page(`/checkout/${session['id']}`)).text).to.contain('being checked');
    await shop.advance('11m');
    expect((await shop.reload(session))['status']).to.equal('open');
    const approve = `/v1/payments/${session['payment']}/approve`;
    expect((await shop.app.call(approve, { body: {} })).status).to.equal(200);
    await shop.advance('5s');
    expect((await shop.reload(session))['status']).to.equal('complete');
  });

  it('hear of a payment whose customer closed the tab at the bank’s', async () => {
    const session = await shop.session();
    await shop.pay(session, cards.challenged);
    const { body } = await shop.app.call(`/v1/payments/${session['payment']}`);
    await fetch(body['next_action'].url, {
      method: 'POST',
      redirect: 'manual',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'outcome=approve',
    });
    await shop.app.call(`/v1/payments/${session['payment']}/sync`, { method: 'POST' });
    await shop.advance('5s');
    expect(await shop.reload(session)).to.include({ status: 'complete' });
  });
});
