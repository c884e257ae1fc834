/**
 * Stripe through the switch: real HTTP to a fake that is held to Stripe's contract, its webhooks
 * coming back over HTTP. Here the accounts and what is charged at once; the rest stands in the
 * stripe-*.spec.ts beside it.
 */
import { expect } from 'chai';
import { card } from '../support/app.ts';
import { describeOnEachDatabase } from '../support/databases.ts';
import { eventually } from './place.ts';
import { stripeShop, token } from './stripe-shop.ts';

describeOnEachDatabase('Stripe through the switch', (database) => {
  const shop = stripeShop(database);

  const endpointsAt = (key: string) => shop().fake.dashboard(key).all('webhook_endpoint');

  describe('accounts', () => {
    it('refuses credentials that Stripe does not know, before anything is stored', async () => {
      const { app } = shop();
      const settings = shop().settings('invalid');
      const body = { connector: 'stripe', name: 'Wrong', check: true, settings };
      const { status, body: problem } = await app.call('/v1/accounts', { body });
      expect([status, problem['code']]).to.deep.equal([400, 'credentials_refused']);
      const { body: list } = await app.call('/v1/accounts');
      expect(list['data'].map(({ name }: { name: string }) => name)).not.to.include('Wrong');
    });

    it('registers its endpoint at Stripe, and removes it when the account is deleted', async () => {
      const { app, post } = shop();
      const settings = shop().settings('branch');
      const added = await post('/v1/accounts', { connector: 'stripe', name: 'B', settings }, 201);
      await shop().endpointOf(added['id'], 'registered');
      const [endpoint, ...more] = endpointsAt('sk_test_branch');
      expect(more).to.deep.equal([]);
      expect(endpoint).to.include({
        url: `${app.url}/webhooks/${added['id']}`,
        status: 'enabled',
      });
      expect(endpoint?.enabled_events).to.include('charge.dispute.created');
      const path = `/v1/accounts/${added['id']}`;
      expect((await app.call(path, { method: 'DELETE' })).status).to.equal(200);
      await eventually(
        async () => endpointsAt('sk_test_branch'),
        (found) => found.length === 0,
      );
      expect((await app.call(path)).status).to.equal(404);
    });

    it('shows neither the secret key nor the endpoint’s secret', async () => {
      const { text } = await shop().app.call(`/v1/accounts/${shop().account}`);
      expect(text).not.to.contain('sk_test_shop').and.not.to.contain('whsec_');
    });
  });

  it('charges a token at once', async () => {
    const paid = await shop().pay(token('visa'), { reference: 'order-1' });
    expect(paid).to.include({ status: 'captured', amount_captured: 2_500 });
    expect(paid['payment_method']).to.include({ type: 'card', brand: 'visa', last4: '4242' });
    const [intent] = await shop().intents(paid['id']);
    expect(intent).to.include({ amount_received: 2_500, currency: 'usd', status: 'succeeded' });
    expect(intent?.metadata).to.include({ pointsman_reference: 'order-1' });
  });

  it('charges what the customer typed into Stripe’s form', async () => {
    const typed = shop().dashboard.confirmationToken('pm_card_mastercard');
    const paid = await shop().pay({ type: 'token', token: typed });
    expect(paid['payment_method']).to.include({ brand: 'mastercard', last4: '4444' });
    const again = await shop().pay({ type: 'token', token: typed }, {}, 502);
    expect(again['code']).to.equal('processor_refused');
  });

  it('holds for a manual capture', async () => {
    const held = await shop().hold();
    expect(held).to.include({ status: 'authorized', amount_authorized: 2_500, amount_captured: 0 });
    expect(held['amount_capturable']).to.equal(2_500);
  });

  for (const [name, decline_code, processor_code] of [
    ['chargeDeclined', 'do_not_honor', 'generic_decline'],
    ['chargeDeclinedInsufficientFunds', 'insufficient_funds', 'insufficient_funds'],
    ['chargeDeclinedExpiredCard', 'expired_card', 'expired_card'],
    ['chargeDeclinedIncorrectCvc', 'incorrect_cvc', 'incorrect_cvc'],
    ['chargeDeclinedProcessingError', 'processing_error', 'processing_error'],
  ] as const) {
    it(`a decline is told in our words and in Stripe’s: ${processor_code}`, async () => {
      const declined = await shop().pay(token(name), {}, 402);
      expect(declined).to.include({ code: 'payment_declined', decline_code, processor_code });
      expect(declined['payment']).to.include({ status: 'failed', amount_captured: 0 });
    });
  }

  it('a lost card is only declined, as far as the customer can see', async () => {
    const declined = await shop().pay(token('visa_chargeDeclinedLostCard'), {}, 402);
    expect(declined).to.include({
      decline_code: 'lost_or_stolen_card',
      processor_code: 'lost_card',
    });
    expect(declined['payment']['last_error']['message']).not.to.match(/lost|stolen/i);
  });

  it('charges a card number where Stripe allowed the account to send one', async () => {
    const paid = await shop().pay(card('4242424242424242'));
    expect(paid).to.include({ status: 'captured' });
    expect(paid['payment_method']).to.include({ type: 'card', last4: '4242' });
    expect(shop().app.lines.join('\n')).not.to.contain('4242424242424242');
  });

  it('offers no card numbers to an account that may not have them', async () => {
    const settings = shop().settings('careful');
    const body = { connector: 'stripe', name: 'Careful', settings };
    const { id: account } = await shop().post('/v1/accounts', body, 201);
    const refused = await shop().pay(card('4242424242424242'), { account }, 400);
    expect(refused['accounts'][account]).to.equal('method_not_enabled');
    expect(shop().fake.dashboard('sk_test_careful').all('payment_method')).to.deep.equal([]);
    await shop().app.call(`/v1/accounts/${account}`, { method: 'DELETE' });
  });

  describe('currencies', () => {
    for (const [amount, currency, atStripe] of [
      // Stripe counts rupiah in two decimals: Rp 250,000.
      [25_000_000, 'IDR', 25_000_000],
      [1_200, 'JPY', 1_200],
      [12_340, 'KWD', 12_340],
      // Two decimals at Stripe, none at ISO.
      [5_000, 'ISK', 500_000],
    ] as const) {
      it(`${amount} ${currency} are ${atStripe} there, captured and given back`, async () => {
        const paid = await shop().pay(token('visa'), { amount, currency });
        expect(paid).to.include({ status: 'captured', amount_captured: amount, currency });
        const [intent] = await shop().intents(paid['id']);
        expect(intent).to.include({
          amount_received: atStripe,
          currency: currency.toLowerCase(),
        });
        const refund = await shop().post('/v1/refunds', { payment: paid['id'] }, 201);
        expect(refund).to.include({ status: 'succeeded', amount });
        const [made] = shop().dashboard.all('refund').slice(-1);
        expect(made?.amount).to.equal(atStripe);
      });
    }

    it('what Stripe cannot count, or is too little for it, has no account to go to', async () => {
      const before = shop().dashboard.all('payment_intent').length;
      for (const [amount, currency] of [
        [12_345, 'KWD'],
        [49, 'USD'],
      ]) {
        const refused = await shop().pay(token('visa'), { amount, currency }, 400);
        expect(refused['accounts'][shop().account]).to.equal('amount_out_of_range');
      }
      expect(shop().dashboard.all('payment_intent')).to.have.length(before);
    });
  });
});
