/** Disputes at Stripe: the money they take and give back, the evidence, giving in. */
import { expect } from 'chai';
import { describeOnEachDatabase } from '../support/databases.ts';
import { eventually } from './place.ts';
import { stripeShop, token } from './stripe-shop.ts';

describeOnEachDatabase('disputes at Stripe', (database) => {
  const shop = stripeShop(database);

  /** A payment whose cardholder asks for his money back a moment later. */
  async function disputed() {
    const paid = await shop().pay(token('createDispute'));
    const dispute = await shop().dispute(paid['id'], 'needs_response');
    return { payment: paid['id'], dispute };
  }

  const entriesOf = async (payment: string) => {
    const { body } = await shop().app.call(`/v1/payments/${payment}/operations`);
    return body['data'].map(({ kind, amount, origin }: Record<string, unknown>) => [
      kind,
      amount,
      origin,
    ]);
  };

  const eventsOf = async () => {
    const { body } = await shop().app.call('/v1/events?limit=100');
    return body['data'].map(({ type }: { type: string }) => type);
  };

  it('take the money out of the books, and none of it can be refunded', async () => {
    const { payment, dispute } = await disputed();
    expect(dispute).to.include({
      stage: 'dispute',
      reason: 'fraudulent',
      amount: 2_500,
      amount_withdrawn: 2_500,
    });
    expect(dispute['evidence_due_at']).to.be.a('string');
    const found = await shop().payment(payment);
    expect(found).to.include({ amount_disputed: 2_500, amount_refundable: 0 });
    expect(await entriesOf(payment)).to.deep.include(['dispute', 2_500, 'processor']);
    expect(await eventsOf()).to.include('dispute.opened');
    const { body } = await shop().app.call('/v1/refunds', { body: { payment } });
    expect(body['code']).to.equal('payment_state');
  });

  it('are won by evidence, and the money comes back', async () => {
    const { payment, dispute } = await disputed();
    const path = `/v1/disputes/${dispute['id']}/evidence`;
    const first = { fields: { customer_name: 'Jane Doe' } };
    const kept = await shop().post(path, first, 200);
    expect(kept).to.include({ status: 'needs_response' });
    const more = { fields: { statement: 'winning_evidence' }, submit: true };
    const sent = await shop().post(path, more, 200);
    expect(sent['evidence']).to.deep.equal({
      customer_name: 'Jane Doe',
      statement: 'winning_evidence',
    });
    const won = await shop().dispute(payment, 'won');
    expect(won).to.include({ amount_withdrawn: 0 });
    const found = await shop().payment(payment);
    expect(found).to.include({ amount_disputed: 0, amount_refundable: 2_500 });
    expect(await entriesOf(payment)).to.deep.include(['reinstatement', 2_500, 'processor']);
    expect(await eventsOf()).to.include('dispute.won');
    const at = shop().dashboard.look('dispute', String(dispute['reference']));
    expect(at?.evidence).to.include({ customer_name: 'Jane Doe' });
  });

  it('are lost, and nobody is heard any more', async () => {
    const { payment, dispute } = await disputed();
    const path = `/v1/disputes/${dispute['id']}/evidence`;
    await shop().post(path, { fields: { statement: 'losing_evidence' }, submit: true }, 200);
    const lost = await shop().dispute(payment, 'lost');
    expect(lost).to.include({ amount_withdrawn: 2_500 });
    expect(lost['closed_at']).to.be.a('string');
    const found = await shop().payment(payment);
    expect(found).to.include({ amount_disputed: 2_500, amount_refundable: 0 });
    const late = await shop().post(path, { fields: { customer_name: 'x' } }, 409);
    expect(late).to.include({ code: 'dispute_state', dispute_status: 'lost' });
  });

  it('can be given in to', async () => {
    const { payment, dispute } = await disputed();
    const path = `/v1/disputes/${dispute['id']}/accept`;
    const { status, body: given } = await shop().app.call(path, { method: 'POST' });
    expect([status, given['status']]).to.deep.equal([200, 'lost']);
    expect(await shop().payment(payment)).to.include({ amount_disputed: 2_500 });
    const at = shop().dashboard.look('dispute', String(dispute['reference']));
    expect(at?.status).to.equal('lost');
  });

  it('of a part leave the rest refundable', async () => {
    const paid = await shop().pay(token('visa'));
    shop().dashboard.openDispute(await shop().intentOf(paid['id']), { amount: 1_000 });
    await shop().dispute(paid['id'], 'needs_response');
    const found = await shop().payment(paid['id']);
    expect(found).to.include({ amount_disputed: 1_000, amount_refundable: 1_500 });
  });

  it('that are only asked about take nothing until they are more than that', async () => {
    const paid = await shop().pay(token('visa'));
    const intent = await shop().intentOf(paid['id']);
    const { id } = shop().dashboard.openDispute(intent, { inquiry: true });
    const asked = await shop().dispute(paid['id'], 'needs_response');
    expect(asked).to.include({ stage: 'inquiry', amount_withdrawn: 0 });
    expect(await shop().payment(paid['id'])).to.include({ amount_disputed: 0 });
    shop().dashboard.escalateDispute(id);
    const taken = await eventually(
      () => shop().payment(paid['id']),
      (found) => found['amount_disputed'] === 2_500,
    );
    expect(taken['amount_refundable']).to.equal(0);
    expect(await shop().dispute(paid['id'], 'needs_response')).to.include({ stage: 'dispute' });
  });

  it('an answer that was lost is given again as the same one', async () => {
    const { fake, app } = shop();
    const { payment, dispute } = await disputed();
    const path = `/v1/disputes/${dispute['id']}/evidence`;
    const evidence = { fields: { product_description: 'A chair' }, submit: true };
    const lost = { method: 'POST', path: `/v1/disputes/${dispute['reference']}` };
    await shop().settled();
    fake.webhooks.hold();
    fake.faults.next(1, lost, { kind: 'close', acted: true });
    // The key is what makes the second request the same one.
    const request = { body: evidence, headers: { 'idempotency-key': dispute['id'] } };
    const first = await app.call(path, request);
    expect([first.status, first.body['code']]).to.deep.equal([502, 'processor_unreachable']);
    const again = await app.call(path, request);
    expect([again.status, again.body['status']]).to.deep.equal([200, 'under_review']);
    await fake.webhooks.release();
    const reviewed = await shop().dispute(payment, 'under_review');
    expect(reviewed['evidence']).to.deep.equal(evidence.fields);
    const at = shop().dashboard.look('dispute', String(dispute['reference']));
    expect(at?.evidence_details).to.include({ has_evidence: true, submission_count: 1 });
  });
});
