/** Who is told of what, over the API: endpoints, their filters and secrets, payments' own URLs. */
import { expect } from 'chai';
import { chargeBody } from '../support/app.ts';
import { describeOnEachDatabase } from '../support/databases.ts';
import { startWebhookWorld, type Endpoint, type WebhookWorld } from '../support/webhook-world.ts';

describeOnEachDatabase('webhook endpoints', (database) => {
  let world: WebhookWorld;

  before(async () => {
    world = await startWebhookWorld(await database.open());
  });
  after(async () => {
    expect(world?.app.complaints ?? []).to.deep.equal([]);
    await world?.app.stop();
  });
  afterEach(async () => {
    const { body } = await world.app.call('/v1/webhook_endpoints?limit=100');
    for (const { id } of body['data']) await change(id, 'DELETE');
    await world.settle();
    world.posts.length = 0;
    world.receivers.clear();
    world.app.clock.advance(1_000);
  });

  const change = (id: string, method: string, body?: object, path = '') =>
    world.app.call(`/v1/webhook_endpoints/${id}${path}`, { method, body });

  async function pay(more: object = {}): Promise<string> {
    const answer = await world.app.call('/v1/payments', { body: chargeBody({ ...more }) });
    expect(answer.status, answer.text).to.equal(201);
    return answer.body['id'];
  }

  it('are told what they asked for: all, a family, a type', async () => {
    const all = await world.endpoint();
    const families = await world.endpoint({ events: ['refund.*', 'customer.*'] });
    const one = await world.endpoint({ events: ['payment.captured'] });
    const payment = await pay();
    await world.app.call('/v1/refunds', { body: { payment } });
    await world.settle();
    const told = ['payment.captured', 'payment.created', 'payment.refunded'];
    expect(world.typesTo(all.url)).to.include.members([...told, 'refund.succeeded']);
    expect(world.typesTo(families.url)).to.have.members(['refund.created', 'refund.succeeded']);
    expect(world.typesTo(one.url)).to.deep.equal(['payment.captured']);
  });

  it('are told only of their own profile’s payments, when they name one', async () => {
    const { body } = await world.app.call('/v1/profiles', { body: { name: 'Second' } });
    const bound = await world.endpoint({ profile_id: body['id'], events: ['payment.created'] });
    const first = await pay();
    const second = await pay({ profile_id: body['id'] });
    await world.settle();
    const payments = world.posts.map(({ event }) => event.payment);
    expect(payments).to.deep.equal([second]);
    expect(payments).not.to.include(first);
    expect(world.typesTo(bound.url)).to.deep.equal(['payment.created']);
  });

  it('leave a payment’s events to the URL that it brought along', async () => {
    const usual = await world.endpoint({ events: ['payment.created'] });
    const audit = await world.endpoint({ events: ['payment.created'], also_payment_urls: true });
    const webhook_url = 'https://app.example/orders/17';
    const own = await pay({ webhook_url });
    const other = await pay();
    await world.settle();
    const paymentsAt = (url: string) =>
      world.posts.filter((post) => post.url === url).map(({ event }) => event.payment);
    expect(new Set(paymentsAt(webhook_url))).to.deep.equal(new Set([own]));
    expect(world.typesTo(webhook_url)).to.include('payment.captured');
    expect(paymentsAt(usual.url)).to.deep.equal([other]);
    expect(paymentsAt(audit.url)).to.have.members([own, other]);
    const shown = await world.app.call(`/v1/payments/${own}`);
    expect(shown.body['webhook_url']).to.equal(webhook_url);
    const [delivery] = await world.deliveries(`&payment=${own}`);
    expect(delivery).to.include({ state: 'delivered' });
  });

  it('leave no outbox row for a merchant to whom nobody listens', async () => {
    const key = world.app.credentials.admin_key;
    const made = await world.app.call('/v1/merchants', { key, body: { name: 'Quiet' } });
    const quiet = made.body['secret_key'].key;
    await world.endpoint();
    const answer = await world.app.call('/v1/customers', { key: quiet, body: {} });
    expect(answer.status).to.equal(201);
    await world.app.call('/v1/customers', { body: {} });
    const { db, credentials } = { ...world.app.running, ...world.app };
    const rows = await db.find<{ merchant_id: string }>('event_outbox', {});
    expect(rows.map(({ merchant_id: of }) => of)).to.deep.equal([credentials.merchant_id]);
    const before = world.posts.length;
    await world.settle();
    expect(world.posts).to.have.length(before + 1);
  });

  it('stop costing anything when the last one is gone or disabled', async () => {
    const key = world.app.credentials.admin_key;
    const made = await world.app.call('/v1/merchants', { key, body: { name: 'Leaving' } });
    const own = made.body['secret_key'].key;
    const url = 'https://leaving.example/';
    const ids: string[] = [];
    for (let n = 0; n < 2; n += 1) {
      const { body } = await world.app.call('/v1/webhook_endpoints', { key: own, body: { url } });
      ids.push(body['id']);
    }
    const { db } = world.app.running;
    const waiting = async () => {
      world.app.clock.advance(1_000);
      await world.app.call('/v1/customers', { key: own, body: {} });
      return (await db.find('event_outbox', { merchant_id: made.body['merchant'].id })).length;
    };
    const patch = (id: string, body: object) =>
      world.app.call(`/v1/webhook_endpoints/${id}`, { key: own, method: 'PATCH', body });
    expect(await waiting()).to.equal(1);
    await patch(ids[0] ?? '', { status: 'disabled' });
    expect(await waiting()).to.equal(2);
    await world.app.call(`/v1/webhook_endpoints/${ids[1]}`, { key: own, method: 'DELETE' });
    expect(await waiting()).to.equal(2);
    await patch(ids[0] ?? '', { status: 'enabled' });
    expect(await waiting()).to.equal(3);
    await world.settle();
    // What happened before it was enabled again is not for it.
    expect(world.posts.filter((post) => post.url === url)).to.have.length(1);
  });

  it('can be pinged, one alone, and disabled as well', async () => {
    const { id, url } = await world.endpoint();
    await world.endpoint();
    await change(id, 'PATCH', { status: 'disabled' });
    const answer = await change(id, 'POST', undefined, '/test');
    expect(answer.status).to.equal(202);
    expect(answer.body).to.include({ state: 'pending', event_type: 'ping' });
    await world.settle();
    expect(world.posts.map((post) => [post.url, post.event.type])).to.deep.equal([[url, 'ping']]);
  });

  it('send one again on request, whatever became of it, under the same event id', async () => {
    const { url } = await world.endpoint({ events: ['customer.created'], schedule_s: [0] });
    world.receivers.set(url, () => 500);
    await world.app.call('/v1/customers', { body: {} });
    await world.settle();
    const [failed] = await world.deliveries();
    expect(failed).to.include({ state: 'failed', attempts: 1 });
    world.receivers.set(url, () => 200);
    const resend = () =>
      world.app.call(`/v1/webhook_deliveries/${failed?.id}/resend`, { method: 'POST' });
    expect((await resend()).body).to.include({ state: 'pending' });
    await world.settle();
    await resend();
    await world.settle();
    const [sent] = await world.deliveries();
    expect(sent).to.include({ state: 'delivered', attempts: 3, id: failed?.id });
    expect(new Set(world.posts.map(({ headers }) => headers['webhook-id'])).size).to.equal(1);
  });

  it('are told again what happened in a span of time, and of that only', async () => {
    const { id, url } = await world.endpoint({ events: ['customer.*', 'payment.*'] });
    const at = () => new Date(world.app.running.webhooks.clock.now()).toISOString();
    const create = async () => (await world.app.call('/v1/customers', { body: {} })).body['id'];
    await create();
    await world.settle();
    world.app.clock.advance(60_000);
    const from = at();
    const wanted = new Set<string>();
    for (let n = 0; n < 120; n += 1) wanted.add(await create());
    await pay();
    await change(id, 'PATCH', { status: 'disabled' });
    wanted.add(await create());
    await change(id, 'PATCH', { status: 'enabled' });
    world.app.clock.advance(1_000);
    const to = at();
    world.app.clock.advance(60_000);
    await create();
    await world.settle();
    world.posts.length = 0;
    const body = { from, to, types: ['customer.created'] };
    const answer = await change(id, 'POST', body, '/replay');
    expect(answer.body).to.include({ object: 'webhook_replay', state: 'running' });
    await world.settle();
    const told = world.posts.map((post) => {
      const { data } = JSON.parse(Buffer.from(post.body).toString('utf8'));
      return data.object.id as string;
    });
    expect(new Set(told)).to.deep.equal(wanted);
    expect(told).to.have.length(wanted.size);
    expect(new Set(world.typesTo(url))).to.deep.equal(new Set(['customer.created']));
  }).timeout(20_000);

  const odd: readonly [string, object, string][] = [
    ['an address that is not for webhooks', { url: 'https://internal.example/' }, 'url'],
    ['no address', { url: 'shop.example' }, 'url'],
    ['an event that there is not', { events: ['payment.invented'] }, 'events'],
    ['a family that there is not', { events: ['invoice.*'] }, 'events'],
    ['a schedule that goes back', { schedule_s: [0, 300, 200] }, 'schedule_s'],
    ['a time limit of a minute', { timeout_ms: 60_000 }, 'timeout_ms'],
    ['a signature that is not installed', { signer: 'handshake' }, 'signer'],
    ['a profile of nobody', { profile_id: `prof_${'0'.repeat(26)}` }, 'profile_id'],
  ];
  for (const [what, body, param] of odd) {
    it(`are refused with ${what}`, async () => {
      const answer = await world.app.call('/v1/webhook_endpoints', {
        body: { url: 'https://shop.example/', ...body },
      });
      expect(answer.status, answer.text).to.equal(400);
      expect(String(answer.body['param']).startsWith(param), answer.text).to.equal(true);
    });
  }

  it('and payments are refused an address that is not for webhooks', async () => {
    const body = chargeBody({ webhook_url: 'https://internal.example/' });
    const answer = await world.app.call('/v1/payments', { body });
    expect(answer.body).to.include({ code: 'invalid_request', param: 'webhook_url' });
  });

  it('of a profile are all that a key of the profile sees and makes', async () => {
    const { body: profile } = await world.app.call('/v1/profiles', { body: { name: 'Own' } });
    const keyBody = { kind: 'secret', name: 'k', profile_id: profile['id'] };
    const key = (await world.app.call('/v1/api_keys', { body: keyBody })).body['key'];
    const foreign: Endpoint = await world.endpoint();
    const made = await world.app.call('/v1/webhook_endpoints', {
      key,
      body: { url: 'https://own.example/' },
    });
    expect(made.body['profile_id']).to.equal(profile['id']);
    const listed = await world.app.call('/v1/webhook_endpoints', { key });
    expect(listed.body['data'].map(({ id }: Endpoint) => id)).to.deep.equal([made.body['id']]);
    const shown = await world.app.call(`/v1/webhook_endpoints/${foreign.id}`, { key });
    expect(shown.status).to.equal(404);
  });

  it('keep their deliveries after they are deleted, and send nothing more', async () => {
    const { id, url } = await world.endpoint({ events: ['customer.created'] });
    world.receivers.set(url, () => 500);
    await world.app.call('/v1/customers', { body: {} });
    await world.settle();
    await change(id, 'DELETE');
    await world.advance('7h');
    expect(world.posts).to.have.length(1);
    const [delivery] = await world.deliveries(`&endpoint=${id}`);
    expect(delivery).to.include({ state: 'failed', last_error: 'the endpoint was deleted' });
    expect((await change(id, 'GET')).status).to.equal(404);
  });
});
