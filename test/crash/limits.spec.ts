/** What an account's limits hold for a payment is free again in the commit that ends it. */
import { expect } from 'chai';
import { card, chargeBody, startTestSwitch, type TestSwitch } from '../support/app.ts';
import { accountTools } from '../support/accounts.ts';
import { describeOnEachDatabase } from '../support/databases.ts';

describeOnEachDatabase('the room of an account', (database) => {
  let app: TestSwitch;
  const closing: (() => Promise<void>)[] = [];

  before(async () => {
    app = await startTestSwitch(await database.open(), { jobs: false });
    closing.push(() => app.stop());
  });
  after(async () => {
    for (const close of closing) await close();
  });

  it('is not used up by a decline, and by a payment it is', async () => {
    const limits = { time_zone: 'UTC', daily_count: 1 };
    const made = (await accountTools(app).create({ limits })).body;
    const account = made['id'];
    const pay = (number: string) =>
      app.call('/v1/payments', { body: chargeBody({ account, payment_method: card(number) }) });
    const used = async () =>
      (await app.call(`/v1/accounts/${account}/health`)).body['day'].count.used;

    expect((await pay('4000000000000002')).status).to.equal(402);
    expect(await used()).to.equal(0);
    const paid = await pay('4242424242424242');
    expect(paid.status, paid.text).to.equal(201);
    expect(await used()).to.equal(1);
    expect((await pay('4242424242424242')).body).to.include({ code: 'account_unusable' });
  });
});
