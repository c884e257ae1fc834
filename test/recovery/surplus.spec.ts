/**
 * A charge that was taken for lost turns up after the payment was paid by another. It is not the
 * payment's money: the switch gives it back, and the customer has paid once.
 */
import { expect } from 'chai';
import { minute, second } from '../../core/base/clock.ts';
import { card, chargeBody, type TestSwitch } from '../support/app.ts';
import { simulatorFault, simulatorLedger } from '../support/books.ts';
import { describeOnEachDatabase } from '../support/databases.ts';
import { breaches, faultOnce, paymentOf, post, recover, startStill } from './world.ts';

const goodCard = card('4242424242424242');

describeOnEachDatabase('a second charge of one payment', (database) => {
  let app: TestSwitch;

  before(async () => {
    app = await startStill(await database.open());
  });
  afterEach(() => simulatorFault(app));
  after(() => app?.stop());

  /** A charge that went through, at a processor whose look-up says otherwise for ten minutes. */
  async function takenForLost(more = {}): Promise<string> {
    await faultOnce(app, 'reset_after', 'authorize');
    await faultOnce(app, 'not_found_lag', 'authorize', { latency_ms: 10 * minute });
    const { id } = await post(app, '/v1/payments', chargeBody(more), 202);
    await recover(app, 5 * second);
    await recover(app, 30 * second);
    return id;
  }

  for (const [capture_method, given] of [
    ['automatic', 'refund'],
    ['manual', 'void'],
  ] as const) {
    it(`gives a second charge of one payment back by a ${given}`, async () => {
      const id = await takenForLost({ capture_method });
      await post(app, `/v1/payments/${id}/confirm`, { payment_method: goodCard }, 200);
      const paid = await paymentOf(app, id);
      app.clock.advance(10 * minute);
      const synced = await post(app, `/v1/payments/${id}/sync`, {}, 200);
      expect(synced).to.include({ status: paid['status'], amount_authorized: 10_000 });
      const operations = (await app.call(`/v1/payments/${id}/operations`)).body['data'];
      const [lost, , returned] = operations;
      expect(lost).to.include({ kind: 'authorize', state: 'declined' });
      expect(returned).to.include({ kind: 'reject', state: 'succeeded', origin: 'switch' });
      const ledger = await simulatorLedger(app);
      const kinds = ledger.operations
        .filter(({ reference }) => reference === returned.id)
        .map(({ kind }) => kind);
      expect(kinds).to.deep.equal([given]);
    });
  }

  it('is given back by the recovery when the first try fails', async () => {
    const id = await takenForLost();
    await post(app, `/v1/payments/${id}/confirm`, { payment_method: goodCard }, 200);
    app.clock.advance(10 * minute);
    await faultOnce(app, 'error_before', 'refund');
    await post(app, `/v1/payments/${id}/sync`, {}, 200);
    for (let round = 0; round < 6; round += 1) await recover(app, 20 * minute);
    const operations = (await app.call(`/v1/payments/${id}/operations`)).body['data'];
    expect(operations[0]).to.include({ kind: 'authorize', state: 'declined' });
    expect(operations.at(-1)).to.include({ kind: 'reject', state: 'succeeded' });
    expect(await paymentOf(app, id)).to.include({ status: 'captured', amount_captured: 10_000 });
  });

  it('leaves no breach in the books', async () => {
    expect(await breaches(app)).to.deep.equal([]);
  });
});
