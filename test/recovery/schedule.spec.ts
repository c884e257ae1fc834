/**
 * When the processor is asked what became of an operation, what its answers prove, and when
 * something may be sent again.
 */
import { expect } from 'chai';
import { day, hour, isoTime, minute, second } from '../../core/base/clock.ts';
import { card, chargeBody, type TestSwitch } from '../support/app.ts';
import { simulatorFault } from '../support/books.ts';
import { answerChallenge } from '../support/customer-browser.ts';
import { describeOnEachDatabase } from '../support/databases.ts';
import {
  authorized,
  bookedFor,
  captured,
  endHonestly,
  eventsOf,
  faultOnce,
  graceMs,
  lastOf,
  operations,
  paymentOf,
  post,
  recover,
  startStill,
} from './world.ts';

/** Every question of the schedule, by how long after the one before it. */
const scheduleMs = [
  5 * second,
  30 * second,
  2 * minute,
  5 * minute,
  15 * minute,
  hour,
  6 * hour,
  ...Array.from({ length: 7 }, () => day),
];

describeOnEachDatabase('asking what became of an operation', (database) => {
  let app: TestSwitch;

  before(async () => {
    app = await startStill(await database.open());
  });
  afterEach(() => simulatorFault(app));
  after(() => endHonestly(app));

  /** How often the fault rules of the simulator have struck, in the order they were made. */
  async function strikes(): Promise<number[]> {
    const response = await fetch(`${app.simulatorUrl}/control/faults`);
    const { rules } = (await response.json()) as { rules: { fired: number }[] };
    return rules.map(({ fired }) => fired);
  }

  async function lostCharge(more = {}): Promise<string> {
    await faultOnce(app, 'reset_after', 'authorize');
    const body = chargeBody({ capture_method: 'manual', ...more });
    return (await post(app, '/v1/payments', body, 202))['id'] as string;
  }

  /** An authorized payment with a capture that never arrived. */
  async function unsentCapture(): Promise<string> {
    const id = await authorized(app);
    await faultOnce(app, 'reset_before', 'capture');
    await post(app, `/v1/payments/${id}/capture`, {}, 202);
    return id;
  }

  const sync = (id: string, expected: number) => post(app, `/v1/payments/${id}/sync`, {}, expected);

  it('follows the schedule to the millisecond, then calls a person', async () => {
    const id = await lostCharge();
    await simulatorFault(app, { fault: 'error_before', kind: 'lookup' });
    for (const [asked, delayMs] of scheduleMs.entries()) {
      const operation = await lastOf(app, id, 'authorize');
      const dueAt = isoTime(app.clock.now() + delayMs);
      expect(operation).to.include({ state: 'unknown', checks: asked, next_check_at: dueAt });
      expect(await recover(app, delayMs - 1)).not.to.include(id);
      expect(await recover(app, 1)).to.include(id);
      expect((await strikes()).at(-1)).to.equal(asked + 1);
    }
    const givenUp = await lastOf(app, id, 'authorize');
    expect(givenUp).to.include({ state: 'unknown', checks: 14, next_check_at: null });
    expect((await eventsOf(app, id)).at(-1)).to.equal('payment.needs_operator');
    expect(await paymentOf(app, id)).to.include({ status: 'processing' });
    const metrics = await app.call('/metrics', { key: app.credentials.admin_key });
    expect(metrics.text).to.match(/^pointsman_needs_operator_total 1$/m);
    expect(app.complaints.splice(0).filter((line) => line.includes('"error"'))).to.have.length(1);
    expect(await recover(app, 30 * day)).not.to.include(id);

    await simulatorFault(app);
    expect(await sync(id, 200), 'a person asks').to.include({ status: 'authorized' });
  });

  it('one "not found" proves nothing, nor do two too close together', async () => {
    await faultOnce(app, 'error_before', 'authorize');
    const { id } = await post(app, '/v1/payments', chargeBody(), 202);
    await sync(id, 202);
    const { absent_since: since } = await lastOf(app, id, 'authorize');
    expect(since).to.equal(isoTime(app.clock.now()));
    app.clock.advance(graceMs - 1);
    await sync(id, 202);
    expect(await lastOf(app, id, 'authorize')).to.include({
      state: 'unknown',
      absent_since: since,
    });
    app.clock.advance(1);
    expect(await sync(id, 200)).to.include({ status: 'failed', amount_authorized: 0 });
    expect(await lastOf(app, id, 'authorize')).to.include({ state: 'failed' });
    expect(await eventsOf(app, id)).to.deep.equal(['payment.created', 'payment.failed']);
  });

  it('silence between two "not found" does not undo the first', async () => {
    const id = await unsentCapture();
    await sync(id, 202);
    const { absent_since: since } = await lastOf(app, id, 'capture');
    app.clock.advance(graceMs);
    await simulatorFault(app, { fault: 'html', kind: 'lookup' });
    await sync(id, 202);
    expect(await lastOf(app, id, 'capture')).to.include({ state: 'unknown', absent_since: since });
    await simulatorFault(app);
    expect(await sync(id, 200)).to.include({ status: 'captured' });
  });

  it('a look-up that lags behind the books is not believed too early', async () => {
    await faultOnce(app, 'not_found_lag', 'authorize', { latency_ms: graceMs - 5 * second });
    const id = await lostCharge();
    await recover(app, 5 * second);
    expect((await lastOf(app, id, 'authorize')).absent_since).to.be.a('string');
    await recover(app, 30 * second);
    expect(await paymentOf(app, id)).to.include({ status: 'authorized' });
    expect(await eventsOf(app, id)).not.to.include('payment.failed');
  });

  it('a charge is never sent again: its card is gone', async () => {
    await simulatorFault(app, { fault: 'reset_before', kind: 'authorize' });
    const { id } = await post(app, '/v1/payments', chargeBody(), 202);
    for (let time = 0; time < 6; time += 1) await recover(app, hour);
    expect(await strikes()).to.deep.equal([1]);
    expect(await paymentOf(app, id)).to.include({ status: 'failed', attempts: 1 });
    expect(await operations(app, id)).to.have.length(1);
  });

  it('a capture is sent again under its own id, three times at most', async () => {
    const id = await authorized(app);
    await simulatorFault(app, { fault: 'reset_before', kind: 'capture' });
    await post(app, `/v1/payments/${id}/capture`, { amount: 4000 }, 202);
    for (const delayMs of scheduleMs.slice(0, 8)) await recover(app, delayMs);
    expect(await strikes()).to.deep.equal([4]);
    expect(await operations(app, id)).to.have.length(2);
    const capture = await lastOf(app, id, 'capture');
    expect(capture).to.include({ state: 'failed', next_check_at: null });
    expect(JSON.parse(capture.details ?? '')).to.include({ resent: 3 });
    const payment = await paymentOf(app, id);
    expect(payment).to.include({ status: 'authorized', amount_capturable: 10_000 });
    expect((await eventsOf(app, id)).at(-1)).to.equal('payment.capture_failed');
  });

  it('a capture sent again books once, though its first sending was only slow', async () => {
    const id = await authorized(app);
    await faultOnce(app, 'reset_after', 'capture');
    await faultOnce(app, 'not_found_lag', 'capture', { latency_ms: 10 * minute });
    await post(app, `/v1/payments/${id}/capture`, { amount: 4000 }, 202);
    await recover(app, 5 * second);
    await recover(app, 30 * second);
    expect(await paymentOf(app, id)).to.include({
      status: 'partially_captured',
      amount_captured: 4000,
    });
    expect(await bookedFor(app, (await lastOf(app, id, 'capture')).id)).to.have.length(1);
  });

  it('nothing is sent again once the processor may have forgotten the first time', async () => {
    const id = await unsentCapture();
    await simulatorFault(app, { fault: 'error_before', kind: 'lookup' });
    await recover(app, day);
    await simulatorFault(app);
    await simulatorFault(app, { fault: 'latency', kind: 'capture', latency_ms: 0 });
    await sync(id, 202);
    app.clock.advance(graceMs);
    expect(await sync(id, 200)).to.include({ status: 'authorized', amount_captured: 0 });
    expect(await strikes()).to.deep.equal([0]);
    expect(await lastOf(app, id, 'capture')).to.include({ state: 'failed' });
  });

  describe('doing something to what is unresolved asks first', () => {
    it('a capture of a charge nobody knew of yet', async () => {
      const id = await lostCharge();
      expect(await post(app, `/v1/payments/${id}/capture`, {}, 200)).to.include({
        status: 'captured',
      });
    });

    it('a second capture when the first had gone through', async () => {
      const id = await authorized(app);
      await faultOnce(app, 'reset_after', 'capture');
      await post(app, `/v1/payments/${id}/capture`, {}, 202);
      const refused = await post(app, `/v1/payments/${id}/capture`, {}, 409);
      expect(refused).to.include({ code: 'payment_state', payment_status: 'captured' });
    });

    it('a void when the void had gone through, or the capture before it', async () => {
      for (const first of ['void', 'capture']) {
        const id = await authorized(app);
        await faultOnce(app, 'reset_after', first);
        await post(app, `/v1/payments/${id}/${first}`, {}, 202);
        expect((await post(app, `/v1/payments/${id}/void`, {}, 409))['code']).to.equal(
          'payment_state',
        );
      }
    });

    it('a refund when the first had gone through: what is left is told exactly', async () => {
      const id = await captured(app);
      await faultOnce(app, 'reset_after', 'refund');
      await post(app, '/v1/refunds', { payment: id, amount: 6000 }, 202);
      const refused = await post(app, '/v1/refunds', { payment: id, amount: 6000 }, 400);
      expect(refused).to.include({ code: 'amount_too_large', amount_refundable: 4000 });
      expect(await paymentOf(app, id)).to.include({ amount_refunded: 6000 });
    });

    it('a second confirm: the card is charged once', async () => {
      const { id } = await post(app, '/v1/payments', { amount: 900, currency: 'USD' }, 201);
      await faultOnce(app, 'reset_after', 'authorize');
      const body = { payment_method: card('4242424242424242') };
      await post(app, `/v1/payments/${id}/confirm`, body, 202);
      const refused = await post(app, `/v1/payments/${id}/confirm`, body, 409);
      expect(refused).to.include({ code: 'payment_state', payment_status: 'captured' });
      expect(await operations(app, id)).to.have.length(1);
    });

    it('a second confirm after the first was taken for lost, and was not', async () => {
      const { id } = await post(app, '/v1/payments', { amount: 900, currency: 'USD' }, 201);
      await faultOnce(app, 'reset_after', 'authorize');
      await faultOnce(app, 'not_found_lag', 'authorize', { latency_ms: 10 * minute });
      const body = { payment_method: card('4242424242424242') };
      await post(app, `/v1/payments/${id}/confirm`, body, 202);
      await recover(app, 5 * second);
      await recover(app, 30 * second);
      expect(await paymentOf(app, id)).to.include({ status: 'failed' });
      app.clock.advance(10 * minute);
      const refused = await post(app, `/v1/payments/${id}/confirm`, body, 409);
      expect(refused).to.include({ code: 'payment_state', payment_status: 'captured' });
      expect(await operations(app, id)).to.have.length(1);
    });

    it('a cancel of a charge that had gone through gives the hold back', async () => {
      const id = await lostCharge();
      expect(await post(app, `/v1/payments/${id}/cancel`, {}, 200)).to.include({
        status: 'voided',
        amount_authorized: 10_000,
        amount_voided: 10_000,
      });
    });

    it('a cancel just after the customer finished his 3-D Secure', async () => {
      const id = await authorized(app, { payment_method: card('4000000000003220') });
      const waiting = await paymentOf(app, id);
      await answerChallenge(waiting['next_action'].url, 'approve');
      expect(await post(app, `/v1/payments/${id}/cancel`, {}, 200)).to.include({
        status: 'voided',
        amount_authorized: 10_000,
        amount_voided: 10_000,
      });
    });

    it('and while nobody can tell, the caller is asked to wait', async () => {
      const id = await captured(app);
      await faultOnce(app, 'reset_after', 'refund');
      await post(app, '/v1/refunds', { payment: id, amount: 10_000 }, 202);
      const lost = await lostCharge();
      await simulatorFault(app, { fault: 'error_before', kind: 'lookup' });
      for (const step of ['capture', 'void', 'cancel']) {
        const refused = await post(app, `/v1/payments/${lost}/${step}`, {}, 409);
        expect(refused, step).to.include({ code: 'operation_in_progress' });
      }
      const more = await post(app, '/v1/refunds', { payment: id, amount: 1 }, 400);
      expect(more).to.include({ code: 'amount_too_large', amount_refundable: 0 });
      await sync(lost, 202);
      await simulatorFault(app);
      expect(await sync(lost, 200)).to.include({ status: 'authorized' });
      expect(await sync(id, 200)).to.include({ status: 'refunded' });
    });
  });
});
