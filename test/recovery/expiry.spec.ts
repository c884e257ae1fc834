/** What lapses by itself, at its moment and not before; and success that comes after all. */
import { expect } from 'chai';
import { day, hour, isoTime, minute, second } from '../../core/base/clock.ts';
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
  graceMs,
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
    it(`a 3-D Secure nobody finished is withdrawn; finishing it later charges nothing (${capture_method})`, async () => {
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

describeOnEachDatabase('success that comes late', (database) => {
  let app: TestSwitch;

  before(async () => {
    app = await startStill(await database.open());
  });
  afterEach(() => simulatorFault(app));
  after(() => endHonestly(app));

  /** A charge that went through, at a processor whose look-up says otherwise for ten minutes. */
  async function takenForLost(more = {}): Promise<string> {
    await faultOnce(app, 'reset_after', 'authorize');
    await faultOnce(app, 'not_found_lag', 'authorize', { latency_ms: 10 * minute });
    const { id } = await post(app, '/v1/payments', chargeBody(more), 202);
    await recover(app, 5 * second);
    await recover(app, 30 * second);
    expect(await paymentOf(app, id)).to.include({ status: 'failed', amount_authorized: 0 });
    return id;
  }

  for (const [capture_method, status] of [
    ['automatic', 'captured'],
    ['manual', 'authorized'],
  ] as const) {
    it(`wins over failed (${capture_method}), and is announced`, async () => {
      const id = await takenForLost({ capture_method });
      app.clock.advance(10 * minute);
      expect(await post(app, `/v1/payments/${id}/sync`, {}, 200)).to.include({
        status,
        amount_authorized: 10_000,
        last_error: null,
      });
      expect((await eventsOf(app, id)).slice(-2)).to.deep.equal([
        `payment.${status}`,
        'payment.late_success',
      ]);
    });
  }

  it('a hold that turns up late lapses seven days from then', async () => {
    const id = await takenForLost({ capture_method: 'manual' });
    app.clock.advance(10 * minute);
    await post(app, `/v1/payments/${id}/sync`, {}, 200);
    const { expires_at: lapses } = await storedPayment(app, id);
    expect(lapses).to.equal(isoTime(app.clock.now() + validityMs));
    await post(app, `/v1/payments/${id}/capture`, {}, 200);
  });

  /**
   * The processor books our operation after it was given up: as if the bytes had been on their way.
   */
  async function arriveLate(operationId: string, amount: number, capture: boolean) {
    const [account] = await simulatorAccounts(app);
    const response = await fetch(`${app.simulatorUrl}/v1/charges`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${account?.apiKey}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({
        reference: operationId,
        amount,
        currency: 'USD',
        capture,
        card: { number: '4242424242424242', exp_month: 12, exp_year: 2034, cvc: '123' },
      }),
    });
    expect(response.status, await response.text()).to.equal(200);
  }

  for (const ending of ['cancelled', 'expired'] as const) {
    it(`wins over ${ending}`, async () => {
      // A charge given up as absent, on a payment that was then closed as never paid.
      await simulatorFault(app, { fault: 'reset_before', kind: 'authorize' });
      const { id } = await post(app, '/v1/payments', chargeBody(), 202);
      await recover(app, 5 * second);
      await recover(app, Math.max(30 * second, graceMs));
      await simulatorFault(app);
      const { db } = app.running;
      await db.commit([
        {
          kind: 'update',
          table: 'payments',
          set: { status: ending },
          where: { id, merchant_id: app.credentials.merchant_id },
          guard: 'payment_version',
        },
      ]);
      await arriveLate((await lastOf(app, id, 'authorize')).id, 10_000, true);
      expect(await post(app, `/v1/payments/${id}/sync`, {}, 200)).to.include({
        status: 'captured',
        amount_captured: 10_000,
      });
      expect((await eventsOf(app, id)).slice(-2)).to.deep.equal([
        'payment.captured',
        'payment.late_success',
      ]);
    });
  }

  it('of a capture and of a refund that were given up books them once', async () => {
    const id = await authorized(app);
    for (const kind of ['capture', 'refund'] as const) {
      await faultOnce(app, 'reset_after', kind);
      await faultOnce(app, 'not_found_lag', kind, { latency_ms: 10 * minute });
      // The second time the processor refuses what it would recognise: nothing is sent again here.
      const path = kind === 'capture' ? `/v1/payments/${id}/capture` : '/v1/refunds';
      await post(app, path, kind === 'capture' ? {} : { payment: id }, 202);
      const operation = await lastOf(app, id, kind);
      const { db } = app.running;
      await db.commit([
        {
          kind: 'update',
          table: 'operations',
          set: { created_at: isoTime(app.clock.now() - 2 * day), version: operation.version + 1 },
          where: { id: operation.id, version: operation.version },
          guard: 'operation_version',
        },
      ]);
      await recover(app, 5 * second);
      await recover(app, 30 * second);
      expect(await lastOf(app, id, kind)).to.include({ state: 'failed' });
      const waiting = await paymentOf(app, id);
      expect(waiting).to.include({ status: kind === 'capture' ? 'authorized' : 'captured' });
      app.clock.advance(10 * minute);
      await post(app, `/v1/payments/${id}/sync`, {}, 200);
      expect(await lastOf(app, id, kind)).to.include({ state: 'succeeded' });
    }
    expect(await paymentOf(app, id)).to.include({ status: 'refunded', amount_refunded: 10_000 });
  });
});
