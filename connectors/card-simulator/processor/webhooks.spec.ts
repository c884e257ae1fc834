/** Webhooks: signed, retried, and out of order or doubled when asked. */
import { expect } from 'chai';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readBody } from './exchange.ts';
import { startProcessor, type Processor } from './server.ts';
import { signatureOf, verifySignature } from './signature.ts';
import { chargeBody, SimulatorClient } from './spec-client.ts';

interface Delivery {
  readonly signature: string;
  readonly text: string;
  readonly type: string;
  readonly id: string;
}

/** A merchant's server that keeps what it gets and answers with the next status in line. */
class Inbox {
  readonly deliveries: Delivery[] = [];
  statuses: number[] = [];
  #wakers: (() => void)[] = [];
  readonly server: Server = createServer((request, response) => {
    void this.#take(request, response);
  });

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await readBody(request);
    const signature = String(request.headers['simulator-signature']);
    this.deliveries.push({ signature, text, ...JSON.parse(text) });
    response.writeHead(this.statuses.shift() ?? 200).end();
    for (const wake of this.#wakers.splice(0)) wake();
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/hook`;
  }

  async atLeast(count: number): Promise<Delivery[]> {
    while (this.deliveries.length < count) {
      await new Promise<void>((resolve) => this.#wakers.push(resolve));
    }
    return this.deliveries;
  }
}

describe('card simulator: webhooks', () => {
  let processor: Processor;
  let client: SimulatorClient;
  let inbox: Inbox;
  const secret = 'whsec_spec';

  beforeEach(async () => {
    inbox = new Inbox();
    processor = await startProcessor({ retryDelaysMs: [1, 1], overtakeMs: 5 });
    client = new SimulatorClient(processor.url);
    const url = await inbox.listen();
    const { body } = await client.post('/v1/webhook_endpoints', { url, secret });
    expect(body).to.include({ url, secret });
  });
  afterEach(async () => {
    await processor.close();
    inbox.server.closeAllConnections();
    await new Promise((resolve) => inbox.server.close(resolve));
  });

  const typesOf = (deliveries: Delivery[]) => deliveries.map((delivery) => delivery.type);

  it('every state change is told in order, signed with the endpoint’s secret', async () => {
    const { id } = (await client.post('/v1/charges', chargeBody())).body;
    await client.post(`/v1/charges/${id}/refunds`, { reference: 'op_r', amount: 1 });
    const deliveries = await inbox.atLeast(3);
    expect(typesOf(deliveries)).to.deep.equal([
      'charge.authorized',
      'charge.captured',
      'refund.succeeded',
    ]);
    for (const { signature, text } of deliveries) {
      expect(verifySignature(secret, signature, text, Date.now())).to.equal(true);
    }
    expect(JSON.parse(deliveries[2]?.text ?? '').data.object).to.include({ charge: id, amount: 1 });
  });

  it('a repeated request tells nothing new; other merchants hear nothing', async () => {
    const body = chargeBody({}, '4000000000000002');
    await new SimulatorClient(processor.url, 'sim_other').post('/v1/charges', chargeBody());
    await client.post('/v1/charges', body);
    await client.post('/v1/charges', body);
    await client.post('/v1/charges', chargeBody({}, '4000000000009235'));
    expect(typesOf(await inbox.atLeast(2))).to.deep.equal(['charge.declined', 'charge.held']);
  });

  it('an endpoint that fails is tried again and then counted as failed', async () => {
    inbox.statuses = [500, 503, 200, 500, 500, 500];
    await client.post('/v1/charges', chargeBody({}, '4000000000000002'));
    const [first, , third] = await inbox.atLeast(3);
    expect(third?.id).to.equal(first?.id);
    await client.post('/v1/charges', chargeBody({}, '4000000000000002'));
    await inbox.atLeast(6);
    await client.post('/v1/charges', chargeBody({}, '4000000000000002'));
    await inbox.atLeast(7);
    const { data } = (await client.get('/v1/webhook_endpoints')).body;
    expect(data[0]?.deliveries.failed).to.equal(1);
  });

  it('duplicate_webhooks sends each twice, under one id', async () => {
    const body = chargeBody({ metadata: { simulate: 'duplicate_webhooks' } }, '4000000000000002');
    await client.post('/v1/charges', body);
    const [first, second] = await inbox.atLeast(2);
    expect(second?.id).to.equal(first?.id);
  });

  it('reordered_webhooks lets one overtake another; a lone one still arrives', async () => {
    const simulate = { metadata: { simulate: 'reordered_webhooks' } };
    await client.post('/v1/charges', chargeBody(simulate));
    const pair = typesOf(await inbox.atLeast(2));
    expect(pair).to.deep.equal(['charge.captured', 'charge.authorized']);
    await client.post('/v1/charges', chargeBody(simulate, '4000000000000002'));
    expect(typesOf(await inbox.atLeast(3)).at(-1)).to.equal('charge.declined');
  });

  it('a deleted endpoint is gone', async () => {
    const { data } = (await client.get('/v1/webhook_endpoints')).body;
    expect(data[0]).not.to.have.property('secret');
    const path = `/v1/webhook_endpoints/${data[0]?.id}`;
    expect((await client.send('DELETE', path)).status).to.equal(200);
    expect((await client.send('DELETE', path)).status).to.equal(404);
  });

  it('a forged byte, another secret, an old time and nonsense do not verify', () => {
    const nowMs = Date.UTC(2030, 0, 1);
    const header = signatureOf(secret, '{"a":1}', nowMs);
    expect(verifySignature(secret, header, '{"a":1}', nowMs)).to.equal(true);
    expect(verifySignature(secret, header, '{"a":2}', nowMs)).to.equal(false);
    expect(verifySignature('whsec_other', header, '{"a":1}', nowMs)).to.equal(false);
    expect(verifySignature(secret, header, '{"a":1}', nowMs + 300_001)).to.equal(false);
    for (const nonsense of ['', 't=1', 't=1,v1=zz', `${header},v1=`]) {
      expect(verifySignature(secret, nonsense, '{"a":1}', nowMs)).to.equal(false);
    }
  });
});
