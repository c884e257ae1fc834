/**
 * Receivers of webhooks that lead inside: refused when they are saved or, where only a name server
 * tells, when they are sent to. A canary on the loopback counts who gets through.
 */
import { expect } from 'chai';
import type { Resolve } from '../../core/outbound/resolve.ts';
import { checkWebhookUrl } from '../../core/outbound/webhook-url.ts';
import { startTestSwitch, type TestSwitch } from '../support/app.ts';
import { describeOnEachDatabase } from '../support/databases.ts';
import { hostileUrls, namesOfThisMachine } from '../support/hostile-urls.ts';
import { openReceivers, type Place } from '../support/receivers.ts';

describeOnEachDatabase('a hostile receiver of webhooks', (database) => {
  const receivers = openReceivers();
  let canary: Place;
  let app: TestSwitch;

  const strict = () => `webhooks: { allow_loopback: false, ports: [80, 443, ${canary.port}] }\n`;

  beforeEach(async () => {
    canary = await receivers.web((_request, response) => response.end('caught'));
  });
  afterEach(async () => {
    expect(app?.complaints ?? []).to.deep.equal([]);
    await app?.stop();
    receivers.end();
  });

  const save = (url: string) => app.call('/v1/webhook_endpoints', { body: { url } });
  const pay = (url: string) => {
    const body = { amount: 1000, currency: 'EUR', webhook_url: url };
    return app.call('/v1/payments', { body });
  };

  /** Sends a ping to an endpoint and says what became of it. */
  async function pinged(id: string): Promise<Record<string, unknown>> {
    const filed = await app.call(`/v1/webhook_endpoints/${id}/test`, { method: 'POST' });
    expect(filed.status, filed.text).to.equal(202);
    await app.running.dispatcher.drain();
    return (await app.call(`/v1/webhook_deliveries/${filed.body['id']}`)).body;
  }

  it('is saved neither as an endpoint nor at a payment, in any spelling', async () => {
    app = await startTestSwitch(await database.open(), { yaml: strict(), jobs: false });
    const harmless = await save('https://shop.example/hooks');
    expect(harmless.status, harmless.text).to.equal(201);
    const own = `/v1/webhook_endpoints/${harmless.body['id']}`;
    for (const { url } of hostileUrls(canary.port)) {
      const moved = await app.call(own, { method: 'PATCH', body: { url } });
      for (const [answer, param] of [
        [await save(url), 'url'],
        [moved, 'url'],
        [await pay(url), 'webhook_url'],
      ] as const) {
        expect(answer.status, `${url} ${answer.text}`).to.equal(400);
        expect(answer.body, answer.text).to.include({ code: 'invalid_request', param });
      }
    }
    expect((await app.call(own)).body['url']).to.equal('https://shop.example/hooks');
    expect((await app.call('/v1/webhook_endpoints')).body['data']).to.have.length(1);
    expect(canary.connections).to.equal(0);
  }).timeout(30_000);

  it('with a harmless name is blocked before a connection, and says so in the log', async () => {
    const policy = {
      allowLoopback: false,
      allowHosts: [],
      allowedPorts: [80, canary.port],
      requireHttps: false,
    };
    const inward: Resolve = async () => ['127.0.0.1'];
    app = await startTestSwitch(await database.open(), {
      jobs: false,
      webhooks: {
        port: receivers.portWith(policy, inward),
        checkUrl: (url) => checkWebhookUrl(url, policy),
        close: () => undefined,
      },
    });
    for (const name of namesOfThisMachine) {
      const saved = await save(`http://${name}:${canary.port}/`);
      expect(saved.status, saved.text).to.equal(201);
      const delivery = await pinged(saved.body['id']);
      expect(delivery).to.include({ attempts: 1, last_status: null });
      expect(delivery['last_error']).to.contain('blocked');
      expect(JSON.stringify(delivery)).not.to.match(/"[^"]*127\.0\.0\.1(?!\.nip)[^"]*"/);
    }
    expect(canary.connections).to.equal(0);
  });

  it('is one on this machine as long as the sandbox is not told to allow it', async () => {
    const url = `http://127.0.0.1:${canary.port}/hooks`;
    const place = await database.open();
    app = await startTestSwitch(place, { yaml: strict(), jobs: false });
    expect((await save(url)).status).to.equal(400);
    await app.stop();
    const listed = `webhooks: { allow_loopback: false, allow_hosts: ["127.0.0.1:${canary.port}"] }\n`;
    for (const yaml of ['', listed]) {
      app = await startTestSwitch(await database.open(), { yaml, jobs: false });
      const saved = await save(url);
      expect(saved.status, saved.text).to.equal(201);
      const delivery = await pinged(saved.body['id']);
      expect(delivery).to.include({ state: 'delivered', last_status: 200 });
      expect((await save(`http://10.0.0.1:${canary.port}/`)).status).to.equal(400);
      if (yaml === '') await app.stop();
    }
    expect(canary.connections).to.equal(2);
  });
});
