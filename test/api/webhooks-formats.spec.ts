/** Formats that plugins bring: chosen by an endpoint, or by a payment for its own URL. */
import { expect } from 'chai';
import { createHmac } from 'node:crypto';
import { definePlugin } from '../../core/sdk/index.ts';
import { chargeBody, startTestSwitch, type Answer } from '../support/app.ts';
import { describeOnEachDatabase } from '../support/databases.ts';
import { startWebhookWorld, type WebhookWorld } from '../support/webhook-world.ts';

/** The last of them when everything native has long expired. */
const scheduleS = [0, 60, 86_400];

const slateWith = (more: { readonly scheduleS?: readonly number[] }) =>
  definePlugin({
    id: 'slate',
    name: 'Slate',
    contribute: () => ({
      webhookFormats: [
        {
          id: 'slate',
          encode: ({ type, payment }) =>
            type === 'payment.captured'
              ? Buffer.from(JSON.stringify({ paid: payment }))
              : undefined,
          sign: ({ secrets: [secret = ''], body }) => ({
            'x-slate': createHmac('sha256', secret).update(body).digest('hex'),
          }),
          secretHeaders: ['x-slate'],
          success: '200',
          ...more,
        },
      ],
    }),
  });

const slate = slateWith({ scheduleS });

describeOnEachDatabase('a webhook format', (database) => {
  let world: WebhookWorld;
  let count = 0;

  before(async () => {
    world = await startWebhookWorld(await database.open(), { plugins: [slate] });
  });
  after(async () => {
    expect(world?.app.complaints ?? []).to.deep.equal([]);
    await world?.app.stop();
  });
  beforeEach(() => {
    world.posts.length = 0;
    world.receivers.clear();
    world.app.clock.advance(1_000);
  });

  const newUrl = () => `https://own.example/${(count += 1)}`;
  const pay = async (more: object): Promise<Answer> => {
    const answer = await world.app.call('/v1/payments', { body: chargeBody({ ...more }) });
    expect(answer.status, answer.text).to.equal(201);
    return answer;
  };
  const textsTo = (url: string) =>
    world.posts.filter((post) => post.url === url).map(({ body }) => Buffer.from(body).toString());

  it('is the payment’s choice: its words, its signature, by the secret of the profile', async () => {
    const [own, plain] = [newUrl(), newUrl()];
    const { body } = await pay({ webhook_url: own, webhook_signer: 'slate' });
    expect(body).to.include({ webhook_url: own, webhook_signer: 'slate' });
    expect((await pay({ webhook_url: plain })).body['webhook_signer']).to.equal(null);
    world.receivers.set(own, () => 200);
    await world.settle();
    // One of several events: the format has no word for the others.
    expect(textsTo(own)).to.deep.equal([JSON.stringify({ paid: body['id'] })]);
    expect(world.typesTo(plain)).to.include.members(['payment.created', 'payment.captured']);
    const posted = world.posts.find(({ url }) => url === own);
    const hmac = createHmac('sha256', world.app.credentials.webhook_secret);
    expect(posted?.headers['x-slate']).to.equal(hmac.update(posted?.body ?? '').digest('hex'));
    const [delivery] = await world.deliveries(`&payment=${body['id']}`);
    const logged = await world.app.call(`/v1/webhook_deliveries/${delivery?.id}`);
    expect(logged.body['request_body']).to.equal(JSON.stringify({ paid: body['id'] }));
    expect(logged.body['log'][0].request.headers['x-slate']).to.equal('…');
  });

  it('says what counts as taken and when to come again, where no endpoint does', async () => {
    const url = newUrl();
    world.receivers.set(url, () => 204);
    const startMs = world.app.clock.now();
    await pay({ webhook_url: url, webhook_signer: 'slate' });
    await world.advance('3d');
    const offsets = world.posts.filter((post) => post.url === url).map(({ at }) => at - startMs);
    expect(offsets).to.deep.equal([0, 60_000, 86_400_000]);
    const [{ id, ...delivery } = { id: '' }] = await world.deliveries();
    expect(delivery).to.include({ state: 'failed', attempts: 3, last_error: 'answered 204' });
    world.receivers.set(url, () => 200);
    await world.app.call(`/v1/webhook_deliveries/${id}/resend`, { method: 'POST' });
    await world.settle();
    expect((await world.deliveries())[0]).to.include({ state: 'delivered', attempts: 4 });
  });

  it('signs a ping, for which it has no word, as the switch prints it', async () => {
    const url = newUrl();
    world.receivers.set(url, () => 200);
    const made = await world.app.call('/v1/webhook_endpoints', { body: { url, signer: 'slate' } });
    const { id, secret } = made.body;
    const sent = await world.app.call(`/v1/webhook_endpoints/${id}/test`, { method: 'POST' });
    expect(sent.status, sent.text).to.be.oneOf([200, 201, 202]);
    await world.settle();
    const [ping] = world.posts.filter((post) => post.url === url);
    expect(ping?.event.type).to.equal('ping');
    const hmac = createHmac('sha256', secret).update(ping?.body ?? '');
    expect(ping?.headers['x-slate']).to.equal(hmac.digest('hex'));
    expect((await world.deliveries(`&endpoint=${id}`))[0]).to.include({ state: 'delivered' });
  });

  it('gives an endpoint its rule and its schedule, unless the endpoint has its own', async () => {
    const made = async (more: object) =>
      (
        await world.app.call('/v1/webhook_endpoints', {
          body: { url: newUrl(), signer: 'slate', events: ['dispute.opened'], ...more },
        })
      ).body;
    const usual = await made({});
    expect(usual).to.deep.include({ success: '200', schedule_s: scheduleS });
    expect(usual['expire_after_s']).to.be.greaterThan(86_400);
    const own = await made({ success: '2xx', schedule_s: [5], expire_after_s: 600 });
    expect(own).to.deep.include({ success: '2xx', schedule_s: [5], expire_after_s: 600 });
  });

  it('may be said at the creation, in a change and at the confirmation', async () => {
    const body = { amount: 900, currency: 'USD', webhook_url: newUrl(), webhook_signer: 'slate' };
    const made = await world.app.call('/v1/payments', { body });
    const path = `/v1/payments/${made.body['id']}`;
    const shown = async () => (await world.app.call(path)).body['webhook_signer'];
    expect(await shown()).to.equal('slate');
    await world.app.call(path, { body: { webhook_signer: 'hex-sha512' } });
    expect(await shown()).to.equal('hex-sha512');
    const { payment_method } = chargeBody();
    const last = { payment_method, webhook_signer: 'hex-sha256' };
    const confirmed = await world.app.call(`${path}/confirm`, { body: last });
    expect(confirmed.status, confirmed.text).to.equal(200);
    expect(await shown()).to.equal('hex-sha256');
    await world.settle();
    const captured = world.posts.find(({ event }) => event.type === 'payment.captured');
    const { webhook_secret: secret } = world.app.credentials;
    const digest = createHmac('sha256', secret)
      .update(captured?.body ?? '')
      .digest('hex');
    expect(captured?.headers['x-webhook-signature']).to.equal(digest);
    expect(captured?.headers).not.to.have.property('webhook-signature');
  });

  it('is refused when it is not installed, with those that are; and to a public key', async () => {
    const odd = { webhook_url: newUrl(), webhook_signer: 'chalk' };
    const plain = await world.app.call('/v1/payments', { body: { amount: 900, currency: 'USD' } });
    const path = `/v1/payments/${plain.body['id']}`;
    const { payment_method } = chargeBody();
    const refused = [
      await world.app.call('/v1/payments', { body: chargeBody(odd) }),
      await world.app.call(path, { body: odd }),
      await world.app.call(`${path}/confirm`, { body: { payment_method, ...odd } }),
    ];
    for (const { status, body } of refused) {
      expect(status).to.equal(400);
      expect(body).to.include({ code: 'invalid_request', param: 'webhook_signer' });
      expect(body['detail']).to.contain('standard, hex-sha256, hex-sha512, slate');
    }
    const { client_secret } = plain.body;
    const foreign = await world.app.call(`${path}/confirm`, {
      key: world.app.credentials.public_key,
      body: { payment_method, client_secret, webhook_signer: 'slate' },
    });
    expect(foreign.status).to.equal(403);
    expect(foreign.body['param']).to.equal('webhook_signer');
  });

  it('with a schedule that goes back keeps the switch from starting', async () => {
    for (const odd of [[], [60, 60], [0, 1.5], [-1]]) {
      const plugins = [slateWith({ scheduleS: odd })];
      const start = startTestSwitch(await database.open(), { plugins });
      const failure = await start.then(
        async (app) => (await app.stop(), 'it started'),
        (error: Error) => error.message,
      );
      expect(failure, JSON.stringify(odd)).to.contain('no list of ascending seconds');
    }
  });
});
