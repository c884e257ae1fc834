/**
 * What no caller should send in a body. Each case is a 400 that names the code and the field, none
 * is a 5xx, and none leaves a row behind.
 */
import { expect } from 'chai';
import { startTestSwitch, type TestSwitch } from '../support/app.ts';
import { badPayments } from '../support/bad-payments.ts';
import { rowCounts } from '../support/books.ts';
import { describeOnEachDatabase } from '../support/databases.ts';

describeOnEachDatabase('bad input', (database) => {
  let app: TestSwitch;

  before(async () => {
    app = await startTestSwitch(await database.open());
  });
  after(async () => {
    expect(app?.complaints ?? []).to.deep.equal([]);
    await app?.stop();
  });

  for (const { title, body, code, param } of badPayments) {
    it(`${title} is ${code} at ${param}`, async () => {
      const before = await rowCounts(app.running.db);
      const answer = await app.call('/v1/payments', { body });
      expect(answer.body, answer.text).to.include({ code, param });
      expect(answer.status).to.equal(400);
      expect(answer.headers.get('content-type')).to.match(/^application\/problem\+json/);
      expect(answer.text).not.to.match(/4242.?4242.?4242.?4242/);
      expect(await rowCounts(app.running.db)).to.deep.equal(before);
    });
  }
});
