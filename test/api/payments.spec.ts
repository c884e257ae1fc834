/** The life of a payment over the API: charged, captured, voided, refunded, cancelled. */
import { expect } from 'chai';
import { card, chargeBody, startTestSwitch, type TestSwitch } from '../support/app.ts';
import { closeBooks } from '../support/books.ts';
import { describeOnEachDatabase } from '../support/databases.ts';

describeOnEachDatabase('the life of a payment', (database) => {
  let app: TestSwitch;

  before(async () => {
    app = await startTestSwitch(await database.open());
  });
  after(() => closeBooks(app));

  async function post(path: string, body: unknown, expected: number) {
    const answer = await app.call(path, { body });
    expect(answer.status, answer.text).to.equal(expected);
    return answer.body;
  }

  const authorized = (more = {}) =>
    post('/v1/payments', chargeBody({ capture_method: 'manual', ...more }), 201);
  const captured = (more = {}) => post('/v1/payments', chargeBody(more), 201);

  it('the promised request charges a card and answers with the promised fields', async () => {
    const body = await post(
      '/v1/payments',
      chargeBody({ reference: 'order-1', metadata: { order: '1' } }),
      201,
    );
    expect(body).to.include({
      object: 'payment',
      status: 'captured',
      amount: 10_000,
      currency: 'USD',
      amount_authorized: 10_000,
      amount_captured: 10_000,
      amount_refunded: 0,
      amount_voided: 0,
      capture_method: 'automatic',
      reference: 'order-1',
      attempts: 1,
    });
    expect(body['id']).to.match(/^pay_[0-9a-z]{26}$/);
    expect(body['account']).to.match(/^acct_/);
    expect(body['created_at']).to.equal('2026-11-21T10:00:00.000Z');
    expect(body['metadata']).to.deep.equal({ order: '1' });
    const { fingerprint, ...method } = body['payment_method'];
    expect(fingerprint).to.match(/^[0-9a-f]{16}$/);
    expect(method).to.deep.equal({
      type: 'card',
      brand: 'visa',
      bin: '424242',
      last4: '4242',
      exp_month: 12,
      exp_year: 2034,
      holder_name: 'Jane Doe',
    });
    expect(body).not.to.have.property('client_secret');
    const again = await app.call(`/v1/payments/${body['id']}`);
    expect(again.body).to.deep.equal(body);
  });

  it('a payment is written down, changed, confirmed and captured in four calls', async () => {
    const created = await post(
      '/v1/payments',
      { amount: 500, currency: 'EUR', capture_method: 'manual', metadata: { a: 1 } },
      201,
    );
    expect(created).to.include({ status: 'created', amount_authorized: 0, account: null });
    expect(created['client_secret']).to.match(new RegExp(`^${created['id']}_secret_`));
    const path = `/v1/payments/${created['id']}`;
    const change = { amount: 700, currency: 'GBP', description: 'two mugs', reference: 'order-2' };
    const updated = await app.call(path, { body: change });
    expect(updated.status, updated.text).to.equal(200);
    expect(updated.body).to.include({ status: 'created', ...change });
    expect(updated.body['metadata']).to.deep.equal({ a: 1 });

    const confirm = { payment_method: card('5555555555554444') };
    const confirmed = await post(`${path}/confirm`, confirm, 200);
    expect(confirmed).to.include({ status: 'authorized', amount_authorized: 700, attempts: 1 });
    expect(confirmed['payment_method']).to.include({ brand: 'mastercard', last4: '4444' });
    const late = await app.call(path, { body: { amount: 1 } });
    expect(late.body).to.include({ code: 'payment_state', payment_status: 'authorized' });

    const done = await post(`${path}/capture`, {}, 200);
    expect(done).to.include({ status: 'captured', amount_captured: 700, amount_capturable: 0 });
  });

  it('captures part after part until nothing is held, and never more', async () => {
    const { id } = await authorized();
    const first = await post(`/v1/payments/${id}/capture`, { amount: 4000 }, 200);
    expect(first).to.include({ status: 'partially_captured', amount_capturable: 6000 });
    const refused = await post(`/v1/payments/${id}/capture`, { amount: 6001 }, 400);
    expect(refused).to.include({ code: 'amount_too_large', param: 'amount' });
    expect(refused['amount_capturable']).to.equal(6000);
    await post(`/v1/payments/${id}/capture`, { amount: 1000 }, 200);
    const rest = await post(`/v1/payments/${id}/capture`, {}, 200);
    expect(rest).to.include({ status: 'captured', amount_captured: 10_000, amount_voided: 0 });
    const over = await post(`/v1/payments/${id}/capture`, {}, 409);
    expect(over['code']).to.equal('payment_state');
  });

  it('a final capture gives the rest of the hold back', async () => {
    const { id } = await authorized();
    const done = await post(`/v1/payments/${id}/capture`, { amount: 2500, final: true }, 200);
    expect(done).to.include({ status: 'captured', amount_captured: 2500, amount_voided: 7500 });
    await post(`/v1/payments/${id}/capture`, { amount: 1 }, 409);
  });

  it('voids what is left after a capture, and a whole hold', async () => {
    const part = await authorized();
    await post(`/v1/payments/${part['id']}/capture`, { amount: 3000 }, 200);
    const closed = await post(`/v1/payments/${part['id']}/void`, { reason: 'sold out' }, 200);
    expect(closed).to.include({
      status: 'captured',
      amount_captured: 3000,
      amount_voided: 7000,
      cancellation_reason: 'sold out',
    });
    const whole = await authorized();
    const voided = await post(`/v1/payments/${whole['id']}/void`, undefined, 405);
    expect(voided['code']).to.equal('method_not_allowed');
    expect(await post(`/v1/payments/${whole['id']}/void`, {}, 200)).to.include({
      status: 'voided',
      amount_voided: 10_000,
      amount_captured: 0,
    });
    await post(`/v1/payments/${whole['id']}/void`, {}, 409);
  });

  it('refunds a part, another part and the rest, each with its reason', async () => {
    const { id } = await captured();
    const path = `/v1/payments/${id}`;
    const first = await post('/v1/refunds', { payment: id, amount: 6000, reason: 'torn' }, 201);
    expect(first).to.include({ object: 'refund', payment: id, status: 'succeeded', amount: 6000 });
    expect(first).to.include({ reason: 'torn', currency: 'USD', failure: null });
    expect((await app.call(path)).body).to.include({
      status: 'partially_refunded',
      amount_refunded: 6000,
      amount_refundable: 4000,
    });
    const over = await post('/v1/refunds', { payment: id, amount: 4001 }, 400);
    expect(over).to.include({ code: 'amount_too_large', amount_refundable: 4000 });
    await post('/v1/refunds', { payment: id, amount: 1, metadata: { ticket: 7 } }, 201);
    const rest = await post('/v1/refunds', { payment: id }, 201);
    expect(rest['amount']).to.equal(3999);
    expect((await app.call(path)).body).to.include({ status: 'refunded', amount_refunded: 10_000 });
    expect(await post('/v1/refunds', { payment: id }, 409)).to.include({ code: 'payment_state' });

    const list = await app.call(`/v1/refunds?payment=${id}`);
    expect(list.body['data'].map(({ amount }: { amount: number }) => amount)).to.have.members([
      6000, 1, 3999,
    ]);
    expect((await app.call(`/v1/refunds/${first['id']}`)).body).to.deep.equal(first);
  });

  it('refunds what was captured of a hold that is still open', async () => {
    const { id } = await authorized();
    await post(`/v1/payments/${id}/capture`, { amount: 4000 }, 200);
    await post('/v1/refunds', { payment: id }, 201);
    const open = (await app.call(`/v1/payments/${id}`)).body;
    expect(open).to.include({ amount_refunded: 4000, amount_capturable: 6000 });
    const more = await post(`/v1/payments/${id}/capture`, {}, 200);
    expect(more).to.include({ amount_captured: 10_000, amount_refunded: 4000 });
  });

  it('nothing is refunded before it is captured', async () => {
    const { id } = await authorized();
    const refused = await post('/v1/refunds', { payment: id }, 409);
    expect(refused).to.include({ code: 'payment_state', payment_status: 'authorized' });
  });

  describe('cancelling', () => {
    it('calls off what was only written down', async () => {
      const { id } = await post('/v1/payments', { amount: 100, currency: 'USD' }, 201);
      const gone = await post(`/v1/payments/${id}/cancel`, { reason: 'abandoned' }, 200);
      expect(gone).to.include({ status: 'cancelled', cancellation_reason: 'abandoned' });
      const confirm = { payment_method: card('4242424242424242') };
      await post(`/v1/payments/${id}/confirm`, confirm, 409);
      await post(`/v1/payments/${id}/cancel`, {}, 409);
    });

    it('gives an authorization back', async () => {
      const { id } = await authorized();
      const gone = await post(`/v1/payments/${id}/cancel`, {}, 200);
      expect(gone).to.include({ status: 'voided', amount_voided: 10_000 });
    });

    it('withdraws a payment that waits for its customer', async () => {
      const waiting = await authorized({ payment_method: card('4000000000003220') });
      expect(waiting['status']).to.equal('requires_action');
      const gone = await post(`/v1/payments/${waiting['id']}/cancel`, {}, 200);
      expect(gone).to.include({ status: 'cancelled', amount_authorized: 0, next_action: null });
    });

    const declined = async () => {
      const body = chargeBody({ payment_method: card('4000000000000002') });
      return (await app.call('/v1/payments', { body })).body['payment'];
    };

    it('lets nobody try another card on a payment that was declined', async () => {
      const { id } = await declined();
      const gone = await post(`/v1/payments/${id}/cancel`, { reason: 'sold out' }, 200);
      expect(gone).to.include({ status: 'cancelled', cancellation_reason: 'sold out' });
      const confirm = { payment_method: card('4242424242424242') };
      await post(`/v1/payments/${id}/confirm`, confirm, 409);
    });

    it('is refused once money was captured or voided, or five cards were declined', async () => {
      const paid = await captured();
      const hold = await authorized();
      await post(`/v1/payments/${hold['id']}/void`, {}, 200);
      const failed = await declined();
      for (let attempt = 2; attempt <= 5; attempt += 1) {
        const again = { payment_method: card('4000000000000002') };
        await post(`/v1/payments/${failed.id}/confirm`, again, 402);
      }
      for (const id of [paid['id'], hold['id'], failed.id]) {
        expect((await post(`/v1/payments/${id}/cancel`, {}, 409))['code']).to.equal(
          'payment_state',
        );
      }
    });
  });

  it('sync of a settled payment changes nothing', async () => {
    const payment = await captured();
    const synced = await post(`/v1/payments/${payment['id']}/sync`, {}, 200);
    expect(synced).to.deep.equal(payment);
  });

  it('operations tell every call to the processor, oldest first', async () => {
    const { id, account } = await authorized();
    app.clock.advance(1);
    await post(`/v1/payments/${id}/capture`, { amount: 600 }, 200);
    app.clock.advance(1);
    await post('/v1/refunds', { payment: id, amount: 100 }, 201);
    const { data } = (await app.call(`/v1/payments/${id}/operations`)).body;
    expect(data.map(({ kind, amount }: Record<string, unknown>) => [kind, amount])).to.deep.equal([
      ['authorize', 10_000],
      ['capture', 600],
      ['refund', 100],
    ]);
    for (const operation of data) {
      expect(operation).to.include({ state: 'succeeded', account, payment: id });
    }
  });
});
