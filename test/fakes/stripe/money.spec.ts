/** Refunds, disputes and payouts at the fake, driven by Stripe's own client. */
import { expect } from 'chai';
import type Stripe from 'stripe';
import { cardsOnly, eventTypes, refusal, useFake } from './spec-client.ts';

describe('the fake Stripe: refunds, disputes, payouts', () => {
  const bench = useFake();
  const paid = (card = 'pm_card_visa'): Promise<Stripe.PaymentIntent> =>
    bench.client.paymentIntents.create({
      amount: 1000,
      currency: 'usd',
      confirm: true,
      automatic_payment_methods: cardsOnly,
      payment_method: card,
    });
  const dashboard = () => bench.fake.dashboard('sk_test_shop');

  after(() => expect(bench.fake.violations()).to.deep.equal([]));

  it('refunds in parts until the charge is empty', async () => {
    const { id } = await paid();
    const { refunds } = bench.client;
    const first = await refunds.create({ payment_intent: id, amount: 400 });
    expect(first).to.include({ status: 'succeeded', amount: 400 });
    const more = await refusal(refunds.create({ payment_intent: id, amount: 601 }));
    expect(more.param).to.equal('amount');
    const rest = await refunds.create({ payment_intent: id, reason: 'requested_by_customer' });
    expect(rest.amount).to.equal(600);
    const again = await refusal(refunds.create({ payment_intent: id }));
    expect(again.code).to.equal('charge_already_refunded');
    const { data } = await refunds.list({ payment_intent: id });
    expect(data.map((it) => it.id)).to.deep.equal([rest.id, first.id]);
    const charges = await bench.client.charges.list({
      payment_intent: id,
      expand: ['data.refunds'],
    });
    expect(charges.data[0]).to.include({ refunded: true, amount_refunded: 1000 });
    expect(charges.data[0]?.refunds?.data).to.have.length(2);
  });

  it('refunds only what was captured of an authorization', async () => {
    const { id } = await bench.client.paymentIntents.create({
      amount: 1000,
      currency: 'usd',
      confirm: true,
      capture_method: 'manual',
      automatic_payment_methods: cardsOnly,
      payment_method: 'pm_card_visa',
    });
    const early = await refusal(bench.client.refunds.create({ payment_intent: id }));
    expect(early.message).to.contain('successful charge');
    await bench.client.paymentIntents.capture(id, { amount_to_capture: 700 });
    const refund = await bench.client.refunds.create({ payment_intent: id });
    expect(refund.amount).to.equal(700);
  });

  it('keeps a refund pending until the bank has taken it', async () => {
    const { id } = await paid('pm_card_pendingRefund');
    const refund = await bench.client.refunds.create({ payment_intent: id });
    expect(refund).to.include({ status: 'pending', pending_reason: 'processing' });
    const early = await refusal(bench.client.refunds.cancel(refund.id));
    expect(early.message).to.contain('cannot be canceled');
    dashboard().moveRefund(refund.id, 'succeeded');
    expect((await bench.client.refunds.retrieve(refund.id)).status).to.equal('succeeded');
  });

  it('takes the money back when a refund fails after it succeeded', async () => {
    const { id } = await paid('pm_card_refundFail');
    const refund = await bench.client.refunds.create({ payment_intent: id });
    expect(refund.status).to.equal('succeeded');
    dashboard().moveRefund(refund.id, 'failed');
    const read = await bench.client.refunds.retrieve(refund.id, {
      expand: ['charge', 'failure_balance_transaction'],
    });
    expect(read).to.include({ status: 'failed', failure_reason: 'expired_or_canceled_card' });
    expect(read.charge).to.include({ amount_refunded: 0, refunded: false });
    expect(read.failure_balance_transaction).to.include({ type: 'refund_failure', amount: 1000 });
    expect(eventTypes(bench)).to.include('refund.failed');
  });

  it('cancels a refund that waits for the customer', async () => {
    const { id } = await paid('pm_card_pendingRefund');
    const refund = await bench.client.refunds.create({ payment_intent: id });
    dashboard().moveRefund(refund.id, 'requires_action');
    expect((await bench.client.refunds.cancel(refund.id)).status).to.equal('canceled');
  });

  const disputeOf = async (intent: string): Promise<Stripe.Dispute> => {
    const { data } = await bench.client.disputes.list({ payment_intent: intent });
    expect(data).to.have.length(1);
    return data[0]!;
  };

  it('wins a dispute with winning evidence', async () => {
    const dispute = await disputeOf((await paid('pm_card_createDispute')).id);
    expect(dispute).to.include({ status: 'needs_response', reason: 'fraudulent', amount: 1000 });
    const evidence = { customer_name: 'Jenny', uncategorized_text: 'winning_evidence' };
    const staged = await bench.client.disputes.update(dispute.id, { evidence, submit: false });
    expect(staged).to.include({ status: 'needs_response' });
    expect(staged.evidence_details).to.include({ has_evidence: true, submission_count: 0 });
    const sent = await bench.client.disputes.update(dispute.id, { evidence });
    expect(sent.status).to.equal('under_review');
    const read = await bench.client.disputes.retrieve(dispute.id);
    expect(read.status).to.equal('won');
    expect(read.balance_transactions.map(({ amount, fee }) => [amount, fee])).to.deep.equal([
      [-1000, 1500],
      [1000, 0],
    ]);
    const late = await refusal(bench.client.disputes.update(dispute.id, { evidence }));
    expect(late.message).to.contain('won');
    expect(eventTypes(bench).slice(-3)).to.deep.equal([
      'charge.dispute.updated',
      'charge.dispute.funds_reinstated',
      'charge.dispute.closed',
    ]);
  });

  it('loses a dispute with losing evidence, or when it is accepted', async () => {
    const first = await disputeOf((await paid('pm_card_createDisputeProductNotReceived')).id);
    const evidence = { uncategorized_text: 'losing_evidence' };
    await bench.client.disputes.update(first.id, { evidence });
    expect((await bench.client.disputes.retrieve(first.id)).status).to.equal('lost');
    const second = await disputeOf((await paid('pm_card_createDispute')).id);
    expect((await bench.client.disputes.close(second.id)).status).to.equal('lost');
  });

  it('turns an inquiry into a chargeback when it escalates', async () => {
    const { id } = await paid('pm_card_createDisputeInquiry');
    const inquiry = await disputeOf(id);
    expect(inquiry).to.include({ status: 'warning_needs_response', is_charge_refundable: true });
    expect(inquiry.balance_transactions).to.deep.equal([]);
    const evidence = { uncategorized_text: 'escalate_inquiry_evidence' };
    const sent = await bench.client.disputes.update(inquiry.id, { evidence });
    expect(sent.status).to.equal('warning_under_review');
    const read = await bench.client.disputes.retrieve(inquiry.id);
    expect(read).to.include({ status: 'needs_response', is_charge_refundable: false });
    const refund = await refusal(bench.client.refunds.create({ payment_intent: id }));
    expect(refund.code).to.equal('charge_disputed');
  });

  it('is told of disputes and refunds made elsewhere', async () => {
    const { id } = await paid();
    dashboard().refund(id, { amount: 250 });
    const { data } = await bench.client.refunds.list({ payment_intent: id });
    expect(data.map(({ amount }) => amount)).to.deep.equal([250]);
    const { amount } = dashboard().openDispute(id, { reason: 'duplicate' });
    expect(amount).to.equal(750);
    expect((await disputeOf(id)).reason).to.equal('duplicate');
  });

  it('pays out what has come in, and lists what a payout consists of', async () => {
    await paid();
    const { id, amount } = dashboard().payOut();
    const parts = await bench.client.balanceTransactions.list({ payout: id, limit: 100 });
    const own = parts.data.filter(({ type }) => type === 'payout');
    const rest = parts.data.filter(({ type }) => type !== 'payout');
    expect(own.map((it) => it.amount)).to.deep.equal([-amount]);
    expect(rest.reduce((sum, { net }) => sum + net, 0)).to.equal(amount);
    expect(
      (await bench.client.payouts.list({ status: 'paid' })).data.map((it) => it.id),
    ).to.include(id);
    dashboard().movePayout(id, 'failed');
    const payout = await bench.client.payouts.retrieve(id, {
      expand: ['failure_balance_transaction'],
    });
    expect(payout).to.include({ status: 'failed', failure_code: 'account_closed' });
    expect(payout.failure_balance_transaction).to.include({ type: 'payout_failure', amount });
    const balance = await bench.client.balance.retrieve();
    expect(balance.available[0]?.currency).to.equal('usd');
  });

  it('lets an authorization expire', async () => {
    const { id } = await bench.client.paymentIntents.create({
      amount: 1000,
      currency: 'usd',
      confirm: true,
      capture_method: 'manual',
      automatic_payment_methods: cardsOnly,
      payment_method: 'pm_card_visa',
    });
    dashboard().expireAuthorization(id);
    const intent = await bench.client.paymentIntents.retrieve(id);
    expect(intent).to.include({ status: 'canceled', cancellation_reason: 'automatic' });
    expect(eventTypes(bench).slice(-2)).to.deep.equal([
      'charge.expired',
      'payment_intent.canceled',
    ]);
  });
});
