/** Many requests at once about the same money: never more than there is, never twice. */
import { expect } from 'chai';
import { card, chargeBody, startTestSwitch, type Answer, type TestSwitch } from '../support/app.ts';
import { closeBooks, simulatorLedger } from '../support/books.ts';
import { describeOnEachDatabase } from '../support/databases.ts';

describeOnEachDatabase('requests at the same moment', (database) => {
  let app: TestSwitch;

  before(async () => {
    app = await startTestSwitch(await database.open());
  });
  after(() => closeBooks(app));

  async function payment(more: Record<string, unknown>): Promise<string> {
    const { status, body } = await app.call('/v1/payments', { body: chargeBody(more) });
    expect(status).to.equal(201);
    return body['id'];
  }
  const present = async (id: string) => (await app.call(`/v1/payments/${id}`)).body;
  const atOnce = (count: number, path: string, body: unknown) =>
    Promise.all(Array.from({ length: count }, () => app.call(path, { body })));

  /** How many succeeded; every other one was refused for a reason a caller can act on. */
  function succeeded(answers: readonly Answer[]): number {
    const codes = [
      'amount_too_large',
      'payment_state',
      'operation_in_progress',
      'concurrent_change',
    ];
    const refused = answers.filter(({ status }) => status >= 300);
    for (const { body } of refused) expect(codes).to.include(body['code']);
    return answers.length - refused.length;
  }

  it('of twenty refunds of 60 on a payment of 100 one succeeds', async () => {
    const id = await payment({ amount: 100 });
    const answers = await atOnce(20, '/v1/refunds', { payment: id, amount: 60 });
    expect(succeeded(answers)).to.equal(1);
    expect(await present(id)).to.include({ amount_refunded: 60, amount_refundable: 40 });
  });

  it('ten refunds of 10 on a payment of 100 all succeed', async () => {
    const id = await payment({ amount: 100 });
    const answers = await atOnce(10, '/v1/refunds', { payment: id, amount: 10 });
    expect(answers.map(({ status }) => status)).to.deep.equal(Array(10).fill(201));
    expect(await present(id)).to.include({ status: 'refunded', amount_refunded: 100 });
  });

  it('refunds and captures on one payment do not disturb each other', async () => {
    const id = await payment({ amount: 100, capture_method: 'manual' });
    await app.call(`/v1/payments/${id}/capture`, { body: { amount: 50 } });
    const answers = await Promise.all([
      app.call(`/v1/payments/${id}/capture`, { body: { amount: 50 } }),
      ...[10, 20, 20].map((amount) => app.call('/v1/refunds', { body: { payment: id, amount } })),
    ]);
    expect(succeeded(answers)).to.equal(4);
    expect(await present(id)).to.include({ amount_captured: 100, amount_refunded: 50 });
  });

  it('ten captures of 30 on a hold of 100 never take more than 100', async () => {
    const id = await payment({ amount: 100, capture_method: 'manual' });
    const answers = await atOnce(10, `/v1/payments/${id}/capture`, { amount: 30 });
    const count = succeeded(answers);
    expect(count).to.be.within(1, 3);
    expect(await present(id)).to.include({ amount_captured: count * 30 });
  });

  it('ten whole captures take the money once', async () => {
    const id = await payment({ amount: 100, capture_method: 'manual' });
    expect(succeeded(await atOnce(10, `/v1/payments/${id}/capture`, {}))).to.equal(1);
    expect(await present(id)).to.include({ status: 'captured', amount_captured: 100 });
  });

  it('of a capture and a void one wins', async () => {
    for (let round = 0; round < 5; round += 1) {
      const id = await payment({ amount: 100, capture_method: 'manual' });
      const answers = await Promise.all([
        app.call(`/v1/payments/${id}/capture`, { body: {} }),
        app.call(`/v1/payments/${id}/void`, { body: {} }),
        app.call(`/v1/payments/${id}/cancel`, { body: {} }),
      ]);
      expect(succeeded(answers)).to.equal(1);
      const { amount_captured, amount_voided } = await present(id);
      expect([amount_captured, amount_voided].toSorted((a, b) => a - b)).to.deep.equal([0, 100]);
    }
  });

  it('of two confirms one charges', async () => {
    const { body } = await app.call('/v1/payments', { body: { amount: 100, currency: 'USD' } });
    const before = (await simulatorLedger(app)).count;
    const confirm = { payment_method: card('4242424242424242') };
    const answers = await atOnce(10, `/v1/payments/${body['id']}/confirm`, confirm);
    expect(succeeded(answers)).to.equal(1);
    expect((await simulatorLedger(app)).count).to.equal(before + 1);
    expect(await present(body['id'])).to.include({ status: 'captured', attempts: 1 });
  });

  it('an update and a confirm never charge another amount than the payment says', async () => {
    for (let round = 0; round < 5; round += 1) {
      const made = await app.call('/v1/payments', { body: { amount: 100, currency: 'USD' } });
      const path = `/v1/payments/${made.body['id']}`;
      const [updated, confirmed] = await Promise.all([
        app.call(path, { body: { amount: 250 } }),
        app.call(`${path}/confirm`, { body: { payment_method: card('4242424242424242') } }),
      ]);
      expect(confirmed.status, confirmed.text).to.equal(200);
      expect([200, 409]).to.include(updated.status);
      const amount = updated.status === 200 ? 250 : 100;
      expect(await present(made.body['id'])).to.include({ amount, amount_captured: amount });
    }
  });

  it('of twenty payments with one reference one is made', async () => {
    const before = (await simulatorLedger(app)).count;
    const answers = await atOnce(20, '/v1/payments', chargeBody({ reference: 'only-one' }));
    const made = answers.filter(({ status }) => status === 201);
    expect(made).to.have.length(1);
    for (const { status, body } of answers) {
      if (status === 201) continue;
      expect(body).to.include({ code: 'reference_taken', payment_id: made[0]?.body['id'] });
    }
    expect((await simulatorLedger(app)).count).to.equal(before + 1);
  });

  it('of ten approvals one reaches the processor', async () => {
    const id = await payment({ payment_method: card('4000000000009235') });
    expect(succeeded(await atOnce(10, `/v1/payments/${id}/approve`, {}))).to.equal(1);
    expect(await present(id)).to.include({ status: 'captured' });
  });
});
