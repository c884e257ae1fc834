/** What lapses by itself: at its moment and not before, and first at the processor. */
import { expect } from 'chai';
import { day, hour, second } from '../../core/base/clock.ts';
import { card, chargeBody, type TestSwitch } from '../support/app.ts';
import { simulatorFault } from '../support/books.ts';
import { answerChallenge } from '../support/customer-browser.ts';
import { describeOnEachDatabase } from '../support/databases.ts';
import {
  authorized,
  bookedFor,
  endHonestly,
  eventsOf,
  expire,
  faultOnce,
  lastOf,
  operations,
  paymentOf,
  post,
  recover,
  simulatorAccounts,
  startStill,
  storedPayment,
} from './world.ts';

const validityMs = 7 * day;
const challengeCard = card('4000000000003220');

describeOnEachDatabase('what lapses by itself', (database) => {
  let app: TestSwitch;

  before(async () => {
    app = await startStill(await database.open());
  });
  afterEach(() => simulatorFault(app));
  after(() => endHonestly(app));

  it('a hold of 6 d 23 h 59 m 59 s is left alone and can be captured', async () => {
    const id = await authorized(app);
    await expire(app, validityMs - second);
    expect(await paymentOf(app, id)).to.include({ status: 'authorized' });
    expect(await post(app, `/v1/payments/${id}/capture`, {}, 200)).to.include({
      status: 'captured',
    });
    expect((await storedPayment(app, id)).expires_at).to.equal(null);
  });

  it('a hold of 7 d cannot be captured any more, and is given back at the processor', async () => {
    const id = await authorized(app);
    app.clock.advance(validityMs);
    const refused = await post(app, `/v1/payments/${id}/capture`, {}, 410);
    expect(refused).to.include({ code: 'payment_expired' });
    expect(await expire(app)).to.equal(1);
    expect(await paymentOf(app, id)).to.include({
      status: 'expired',
      amount_authorized: 10_000,
      amount_voided: 10_000,
      amount_captured: 0,
      amount_capturable: 0,
    });
    const release = await lastOf(app, id, 'void');
    expect(release).to.include({ state: 'succeeded', origin: 'switch', amount: 10_000 });
    expect(await bookedFor(app, release.id)).to.have.length(1);
    expect((await eventsOf(app, id)).at(-1)).to.equal('payment.expired');
    await post(app, `/v1/payments/${id}/capture`, {}, 409);
    expect(await expire(app, day), 'once').to.equal(0);
  });

  it('what was not captured of a hold is given back, what was captured stays', async () => {
    const id = await authorized(app);
    await post(app, `/v1/payments/${id}/capture`, { amount: 4000 }, 200);
    await expire(app, validityMs);
    expect(await paymentOf(app, id)).to.include({
      status: 'captured',
      amount_captured: 4000,
      amount_voided: 6000,
    });
  });

  it('a payment nobody confirmed within the hour is gone', async () => {
    const { id } = await post(app, '/v1/payments', { amount: 500, currency: 'USD' }, 201);
    await expire(app, hour - 1);
    expect(await paymentOf(app, id)).to.include({ status: 'created' });
    app.clock.advance(1);
    const confirm = { payment_method: card('4242424242424242') };
    const early = await post(app, `/v1/payments/${id}/confirm`, confirm, 410);
    expect(early, 'even before the job has seen it').to.include({ code: 'payment_expired' });
    await expire(app);
    expect(await paymentOf(app, id)).to.include({ status: 'expired' });
    const late = await post(app, `/v1/payments/${id}/confirm`, confirm, 410);
    expect(late).to.include({ code: 'payment_expired' });
    expect(await operations(app, id)).to.deep.equal([]);
    expect(await eventsOf(app, id)).to.deep.equal(['payment.created', 'payment.expired']);
  });

  for (const capture_method of ['manual', 'automatic']) {
    it(`a 3-D Secure finished after its hour charges nothing (${capture_method})`, async () => {
      const body = chargeBody({ capture_method, payment_method: challengeCard });
      const waiting = await post(app, '/v1/payments', body, 201);
      const { id } = waiting;
      await expire(app, hour - 1);
      expect(await paymentOf(app, id)).to.include({ status: 'requires_action' });
      await expire(app, 1);
      expect(await paymentOf(app, id)).to.include({ status: 'expired', amount_authorized: 0 });
      const charge = await lastOf(app, id, 'authorize');
      expect(charge).to.include({ state: 'declined', next_check_at: null });
      const page = await fetch(waiting['next_action'].url, {
        method: 'POST',
        redirect: 'manual',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: 'outcome=approve',
      });
      expect(page.status).to.be.lessThan(500);
      expect(await bookedFor(app, charge.id)).to.satisfy(
        ([line]: { status: string }[]) => line?.status === 'voided',
      );
      await post(app, `/v1/payments/${id}/sync`, {}, 200);
      expect(await paymentOf(app, id)).to.include({ status: 'expired', amount_authorized: 0 });
    });

    it(`a 3-D Secure finished a moment before its hour is kept (${capture_method})`, async () => {
      const body = chargeBody({ capture_method, payment_method: challengeCard });
      const waiting = await post(app, '/v1/payments', body, 201);
      app.clock.advance(hour);
      await answerChallenge(waiting['next_action'].url, 'approve');
      await expire(app);
      const status = capture_method === 'manual' ? 'authorized' : 'captured';
      expect(await paymentOf(app, waiting['id'])).to.include({ status, amount_voided: 0 });
    });
  }

  it('a processor that is down at the moment is tried again, and the hold ends right', async () => {
    const id = await authorized(app);
    const [account] = await simulatorAccounts(app);
    const move = async (base_url: string) => {
      const settings = { base_url, api_key: account?.apiKey };
      const path = `/v1/accounts/${account?.id}`;
      expect((await app.call(path, { method: 'PATCH', body: { settings } })).status).to.equal(200);
    };
    await move('http://127.0.0.1:1');
    await expire(app, validityMs);
    expect(await paymentOf(app, id)).to.include({ status: 'authorized', amount_voided: 0 });
    expect(await eventsOf(app, id)).to.include('payment.void_failed');
    expect(await expire(app), 'not at once').to.equal(0);
    await post(app, `/v1/payments/${id}/capture`, {}, 410);
    await move(app.simulatorUrl);
    await expire(app, hour);
    expect(await paymentOf(app, id)).to.include({ status: 'expired', amount_voided: 10_000 });
  });

  it('a release whose answer was lost is asked about, not sent twice', async () => {
    const id = await authorized(app);
    await faultOnce(app, 'reset_after', 'void');
    await expire(app, validityMs);
    expect(await paymentOf(app, id)).to.include({ status: 'processing', amount_voided: 0 });
    await recover(app, 5 * second);
    expect(await paymentOf(app, id)).to.include({ status: 'expired', amount_voided: 10_000 });
    const release = await lastOf(app, id, 'void');
    expect(await bookedFor(app, release.id)).to.have.length(1);
    expect(await operations(app, id)).to.have.length(2);
  });

  it('a capture of unknown outcome keeps the hold from lapsing', async () => {
    const id = await authorized(app);
    app.clock.advance(validityMs - second);
    await faultOnce(app, 'reset_after', 'capture');
    await post(app, `/v1/payments/${id}/capture`, {}, 202);
    await expire(app, second);
    expect(await paymentOf(app, id)).to.include({ status: 'captured', amount_voided: 0 });
  });
});
