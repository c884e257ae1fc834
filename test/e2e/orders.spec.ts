/**
 * Processors tell things late, twice and in any order, and sometimes before we have heard of what
 * they tell about. It all has to end in the same books.
 */
import { expect } from 'chai';
import { ManualClock, minute, second } from '../../core/base/clock.ts';
import { startFakeMidtrans, type FakeMidtrans } from '../fakes/midtrans/index.ts';
import { testNowMs, type TestSwitch } from '../support/app.ts';
import { describeOnEachDatabase, type TestDatabase } from '../support/databases.ts';
import { holdAnswersOf } from './held-answers.ts';
import { heeded, liveIn, midtransLife, orders } from './lives.ts';
import { booksAreRight, poster, startReachableSwitch } from './place.ts';
import { stripeLife, stripeShop, token } from './stripe-shop.ts';

/** All 120 where it is quick; on Postgres every fifth, which begin with each of the five. */
function ordersOn({ name }: TestDatabase) {
  return name === 'sqlite' ? orders : orders.filter((_, at) => at % 5 === 0);
}

const longMs = 120_000;

describeOnEachDatabase('news of Stripe in any order', (database) => {
  const shop = stripeShop(database);

  // What a test held back and did not tell is never told.
  afterEach(() => shop().fake.webhooks.release(() => []));

  afterEach(() => expect(shop().app.complaints).to.deep.equal([]));

  it(`ends in the same books in ${ordersOn(database).length} orders of five deliveries`, async function () {
    this.timeout(longMs);
    await shop().settled();
    shop().fake.webhooks.hold();
    const ends = await liveIn(shop().app, ordersOn(database), () => stripeLife(shop()));
    expect(ends).to.have.length(ordersOn(database).length);
    expect([...new Set(ends)].map((end) => JSON.parse(end) as unknown)).to.deep.equal([
      {
        status: 'partially_refunded',
        amounts: [
          'authorized 2500',
          'captured 2000',
          'voided 500',
          'refunded 500',
          'disputed 0',
          'refundable 1500',
        ],
        refunds: ['succeeded 500'],
        disputes: ['won 1000, 0 withdrawn'],
        books: ['issuer -1500', 'merchant 1500'],
        alarms: 0,
      },
    ]);
  });

  it('may come before our own answer is committed', async () => {
    const { app, fake } = shop();
    const held = await holdAnswersOf(fake.url);
    try {
      const settings = { ...shop().settings('slow'), base_url: held.url };
      const body = { connector: 'stripe', name: 'Slow', settings };
      const { id: account } = await shop().post('/v1/accounts', body, 201);
      await shop().endpointOf(account, 'registered');
      const { reached, release } = held.keepBack(/^POST \/v1\/payment_intents$/);
      const paying = shop().pay(token('visa'), { account });
      await reached;
      await shop().settled();
      const told = fake.webhooks.deliveries.filter(({ endpoint }) =>
        endpoint.url.endsWith(account),
      );
      expect(told.map(({ event, attempts }) => [event.type, attempts])).to.deep.equal([
        ['payment_intent.succeeded', [200]],
      ]);
      release();
      const paid = await paying;
      expect(paid).to.include({ status: 'captured', amount_captured: 2_500 });
      app.clock.advance(second);
      const intent = fake.dashboard('sk_test_slow').all('payment_intent')[0]?.id ?? '';
      await heeded(app, intent, 1);
      const { body: operations } = await app.call(`/v1/payments/${paid['id']}/operations`);
      expect(operations['data']).to.have.length(1);
      expect(await shop().payment(paid['id'])).to.include({ amount_captured: 2_500 });
    } finally {
      await held.close();
    }
  });

  it('waits where the answer was lost, until that has been asked for', async () => {
    const { app, fake } = shop();
    const path = { method: 'POST', path: /payment_intents$/ };
    fake.faults.next(1, path, { kind: 'close', acted: true });
    const unknown = await shop().pay(token('visa'), {}, 202);
    await shop().settled();
    expect(fake.webhooks.deliveries.at(-1)?.event.type).to.equal('payment_intent.succeeded');
    app.clock.advance(minute);
    await shop().becomes(unknown['id'], 'captured');
    // The only one: intentOf throws when there are more.
    await heeded(app, await shop().intentOf(unknown['id']), 1);
  });
});

describeOnEachDatabase('news of Midtrans in any order', (database) => {
  let fake: FakeMidtrans | undefined;
  let app: TestSwitch;
  let account: string;

  const midtrans = () => {
    if (!fake) throw new Error('the fake starts before the first test');
    return fake;
  };

  before(async () => {
    const clock = new ManualClock(testNowMs);
    fake = await startFakeMidtrans({ now: () => clock.now() });
    app = await startReachableSwitch(await database.open(), clock);
    const settings = {
      server_key: 'SB-Mid-server-e2e',
      api_base_url: fake.apiUrl,
      app_base_url: fake.appUrl,
    };
    const body = { connector: 'midtrans', name: 'Midtrans', settings };
    account = (await poster(app)('/v1/accounts', body, 201))['id'];
  });
  after(async () => {
    await fake?.notifications.idle();
    await app?.stop();
    await fake?.close();
  });
  afterEach(async () => {
    await midtrans().notifications.release(() => []);
    expect(midtrans().violations()).to.deep.equal([]);
    expect(await booksAreRight(app)).to.deep.equal([]);
    expect(app.complaints).to.deep.equal([]);
  });

  it(`ends in the same books in ${ordersOn(database).length} orders of five deliveries`, async function () {
    this.timeout(longMs);
    midtrans().notifications.hold();
    const begin = () => midtransLife(midtrans(), app, account);
    const ends = await liveIn(app, ordersOn(database), begin);
    expect(ends).to.have.length(ordersOn(database).length);
    expect([...new Set(ends)].map((end) => JSON.parse(end) as unknown)).to.deep.equal([
      {
        status: 'refunded',
        amounts: [
          'authorized 25000000',
          'captured 25000000',
          'voided 0',
          'refunded 25000000',
          'disputed 0',
          'refundable 0',
        ],
        refunds: ['succeeded 20000000', 'succeeded 5000000'],
        disputes: [],
        books: [],
        alarms: 0,
      },
    ]);
  });

  it('may come before our own answer is committed', async () => {
    const { faults, notifications } = midtrans();
    const paused = faults.add({ on: 'POST /v2/charge', kind: 'pause' });
    const paying = app.call('/v1/payments', {
      body: {
        amount: 25_000_000,
        currency: 'IDR',
        confirm: true,
        account,
        return_url: 'https://shop.example/back',
        payment_method: { type: 'token', token: midtrans().cardToken('4411111111111118') },
      },
    });
    await paused.reached;
    await notifications.idle();
    const [told] = notifications.all.slice(-1);
    expect(told?.attempts.map(({ status }) => status)).to.deep.equal([200]);
    paused.release();
    const { body: paid } = await paying;
    expect(paid).to.include({ status: 'captured', amount_captured: 25_000_000 });
    app.clock.advance(second);
    const { body: operations } = await app.call(`/v1/payments/${paid['id']}/operations`);
    expect(operations['data']).to.have.length(1);
    await heeded(app, operations['data'][0].id, 1);
  });
});
