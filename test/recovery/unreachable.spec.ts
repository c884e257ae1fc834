/** Surely not sent: another account may take the charge, and only the charge. */
import { expect } from 'chai';
import { card, chargeBody, type TestSwitch } from '../support/app.ts';
import { describeOnEachDatabase } from '../support/databases.ts';
import {
  authorized,
  captured,
  eventsOf,
  endHonestly,
  lastOf,
  operations,
  paymentOf,
  post,
  simulatorAccounts,
  startStill,
} from './world.ts';

describeOnEachDatabase('processors that cannot be reached at all', (database) => {
  let app: TestSwitch;

  before(async () => {
    app = await startStill(await database.open());
  });
  after(() => endHonestly(app));

  async function moveAccount(place: number, baseUrl: string) {
    const account = (await simulatorAccounts(app))[place];
    const settings = { base_url: baseUrl, api_key: account?.apiKey };
    const path = `/v1/accounts/${account?.id}`;
    const answer = await app.call(path, { method: 'PATCH', body: { settings } });
    expect(answer.status, answer.text).to.equal(200);
    return account?.id;
  }

  for (const [title, address] of [
    ['a closed port', 'http://127.0.0.1:1'],
    ['an unknown host', 'http://processor.invalid'],
  ] as const) {
    it(`${title}: the charge goes on to the next account`, async () => {
      const down = await moveAccount(0, address);
      const id = await captured(app);
      const [first, next, ...more] = await operations(app, id);
      expect(first).to.include({ state: 'failed', account_id: down });
      expect(next).to.include({ state: 'succeeded' });
      expect(more).to.deep.equal([]);
      expect(await paymentOf(app, id)).to.include({ account: next?.account_id, attempts: 1 });
      await moveAccount(0, app.simulatorUrl);
    });
  }

  it('all of them down: 502 with the failed payment inside, and another try is free', async () => {
    await moveAccount(0, 'http://127.0.0.1:1');
    await moveAccount(1, 'http://127.0.0.1:1');
    const problem = await post(app, '/v1/payments', chargeBody(), 502);
    expect(problem).to.include({ code: 'processor_unreachable' });
    expect(problem['payment']).to.include({ status: 'failed', amount_authorized: 0 });
    const { id } = problem['payment'];
    expect(await operations(app, id)).to.have.length(2);
    expect(await eventsOf(app, id)).to.deep.equal(['payment.created', 'payment.failed']);
    await moveAccount(0, app.simulatorUrl);
    await moveAccount(1, app.simulatorUrl);
    const again = { payment_method: card('4242424242424242') };
    expect(await post(app, `/v1/payments/${id}/confirm`, again, 200)).to.include({
      status: 'captured',
    });
  });

  it('a capture at a processor that is down fails at once, and goes nowhere else', async () => {
    const id = await authorized(app);
    await moveAccount(0, 'http://127.0.0.1:1');
    const problem = await post(app, `/v1/payments/${id}/capture`, {}, 502);
    expect(problem['payment']).to.include({ status: 'authorized', amount_capturable: 10_000 });
    expect(await lastOf(app, id, 'capture')).to.include({ state: 'failed' });
    await moveAccount(0, app.simulatorUrl);
    expect(await post(app, `/v1/payments/${id}/capture`, {}, 200)).to.include({
      status: 'captured',
    });
  });
});
