/** Every fault: what the caller sees, and what the ledger says happened. */
import { expect } from 'chai';
import { faultNames, type FaultName } from './faults.ts';
import { startProcessor, type Processor } from './server.ts';
import { chargeBody, SimulatorClient, type Reading } from './spec-client.ts';

describe('card simulator: faults on request', () => {
  let processor: Processor;
  let client: SimulatorClient;
  let nowMs = Date.UTC(2030, 0, 1);
  const tried = new Set<FaultName>();

  before(async () => {
    processor = await startProcessor({ now: () => nowMs });
    client = new SimulatorClient(processor.url);
  });
  after(() => processor.close());
  afterEach(() => client.send('DELETE', '/control/faults'));

  const booked = async (reference: string): Promise<unknown> =>
    (await client.get(`/ledger?reference=${reference}`)).body['count'];

  function faulty(fault: FaultName, suffix = '') {
    tried.add(fault);
    return chargeBody({ metadata: { simulate: fault + suffix } });
  }

  const answered: [FaultName, boolean, (reading: Reading) => void][] = [
    ['error_before', false, ({ status }) => expect(status).to.equal(500)],
    ['error_after', true, ({ status }) => expect(status).to.equal(500)],
    ['status_429', false, ({ status }) => expect(status).to.equal(429)],
    ['status_503', false, ({ status }) => expect(status).to.equal(503)],
    ['html', true, ({ status, text }) => expect([status, text[0]]).to.deep.equal([200, '<'])],
    ['empty', true, ({ status, text }) => expect([status, text]).to.deep.equal([200, ''])],
    ['wrong_amount', true, ({ body }) => expect(body).to.include({ amount: 10_001 })],
    ['wrong_currency', true, ({ body }) => expect(body).to.include({ currency: 'XXX' })],
    ['wrong_reference', true, ({ body }) => expect(body['reference']).to.match(/x$/)],
    ['invented_status', true, ({ body }) => expect(body['status']).to.match(/quantum/)],
  ];
  for (const [fault, done, check] of answered) {
    it(`${fault}: ${done ? 'done' : 'nothing is done'}; a repeat goes well`, async () => {
      const body = faulty(fault);
      check(await client.post('/v1/charges', body));
      expect(await booked(body.reference)).to.equal(done ? 1 : 0);
      const again = await client.post('/v1/charges', body);
      expect(again.body).to.include({ status: 'captured', amount: 10_000, replayed: done });
      expect(await booked(body.reference)).to.equal(1);
    });
  }

  const broken: [FaultName, boolean][] = [
    ['reset_before', false],
    ['reset_after', true],
    ['cut_body', true],
  ];
  for (const [fault, done] of broken) {
    it(`${fault} breaks the connection; ${done ? 'it is done' : 'nothing is done'}`, async () => {
      const body = faulty(fault);
      const failure = await client.post('/v1/charges', body).catch((cause: unknown) => cause);
      expect(failure).to.be.instanceOf(TypeError);
      expect(await booked(body.reference)).to.equal(done ? 1 : 0);
    });
  }

  for (const [fault, done] of [
    ['timeout_before', false],
    ['timeout_after', true],
  ] as const) {
    it(`${fault} hangs until the caller leaves; ${done ? 'done' : 'not done'}`, async () => {
      tried.add(fault);
      await client.post('/control/faults', { kind: 'authorize', fault });
      const body = chargeBody();
      const caller = new AbortController();
      const sent = client.send('POST', '/v1/charges', JSON.stringify(body), caller.signal);
      const failed = sent.then(
        () => 'answered',
        () => 'left',
      );
      // The fault has struck, and what it lets through is booked: then the caller gives up.
      while ((await client.get('/control/faults')).body.rules[0]?.fired !== 1);
      while (done && (await booked(body.reference)) === 0);
      caller.abort();
      expect(await failed).to.equal('left');
      expect(await booked(body.reference)).to.equal(done ? 1 : 0);
    });
  }

  it('a hang ends when the processor closes', async () => {
    const other = await startProcessor();
    const stranded = new SimulatorClient(other.url);
    const body = chargeBody({ metadata: { simulate: 'timeout_after' } });
    const failed = stranded.post('/v1/charges', body).catch(() => 'ended');
    while ((await stranded.get('/ledger')).body['count'] === 0);
    await other.close();
    expect(await failed).to.equal('ended');
  });

  it('latency only delays, by charge or for everyone', async () => {
    const slow = await client.post('/v1/charges', faulty('latency', ':1'));
    expect(slow.body).to.include({ status: 'captured' });
    const settings = await client.post('/control/settings', { latency_ms: 1 });
    expect(settings.body).to.deep.equal({ deduplicate: true, latency_ms: 1 });
    expect((await client.post('/v1/charges', chargeBody())).status).to.equal(200);
    await client.post('/control/settings', { latency_ms: 0 });
  });

  it('not_found_lag hides an operation from look-ups for a while', async () => {
    const body = faulty('not_found_lag', ':500');
    expect((await client.post('/v1/charges', body)).body).to.include({ status: 'captured' });
    const path = `/v1/operations?reference=${body.reference}`;
    expect((await client.get(path)).status).to.equal(404);
    nowMs += 500;
    expect((await client.get(path)).status).to.equal(200);
  });

  it('a refund takes its fault from its own body; decline moves no money', async () => {
    tried.add('decline');
    const { id } = (await client.post('/v1/charges', chargeBody())).body;
    const refund = { reference: 'op_no', amount: 500, simulate: 'decline' };
    for (const replayed of [false, true]) {
      const { status, body } = await client.post(`/v1/charges/${id}/refunds`, refund);
      expect(status).to.equal(402);
      expect(body).to.include({ status: 'declined', amount_refunded: 0, replayed });
    }
    const broke = { reference: 'op_broke', amount: 500, simulate: { fault: 'error_after' } };
    expect((await client.post(`/v1/charges/${id}/refunds`, broke)).status).to.equal(500);
    expect(await booked('op_broke')).to.equal(1);
  });

  it('rules strike by kind, merchant and count, and can be listed and cleared', async () => {
    const rule = { kind: 'lookup', fault: 'status_503', times: 1, api_key: 'sim_spec' };
    expect((await client.post('/control/faults', rule)).status).to.equal(201);
    expect((await client.post('/v1/charges', chargeBody())).status).to.equal(200);
    const stranger = new SimulatorClient(processor.url, 'sim_stranger');
    expect((await stranger.get('/v1/charges')).status).to.equal(200);
    expect((await client.get('/v1/charges')).status).to.equal(503);
    expect((await client.get('/v1/charges')).status).to.equal(200);
    const { rules } = (await client.get('/control/faults')).body;
    expect(rules[0]).to.include({ fired: 1, times_left: 0, kind: 'lookup' });
    const cleared = await client.send('DELETE', '/control/faults');
    expect(cleared.body['rules']).to.have.length(0);
    const wrong = await client.post('/control/faults', { fault: 'earthquake' });
    expect(wrong.status).to.equal(400);
  });

  it('the same seed makes the same storm', async () => {
    const storm = async () => {
      await client.post('/control/faults', { fault: 'status_503', probability: 0.5, seed: 7 });
      const seen: number[] = [];
      for (let call = 0; call < 24; call += 1) {
        seen.push((await client.get('/v1/charges?limit=1')).status);
      }
      await client.send('DELETE', '/control/faults');
      return seen;
    };
    const first = await storm();
    expect(new Set(first)).to.deep.equal(new Set([200, 503]));
    expect(await storm()).to.deep.equal(first);
  });

  it('every fault there is has a test', () => {
    const elsewhere = ['duplicate_webhooks', 'reordered_webhooks'];
    expect([...tried, ...elsewhere].toSorted()).to.deep.equal(faultNames.toSorted());
  });
});
