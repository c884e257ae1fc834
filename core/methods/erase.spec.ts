/** How kept cards end: deleted, with their customer, here and at the processor. */
import { expect } from 'chai';
import { card, chargeBody, type Answer } from '../../test/support/app.ts';
import { describeOnEachDatabase } from '../../test/support/databases.ts';
import { startVault, type VaultWorld } from '../../test/support/vault-world.ts';
import { day } from '../base/clock.ts';
import { eraseDue } from './index.ts';

const challenged = '4000000000003220';

describeOnEachDatabase('kept cards go', (database) => {
  let world: VaultWorld;

  before(async () => {
    world = await startVault(await database.open());
  });
  after(async () => {
    if (!(world as VaultWorld | undefined)) return;
    expect(await world.scan()).to.deep.equal([]);
    await world.app.stop();
  });
  beforeEach(() => world.begin());

  const keeping = (more: object = {}) => ({
    customer_id: world.customer,
    setup_future_usage: 'off_session',
    ...more,
  });
  const pay = (more: object) => world.pay(chargeBody({ ...more }));
  const saved = (id: string) => ({ payment_method: { type: 'saved', id } });
  async function kept(): Promise<Answer['body']> {
    expect((await pay(keeping())).status).to.equal(201);
    const [method] = await world.methods();
    return method ?? expect.fail('nothing was kept');
  }

  it('when they are deleted: the card, its digests and the billing address at once', async () => {
    const { id } = await kept();
    const path = `/v1/payment_methods/${id}`;
    const billing = { name: 'Jane Doe' };
    const patched = await world.app.call(path, { method: 'PATCH', body: { billing } });
    expect(patched.body['billing']).to.deep.equal(billing);
    for (const body of [{ card: { exp_year: 2040 } }, { usage: 'on_session' }]) {
      expect((await world.app.call(path, { method: 'PATCH', body })).status).to.equal(400);
    }
    expect((await world.app.call(path, { method: 'DELETE' })).status).to.equal(200);
    expect(await world.row(id)).to.include({
      token: null,
      token_digest: '',
      fingerprint: null,
      billing: null,
    });
    const again = await pay({ customer_id: world.customer, ...saved(id) });
    expect(again.body['code']).to.equal('payment_method_unknown');
    expect((await kept())['id']).not.to.equal(id);
  });

  it('with their customer, in the commit of his deletion', async () => {
    const { id } = await kept();
    await pay(keeping({ payment_method: card(challenged) }));
    const customer = world.customer;
    await world.app.call(`/v1/customers/${customer}`, { method: 'DELETE' });
    expect((await world.rows()).map((row) => [row.id, row.token])).to.deep.equal([[id, null]]);
    expect((await world.app.call(`/v1/payment_methods/${id}`)).status).to.equal(404);
  });

  it('at their processor too, which is asked until it has heard', async () => {
    const { app, keeper } = world;
    const id = await world.keptAtProcessor();
    const { desk } = app.running;
    keeper.fail('forget', 'timed_out', { times: 1 });
    await app.call(`/v1/customers/${world.customer}`, { method: 'DELETE' });
    const refused = await pay(saved(id));
    expect(refused.body['code']).to.equal('payment_method_unknown');
    expect((await world.row(id)).token).not.to.equal(null);
    await eraseDue(desk);
    expect(keeper.forgotten).to.deep.equal([]);
    app.clock.advance(day);
    await Promise.all([eraseDue(desk), eraseDue(desk)]);
    expect(keeper.forgotten).to.have.length(1);
    expect(await world.row(id)).to.include({ token: null, forget_at: null, forget_tries: 2 });
  });

  it('here at last, when the processor is never heard again', async () => {
    const { app, keeper } = world;
    const id = await world.keptAtProcessor();
    keeper.fail('forget', 'unreachable', { times: 100 });
    await app.call(`/v1/customers/${world.customer}`, { method: 'DELETE' });
    let rounds = 0;
    for (; rounds < 50 && (await world.row(id)).token !== null; rounds += 1) {
      app.clock.advance(day);
      await eraseDue(app.running.desk);
    }
    expect(rounds).to.be.within(10, 14);
    expect(app.complaints.length).to.be.greaterThan(9);
  });
});
