/** The fake's webhooks: what it delivers, Stripe's own verifier takes. */
import { expect } from 'chai';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type Stripe from 'stripe';
import { clientOf, refusal, useFake } from './spec-client.ts';

interface Received {
  readonly signature: string;
  readonly body: string;
}

describe('the fake Stripe: webhooks', () => {
  const bench = useFake({ accountApiVersion: '2020-08-27' });
  const received: Received[] = [];
  let answer = 200;
  let receiver: Server;
  let endpoint: Stripe.WebhookEndpoint;

  before(async () => {
    receiver = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const signature = String(request.headers['stripe-signature']);
        received.push({ signature, body: Buffer.concat(chunks).toString('utf8') });
        response.writeHead(answer).end();
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    const { port } = receiver.address() as AddressInfo;
    endpoint = await bench.client.webhookEndpoints.create({
      url: `http://127.0.0.1:${port}/hooks`,
      enabled_events: ['payment_intent.created', 'payment_intent.canceled'],
      api_version: '2026-10-28.endive',
      metadata: { switch: 'pointsman' },
    });
  });

  beforeEach(() => {
    received.length = 0;
    answer = 200;
  });

  after(async () => {
    expect(bench.fake.violations()).to.deep.equal([]);
    await new Promise<unknown>((resolve) => receiver.close(resolve));
  });

  const make = () => bench.client.paymentIntents.create({ amount: 500, currency: 'usd' });
  const verified = ({ body, signature }: Received): Stripe.Event =>
    bench.client.webhooks.constructEvent(body, signature, String(endpoint.secret));

  it('signs what it delivers with the endpoint’s secret', async () => {
    const { id } = await make();
    await bench.fake.webhooks.settled();
    expect(received).to.have.length(1);
    const event = verified(received[0]!);
    expect(event).to.include({ type: 'payment_intent.created', api_version: '2026-10-28.endive' });
    expect(event.data.object).to.include({ id, status: 'requires_payment_method' });
    const other = { ...received[0]!, body: received[0]!.body.replace('500', '501') };
    expect(() => verified(other)).to.throw('signature');
  });

  it('tells the secret once', async () => {
    expect(endpoint.secret).to.match(/^whsec_\w{24,}/);
    const read = await bench.client.webhookEndpoints.retrieve(endpoint.id);
    expect(read).not.to.have.property('secret');
    const { data } = await bench.client.webhookEndpoints.list();
    expect(data.map(({ id, metadata }) => [id, metadata])).to.deep.equal([
      [endpoint.id, { switch: 'pointsman' }],
    ]);
  });

  it('holds deliveries back, and sends them in the order it is told', async () => {
    bench.fake.webhooks.hold();
    const { id } = await make();
    await bench.client.paymentIntents.cancel(id);
    expect(received).to.deep.equal([]);
    expect(bench.fake.webhooks.held).to.have.length(2);
    await bench.fake.webhooks.release((held) => [...held, held[0]!].reverse());
    expect(received.map((it) => verified(it).type)).to.deep.equal([
      'payment_intent.created',
      'payment_intent.canceled',
      'payment_intent.created',
    ]);
    const [first, , third] = received.map(verified);
    expect(third?.id).to.equal(first?.id);
  });

  it('sends again what was not taken, and says so in the list of events', async () => {
    answer = 500;
    const { id } = await make();
    await bench.fake.webhooks.settled();
    const failed = await bench.client.events.list({ delivery_success: false });
    expect(failed.data.map(({ data }) => (data.object as { id: string }).id)).to.deep.equal([id]);
    answer = 200;
    await bench.fake.webhooks.redeliverFailed();
    const after = await bench.client.events.list({ delivery_success: false });
    expect(after.data).to.deep.equal([]);
    await bench.fake.webhooks.redeliver(failed.data[0]!.id);
    const ids = received.map((it) => verified(it).id);
    expect(ids).to.deep.equal([ids[0], ids[0], ids[0]]);
  });

  it('hands out a signed request without sending it', async () => {
    await make();
    await bench.fake.webhooks.settled();
    received.length = 0;
    const delivery = bench.fake.webhooks.deliveries.at(-1)!;
    const { headers, body, url } = bench.fake.webhooks.signed(delivery);
    expect(url).to.equal(endpoint.url);
    expect(verified({ body, signature: headers['stripe-signature']! }).id).to.equal(
      delivery.event.id,
    );
    const timestamp = Math.floor(Date.now() / 1000) - 301;
    const old = bench.fake.webhooks.signed(delivery, { timestamp }).headers['stripe-signature']!;
    expect(() => verified({ body, signature: old })).to.throw('tolerance');
    const wrong = bench.fake.webhooks.signed(delivery, { secret: 'whsec_other' });
    const signature = wrong.headers['stripe-signature']!;
    expect(() => verified({ body, signature })).to.throw('signature');
    expect(received).to.deep.equal([]);
  });

  it('sends nothing to a disabled endpoint, nor to one that is deleted', async () => {
    const { webhookEndpoints } = bench.client;
    await webhookEndpoints.update(endpoint.id, { disabled: true });
    await make();
    const again = await webhookEndpoints.update(endpoint.id, { disabled: false });
    expect(again.status).to.equal('enabled');
    const second = await webhookEndpoints.create({ url: endpoint.url, enabled_events: ['*'] });
    expect(await webhookEndpoints.del(second.id)).to.include({ deleted: true });
    expect((await refusal(webhookEndpoints.retrieve(second.id))).statusCode).to.equal(404);
    await bench.fake.webhooks.settled();
    expect(received).to.deep.equal([]);
  });

  it('delivers in the account’s own version when the endpoint names none', async () => {
    const other = clientOf(bench.fake, 'sk_test_other');
    const { url } = endpoint;
    const { secret } = await other.webhookEndpoints.create({ url, enabled_events: ['*'] });
    await other.paymentIntents.create({ amount: 500, currency: 'usd' });
    await bench.fake.webhooks.settled();
    expect(received).to.have.length(1);
    const { body, signature } = received[0]!;
    const event = other.webhooks.constructEvent(body, signature, String(secret));
    expect(event.api_version).to.equal('2020-08-27');
  });
});
