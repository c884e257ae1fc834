/**
 * News from a processor: taken in when it is the processor's, looked up before it is believed, and
 * the same books whatever order it comes in.
 */
import { expect } from 'chai';
import { card, startTestSwitch, type TestSwitch } from '../support/app.ts';
import { describeOnEachDatabase } from '../support/databases.ts';
import { permutations } from '../support/permutations.ts';
import { paperDelivery, paperProcessor, type PaperCharge } from '../support/paper-processor.ts';
import { applyDue } from '../../core/incoming/apply.ts';
import { cardSimulator } from '../../connectors/card-simulator/index.ts';

describeOnEachDatabase('news from a processor', (database) => {
  const paper = paperProcessor();
  let app: TestSwitch;
  let account: string;
  let deliveries = 0;

  before(async () => {
    app = await startTestSwitch(await database.open(), {
      connectors: [cardSimulator, paper.connector],
      jobs: false,
    });
    const added = await app.call('/v1/accounts', {
      body: { connector: 'paper', name: 'Paper', settings: { key: 'k' } },
    });
    account = added.body['id'];
  });
  after(() => (app as TestSwitch | undefined)?.stop());
  beforeEach(() => {
    paper.script.next = 'authorized';
  });

  async function pay(more: Record<string, unknown> = {}) {
    const answer = await app.call('/v1/payments', {
      body: {
        amount: 10_000,
        currency: 'USD',
        confirm: true,
        account,
        payment_method: card('4242424242424242'),
        ...more,
      },
    });
    const id = answer.body['id'] ?? answer.body['payment']?.id;
    return { answer, id: id as string, charge: await chargeOf(id) };
  }

  async function chargeOf(id: string): Promise<PaperCharge> {
    const { body } = await app.call(`/v1/payments/${id}/operations`);
    const first = body['data'].find(({ kind }: { kind: string }) => kind === 'authorize');
    return paper.chargeOfOperation(first.id);
  }

  /** Posts one delivery; answers its status. */
  async function post(charge: PaperCharge, type: string, id = `evt_${(deliveries += 1)}`) {
    const { body, headers } = paperDelivery(charge, id, type);
    const answer = await app.call(`/webhooks/${account}`, { body, headers, key: null });
    return answer.status;
  }

  const look = () => applyDue(app.running.incoming);

  async function tell(charge: PaperCharge, type: string) {
    expect(await post(charge, type)).to.equal(200);
    await look();
  }

  const payment = async (id: string) => (await app.call(`/v1/payments/${id}`)).body;

  const events = async (id: string) => {
    const { body } = await app.call(`/v1/events?payment=${id}&limit=100`);
    return (body['data'] as { type: string }[]).map(({ type }) => type).toReversed();
  };

  async function assertBooks() {
    const { body } = await app.call('/v1/ledger/verify', {
      method: 'POST',
      key: app.credentials.admin_key,
    });
    const breaches = body['checks'].flatMap(({ breaches: all }: { breaches: string[] }) => all);
    expect(breaches).to.deep.equal([]);
  }

  it('a customer who finishes elsewhere pays the payment', async () => {
    paper.script.next = 'waiting';
    const { id, charge } = await pay();
    expect((await payment(id))['status']).to.equal('requires_action');
    charge.status = 'authorized';
    charge.captured = charge.amount;
    await tell(charge, 'charge.captured');
    expect(await payment(id)).to.include({ status: 'captured', amount_captured: 10_000 });
  });

  it('a payment that was declined and then paid after all is paid', async () => {
    paper.script.next = 'declined';
    const { id, charge } = await pay();
    expect((await payment(id))['status']).to.equal('failed');
    charge.status = 'authorized';
    charge.captured = charge.amount;
    await tell(charge, 'charge.captured');
    expect((await payment(id))['status']).to.equal('captured');
    expect(await events(id)).to.include('payment.late_success');
  });

  it('a refund made at the processor becomes one of ours, once', async () => {
    const { id, charge } = await pay();
    paper.refund(charge, 4_000);
    await tell(charge, 'refund.created');
    await tell(charge, 'refund.updated');
    const { body } = await app.call(`/v1/refunds?payment=${id}`);
    expect(body['data']).to.have.length(1);
    expect(body['data'][0]).to.include({
      amount: 4_000,
      status: 'succeeded',
      origin: 'processor',
    });
    expect(await payment(id)).to.include({ status: 'partially_refunded', amount_refunded: 4_000 });
  });

  it('our own refund is not booked a second time when news of it comes', async () => {
    const { id, charge } = await pay();
    await app.call('/v1/refunds', { body: { payment: id, amount: 2_500 } });
    await tell(charge, 'refund.created');
    expect(await payment(id)).to.include({ amount_refunded: 2_500 });
  });

  it('a refund that the bank sends back is taken out of the books again', async () => {
    const { id, charge } = await pay();
    const refund = await app.call('/v1/refunds', { body: { payment: id } });
    expect((await payment(id))['status']).to.equal('refunded');
    paper.failRefund(charge, 0);
    await tell(charge, 'refund.failed');
    expect(await payment(id)).to.include({
      status: 'captured',
      amount_refunded: 0,
      amount_refundable: 10_000,
    });
    const shown = await app.call(`/v1/refunds/${refund.body['id']}`);
    expect(shown.body).to.include({ status: 'failed' });
    expect(shown.body['failure']).to.include({ processor_code: 'account_closed' });
    await assertBooks();
  });

  it('a refund that is pending at the processor reserves its money until it is settled', async () => {
    const { id, charge } = await pay();
    paper.refund(charge, 6_000, 'pending');
    await tell(charge, 'refund.created');
    expect(await payment(id)).to.include({ amount_refunded: 0, amount_refundable: 4_000 });
    charge.refunds[0] = { ...charge.refunds[0]!, status: 'succeeded' };
    await tell(charge, 'refund.updated');
    expect(await payment(id)).to.include({ amount_refunded: 6_000, amount_refundable: 4_000 });
  });

  it('a capture and a release at the processor are booked', async () => {
    const { id, charge } = await pay({ capture_method: 'manual' });
    charge.captured = 7_000;
    await tell(charge, 'charge.captured');
    expect(await payment(id)).to.include({
      status: 'partially_captured',
      amount_captured: 7_000,
    });
    charge.released = 'voided';
    await tell(charge, 'charge.updated');
    expect(await payment(id)).to.include({ status: 'captured', amount_voided: 3_000 });
    const { body } = await app.call(`/v1/payments/${id}/operations`);
    const origins = body['data'].map(({ origin }: { origin: string }) => origin);
    expect(origins).to.deep.equal(['merchant', 'processor', 'processor']);
    await assertBooks();
  });

  it('an authorization that the processor let expire is expired', async () => {
    const { id, charge } = await pay({ capture_method: 'manual' });
    charge.released = 'expired';
    await tell(charge, 'charge.expired');
    expect(await payment(id)).to.include({ status: 'expired', amount_voided: 10_000 });
  });

  it('a dispute takes the money, a won one brings it back', async () => {
    const { id, charge } = await pay();
    paper.dispute(charge);
    await tell(charge, 'dispute.created');
    expect(await payment(id)).to.include({ amount_disputed: 10_000, amount_refundable: 0 });
    const { body } = await app.call(`/v1/disputes?payment=${id}`);
    expect(body['data'][0]).to.include({
      status: 'needs_response',
      amount: 10_000,
      amount_withdrawn: 10_000,
      processor_reason: '10.4',
    });
    paper.dispute(charge, { status: 'won', withdrawn: { amount: 0, currency: 'USD' } });
    await tell(charge, 'dispute.closed');
    expect(await payment(id)).to.include({ amount_disputed: 0, amount_refundable: 10_000 });
    expect(await events(id)).to.include.members(['dispute.opened', 'dispute.won']);
    const closed = await app.call(`/v1/disputes/${body['data'][0].id}`);
    expect(closed.body).to.include({ status: 'won', amount_withdrawn: 0 });
    await assertBooks();
  });

  it('more refunded than was captured calls a person, once, and changes no money', async () => {
    const { id, charge } = await pay();
    paper.refund(charge, 10_001);
    await tell(charge, 'refund.created');
    await tell(charge, 'refund.updated');
    expect(await payment(id)).to.include({ status: 'captured', amount_refunded: 0 });
    const told = (await events(id)).filter((type) => type === 'payment.needs_operator');
    expect(told).to.have.length(1);
  });

  it('a repeat is answered like the first and filed once', async () => {
    const { charge } = await pay();
    for (let time = 1; time <= 3; time += 1) {
      expect(await post(charge, 'charge.captured', 'evt_repeated')).to.equal(200);
    }
    const { body } = await app.call('/v1/incoming_webhooks?limit=100');
    const filed = body['data'].filter(
      ({ delivery_id: delivery }: { delivery_id: string }) => delivery === 'evt_repeated',
    );
    expect(filed).to.have.length(1);
  });

  it('what the processor did not sign is refused, and leaves no row', async () => {
    const { charge } = await pay();
    const { body, headers } = paperDelivery(charge, 'evt_forged', 'x', 'another secret');
    const forged = await app.call(`/webhooks/${account}`, { body, headers, key: null });
    expect(forged.status).to.equal(400);
    expect(forged.body).to.include({ code: 'webhook_refused' });
    const unsigned = await app.call(`/webhooks/${account}`, { body, key: null });
    expect(unsigned.status).to.equal(400);
    const rows = await app.running.db.find('incoming_webhooks', { delivery_id: 'evt_forged' });
    expect(rows).to.deep.equal([]);
  });

  it('an address that takes no webhooks is not there', async () => {
    const path = '/webhooks/acct_01234567890123456789012345';
    expect((await app.call(path, { body: '{}', key: null })).status).to.equal(404);
  });

  it('news of what is not ours yet waits, and is left alone after ten minutes', async () => {
    const { charge } = await pay();
    const stranger = { ...charge, operationId: 'op_01234567890123456789012345' };
    await tell(stranger, 'charge.captured');
    const find = async () => {
      const { body } = await app.call('/v1/incoming_webhooks?limit=1');
      return body['data'][0];
    };
    expect(await find()).to.include({ state: 'waiting' });
    app.clock.advance(11 * 60_000);
    await look();
    expect(await find()).to.include({ state: 'ignored' });
  });

  it('is shown with the beginning of its body, and looked at again on request', async () => {
    const { id, charge } = await pay();
    await tell(charge, 'charge.captured');
    const { body } = await app.call(`/v1/incoming_webhooks?payment=${id}`);
    const filed = body['data'][0];
    const shown = await app.call(`/v1/incoming_webhooks/${filed.id}`);
    expect(shown.body['body']).to.contain(charge.operationId);
    paper.refund(charge, 1_000);
    const again = await app.call(`/v1/incoming_webhooks/${filed.id}/replay`, { method: 'POST' });
    expect(again.status).to.equal(202);
    await look();
    expect(await payment(id)).to.include({ amount_refunded: 1_000 });
  });

  it('all 120 orders of five events end in the same books', async () => {
    const orders = permutations([0, 1, 2, 3, 4]);
    expect(orders).to.have.length(120);
    for (const order of orders) {
      paper.script.next = 'waiting';
      const { id, charge } = await pay();
      // Each tells of one step; by the time it arrives the processor may be further on.
      charge.status = 'authorized';
      charge.captured = charge.amount;
      const types = ['authorized', 'captured', 'refunded', 'dispute.created', 'dispute.closed'];
      paper.refund(charge, 3_000);
      const disputed = { amount: 7_000, currency: 'USD' };
      paper.dispute(charge, { amount: disputed, withdrawn: disputed });
      for (const [place, at] of order.entries()) {
        if (place === 3) {
          const withdrawn = { amount: 0, currency: 'USD' };
          paper.dispute(charge, { status: 'won', amount: disputed, withdrawn });
        }
        expect(await post(charge, types[at] ?? '')).to.equal(200);
        if (place % 2 === 0) await look();
      }
      await look();
      expect(await payment(id), order.join()).to.include({
        status: 'partially_refunded',
        amount_captured: 10_000,
        amount_refunded: 3_000,
        amount_disputed: 0,
        amount_refundable: 7_000,
      });
    }
    await assertBooks();
  }).timeout(120_000);
});
