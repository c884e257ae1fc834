/** Signatures of what is sent, held against the package that receivers use. */
import { expect } from 'chai';
import { Webhook } from 'standardwebhooks';
import { chargeBody } from '../support/app.ts';
import { describeOnEachDatabase } from '../support/databases.ts';
import { startWebhookWorld, type Posted, type WebhookWorld } from '../support/webhook-world.ts';

describeOnEachDatabase('webhook signatures', (database) => {
  let world: WebhookWorld;

  beforeEach(async () => {
    // Receivers hold signatures against their own clock.
    world = await startWebhookWorld(await database.open(), { startMs: Date.now() });
  });
  afterEach(async () => {
    expect(world?.app.complaints ?? []).to.deep.equal([]);
    await world?.app.stop();
  });

  const change = (id: string, method: string, body?: object, path = '') =>
    world.app.call(`/v1/webhook_endpoints/${id}${path}`, { method, body });

  async function pay(more: object = {}): Promise<void> {
    const answer = await world.app.call('/v1/payments', { body: chargeBody({ ...more }) });
    expect(answer.status, answer.text).to.equal(201);
  }

  /** Throws when the signature does not fit. */
  function verify({ body, headers }: Posted, secret: string): unknown {
    return new Webhook(secret).verify(Buffer.from(body).toString('utf8'), { ...headers });
  }

  const fits = (post: Posted, secret: string): boolean => {
    try {
      verify(post, secret);
      return true;
    } catch {
      return false;
    }
  };

  it('are taken by the standardwebhooks package, and no forged byte is', async () => {
    const { secret } = await world.endpoint({ events: ['payment.captured'] });
    await pay();
    await world.settle();
    const [posted] = world.posts as [Posted];
    expect(verify(posted, secret)).to.deep.equal(posted.event);
    const forged = Buffer.from(posted.body);
    forged.writeUInt8(forged.readUInt8(forged.length - 2) ^ 1, forged.length - 2);
    expect(fits({ ...posted, body: forged }, secret)).to.equal(false);
    expect(fits(posted, `whsec_${Buffer.alloc(32).toString('base64')}`)).to.equal(false);
  });

  it('of a payment’s own URL are made with the secret of its profile', async () => {
    await pay({ webhook_url: 'https://app.example/x' });
    await world.settle();
    const { credentials } = world.app;
    const shown = await world.app.call(`/v1/profiles/${credentials.profile_id}/webhook_secret`);
    expect(shown.body['secret']).to.equal(credentials.webhook_secret);
    for (const posted of world.posts) {
      expect(fits(posted, credentials.webhook_secret)).to.equal(true);
    }
    expect(world.posts.length).to.be.greaterThan(1);
  });

  it('are two while a rotation overlaps, and the new one’s after', async () => {
    const { id, secret } = await world.endpoint({ events: ['customer.created'] });
    const rotated = await change(id, 'POST', { overlap_s: 120 }, '/rotate_secret');
    const fresh = rotated.body['secret'] as string;
    expect(fresh)
      .to.match(/^whsec_/)
      .and.not.equal(secret);
    await world.app.call('/v1/customers', { body: {} });
    await world.settle();
    const [during] = world.posts as [Posted];
    expect(during.headers['webhook-signature']?.split(' ')).to.have.length(2);
    expect([fits(during, secret), fits(during, fresh)]).to.deep.equal([true, true]);
    world.app.clock.advance(120_000);
    await world.app.call('/v1/customers', { body: {} });
    await world.settle();
    const after = world.posts.at(-1) as Posted;
    expect([fits(after, secret), fits(after, fresh)]).to.deep.equal([false, true]);
    const again = await change(id, 'POST', undefined, '/rotate_secret');
    expect(again.status).to.equal(200);
    expect((await change(id, 'GET')).body).not.to.have.property('secret');
  });

  it('are dated by real time, however far the sandbox’s clock is ahead', async () => {
    const { secret } = await world.endpoint({ events: ['customer.created'] });
    await world.advance('30d');
    await world.app.call('/v1/customers', { body: {} });
    await world.settle();
    expect(fits(world.posts[0] as Posted, secret)).to.equal(true);
  });
});
