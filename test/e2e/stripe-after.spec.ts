/** What follows a charge at Stripe: captures, voids, lapsed holds, refunds, and its reports. */
import { expect } from 'chai';
import { describeOnEachDatabase } from '../support/databases.ts';
import { eventually } from './place.ts';
import { stripeShop, token } from './stripe-shop.ts';

describeOnEachDatabase('after a charge at Stripe', (database) => {
  const shop = stripeShop(database);

  const capture = (id: string, body: object, status = 200) =>
    shop().post(`/v1/payments/${id}/capture`, body, status);

  const operations = async (id: string) =>
    (await shop().app.call(`/v1/payments/${id}/operations`)).body['data'];

  describe('holds', () => {
    it('are captured in full', async () => {
      const held = await shop().hold();
      expect(await capture(held['id'], {})).to.include({
        status: 'captured',
        amount_captured: 2_500,
      });
    });

    it('are captured in part, and Stripe lets the rest go', async () => {
      const held = await shop().hold();
      const captured = await capture(held['id'], { amount: 1_000, final: true });
      expect(captured).to.include({
        status: 'captured',
        amount_captured: 1_000,
        amount_voided: 1_500,
        amount_refundable: 1_000,
      });
      await shop().settled();
      expect(await shop().refunds(held['id']), 'a release is no refund').to.deep.equal([]);
    });

    it('cannot be captured twice', async () => {
      const held = await shop().hold();
      await capture(held['id'], { amount: 1_000, final: true });
      const { code } = await capture(held['id'], { amount: 1_000 }, 409);
      expect(code).to.equal('payment_state');
    });

    it('are voided', async () => {
      const held = await shop().hold();
      const voided = await shop().post(`/v1/payments/${held['id']}/void`, {}, 200);
      expect(voided).to.include({ status: 'voided', amount_voided: 2_500 });
      const [intent] = await shop().intents(held['id']);
      expect(intent).to.include({ status: 'canceled' });
    });

    it('are captured at Stripe’s dashboard, and the books follow', async () => {
      const held = await shop().hold();
      shop().dashboard.capture(await shop().intentOf(held['id']), 900);
      const captured = await shop().becomes(held['id'], 'captured');
      expect(captured).to.include({ amount_captured: 900, amount_voided: 1_600 });
      const found = await operations(held['id']);
      expect(found.map(({ kind, origin }: { kind: string; origin: string }) => [kind, origin]))
        .to.deep.include(['capture', 'processor'])
        .and.to.deep.include(['void', 'processor']);
    });

    it('are cancelled at Stripe’s dashboard, and the books follow', async () => {
      const held = await shop().hold();
      shop().dashboard.cancel(await shop().intentOf(held['id']));
      expect(await shop().becomes(held['id'], 'voided')).to.include({ amount_voided: 2_500 });
    });

    it('lapse at Stripe', async () => {
      const held = await shop().hold();
      shop().dashboard.expireAuthorization(await shop().intentOf(held['id']));
      expect(await shop().becomes(held['id'], 'expired')).to.include({ amount_voided: 2_500 });
    });

    it('that lapsed at Stripe unheard are not captured', async () => {
      const held = await shop().hold();
      shop().fake.webhooks.hold();
      shop().dashboard.expireAuthorization(await shop().intentOf(held['id']));
      const refused = await capture(held['id'], {}, 502);
      expect(refused['code']).to.equal('processor_refused');
      expect(refused['payment']['amount_captured']).to.equal(0);
      await shop().fake.webhooks.release();
      await shop().becomes(held['id'], 'expired');
    });
  });

  describe('refunds', () => {
    const refund = (payment: string, more: object = {}, status = 201) =>
      shop().post('/v1/refunds', { payment, ...more }, status);

    const refundBecomes = (payment: string, status: string) =>
      eventually(
        () => shop().refunds(payment),
        ([first]) => first?.['status'] === status,
      );

    it('give back parts until nothing is left', async () => {
      const paid = await shop().pay(token('visa'));
      for (const amount of [1_000, 1_500]) {
        const reason = 'requested_by_customer';
        const given = await refund(paid['id'], { amount, reason });
        expect(given).to.include({ status: 'succeeded', amount, reason });
      }
      const done = await shop().becomes(paid['id'], 'refunded');
      expect(done).to.include({ amount_refunded: 2_500, amount_refundable: 0 });
      const one = { payment: paid['id'], amount: 1 };
      const { body } = await shop().app.call('/v1/refunds', { body: one });
      expect(body['code']).to.equal('payment_state');
      expect(await shop().refunds(paid['id'])).to.have.length(2);
    });

    it('of a captured part give back that part', async () => {
      const held = await shop().hold();
      await capture(held['id'], { amount: 1_000, final: true });
      expect(await refund(held['id'])).to.include({ status: 'succeeded', amount: 1_000 });
    });

    it('may take the bank a while', async () => {
      const paid = await shop().pay(token('pendingRefund'));
      const { id, status } = await refund(paid['id'], {}, 202);
      expect(status).to.equal('processing');
      const [made] = shop().dashboard.all('refund').slice(-1);
      expect(made?.metadata).to.include({ pointsman_operation: id });
      await shop().settled();
      if (made?.status === 'pending') shop().dashboard.moveRefund(made.id, 'succeeded');
      await refundBecomes(paid['id'], 'succeeded');
      await shop().becomes(paid['id'], 'refunded');
    });

    it('may fail after they succeeded, and the money can be given back again', async () => {
      const paid = await shop().pay(token('visa'));
      const given = await refund(paid['id'], { amount: 700 });
      expect(given['status']).to.equal('succeeded');
      const [made] = shop().dashboard.all('refund').slice(-1);
      shop().dashboard.moveRefund(made?.id ?? '', 'failed');
      const [failed] = await refundBecomes(paid['id'], 'failed');
      expect(failed?.['failure']).to.include({ processor_code: 'expired_or_canceled_card' });
      const back = await shop().payment(paid['id']);
      expect(back).to.include({ status: 'captured', amount_refunded: 0, amount_refundable: 2_500 });
      expect(await refund(paid['id'])).to.include({ status: 'succeeded', amount: 2_500 });
    });

    it('from Stripe’s dashboard are booked as the processor’s', async () => {
      const paid = await shop().pay(token('visa'));
      shop().dashboard.refund(await shop().intentOf(paid['id']), { amount: 400 });
      const part = await shop().becomes(paid['id'], 'partially_refunded');
      expect(part).to.include({ amount_refunded: 400, amount_refundable: 2_100 });
      const [found] = await shop().refunds(paid['id']);
      expect(found).to.include({ origin: 'processor', amount: 400, status: 'succeeded' });
    });
  });

  describe('reports', () => {
    it('tell the movements of the balance and what was paid out', async () => {
      const { app, account, dashboard } = shop();
      const paid = await shop().pay(token('visa'), { amount: 8_000 });
      await shop().post('/v1/refunds', { payment: paid['id'], amount: 500 }, 201);
      await shop().settled();
      const payout = dashboard.payOut();
      const base = `/v1/accounts/${account}`;
      const { body: moved } = await app.call(`${base}/balance_transactions?limit=3`);
      const types = moved['data'].map(({ type }: { type: string }) => type);
      expect(types).to.deep.equal(['payout', 'refund', 'charge']);
      expect(moved['data'][2]).to.include({ amount: 8_000, fee: 262, net: 7_738 });
      const next = `${base}/balance_transactions?limit=3&cursor=${moved['next_cursor']}`;
      expect((await app.call(next)).body['data']).to.have.length.at.least(1);
      const { body: payouts } = await app.call(`${base}/payouts?status=paid`);
      expect(payouts['data'][0]).to.include({
        reference: payout.id,
        amount: payout.amount,
        currency: 'USD',
        status: 'paid',
      });
      const carried = `${base}/balance_transactions?payout=${payout.id}`;
      expect((await app.call(carried)).body['data'].length).to.equal(
        dashboard.all('balance_transaction').filter(({ currency }) => currency === 'usd').length,
      );
    });
  });

  // Last, and in a describe to stay there: it moves the switch's clock, not Stripe's.
  describe('by the switch’s own clock', () => {
    it('a hold nobody captures is given back after its seven days', async () => {
      const { app } = shop();
      const held = await shop().hold();
      const key = app.credentials.admin_key;
      await app.call('/v1/clock/advance', { body: { by: '7d' }, key });
      await shop().becomes(held['id'], 'expired');
      const [intent] = await shop().intents(held['id']);
      expect(intent).to.include({ status: 'canceled' });
      expect(intent?.cancellation_reason).not.to.equal('automatic');
    });
  });
});
