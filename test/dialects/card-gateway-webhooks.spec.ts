/** The card gateway's webhooks: what counts as taken, what is sent twice, what signs it. */
import { expect } from 'chai';
import { createHmac } from 'node:crypto';
import { eventTypes } from '../../core/events/event.ts';
import { paymentStatuses } from '../../core/payments/machine.ts';
import { findOne } from '../../core/storage/index.ts';
import type { EventRecord } from '../../core/events/event.ts';
import { Payloads } from '../../core/webhooks/payloads.ts';
import { cardGateway } from '../../plugins/card-gateway/index.ts';
import { filters, statusOf } from '../../plugins/card-gateway/status.ts';
import { words } from '../../plugins/card-gateway/webhook.ts';
import { checkout } from '../../plugins/checkout/index.ts';
import { definePlugin, type Host } from '../../core/sdk/index.ts';
import { describeOnEachDatabase } from '../support/databases.ts';
import { startWebhookWorld, type WebhookWorld } from '../support/webhook-world.ts';
import { card, intentBody, order } from './card-gateway-shapes.ts';

const plugins = [checkout, cardGateway];

/** A dialect's client at a world, and what reached its endpoint. */
function clientOf(world: WebhookWorld) {
  const ask = async (path: string, body: object, headers: Record<string, string> = {}) => {
    const key = { 'x-api-key': world.app.credentials.secret_key };
    const options = { key: null, body, headers: { ...key, ...headers } };
    const answer = await world.app.call(`/card-gateway${path}`, options);
    expect(answer.status, answer.text).to.equal(200);
    return answer.body;
  };
  const textsTo = (url: string) =>
    world.posts
      .filter((post) => post.url === url)
      .map(({ body }) => Buffer.from(body).toString('utf8'));
  return {
    ask,
    textsTo,
    sale: () => ask('/api/v1/payments/sale', order),
    wordsTo: (url: string) => textsTo(url).map((text) => JSON.parse(text).event as string),
  };
}

describeOnEachDatabase('webhooks of the card gateway', (database) => {
  let world: WebhookWorld;
  let client: ReturnType<typeof clientOf>;

  beforeEach(async () => {
    world = await startWebhookWorld(await database.open(), { plugins });
    client = clientOf(world);
  });
  afterEach(async () => {
    expect(world.app.complaints).to.deep.equal([]);
    await world.app.stop();
  });

  it('are taken with a 200 and with nothing else: five attempts of the same bytes', async () => {
    const { url } = await world.endpoint({ signer: 'card-gateway', events: ['payment.captured'] });
    const answers = [204, 201, 302, 500];
    world.receivers.set(url, () => answers.shift() ?? 200);
    await client.sale();
    await world.settle();
    await world.advance('7h');
    const posts = world.posts.filter((post) => post.url === url);
    const [first] = posts;
    expect(posts.map(({ at }) => (at - (first?.at ?? 0)) / 1000)).to.deep.equal([
      0, 300, 900, 3600, 21_600,
    ]);
    expect(new Set(client.textsTo(url)).size).to.equal(1);
    const [delivery] = await world.deliveries();
    expect(delivery).to.include({ state: 'delivered', attempts: 5, last_status: 200 });
  });

  it('tell of an intent’s success twice, also in a replay', async () => {
    const { id, url } = await world.endpoint({ signer: 'card-gateway' });
    world.receivers.set(url, () => 200);
    const made = await client.ask('/api/v1/payment-intents', intentBody);
    const body = { client_secret: made['client_secret'], card };
    await client.ask(`/api/public/payment-intents/${made['id']}/confirm`, body);
    await world.settle();
    const told = ['payment.captured', 'payment_intent.created', 'payment_intent.succeeded'];
    expect(client.wordsTo(url).toSorted()).to.deep.equal(told);
    const before = client.textsTo(url).toSorted();
    world.posts.length = 0;
    const answer = await world.app.call(`/v1/webhook_endpoints/${id}/replay`, {
      body: { from: '2026-11-01T00:00:00Z' },
    });
    expect(answer.status, answer.text).to.equal(202);
    await world.settle();
    expect(client.textsTo(url).toSorted()).to.deep.equal(before);
  });

  it('of refunds have the same bytes whenever they are printed', async () => {
    const { url } = await world.endpoint({ signer: 'card-gateway' });
    world.receivers.set(url, () => 200);
    const { id } = await client.sale();
    const refund = (amount: number) =>
      client.ask(`/api/v1/payments/${id}/refund`, { amount, reason: 'x' });
    await refund(1000);
    await refund(1000);
    await world.settle();
    await refund(7999);
    await world.settle();
    const bodies = client.textsTo(url).map((text) => JSON.parse(text));
    const refunds = bodies.filter(({ event }) => event === 'payment.refunded');
    const shown = refunds.map(({ data }) => [data.status, data.refunded_amount]);
    // Several are under way at once: they come in any order.
    expect(shown.toSorted(([, a], [, b]) => a - b)).to.deep.equal([
      ['partially_refunded', 1000],
      ['partially_refunded', 2000],
      ['refunded', 9999],
    ]);
    const { db, webhooks } = world.app.running;
    const signer = webhooks.signers.get('card-gateway');
    if (!signer) throw new Error('the format is installed');
    // Nothing is remembered here: everything is made anew.
    const payloads = new Payloads(db);
    for (const text of client.textsTo(url)) {
      const event = await findOne<EventRecord>(db, 'events', { id: JSON.parse(text).id });
      if (!event) throw new Error('an event is never deleted');
      const printed = await payloads.of(event, signer);
      expect(Buffer.from(printed ?? []).toString('utf8')).to.equal(text);
    }
  });

  it('sign t.body by every secret while a rotation overlaps', async () => {
    const { headers, body, secret, old } = await signedTwice(world);
    const header = headers['x-webhook-signature'] ?? '';
    const [, t = '', ...proofs] =
      /^t=(\d+),v1=([0-9a-f]{64}),v1=([0-9a-f]{64})$/.exec(header) ?? [];
    const wanted = [secret, old].map((by) => digest(by, `${t}.`, body));
    expect(proofs).to.deep.equal(wanted);
  });

  it('have a word or none for every event of ours, and it was thought of', () => {
    const silent = eventTypes.filter((type) => !Object.hasOwn(words, type));
    expect(silent).to.deep.equal([
      'payment.updated',
      'payment.requires_action',
      'payment.processing',
      'payment.in_review',
      'payment.partially_refunded',
      'payment.refunded',
      'payment.capture_failed',
      'payment.void_failed',
      'payment.review_failed',
      'payment.late_success',
      'payment.attempt_declined',
      'payment.retry_scheduled',
      'payment.needs_operator',
      'refund.created',
      'refund.failed',
      'dispute.opened',
      'dispute.updated',
      'dispute.won',
      'dispute.lost',
      'dispute.closed',
      'customer.created',
      'customer.updated',
      'customer.deleted',
      'setup.succeeded',
      'setup.failed',
      'payment_method.attached',
      'webhook_endpoint.disabled',
      'routing.draft_withdrawn',
      'ping',
    ]);
    expect(
      Object.keys(words).filter((type) => !(eventTypes as readonly string[]).includes(type)),
    ).to.deep.equal([]);
  });
});

/** The same event, signed once while two secrets hold. */
async function signedTwice(world: WebhookWorld) {
  const { id, url, secret: old } = await world.endpoint({ signer: 'card-gateway' });
  world.receivers.set(url, () => 200);
  const path = `/v1/webhook_endpoints/${id}/rotate_secret`;
  const rotated = await world.app.call(path, { body: {} });
  await clientOf(world).sale();
  await world.settle();
  const [post] = world.posts;
  const secret = rotated.body['secret'] as string;
  return { headers: post?.headers ?? {}, body: post?.body ?? '', secret, old };
}

const digest = (secret: string, ...parts: readonly (string | Uint8Array)[]) =>
  parts.reduce((hash, part) => hash.update(part), createHmac('sha256', secret)).digest('hex');

describeOnEachDatabase('webhooks of the card gateway, signed over the body alone', (database) => {
  let world: WebhookWorld;

  before(async () => {
    const settings = { webhook_signature: 'body' } as const;
    const plain = definePlugin({
      ...cardGateway,
      contribute: (host) => cardGateway.contribute({ ...host, settings } as Host<never>),
    });
    world = await startWebhookWorld(await database.open(), { plugins: [checkout, plain] });
  });
  after(() => world.app.stop());

  it('have the digest by the newest secret, and the time in a header of its own', async () => {
    const { headers, body, secret } = await signedTwice(world);
    expect(headers['x-webhook-signature']).to.equal(digest(secret, body));
    expect(headers['x-webhook-timestamp']).to.match(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  });
});

describe('the states of the card gateway', () => {
  it('have a word for every state of a payment', () => {
    const told = Object.fromEntries(paymentStatuses.map((status) => [status, statusOf(status)]));
    expect(told).to.deep.equal({
      created: 'created',
      requires_action: 'created',
      processing: 'created',
      in_review: 'created',
      authorized: 'authorized',
      partially_captured: 'captured',
      captured: 'captured',
      partially_refunded: 'partially_refunded',
      refunded: 'refunded',
      voided: 'voided',
      cancelled: 'voided',
      failed: 'failed',
      expired: 'expired',
    });
  });

  it('are found by a filter when they are one of its words, and expired ones by none', () => {
    const found = paymentStatuses.filter((status) =>
      Object.values(filters).some((native) => native.split(',').includes(status)),
    );
    expect(paymentStatuses.filter((status) => !found.includes(status))).to.deep.equal([
      'created',
      'requires_action',
      'processing',
      'in_review',
      'expired',
    ]);
  });
});
