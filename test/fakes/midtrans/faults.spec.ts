/** Ordered faults, and Idempotency-Key, which is what a client has against them. */
import { expect } from 'chai';
import type { FaultOptions } from './faults.ts';
import { chargeBody, openContext, rejection, send, type SpecContext } from './spec-context.ts';

const minuteMs = 60_000;

describe('the fake’s faults and its Idempotency-Key', () => {
  let context: SpecContext;
  beforeEach(async () => {
    context = await openContext();
  });
  afterEach(async () => {
    await context.close();
  });

  const charge = (id: string, headers: Record<string, string> = {}) =>
    send(`${context.fake.apiUrl}/v2/charge`, {
      body: chargeBody(id, 20_000, { payment_type: 'qris' }),
      headers,
    });
  const keyed = (id: string, key: string) => charge(id, { 'idempotency-key': key });
  const exists = async (id: string) => {
    const { body } = await send(`${context.fake.apiUrl}/v2/${id}/status`);
    return body['status_code'] === '201';
  };
  const order = (kind: FaultOptions['kind'], times = 1) =>
    context.fake.faults.add({ on: 'POST /v2/charge', kind, times });
  const failed = async (work: Promise<unknown>) => {
    const result = await work.then(
      () => 'answered',
      () => 'broken',
    );
    return result === 'broken';
  };

  it('answer in place of acting, as often as ordered', async () => {
    const kinds = ['unauthorized', 'throttled', 'internal_error', 'bad_gateway'] as const;
    const answers = [];
    for (const kind of kinds) {
      const fault = order(kind, 2);
      answers.push([(await charge('A-1')).status, (await charge('A-1')).status]);
      expect(fault.hits, kind).to.equal(2);
    }
    expect(answers).to.deep.equal([
      [401, 401],
      [429, 429],
      [500, 500],
      [502, 502],
    ]);
    expect(await exists('A-1')).to.equal(false);
    expect((await charge('A-1')).body['status_code']).to.equal('201');
  });

  it('are HTML where a proxy speaks, and Snap’s own shape on its side', async () => {
    order('bad_gateway');
    expect((await charge('A-2')).text).to.match(/^<!doctype html>/);
    context.fake.faults.add({ on: /snap/, kind: 'internal_error' });
    const error = await rejection(context.snap.createTransaction(chargeBody('A-2', 1, {})));
    expect(error).to.have.property('httpStatusCode', 500);
    expect(error.ApiResponse).to.have.property('error_messages');
    order({ answer: { http: 200, body: '{"status_code":', contentType: 'text/plain' } });
    expect((await charge('A-2')).text).to.equal('{"status_code":');
  });

  it('close the connection before acting, or after', async () => {
    order('close_before');
    expect(await failed(charge('B-1'))).to.equal(true);
    expect(await exists('B-1')).to.equal(false);
    order('close_after');
    expect(await failed(charge('B-2'))).to.equal(true);
    expect(await exists('B-2')).to.equal(true);
  });

  it('leave the caller hanging, before acting or after', async () => {
    for (const kind of ['hang', 'hang_after'] as const) {
      order(kind);
      const caller = new AbortController();
      const id = `C-${kind}`;
      const before = context.fake.requests.length;
      const hung = failed(
        send(`${context.fake.apiUrl}/v2/charge`, {
          body: chargeBody(id, 20_000, { payment_type: 'qris' }),
          signal: caller.signal,
        }),
      );
      while (context.fake.requests.length === before) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      caller.abort();
      expect(await hung, kind).to.equal(true);
      expect(await exists(id), kind).to.equal(kind === 'hang_after');
    }
  });

  it('keep an answer back until it is released', async () => {
    const fault = order('pause');
    const work = charge('D-1');
    await fault.reached;
    expect(await exists('D-1'), 'acted upon').to.equal(true);
    fault.release();
    expect((await work).body['status_code']).to.equal('201');
    order({ delayMs: 1 });
    expect((await charge('D-2')).body['status_code']).to.equal('201');
  });

  it('replays a success for five minutes, whatever the repeat says', async () => {
    const first = await keyed('I-1', 'key-1');
    expect(await keyed('I-1', 'key-1')).to.deep.equal(first);
    expect((await keyed('I-2', 'key-1')).body['order_id'], 'another body').to.equal('I-1');
    expect(await exists('I-2')).to.equal(false);
    context.wait(5 * minuteMs - 1);
    expect(await keyed('I-1', 'key-1')).to.deep.equal(first);
    context.wait(1);
    expect((await keyed('I-1', 'key-1')).body['status_code'], 'afterwards').to.equal('406');
  });

  it('replays what was lost on the way', async () => {
    order('close_after');
    expect(await failed(keyed('L-1', 'key-2'))).to.equal(true);
    expect((await keyed('L-1', 'key-2')).body['status_code']).to.equal('201');
    expect(context.fake.notifications.of('L-1')).to.have.length(1);
  });

  it('keeps no failure, and ignores a key that is too long', async () => {
    await charge('K-1');
    expect((await keyed('K-1', 'key-3')).body['status_code']).to.equal('406');
    expect((await keyed('K-2', 'key-3')).body['status_code']).to.equal('201');
    const long = 'k'.repeat(47);
    await keyed('K-3', long);
    expect((await keyed('K-3', long)).body['status_code']).to.equal('406');
  });

  it('answers HTTP 202 while the twin is running', async () => {
    const fault = order('pause');
    const first = keyed('W-1', 'key-4');
    await fault.reached;
    const twin = await keyed('W-1', 'key-4');
    expect(twin.status).to.equal(202);
    expect(twin.body).to.not.have.property('transaction_status');
    fault.release();
    expect((await first).body['status_code']).to.equal('201');
    expect(await keyed('W-1', 'key-4')).to.deep.equal(await first);
  });
});
