/** The processor's money rules, over real HTTP. */
import { expect } from 'chai';
import { startProcessor, type Processor } from './server.ts';
import { chargeBody, SimulatorClient } from './spec-client.ts';

describe('card simulator: the processor', () => {
  let processor: Processor;
  let client: SimulatorClient;

  before(async () => {
    processor = await startProcessor();
    client = new SimulatorClient(processor.url);
  });
  after(() => processor.close());

  const authorize = async (changes = {}, number?: string) =>
    (await client.post('/v1/charges', chargeBody({ capture: false, ...changes }, number))).body;

  describe('the same reference', () => {
    it('twenty times at once charges once', async () => {
      const body = chargeBody();
      const replies = await Promise.all(
        Array.from({ length: 20 }, () => client.post('/v1/charges', body)),
      );
      expect(new Set(replies.map((reply) => reply.body.id)).size).to.equal(1);
      expect(replies.filter((reply) => !reply.body.replayed)).to.have.length(1);
      const ledger = await client.get(`/ledger?reference=${body.reference}`);
      expect(ledger.body).to.deep.include({
        count: 1,
        totals: { USD: { authorized: 10_000, captured: 10_000, refunded: 0, voided: 0 } },
      });
    });

    it('answers a decline again, status and all', async () => {
      const body = chargeBody({}, '4000000000009995');
      const first = await client.post('/v1/charges', body);
      const again = await client.post('/v1/charges', body);
      expect(again.status).to.equal(first.status);
      expect(again.body).to.deep.equal({ ...first.body, replayed: true });
    });

    it('with another amount, currency or kind is refused', async () => {
      const body = chargeBody({ capture: false });
      const { id } = (await client.post('/v1/charges', body)).body;
      const { reference } = body;
      for (const [path, changed] of [
        ['/v1/charges', { ...body, amount: 1 }],
        ['/v1/charges', { ...body, currency: 'EUR' }],
        [`/v1/charges/${id}/captures`, { reference, amount: body.amount }],
      ] as const) {
        const { status, body: answer } = await client.post(path, changed);
        expect(status).to.equal(409);
        expect(answer.error).to.include({ code: 'reference_reused' });
      }
    });

    it('charges again once deduplication is off', async () => {
      const body = chargeBody();
      await client.post('/control/settings', { deduplicate: false });
      await client.post('/v1/charges', body);
      await client.post('/v1/charges', body);
      await client.post('/control/settings', { deduplicate: true });
      expect((await client.get(`/ledger?reference=${body.reference}`)).body.count).to.equal(2);
    });
  });

  describe('after the authorization', () => {
    const act = async (id: string, what: string, body = {}) => {
      const reference = chargeBody().reference;
      return client.post(`/v1/charges/${id}/${what}`, { reference, ...body });
    };

    it('captures come in parts until the hold is used up', async () => {
      const { id } = await authorize();
      const first = await act(id, 'captures', { amount: 4_000, final: false });
      expect(first.body).to.include({ status: 'succeeded', amount_captured: 4_000 });
      expect(first.body.charge_status).to.equal('authorized');
      const tooMuch = await act(id, 'captures', { amount: 6_001 });
      expect(tooMuch.body.error).to.include({ code: 'amount_too_large' });
      expect(tooMuch.status).to.equal(400);
      const last = await act(id, 'captures', { amount: 6_000 });
      expect(last.body).to.include({ charge_status: 'captured', amount_captured: 10_000 });
      expect((await act(id, 'captures', { amount: 1 })).status).to.equal(422);
    });

    it('a final capture releases the rest', async () => {
      const { id } = await authorize();
      const { body } = await act(id, 'captures', { amount: 4_000, final: true });
      expect(body.charge_status).to.equal('captured');
      expect((await act(id, 'captures', { amount: 1 })).status).to.equal(422);
      expect((await act(id, 'voids')).status).to.equal(422);
    });

    it('refunds come in parts and never exceed what was captured', async () => {
      const { id } = await authorize();
      expect((await act(id, 'refunds', { amount: 1 })).status).to.equal(422);
      await act(id, 'captures', { amount: 5_000 });
      const replies = await Promise.all(
        Array.from({ length: 20 }, () => act(id, 'refunds', { amount: 3_000 })),
      );
      expect(replies.filter((reply) => reply.status === 200)).to.have.length(1);
      expect((await act(id, 'refunds', { amount: 2_001 })).status).to.equal(400);
      const { body } = await act(id, 'refunds', { amount: 2_000 });
      expect(body).to.include({ amount: 2_000, amount_refunded: 5_000 });
    });

    it('a void releases only what is uncaptured', async () => {
      const { id } = await authorize();
      const { body } = await act(id, 'voids', { reason: 'changed my mind' });
      expect(body).to.include({ amount: 10_000, charge_status: 'voided', amount_voided: 10_000 });
      expect((await act(id, 'captures', { amount: 1 })).status).to.equal(422);

      const partly = await authorize();
      await act(partly.id, 'captures', { amount: 3_000 });
      const rest = await act(partly.id, 'voids');
      expect(rest.body).to.include({ amount: 7_000, charge_status: 'captured' });

      const captured = await authorize({ capture: true });
      const refused = await act(captured.id, 'voids');
      expect(refused.body.error).to.include({ code: 'charge_state' });
    });

    it('a held charge is approved or rejected, once', async () => {
      const approved = await authorize({}, '4000000000009235');
      expect((await act(approved.id, 'captures', { amount: 1 })).status).to.equal(422);
      const { body } = await act(approved.id, 'approve');
      expect(body).to.include({ object: 'approve', charge_status: 'authorized', amount: 10_000 });
      expect((await act(approved.id, 'reject')).status).to.equal(422);

      const rejected = await authorize({}, '4000000000009235');
      expect((await act(rejected.id, 'reject')).body.charge_status).to.equal('declined');
    });

    it('a charge nobody authorized yet can be withdrawn and moves no money', async () => {
      const { id, next_action } = await authorize({}, '4000000000003220');
      const { body } = await act(id, 'voids', { amount: 10_000 });
      expect(body).to.include({ charge_status: 'voided', amount_voided: 0 });
      const { pathname } = new URL(next_action.url);
      await client.send('POST', pathname, 'outcome=approve');
      expect((await client.get(`/v1/charges/${id}`)).body).to.include({
        status: 'voided',
        amount_authorized: 0,
      });
    });
  });

  describe('asking', () => {
    it('finds any operation by its reference, for its own merchant only', async () => {
      const { id, reference } = await authorize();
      const refundless = await client.post(`/v1/charges/${id}/captures`, {
        reference: 'op_find_me',
        amount: 10_000,
      });
      const found = await client.get('/v1/operations?reference=op_find_me');
      expect(found.body).to.include({ object: 'capture', id: refundless.body.id });
      expect((await client.get(`/v1/operations?reference=${reference}`)).body.id).to.equal(id);
      const stranger = new SimulatorClient(processor.url, 'sim_stranger');
      for (const path of ['/v1/operations?reference=op_find_me', `/v1/charges/${id}`]) {
        expect((await stranger.get(path)).status).to.equal(404);
      }
      const absent = await client.get('/v1/operations?reference=op_never');
      expect(absent.body.error).to.include({ code: 'unknown_reference' });
    });

    it('lists charges by time, in pages', async () => {
      let nowMs = Date.UTC(2030, 0, 1);
      const clocked = await startProcessor({ now: () => nowMs });
      const merchant = new SimulatorClient(clocked.url);
      const ids: unknown[] = [];
      for (let hour = 0; hour < 5; hour += 1) {
        ids.push((await merchant.post('/v1/charges', chargeBody())).body.id);
        nowMs += 3_600_000;
      }
      const idsOf = async (query: string) =>
        (await merchant.get(`/v1/charges?${query}`)).body.data.map((charge) => charge.id);
      const window = 'created_from=2030-01-01T01:00:00Z&created_to=2030-01-01T04:00:00Z';
      expect(await idsOf(window)).to.deep.equal(ids.slice(1, 4));
      expect(await idsOf(`${window}&limit=2`)).to.deep.equal(ids.slice(1, 3));
      expect(await idsOf(`${window}&limit=2&after=${ids[2]}`)).to.deep.equal(ids.slice(3, 4));
      expect((await merchant.get('/ledger?from=2030-01-01T03:00:00Z')).body.count).to.equal(2);
      const page = await merchant.get(`/ledger?limit=2&after=${ids[0]}`);
      expect(page.body.operations).to.have.length(2);
      expect(page.body).to.include({ count: 5, has_more: true });
      await clocked.close();
    });
  });
});
