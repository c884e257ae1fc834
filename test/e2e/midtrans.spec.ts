/**
 * Midtrans through the switch: real HTTP to a fake that is held to Midtrans' documentation, its
 * notifications coming back over HTTP.
 */
import { expect } from 'chai';
import { ManualClock } from '../../core/base/clock.ts';
import { startFakeMidtrans, type FakeMidtrans } from '../fakes/midtrans/index.ts';
import { testNowMs, type TestSwitch } from '../support/app.ts';
import { describeOnEachDatabase } from '../support/databases.ts';
import { booksAreRight, eventually, poster, startReachableSwitch } from './place.ts';

const cards = {
  challenged: '4811111111111114',
  denied: '4911111111111113',
  frictionless: '4411111111111118',
} as const;

describeOnEachDatabase('Midtrans through the switch', (database) => {
  let fake: FakeMidtrans;
  let app: TestSwitch;
  let account: string;
  let post: ReturnType<typeof poster>;

  const settings = (server_key: string) => ({
    server_key,
    api_base_url: fake.apiUrl,
    app_base_url: fake.appUrl,
  });

  before(async () => {
    const clock = new ManualClock(testNowMs);
    fake = await startFakeMidtrans({ now: () => clock.now() });
    app = await startReachableSwitch(await database.open(), clock);
    post = poster(app);
    const added = await post(
      '/v1/accounts',
      {
        connector: 'midtrans',
        name: 'Midtrans',
        check: true,
        settings: settings('SB-Mid-server-e2e'),
      },
      201,
    );
    account = added['id'];
  });
  after(async () => {
    await fake?.notifications.idle();
    await app?.stop();
    await fake?.close();
  });
  afterEach(async () => {
    expect(fake.violations()).to.deep.equal([]);
    expect(await booksAreRight(app)).to.deep.equal([]);
  });

  const pay = (method: object, more: object = {}, status = 201) =>
    post(
      '/v1/payments',
      {
        amount: 25_000_000,
        currency: 'IDR',
        confirm: true,
        account,
        return_url: 'https://shop.example/back',
        payment_method: method,
        ...more,
      },
      status,
    );

  const token = (number: string, more = {}) => ({
    type: 'token',
    token: fake.cardToken(number, more),
  });

  const payment = async (id: string) => (await app.call(`/v1/payments/${id}`)).body;
  const becomes = (id: string, status: string) =>
    eventually(
      () => payment(id),
      (found) => found['status'] === status,
    );

  /** The order at Midtrans behind a payment. */
  async function orderOf(id: string): Promise<string> {
    const { body } = await app.call(`/v1/payments/${id}/operations`);
    return body['data'].findLast(({ kind }: { kind: string }) => kind === 'authorize').id;
  }

  it('refuses credentials that Midtrans does not know, before anything is stored', async () => {
    const answer = await app.call('/v1/accounts', {
      body: {
        connector: 'midtrans',
        name: 'Wrong',
        check: true,
        settings: settings('SB-Mid-server-invalid'),
      },
    });
    expect(answer.status).to.equal(400);
    expect(answer.body['code']).to.equal('credentials_refused');
  });

  it('a card without a challenge is captured at once', async () => {
    const paid = await pay(token(cards.frictionless));
    expect(paid).to.include({ status: 'captured', amount_captured: 25_000_000 });
  });

  it('a card with 3-D Secure waits for the customer, who comes back', async () => {
    const waiting = await pay(token(cards.challenged));
    expect(waiting['status']).to.equal('requires_action');
    expect(waiting['next_action']).to.include({ type: 'redirect' });
    fake.dashboard.authenticate(await orderOf(waiting['id']), 'ok');
    expect(await becomes(waiting['id'], 'captured')).to.include({ amount_captured: 25_000_000 });
  });

  it('a challenge that fails is a declined payment', async () => {
    const waiting = await pay(token(cards.challenged));
    fake.dashboard.authenticate(await orderOf(waiting['id']), 'failed');
    const failed = await becomes(waiting['id'], 'failed');
    expect(failed['last_error']).to.include({ code: 'declined' });
  });

  it('a denied card is a decline with the bank’s own code', async () => {
    const waiting = await pay(token(cards.denied));
    expect(waiting['status']).to.equal('requires_action');
    fake.dashboard.authenticate(await orderOf(waiting['id']), 'ok');
    const failed = await becomes(waiting['id'], 'failed');
    expect(failed['last_error']).to.have.property('processor_code');
  });

  it('holds, captures a part and lets the rest go', async () => {
    const held = await pay(token(cards.frictionless), { capture_method: 'manual' });
    const path = `/v1/payments/${held['id']}/capture`;
    const captured = await post(path, { amount: 10_000_000, final: true }, 200);
    expect(captured).to.include({ status: 'captured', amount_captured: 10_000_000 });
  });

  it('a hold is voided', async () => {
    const held = await pay(token(cards.frictionless), { capture_method: 'manual' });
    const voided = await post(`/v1/payments/${held['id']}/void`, {}, 200);
    expect(voided).to.include({ status: 'voided', amount_voided: 25_000_000 });
    expect(fake.dashboard.transaction(await orderOf(held['id'])).status).to.equal('cancel');
  });

  it('a hold nobody captures is given back after its seven days', async () => {
    const held = await pay(token(cards.frictionless), { capture_method: 'manual' });
    await app.call('/v1/clock/advance', {
      body: { by: '7d' },
      key: app.credentials.admin_key,
    });
    await becomes(held['id'], 'expired');
    expect(fake.dashboard.transaction(await orderOf(held['id'])).status).to.equal('cancel');
  });

  it('a payment that fraud detection holds is approved, another one denied', async () => {
    const one = await pay(token(cards.frictionless, { fraud: 'challenge' }));
    expect(one['status']).to.equal('in_review');
    const approved = await post(`/v1/payments/${one['id']}/approve`, {}, 200);
    expect(approved['status']).to.equal('captured');
    const other = await pay(token(cards.frictionless, { fraud: 'challenge' }));
    const rejected = await post(`/v1/payments/${other['id']}/reject`, {}, 200);
    expect(rejected['status']).to.equal('cancelled');
  });

  it('refunds parts of what was settled, each once', async () => {
    const paid = await pay(token(cards.frictionless));
    fake.dashboard.settle(await orderOf(paid['id']));
    for (const amount of [5_000_000, 20_000_000]) {
      const refund = await post('/v1/refunds', { payment: paid['id'], amount }, 201);
      expect(refund).to.include({ status: 'succeeded', amount });
    }
    expect(await becomes(paid['id'], 'refunded')).to.include({ amount_refunded: 25_000_000 });
    const { body } = await app.call(`/v1/refunds?payment=${paid['id']}`);
    expect(body['data']).to.have.length(2);
  });

  it('a refund from Midtrans’ own pages is booked as the processor’s', async () => {
    const paid = await pay(token(cards.frictionless));
    const order = await orderOf(paid['id']);
    fake.dashboard.settle(order);
    fake.dashboard.refund(order, 50_000, 'goodwill');
    await becomes(paid['id'], 'partially_refunded');
    const { body } = await app.call(`/v1/refunds?payment=${paid['id']}`);
    expect(body['data'][0]).to.include({ origin: 'processor', amount: 5_000_000 });
  });

  for (const [type, action] of [
    ['qris', 'show_qr'],
    ['gopay', 'open_app'],
  ] as const) {
    it(`${type} gives the customer something to do, and is paid`, async () => {
      const waiting = await pay({ type });
      expect(waiting['next_action']).to.include({ type: action });
      fake.dashboard.settle(await orderOf(waiting['id']));
      await becomes(waiting['id'], 'captured');
    });
  }

  for (const bank of ['bca', 'bni', 'bri', 'permata', 'cimb']) {
    it(`a transfer to a virtual account at ${bank} pays`, async () => {
      const waiting = await pay({ type: 'bank_transfer', bank });
      expect(waiting['next_action']).to.include({ type: 'transfer_to', bank });
      fake.dashboard.settle(await orderOf(waiting['id']));
      const paid = await becomes(waiting['id'], 'captured');
      const { code } = await post('/v1/refunds', { payment: paid['id'] }, 400);
      expect(code, 'transfers are not refunded').to.equal('not_supported');
    });
  }

  it('a bill at Mandiri pays', async () => {
    const waiting = await pay({ type: 'bank_transfer', bank: 'mandiri' });
    expect(waiting['next_action']).to.include({ type: 'pay_bill' });
    fake.dashboard.settle(await orderOf(waiting['id']));
    await becomes(waiting['id'], 'captured');
  });

  it('a settlement that turns to deny takes the money out of the books again', async () => {
    const waiting = await pay({ type: 'bank_transfer', bank: 'permata' });
    const order = await orderOf(waiting['id']);
    fake.dashboard.settle(order);
    await becomes(waiting['id'], 'captured');
    fake.dashboard.reverse(order);
    const back = await becomes(waiting['id'], 'refunded');
    expect(back).to.include({ amount_refunded: 25_000_000 });
  });

  it('a customer who does not pay lets the order expire', async () => {
    const waiting = await pay({ type: 'qris' });
    fake.dashboard.expire(await orderOf(waiting['id']));
    await becomes(waiting['id'], 'expired');
  });

  it('an unpaid payment is cancelled at Midtrans too', async () => {
    const waiting = await pay({ type: 'bank_transfer', bank: 'bca' });
    const order = await orderOf(waiting['id']);
    const cancelled = await post(`/v1/payments/${waiting['id']}/cancel`, {}, 200);
    expect(cancelled['status']).to.equal('cancelled');
    expect(fake.dashboard.transaction(order).status).to.be.oneOf(['cancel', 'expire']);
  });

  it('Snap: the customer picks a method on Midtrans’ page and pays', async () => {
    const waiting = await pay({ type: 'hosted' });
    expect(waiting['next_action']['url']).to.contain(fake.appUrl);
    const { pathname } = new URL(waiting['next_action']['url']);
    fake.customerPays(pathname.split('/').at(-1) ?? '', 'bca_va', 'paid');
    const paid = await becomes(waiting['id'], 'captured');
    expect(paid['payment_method']).to.include({ type: 'bank_transfer', via: 'hosted' });
  });

  it('Snap: a deny on the page is not the end, and the customer pays another way', async () => {
    const waiting = await pay({ type: 'hosted' });
    const snap = new URL(waiting['next_action']['url']).pathname.split('/').at(-1) ?? '';
    fake.customerPays(snap, 'credit_card', 'denied');
    const tried = await eventually(
      () => payment(waiting['id']),
      (found) => found['last_error'] !== null,
    );
    expect(tried['status']).to.equal('requires_action');
    fake.customerPays(snap, 'gopay', 'paid');
    await becomes(waiting['id'], 'captured');
  });

  it('Snap: a page nobody used is closed when the payment is cancelled', async () => {
    const waiting = await pay({ type: 'hosted' });
    const cancelled = await post(`/v1/payments/${waiting['id']}/cancel`, {}, 200);
    expect(cancelled['status']).to.equal('cancelled');
    const page = await fetch(waiting['next_action']['url']);
    expect(await page.text()).to.contain('canceled');
  });

  it('a chargeback is a lost dispute', async () => {
    const paid = await pay(token(cards.frictionless));
    const order = await orderOf(paid['id']);
    fake.dashboard.settle(order);
    fake.dashboard.chargeback(order);
    const disputed = await eventually(
      () => payment(paid['id']),
      (found) => found['amount_disputed'] > 0,
    );
    expect(disputed).to.include({ amount_disputed: 25_000_000, amount_refundable: 0 });
    const { body } = await app.call(`/v1/disputes?payment=${paid['id']}`);
    expect(body['data'][0]).to.include({ status: 'lost' });
  });

  it('an answer that was lost is asked for, and nothing is charged twice', async () => {
    fake.faults.add({ on: 'POST /v2/charge', kind: 'close_after', times: 1 });
    const unknown = await pay(token(cards.frictionless), {}, 202);
    expect(unknown['status']).to.equal('processing');
    const synced = await post(`/v1/payments/${unknown['id']}/sync`, {}, 200);
    expect(synced['status']).to.equal('captured');
  });

  it('amounts that are no whole rupiah, or too small, have no account to go to', async () => {
    for (const amount of [25_000_001, 100]) {
      const { code, accounts } = await pay(token(cards.frictionless), { amount }, 400);
      expect(code).to.equal('account_unusable');
      expect(accounts[account]).to.equal('amount_out_of_range');
    }
  });
});
