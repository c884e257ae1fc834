/** Processor accounts against the simulator: credentials tried and rotated while payments go on. */
import { expect } from 'chai';
import { merchantOf } from '../../connectors/card-simulator/processor/ids.ts';
import { accountTools } from '../support/accounts.ts';
import { startTestSwitch, type TestSwitch } from '../support/app.ts';
import { describeOnEachDatabase } from '../support/databases.ts';

describeOnEachDatabase('processor accounts at work', (database) => {
  let app: TestSwitch;
  let tools: ReturnType<typeof accountTools>;

  before(async () => {
    app = await startTestSwitch(await database.open(), { jobs: false });
    tools = accountTools(app);
  });
  after(() => (app as TestSwitch | undefined)?.stop());

  it('credentials are tried before anything is stored, when that is asked for', async () => {
    const accounts = async () => (await app.call('/v1/accounts?limit=100')).body.data.length;
    const before = await accounts();
    const refused = await tools.create({ check: true, settings: tools.settingsOf('sk_foreign') });
    expect(refused.status).to.equal(400);
    expect(refused.body).to.include({ code: 'credentials_refused', param: 'settings' });
    const dead = { base_url: 'http://127.0.0.1:9', api_key: 'sim_x' };
    const unreachable = await tools.create({ check: true, settings: dead });
    expect(unreachable.status).to.equal(502);
    expect(unreachable.body['code']).to.equal('processor_unreachable');
    expect(await accounts()).to.equal(before);
    expect((await tools.create({ check: true })).status).to.equal(201);
  });

  it('a check says whose account it is, or what is wrong', async () => {
    const { body } = await tools.create({}, 'sim_checked');
    const post = (id: string) => app.call(`/v1/accounts/${id}/check`, { method: 'POST' });
    expect((await post(body.id)).body).to.deep.equal({
      ok: true,
      facts: {
        reference: merchantOf('sim_checked'),
        charges_enabled: true,
        payouts_enabled: true,
      },
    });
    const settings = tools.settingsOf('sk_revoked');
    await app.call(`/v1/accounts/${body.id}`, { method: 'PATCH', body: { settings } });
    const refused = await post(body.id);
    expect(refused.status).to.equal(400);
    expect(refused.body['code']).to.equal('credentials_refused');
  });

  it('rotated credentials take the next payment; a refused rotation changes nothing', async () => {
    const { body } = await tools.create({}, 'sim_before');
    const rotate = (more: object) => app.call(`/v1/accounts/${body.id}/rotate`, { body: more });
    expect((await tools.pay(body.id)).body).to.include({ status: 'captured' });
    expect(await tools.chargedAt('sim_before')).to.equal(1);

    const refused = await rotate({ settings: { api_key: 'sk_wrong' } });
    expect(refused.body['code']).to.equal('credentials_refused');
    const unknown = await rotate({ settings: { apikey: 'sim_x' } });
    expect(unknown.body).to.include({ code: 'invalid_request', param: 'settings.apikey' });
    await tools.pay(body.id);
    expect(await tools.chargedAt('sim_before')).to.equal(2);

    const done = await rotate({ settings: { api_key: 'sim_after' } });
    expect(done.status, done.text).to.equal(200);
    expect(done.body['settings']).to.deep.equal({
      base_url: app.simulatorUrl,
      api_key: '[secret]',
    });
    await tools.pay(body.id);
    expect(await tools.chargedAt('sim_before')).to.equal(2);
    expect(await tools.chargedAt('sim_after')).to.equal(1);
    expect(
      (await tools.endpointsAt('sim_after')).map(({ description }) => description),
    ).to.deep.equal([body.id]);
  });

  it('new credentials of the same account at the processor leave its endpoint alone', async () => {
    const { body } = await tools.create({ check: true }, 'sim_same');
    const before = await tools.row(body.id);
    const more = { settings: { base_url: `${app.simulatorUrl}/` } };
    await app.call(`/v1/accounts/${body.id}/rotate`, { body: more });
    const after = await tools.row(body.id);
    expect(after.webhook_reference).to.equal(before.webhook_reference);
    expect(after.webhook_state).to.equal('registered');
    expect(after.version).to.equal(before.version + 1);
  });

  it('rotated twice at once, one wins and the other is told', async () => {
    const { body } = await tools.create();
    const keys = ['sim_one', 'sim_two'];
    const answers = await Promise.all(
      keys.map((api_key) =>
        app.call(`/v1/accounts/${body.id}/rotate`, { body: { settings: { api_key } } }),
      ),
    );
    const done = keys.filter((_key, at) => answers[at]?.status === 200);
    const lost = answers.filter(({ status }) => status !== 200);
    for (const { body: problem } of lost) expect(problem['code']).to.equal('concurrent_change');
    const { merchant_id } = await tools.row(body.id);
    const account = await app.running.desk.accounts.find(merchant_id, body.id);
    const { api_key } = (account?.settings ?? {}) as { api_key?: string };
    expect(done).to.include(api_key);
  });

  it('a call that is under way ends with the credentials it began with', async () => {
    const { body } = await tools.create({}, 'sim_in_flight');
    await fetch(`${app.simulatorUrl}/control/settings`, {
      method: 'POST',
      body: JSON.stringify({ latency_ms: 300 }),
    });
    try {
      const paying = tools.pay(body.id);
      const more = { settings: { api_key: 'sim_newer' }, check: false };
      await until(async () => app.lines.length > 0 && (await callsUnderWay(app)) > 0);
      const rotated = await app.call(`/v1/accounts/${body.id}/rotate`, { body: more });
      expect(rotated.status).to.equal(200);
      expect((await paying).body).to.include({ status: 'captured' });
    } finally {
      await fetch(`${app.simulatorUrl}/control/settings`, {
        method: 'POST',
        body: JSON.stringify({ latency_ms: 0 }),
      });
    }
    expect(await tools.chargedAt('sim_in_flight')).to.equal(1);
    await tools.pay(body.id);
    expect(await tools.chargedAt('sim_newer')).to.equal(1);
  });

  it('what a processor reports is read a page at a time', async () => {
    const { body } = await tools.create({}, 'sim_reports');
    for (let nth = 0; nth < 3; nth += 1) await tools.pay(body.id);
    const base = `/v1/accounts/${body.id}/balance_transactions`;
    const first = (await app.call(`${base}?limit=2`)).body;
    expect(first).to.deep.include({ object: 'list', has_more: true });
    expect(first['data'][0]).to.include({ type: 'charge', amount: 10_000, fee: 0, net: 10_000 });
    const rest = (await app.call(`${base}?limit=2&cursor=${first['next_cursor']}`)).body;
    expect(rest['data']).to.have.length(1);
    expect(rest).to.include({ has_more: false, next_cursor: null });
    const future = (await app.call(`${base}?from=2030-01-01T00:00:00Z`)).body;
    expect(future['data']).to.deep.equal([]);
    const odd = await app.call(`${base}?cursor=bt_odd`);
    expect(odd.body).to.include({ code: 'processor_refused' });

    await fetch(`${app.simulatorUrl}/control/payouts`, {
      method: 'POST',
      body: JSON.stringify({ api_key: 'sim_reports', amount: 30_000, currency: 'USD' }),
    });
    const payouts = (await app.call(`/v1/accounts/${body.id}/payouts?status=paid`)).body;
    expect(payouts['data']).to.have.length(1);
    expect(payouts['data'][0]).to.include({ amount: 30_000, status: 'paid', failure_code: null });
    const carried = await app.call(`${base}?payout=${payouts['data'][0].reference}`);
    expect(carried.body['data']).to.have.length(4);
  });

  it('an account at a connector is described by what the connector can do', async () => {
    const list = (await app.call('/v1/connectors')).body;
    const { body } = await app.call('/v1/connectors/card-simulator');
    expect(list['data']).to.deep.include(body);
    expect(body).to.include({ sandbox_only: true, webhook: true, endpoint: true, disputes: true });
    expect(body['operations']).to.include.members(['authorize', 'capture', 'void', 'refund']);
    expect(body['settings'].properties.api_key).to.include({ writeOnly: true });
    expect((await app.call('/v1/connectors/nothing')).status).to.equal(404);
  });
});

/** Payments that stand between their intention and their answer. */
async function callsUnderWay({ running }: TestSwitch): Promise<number> {
  return (await running.db.find('operations', { state: 'calling' })).length;
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setImmediate(resolve));
}
