/** The connector's other half, against the real processor: news, look-ups, disputes, reports. */
import { expect } from 'chai';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Secret, WebhookRefusal, type Context, type WebhookRequest } from '#sdk';
import { cardSimulator } from './index.ts';
import { startProcessor, type Processor } from './processor/server.ts';
import { signatureOf } from './processor/signature.ts';
import type { CardSimulatorRef, CardSimulatorSettings } from './settings.ts';
import { cardCommand, contextOf, faultOf, newOperationId, usd } from './spec-context.ts';

const { authorize, capture, refund, sync, void: release } = cardSimulator.operations;

/** A literal's optional part, which this connector has. */
function present<T>(part: T | undefined): T {
  if (part === undefined) throw new Error('the connector lacks it');
  return part;
}

const webhook = present(cardSimulator.webhook);
const endpoint = present(cardSimulator.endpoint);
const disputes = present(cardSimulator.disputes);
const reports = present(cardSimulator.reports);
const inspect = present(cardSimulator.operations.inspect);

describe('card simulator: news and look-ups', () => {
  let processor: Processor;
  let context: Context<CardSimulatorSettings>;
  let server: Server;
  let arrived: WebhookRequest[];

  before(async () => {
    processor = await startProcessor({ retryDelaysMs: [] });
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const headers = request.headers as Record<string, string>;
        arrived.push({ body: Buffer.concat(chunks), headers });
        response.end();
        server.emit('arrived');
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  after(async () => {
    await processor.close();
    server.closeAllConnections();
    server.close();
  });

  beforeEach(async () => {
    arrived = [];
    const { port } = server.address() as AddressInfo;
    const bare = contextOf(processor.url);
    const settings = { ...bare.settings, api_key: `sim_${newOperationId()}` };
    const webhookUrl = `http://127.0.0.1:${port}/webhooks/acct_1`;
    const { secret } = await endpoint.register({ ...bare, settings, webhookUrl }, account);
    context = { ...bare, settings, webhookUrl, webhookSecret: secret };
  });

  const account = { accountId: 'acct_1' };

  async function news(count: number): Promise<WebhookRequest[]> {
    while (arrived.length < count) await once(server, 'arrived');
    return arrived;
  }
  async function charged(mode: 'automatic' | 'manual' = 'automatic') {
    const command = cardCommand('4242424242424242', { capture: mode });
    const { ref } = await authorize(context, command);
    return { operationId: command.operationId, of: ref as CardSimulatorRef, amount: usd(10_000) };
  }
  async function control(path: string, body: object = {}): Promise<Record<string, unknown>> {
    const url = `${processor.url}/control/${path}`;
    const answer = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
    expect(answer.ok, path).to.equal(true);
    return (await answer.json()) as Record<string, unknown>;
  }
  const refusalOf = (request: WebhookRequest, changes: Partial<typeof context> = {}) => {
    try {
      webhook.open({ ...context, ...changes }, request);
      return 'none';
    } catch (error) {
      if (error instanceof WebhookRefusal) return error.reason;
      throw error;
    }
  };

  it('every event leads to its authorization, whoever caused it', async () => {
    const charge = await charged();
    await refund?.(context, {
      ...charge,
      operationId: newOperationId(),
      reason: undefined,
      amount: usd(1),
    });
    await control(`charges/${charge.of.charge}/disputes`, { amount: 100 });
    const read = (await news(4)).map((request) => webhook.open(context, request));
    expect(read.map(({ type }) => type)).to.deep.equal([
      'charge.authorized',
      'charge.captured',
      'refund.succeeded',
      'dispute.opened',
    ]);
    for (const { subjects } of read) {
      expect(subjects).to.deep.equal([{ operationId: charge.operationId }]);
    }
    expect(new Set(read.map(({ id }) => id)).size).to.equal(4);
  });

  it('a delivery that is not genuine, fresh and whole is refused, with the reason', async () => {
    await charged();
    const [genuine] = await news(1);
    if (!genuine) throw new Error('nothing arrived');
    expect(refusalOf(genuine)).to.equal('none');
    expect(refusalOf(genuine, { webhookSecret: undefined })).to.equal('no_secret');
    expect(refusalOf(genuine, { webhookSecret: new Secret('whsec_x') })).to.equal('bad_signature');
    expect(refusalOf({ ...genuine, headers: {} })).to.equal('no_signature');
    for (const aheadMs of [-302_000, 302_000]) {
      const now = () => Date.now() + aheadMs;
      expect(refusalOf(genuine, { now })).to.equal('stale');
    }
    for (let place = 0; place < genuine.body.length; place += 1) {
      const body = Uint8Array.from(genuine.body);
      body[place] = (body[place] ?? 0) ^ 1;
      expect(refusalOf({ ...genuine, body }), String(place)).to.equal('bad_signature');
    }
    const secret = present(context.webhookSecret).reveal();
    for (const text of [
      '',
      'null',
      '{}',
      '{"id":"e","type":"t","data":{"object":{"object":"x"}}}',
    ]) {
      const signature = signatureOf(secret, text, Date.now());
      const headers = { 'simulator-signature': signature };
      expect(refusalOf({ body: Buffer.from(text), headers }), text).to.equal('malformed');
    }
  });

  it('registering again replaces what was there; removing twice is no error', async () => {
    const again = await endpoint.register(context, account);
    expect(again.secret.reveal()).not.to.equal(context.webhookSecret?.reveal());
    await endpoint.register(context, { accountId: 'acct_2' });
    const listed = async () => {
      const headers = { authorization: `Bearer ${context.settings.api_key}` };
      const answer = await fetch(`${processor.url}/v1/webhook_endpoints`, { headers });
      const { data } = (await answer.json()) as { data: { description: string }[] };
      return data.map(({ description }) => description).toSorted();
    };
    expect(await listed()).to.deep.equal(['acct_1', 'acct_2']);
    await endpoint.remove(context, again);
    await endpoint.remove(context, again);
    expect(await listed()).to.deep.equal(['acct_2']);
  });

  it('a charge is told whole: what was done here and what was done at the processor', async () => {
    const charge = await charged('manual');
    const id = charge.of.charge;
    expect(await inspect(context, charge)).to.deep.equal({
      authorized: usd(10_000),
      captured: usd(0),
      released: false,
      refunds: [],
      disputes: [],
    });
    await control(`charges/${id}/captures`, { amount: 6_000 });
    await control(`charges/${id}/voids`);
    const ours = newOperationId();
    const asked = { ...charge, operationId: ours, amount: usd(1_000), reason: 'ours' };
    await refund?.(context, asked);
    const theirs = await control(`charges/${id}/refunds`, { amount: 2_000 });
    const opened = await control(`charges/${charge.operationId}/disputes`, { amount: 3_000 });
    const found = await inspect(context, charge);
    expect(found).to.deep.include({ captured: usd(6_000), released: 'voided' });
    expect(found.refunds.map(({ ref: _ref, ...rest }) => rest)).to.deep.equal([
      { operationId: ours, amount: usd(1_000), status: 'succeeded', reason: 'ours' },
      { operationId: undefined, amount: usd(2_000), status: 'succeeded' },
    ]);
    expect(found.disputes).to.deep.equal([
      await disputes.find(context, { reference: String(opened['id']) }),
    ]);

    await control(`refunds/${String(theirs['id'])}/fail`);
    const [, failed] = (await inspect(context, charge)).refunds;
    expect(failed).to.include({ status: 'failed', reason: 'refund_failed' });
  });

  it('a refund of ours that fails later reads as declined when it is asked about', async () => {
    const charge = await charged();
    const operationId = newOperationId();
    const outcome = await refund?.(context, { ...charge, operationId, reason: undefined });
    await control(`refunds/${String(outcome?.ref?.operation)}/fail`);
    const query = { ...charge, operationId, kind: 'refund', ref: undefined } as const;
    const found = await sync(context, {
      ...query,
      method: undefined,
      capture: undefined,
      begunAtMs: 0,
    });
    expect(found).to.include({ status: 'declined', processorCode: 'refund_failed' });
  });

  it('a hold is let go in three ways, and each is named', async () => {
    const expired = await charged('manual');
    await control(`charges/${expired.of.charge}/expire`);
    expect((await inspect(context, expired)).released).to.equal('expired');
    const voided = await charged('manual');
    const command = { ...voided, operationId: newOperationId(), reason: undefined };
    await release?.(context, { ...command, because: 'released' });
    expect((await inspect(context, voided)).released).to.equal('voided');
    const captured = await charged('manual');
    const part = { ...captured, operationId: newOperationId(), amount: usd(1), final: true };
    await capture?.(context, part);
    expect((await inspect(context, captured)).released).to.equal('captured');
    const other = { ...captured, operationId: 'op_another' };
    expect(await faultOf(inspect(context, other))).to.equal('unintelligible');
  });

  it('a dispute is answered, reviewed and decided; the money follows it', async () => {
    const charge = await charged();
    const { id } = await control(`charges/${charge.of.charge}/disputes`, { reason: 'duplicate' });
    const reference = String(id);
    expect(await disputes.find(context, { reference })).to.deep.include({
      status: 'needs_response',
      reason: 'duplicate',
      amount: usd(10_000),
      withdrawn: usd(10_000),
    });
    const evidence = { reference, submissionId: 'ev_1', fields: { statement: 'It was sent' } };
    const kept = await disputes.respond?.(context, { ...evidence, submit: false });
    expect(kept).to.include({ status: 'needs_response' });
    const handed = { ...evidence, submissionId: 'ev_2', submit: true };
    expect(await disputes.respond?.(context, handed)).to.include({ status: 'under_review' });
    expect(await disputes.respond?.(context, handed)).to.include({ status: 'under_review' });
    const late = { ...handed, submissionId: 'ev_3' };
    expect(await faultOf(disputes.respond?.(context, late) ?? Promise.reject())).to.equal(
      'rejected',
    );
    await control(`disputes/${reference}/resolve`, { outcome: 'won' });
    expect(await disputes.find(context, { reference })).to.deep.include({
      status: 'won',
      withdrawn: usd(0),
    });
    expect(await disputes.find(context, { reference: 'dp_none' })).to.equal('not_found');

    const second = await control(`charges/${charge.of.charge}/disputes`, { amount: 500 });
    const given = { reference: String(second['id']), submissionId: 'acc_1' };
    expect(await disputes.accept?.(context, given)).to.deep.include({
      status: 'lost',
      withdrawn: usd(500),
    });
    expect(await disputes.accept?.(context, given)).to.include({ status: 'lost' });
  });

  it('the balance adds up, page by page, and a payout names what it carried', async () => {
    const charge = await charged();
    const refunded = await control(`charges/${charge.of.charge}/refunds`, { amount: 4_000 });
    await control(`refunds/${String(refunded['id'])}/fail`);
    await control(`charges/${charge.of.charge}/disputes`, { amount: 1_000 });
    const { api_key } = context.settings;
    const payout = await control('payouts', { api_key, amount: 9_000, currency: 'USD' });
    const all: [string, number][] = [];
    for (let cursor: string | undefined; ;) {
      const query = { limit: 2, ...(cursor !== undefined && { cursor }) };
      const read = await reports.balanceTransactions?.(context, query);
      for (const { type, net } of read?.entries ?? []) all.push([type, net.amount]);
      cursor = read?.nextCursor;
      if (cursor === undefined) break;
    }
    expect(all).to.have.deep.members([
      ['charge', 10_000],
      ['refund', -4_000],
      ['refund_failure', 4_000],
      ['dispute', -1_000],
      ['payout', -9_000],
    ]);
    const query = { limit: 10, payout: String(payout['id']) };
    expect((await reports.balanceTransactions?.(context, query))?.entries).to.have.length(5);
    const paid = await reports.payouts?.(context, { limit: 10, status: 'paid' });
    expect(paid?.entries.map(({ amount, status }) => ({ amount, status }))).to.deep.equal([
      { amount: usd(9_000), status: 'paid' },
    ]);
    expect((await reports.payouts?.(context, { limit: 10, status: 'failed' }))?.entries).to.be
      .empty;
  });

  it('a key that opens no account is unauthorized', async () => {
    expect(await cardSimulator.check?.(context))
      .to.have.property('reference')
      .that.matches(/^mer_/);
    const settings = { ...context.settings, api_key: 'sk_live' };
    const work = cardSimulator.check?.({ ...context, settings }) ?? Promise.reject();
    expect(await faultOf(work)).to.equal('unauthorized');
  });
});
