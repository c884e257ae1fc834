/** The log of what processors told: who sees which of it, and within which span of time. */
import { expect } from 'chai';
import { card, startTestSwitch, testNowMs, type TestSwitch } from '../support/app.ts';
import { describeOnEachDatabase } from '../support/databases.ts';
import { paperDelivery, paperProcessor, type PaperCharge } from '../support/paper-processor.ts';
import { cardSimulator } from '../../connectors/card-simulator/index.ts';
import { isoTime } from '../../core/base/clock.ts';
import { applyDue } from '../../core/incoming/apply.ts';

interface Filed {
  readonly id: string;
  readonly payment: string | null;
}

describeOnEachDatabase('the log of incoming webhooks', (database) => {
  const paper = paperProcessor();
  let app: TestSwitch;
  let account: string;
  let key: string;
  let payments: (string | null)[];

  before(async () => {
    app = await startTestSwitch(await database.open(), {
      connectors: [cardSimulator, paper.connector],
      jobs: false,
    });
    const settings = { connector: 'paper', name: 'Paper', settings: { key: 'k' } };
    account = (await app.call('/v1/accounts', { body: settings })).body['id'];
    const profile = (await app.call('/v1/profiles', { body: { name: 'Own' } })).body['id'];
    const keyBody = { kind: 'secret', name: 'k', profile_id: profile };
    key = (await app.call('/v1/api_keys', { body: keyBody })).body['key'];
    paper.script.next = 'authorized';
    const own = await pay({ profile_id: profile });
    const foreign = await pay();
    await tell(own.charge);
    await tell(foreign.charge);
    // About nothing that the switch knows.
    await tell({ ...own.charge, id: 'pc_0', operationId: '' });
    payments = [null, foreign.id, own.id];
  });
  after(() => app?.stop());

  async function pay(more: Record<string, unknown> = {}) {
    const payment_method = card('4242424242424242');
    const body = { amount: 900, currency: 'USD', confirm: true, account, payment_method, ...more };
    const answer = await app.call('/v1/payments', { body });
    expect(answer.status, answer.text).to.equal(201);
    const { id } = answer.body;
    const { data } = (await app.call(`/v1/payments/${id}/operations`)).body;
    return { id: id as string, charge: paper.chargeOfOperation(data[0].id) };
  }

  /** Each a second after the one before. */
  async function tell(charge: PaperCharge): Promise<void> {
    app.clock.advance(1_000);
    const { body, headers } = paperDelivery(charge, `evt_${charge.id}`, 'charge.captured');
    const taken = await app.call(`/webhooks/${account}`, { body, headers, key: null });
    expect(taken.status, taken.text).to.equal(200);
    await applyDue(app.running.incoming);
  }

  async function listed(query: string, as = app.credentials.secret_key): Promise<Filed[]> {
    const { body } = await app.call(`/v1/incoming_webhooks${query}`, { key: as });
    return body['data'];
  }

  it('shows a key that is bound to a profile what is about the profile’s payments', async () => {
    const all = await listed('');
    expect(all.map(({ payment }) => payment)).to.deep.equal(payments);
    expect(await listed('', key)).to.deep.equal(all.slice(2));
    for (const [at, { id }] of all.entries()) {
      const status = at === 2 ? 200 : 404;
      const path = `/v1/incoming_webhooks/${id}`;
      expect((await app.call(path, { key })).status, String(at)).to.equal(status);
      const again = await app.call(`${path}/replay`, { method: 'POST', key });
      expect(again.status, again.text).to.equal(at === 2 ? 202 : 404);
    }
  });

  it('is narrowed to a span of time, both of its ends included', async () => {
    const [first, second] = [isoTime(testNowMs + 1_000), isoTime(testNowMs + 2_000)];
    const within = await listed(`?created_from=${first}&created_to=${second}`);
    expect(within.map(({ payment }) => payment)).to.deep.equal(payments.slice(1));
    expect(await listed('?created_to=2026-11-20')).to.deep.equal([]);
  });
});
