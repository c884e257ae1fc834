/** The endpoint for news at the processor, which follows its account wherever that goes. */
import { expect } from 'chai';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { endpointBinding } from '../../core/accounts/account.ts';
import { reconcileEndpoints } from '../../core/accounts/endpoint.ts';
import {
  startProcessor,
  type Processor,
} from '../../connectors/card-simulator/processor/server.ts';
import { signatureOf } from '../../connectors/card-simulator/processor/signature.ts';
import { accountTools, endpointsOf } from '../support/accounts.ts';
import { startTestSwitch, type TestSwitch } from '../support/app.ts';
import { describeOnEachDatabase, type DatabasePlace } from '../support/databases.ts';

describeOnEachDatabase('webhook endpoints of accounts', (database) => {
  let app: TestSwitch;
  let tools: ReturnType<typeof accountTools>;

  before(async () => {
    app = await startTestSwitch(await database.open(), { jobs: false });
    tools = accountTools(app);
  });
  after(() => (app as TestSwitch | undefined)?.stop());

  it('the sandbox’s own accounts have their endpoints from the start', async () => {
    const { data } = (await app.call('/v1/accounts')).body;
    expect(data).to.have.length(2);
    for (const { id, webhook } of data) {
      const url = `${app.url}/webhooks/${id}`;
      expect(webhook).to.deep.equal({ state: 'registered', url, detail: null });
    }
  });

  it('a new account is registered where its news is taken; the secret is kept sealed', async () => {
    const { status, body } = await tools.create({}, 'sim_registered');
    expect(status).to.equal(201);
    expect(body.webhook.state).to.equal('pending');
    const { webhook } = await tools.read(body.id);
    expect(webhook).to.deep.equal({
      state: 'registered',
      url: `${app.url}/webhooks/${body.id}`,
      detail: null,
    });
    const [endpoint, ...more] = await tools.endpointsAt('sim_registered');
    expect(more).to.deep.equal([]);
    expect(endpoint).to.include({ url: webhook.url, description: body.id });
    const record = await tools.row(body.id);
    expect(record.webhook_reference).to.equal(endpoint?.id);
    expect(record.webhook_secret).not.to.contain('whsec_');
    const { desk } = app.running;
    const sealed = String(record.webhook_secret);
    const secret = desk.keyring.open('endpoint-secret', endpointBinding(body.id), sealed);
    const account = await desk.accounts.find(record.merchant_id, body.id);
    expect(account?.webhookSecret?.reveal()).to.equal(secret);
    expect(account?.webhookUrl).to.equal(webhook.url);
    expect(app.lines.join('\n')).not.to.contain(secret);
  });

  it('a deleted account takes its endpoint along, later when the processor is away', async () => {
    const first = (await tools.create({}, 'sim_gone')).body;
    expect(await tools.endpointsAt('sim_gone')).to.have.length(1);
    await app.call(`/v1/accounts/${first.id}`, { method: 'DELETE' });
    expect(await tools.endpointsAt('sim_gone')).to.deep.equal([]);
    expect(await tools.row(first.id)).to.include({ webhook_state: 'none', webhook_secret: null });

    const other: Processor = await startProcessor();
    const settings = { base_url: other.url, api_key: 'sim_away' };
    const second = (await tools.create({ settings })).body;
    expect((await tools.read(second.id)).webhook.state).to.equal('registered');
    await other.close();
    const gone = await app.call(`/v1/accounts/${second.id}`, { method: 'DELETE' });
    expect(gone.status).to.equal(200);
    expect(await tools.row(second.id)).to.include({ webhook_state: 'removing' });

    const back = await startProcessor({ port: other.port });
    await reconcileEndpoints(app.running.desk);
    expect((await tools.row(second.id)).webhook_state, 'not due yet').to.equal('removing');
    app.clock.advance(10_000);
    await reconcileEndpoints(app.running.desk);
    expect((await tools.row(second.id)).webhook_state).to.equal('none');
    await back.close();
  });

  it('a registration that failed is tried again with pauses, and given up when refused', async () => {
    const dead = await startProcessor();
    await dead.close();
    const settings = { base_url: dead.url, api_key: 'sim_late' };
    const late = (await tools.create({ settings })).body;
    expect((await tools.read(late.id)).webhook).to.include({ state: 'pending' });
    expect((await tools.read(late.id)).webhook.detail).to.contain('unreachable');
    const alive = await startProcessor({ port: dead.port });
    app.clock.advance(10_000);
    await Promise.all([reconcileEndpoints(app.running.desk), reconcileEndpoints(app.running.desk)]);
    expect((await tools.read(late.id)).webhook.state).to.equal('registered');
    expect(await tools.endpointsAt('sim_late', alive.url)).to.have.length(1);
    await alive.close();

    const refused = (await tools.create({}, 'sk_refused')).body;
    expect((await tools.read(refused.id)).webhook.state).to.equal('failed');
    const repaired = { settings: { api_key: 'sim_repaired' } };
    await app.call(`/v1/accounts/${refused.id}/rotate`, { body: repaired });
    expect((await tools.read(refused.id)).webhook.state).to.equal('registered');
    app.complaints.splice(0);
  });

  it('what the replaced endpoint signed and sent is heard for an hour, and then no more', async () => {
    const { id } = (await tools.create({}, 'sim_replaced')).body;
    const secretNow = async () => {
      const { merchant_id } = await tools.row(id);
      return (await app.running.desk.accounts.find(merchant_id, id))?.webhookSecret?.reveal() ?? '';
    };
    const news = async (secret: string) => {
      const charge = { object: 'charge', reference: 'op_00000000000000000000000000' };
      const event = { id: `evt_${app.clock.now()}_${secret.slice(-8)}`, type: 'charge.captured' };
      const body = JSON.stringify({ ...event, data: { object: charge } });
      const signed = { 'simulator-signature': signatureOf(secret, body, app.clock.now()) };
      return (await app.call(`/webhooks/${id}`, { body, headers: signed, key: null })).status;
    };
    const first = await secretNow();
    expect(await news(first)).to.equal(200);
    const repaired = { settings: { api_key: 'sim_replaced_too' } };
    expect((await app.call(`/v1/accounts/${id}/rotate`, { body: repaired })).status).to.equal(200);
    const second = await secretNow();
    expect(second).not.to.equal(first);
    app.clock.advance(3_599_000);
    expect([await news(second), await news(first)]).to.deep.equal([200, 200]);
    expect(await news('whsec_nobody')).to.equal(400);
    app.clock.advance(1_000);
    expect([await news(second), await news(first)]).to.deep.equal([200, 400]);
    app.complaints.splice(0);
  });

  it('a change of the account during a registration conflicts with nothing', async () => {
    const asked: (() => void)[] = [];
    const slow = createServer((request, response) => {
      const list = request.method === 'GET';
      asked.push(() => {
        response.writeHead(list ? 200 : 201, { 'content-type': 'application/json' });
        response.end(JSON.stringify(list ? { data: [] } : { id: 'we_slow', secret: 'whsec_s' }));
      });
      slow.emit('asked');
    }).listen(0, '127.0.0.1');
    await once(slow, 'listening');
    const { port } = slow.address() as AddressInfo;
    const settings = { base_url: `http://127.0.0.1:${port}`, api_key: 'sim_slow' };
    const name = 'Slow account';
    const creating = tools.create({ settings, name });
    await once(slow, 'asked');
    const { data } = (await app.call('/v1/accounts?limit=1')).body;
    const { id } = data[0];
    const patch = { method: 'PATCH', body: { weight: 7 } };
    const patched = await app.call(`/v1/accounts/${id}`, patch);
    expect(patched.status, patched.text).to.equal(200);
    asked.shift()?.();
    await once(slow, 'asked');
    asked.shift()?.();
    await creating;
    expect(await tools.row(id)).to.include({
      webhook_state: 'registered',
      webhook_reference: 'we_slow',
      weight: 7,
    });
    slow.closeAllConnections();
    slow.close();
  });

  it('a switch that comes back at another address, or a simulator at another port, is followed', async () => {
    const place: DatabasePlace = await database.open();
    const former = await startProcessor();
    const one = await startTestSwitch(place, { simulatorUrl: former.url, jobs: false });
    const [before] = (await one.call('/v1/accounts')).body.data;
    await one.stop();

    const publicly = { POINTSMAN_BASE_URL: 'https://pay.example.test/switch/' };
    const two = await startTestSwitch(place, {
      simulatorUrl: former.url,
      env: publicly,
      jobs: false,
    });
    const { merchant_id: merchantId } = two.credentials;
    const after = (of: TestSwitch) => of.running.desk.accounts.find(merchantId, before.id);
    const moved = await after(two);
    expect(moved?.webhookUrl).to.equal(`https://pay.example.test/switch/webhooks/${before.id}`);
    const { api_key } = (moved?.settings ?? {}) as { api_key: string };
    const urlsAt = async (url: string) => (await endpointsOf(url, api_key)).map((each) => each.url);
    expect(await urlsAt(former.url)).to.deep.equal([moved?.webhookUrl]);
    await two.stop();
    await former.close();

    const anew = await startProcessor();
    const three = await startTestSwitch(place, {
      simulatorUrl: anew.url,
      env: publicly,
      jobs: false,
    });
    expect(await urlsAt(anew.url)).to.deep.equal([moved?.webhookUrl]);
    expect((await after(three))?.record.webhook_state).to.equal('registered');
    await three.stop();
    await anew.close();
  });
});
