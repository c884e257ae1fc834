/** Which webhook of a processor an event came from, and what that webhook said. */
import { expect } from 'chai';
import { cardSimulator } from '../../connectors/card-simulator/index.ts';
import { applyDue } from '../../core/incoming/apply.ts';
import { card, chargeBody, startTestSwitch, type TestSwitch } from '../support/app.ts';
import { describeOnEachDatabase } from '../support/databases.ts';
import { paperDelivery, paperProcessor } from '../support/paper-processor.ts';

describeOnEachDatabase('an event of a payment', (database) => {
  const paper = paperProcessor();
  let app: TestSwitch;
  let account: string;

  before(async () => {
    const connectors = [cardSimulator, paper.connector];
    app = await startTestSwitch(await database.open(), { connectors, jobs: false });
    const body = { connector: 'paper', name: 'Paper', settings: { key: 'k' } };
    account = (await app.call('/v1/accounts', { body })).body['id'];
  });
  after(() => (app as TestSwitch | undefined)?.stop());

  it('knows the webhook it came from, and that can be read whole', async () => {
    paper.script.next = 'waiting';
    const payment_method = card('4242424242424242');
    const { id } = (
      await app.call('/v1/payments', { body: chargeBody({ account, payment_method }) })
    ).body;
    const [authorization] = (await app.call(`/v1/payments/${id}/operations`)).body['data'];
    const charge = paper.chargeOfOperation(authorization.id);
    Object.assign(charge, { status: 'authorized', captured: charge.amount });
    for (const type of [`charge.${'captured'.repeat(200)}`, 'charge.again']) {
      const { body, headers } = paperDelivery(charge, `evt_${type.length}`, type);
      await app.call(`/webhooks/${account}`, { body, headers, key: null });
      await applyDue(app.running.incoming);
    }
    const causes = async (type: string) => {
      const { body } = await app.call(`/v1/events?payment=${id}&type=${type}`);
      const found = await app.call(`/v1/incoming_webhooks?event=${body['data'][0].id}`);
      return found.body['data'] as { id: string; type: string }[];
    };
    const [webhook, ...others] = await causes('payment.captured');
    expect(others, 'the second one told nothing new').to.deep.equal([]);
    expect(webhook?.type).to.match(/^charge.captured/);
    expect(await causes('payment.created'), 'the merchant made it').to.deep.equal([]);
    const path = `/v1/incoming_webhooks/${webhook?.id}`;
    const [part, whole] = [await app.call(path), await app.call(`${path}?whole=true`)];
    expect(part.body['body']).to.have.length(1024);
    const text = JSON.stringify(JSON.parse(whole.body['body'] as string));
    expect(text.length).to.be.greaterThan(1024);
    expect(text).to.contain(charge.id);
  });

  it('has no stranger’s webhook behind it', async () => {
    const owner = { key: app.credentials.admin_key, body: { name: 'Stranger' } };
    const key = (await app.call('/v1/merchants', owner)).body['secret_key'].key;
    const [event] = (await app.call('/v1/events?type=payment.captured')).body['data'];
    const found = await app.call(`/v1/incoming_webhooks?event=${event.id}`, { key });
    expect(found.body['data']).to.deep.equal([]);
  });
});
