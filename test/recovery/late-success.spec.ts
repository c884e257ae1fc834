/** A processor that says yes after we had given up: its word stands, and it is announced. */
import { expect } from 'chai';
import { day, isoTime, minute, second } from '../../core/base/clock.ts';
import { chargeBody, type TestSwitch } from '../support/app.ts';
import { simulatorFault } from '../support/books.ts';
import { describeOnEachDatabase } from '../support/databases.ts';
import {
  authorized,
  endHonestly,
  eventsOf,
  faultOnce,
  graceMs,
  lastOf,
  paymentOf,
  post,
  recover,
  simulatorAccounts,
  startStill,
  storedPayment,
} from './world.ts';

const validityMs = 7 * day;

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
