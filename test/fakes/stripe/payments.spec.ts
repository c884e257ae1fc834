/** Payments at the fake, driven by Stripe's own client. */
import { expect } from 'chai';
import StripeClient, { type Stripe } from 'stripe';
import { cardsOnly, clientOf, eventTypes, fromBrowser, refusal, useFake } from './spec-client.ts';

describe('the fake Stripe: payments', () => {
  const bench = useFake();
  const pay = (more: Partial<Stripe.PaymentIntentCreateParams> = {}) =>
    bench.client.paymentIntents.create({
      amount: 1000,
      currency: 'usd',
      confirm: true,
      automatic_payment_methods: cardsOnly,
      payment_method: 'pm_card_visa',
      ...more,
    });

  after(() => expect(bench.fake.violations()).to.deep.equal([]));

  it('charges a card at once and books it with its fee', async () => {
    const intent = await pay({
      capture_method: 'automatic',
      expand: ['latest_charge.balance_transaction'],
    });
    expect(intent).to.include({ status: 'succeeded', amount_received: 1000 });
    const charge = intent.latest_charge as Stripe.Charge;
    expect(charge).to.include({ status: 'succeeded', captured: true, paid: true });
    const booked = charge.balance_transaction as Stripe.BalanceTransaction;
    expect(booked).to.include({ amount: 1000, fee: 59, net: 941, source: charge.id });
    expect(eventTypes(bench).slice(-3)).to.deep.equal([
      'payment_intent.created',
      'charge.succeeded',
      'payment_intent.succeeded',
    ]);
  });

  it('books later, and says so, when nothing is said of the capture', async () => {
    const intent = await pay({ expand: ['latest_charge'] });
    const { id, balance_transaction } = intent.latest_charge as Stripe.Charge;
    expect([intent.capture_method, balance_transaction]).to.deep.equal(['automatic_async', null]);
    expect(eventTypes(bench).at(-1)).to.equal('charge.updated');
    expect((await bench.client.charges.retrieve(id)).balance_transaction).to.match(/^txn_/);
  });

  it('takes a raw test number as a payment method', async () => {
    const method = await bench.client.paymentMethods.create({
      type: 'card',
      card: { number: '5555 5555 5555 4444', exp_month: 12, exp_year: 2050, cvc: '123' },
      billing_details: { name: 'Jenny Rosen', address: { country: 'US' } },
    });
    expect(method.card).to.include({ brand: 'mastercard', last4: '4444' });
    const intent = await pay({ payment_method: method.id });
    expect(intent).to.include({ status: 'succeeded', payment_method: method.id });
    const again = await refusal(pay({ payment_method: method.id }));
    expect(again.message).to.match(/may not be used again/);
  });

  const badCards: Readonly<Record<string, [object, string]>> = {
    'a wrong number': [{ number: '4242424242424241' }, 'incorrect_number'],
    'a live card': [{ number: '4111111111111111' }, 'card_declined'],
    'a month that is none': [{ exp_month: 13 }, 'invalid_expiry_month'],
    'a year that is over': [{ exp_year: 2020 }, 'invalid_expiry_year'],
    'a short security code': [{ cvc: '12' }, 'invalid_cvc'],
  };
  for (const [what, [part, code]] of Object.entries(badCards)) {
    it(`refuses ${what}`, async () => {
      const card = { number: '4242424242424242', exp_month: 12, exp_year: 2050, cvc: '123' };
      const wrong = { ...card, ...part };
      const error = await refusal(
        bench.client.paymentMethods.create({ type: 'card', card: wrong }),
      );
      expect(error).to.be.instanceOf(StripeClient.errors.StripeCardError);
      expect(error.code).to.equal(code);
    });
  }

  const declines: Readonly<Record<string, [string, string, string | undefined]>> = {
    pm_card_visa_chargeDeclined: ['card_declined', 'generic_decline', 'try_again_later'],
    pm_card_visa_chargeDeclinedInsufficientFunds: [
      'card_declined',
      'insufficient_funds',
      'try_again_later',
    ],
    pm_card_visa_chargeDeclinedStolenCard: ['card_declined', 'stolen_card', 'do_not_try_again'],
    pm_card_chargeDeclinedExpiredCard: ['expired_card', 'expired_card', 'do_not_try_again'],
    pm_card_chargeDeclinedIncorrectCvc: ['incorrect_cvc', 'incorrect_cvc', 'confirm_card_data'],
    pm_card_chargeDeclinedProcessingError: [
      'processing_error',
      'processing_error',
      'try_again_later',
    ],
    pm_card_radarBlock: ['card_declined', 'fraudulent', 'do_not_try_again'],
  };
  for (const [card, [code, declineCode, advice]] of Object.entries(declines)) {
    it(`declines ${card} with ${declineCode}`, async () => {
      const error = await refusal(pay({ payment_method: card }));
      expect(error).to.be.instanceOf(StripeClient.errors.StripeCardError);
      expect(error).to.include({ statusCode: 402, code, decline_code: declineCode });
      expect(error.advice_code).to.equal(advice);
      const intent = error.payment_intent!;
      expect(intent.status).to.equal('requires_payment_method');
      const read = await bench.client.paymentIntents.retrieve(intent.id, {
        expand: ['latest_charge'],
      });
      expect(read.last_payment_error?.decline_code).to.equal(declineCode);
      expect(read.latest_charge).to.include({ status: 'failed', failure_code: code });
    });
  }

  it('charges a declined intent when another card is given', async () => {
    const card = 'pm_card_visa_chargeDeclined';
    const { id } = (await refusal(pay({ payment_method: card }))).payment_intent!;
    const intent = await bench.client.paymentIntents.confirm(id, {
      payment_method: 'pm_card_visa',
    });
    expect(intent).to.include({ status: 'succeeded', last_payment_error: null });
  });

  it('keeps metadata, and changes it with a capture', async () => {
    const { id } = await pay({ capture_method: 'manual', metadata: { a: '1', b: '2' } });
    await bench.client.paymentIntents.update(id, { metadata: { b: '', c: '3' } });
    const { metadata } = await bench.client.paymentIntents.capture(id, { metadata: { d: '4' } });
    expect(metadata).to.deep.equal({ a: '1', c: '3', d: '4' });
    const late = await refusal(bench.client.paymentIntents.update(id, { amount: 500 }));
    expect(late.code).to.equal('payment_intent_unexpected_state');
  });

  it('captures a part and releases the rest, once', async () => {
    const { id, ...held } = await pay({ capture_method: 'manual' });
    expect(held).to.include({ status: 'requires_capture', amount_capturable: 1000 });
    const tooMuch = bench.client.paymentIntents.capture(id, { amount_to_capture: 1001 });
    expect((await refusal(tooMuch)).code).to.equal('amount_too_large');
    const intent = await bench.client.paymentIntents.capture(id, {
      amount_to_capture: 700,
      expand: ['latest_charge'],
    });
    expect(intent).to.include({ status: 'succeeded', amount_received: 700, amount_capturable: 0 });
    expect(intent.latest_charge).to.include({ amount_captured: 700, amount_refunded: 300 });
    const again = await refusal(bench.client.paymentIntents.capture(id));
    expect(again.code).to.equal('payment_intent_unexpected_state');
    expect(again.payment_intent?.status).to.equal('succeeded');
  });

  it('gives an authorization back when it is cancelled', async () => {
    const { id } = await pay({ capture_method: 'manual' });
    const intent = await bench.client.paymentIntents.cancel(id, {
      cancellation_reason: 'abandoned',
      expand: ['latest_charge'],
    });
    expect(intent).to.include({ status: 'canceled', cancellation_reason: 'abandoned' });
    expect(intent.latest_charge).to.include({ captured: false, refunded: true });
    const again = await refusal(bench.client.paymentIntents.cancel(id));
    expect(again.code).to.equal('payment_intent_unexpected_state');
  });

  it('sends the customer to the bank when there is somewhere to come back to', async () => {
    const intent = await pay({
      payment_method: 'pm_card_threeDSecure2Required',
      return_url: 'https://shop.test/back?order=1',
    });
    expect(intent.status).to.equal('requires_action');
    expect(intent.next_action?.type).to.equal('redirect_to_url');
    const url = String(intent.next_action?.redirect_to_url?.url);
    expect(await (await fetch(url)).text()).to.contain('Complete');
    const body = new URLSearchParams({ answer: 'passed' });
    const back = await fetch(url, { method: 'POST', body, redirect: 'manual' });
    expect(back.status).to.equal(303);
    const location = new URL(String(back.headers.get('location')));
    expect(Object.fromEntries(location.searchParams)).to.deep.equal({
      order: '1',
      payment_intent: intent.id,
      payment_intent_client_secret: intent.client_secret,
      redirect_status: 'succeeded',
    });
    const read = await bench.client.paymentIntents.retrieve(intent.id);
    expect(read).to.include({ status: 'succeeded', next_action: null });
    expect((await fetch(url)).status, 'a second visit').to.equal(404);
  });

  it('takes a confirmation token once', async () => {
    const token = bench.fake.dashboard('sk_test_shop').confirmationToken('pm_card_amex');
    const given = { payment_method: undefined, confirmation_token: token };
    const intent = await pay({ ...given, expand: ['payment_method'] });
    expect((intent.payment_method as Stripe.PaymentMethod).card?.brand).to.equal('amex');
    expect((await refusal(pay(given))).code).to.equal('resource_missing');
  });

  it('leaves the challenge to the page when there is no way back', async () => {
    const intent = await pay({ payment_method: 'pm_card_authenticationRequired' });
    expect(intent.next_action?.type).to.equal('use_stripe_sdk');
    const dashboard = bench.fake.dashboard('sk_test_shop');
    expect(dashboard.answerChallenge(intent.id, 'failed')).to.equal(undefined);
    const read = await bench.client.paymentIntents.retrieve(intent.id);
    expect(read.status).to.equal('requires_payment_method');
    expect(read.last_payment_error?.code).to.equal('payment_intent_authentication_failure');
    expect(read.latest_charge).to.equal(null);
  });

  it('declines after the challenge when the bank does', async () => {
    const card = 'pm_card_authenticationRequiredChargeDeclinedInsufficientFunds';
    const { id } = await pay({ payment_method: card });
    bench.fake.dashboard('sk_test_shop').answerChallenge(id, 'passed');
    const read = await bench.client.paymentIntents.retrieve(id);
    expect(read.last_payment_error?.decline_code).to.equal('insufficient_funds');
  });

  it('wants a return_url where a method might redirect', async () => {
    const error = await refusal(pay({ automatic_payment_methods: { enabled: true } }));
    expect(error.message).to.contain('return_url');
    const url = 'https://shop.test/back';
    const intent = await pay({ automatic_payment_methods: { enabled: true }, return_url: url });
    expect(intent.status).to.equal('succeeded');
  });

  it('lets the browser confirm with the client secret and see little', async () => {
    const intent = await bench.client.paymentIntents.create({ amount: 500, currency: 'usd' });
    const path = `/v1/payment_intents/${intent.id}/confirm`;
    const form = { payment_method: 'pm_card_visa', return_url: 'https://shop.test/' };
    const stranger = await fromBrowser(bench, path, { ...form, client_secret: 'guess' });
    expect(stranger.status).to.equal(400);
    const secret = String(intent.client_secret);
    const { status, body } = await fromBrowser(bench, path, { ...form, client_secret: secret });
    expect([status, body.status]).to.deep.equal([200, 'succeeded']);
    expect(body).not.to.have.any.keys('metadata', 'latest_charge');
    const query = `key=pk_test_shop&client_secret=${secret}`;
    const read = await fetch(`${bench.fake.url}/v1/payment_intents/${intent.id}?${query}`);
    expect(((await read.json()) as Stripe.PaymentIntent).status).to.equal('succeeded');
    const list = await fetch(`${bench.fake.url}/v1/payment_intents?key=pk_test_shop`);
    expect(list.status).to.equal(401);
  });

  it('pages a list, newest first, and filters it by time', async () => {
    const client = clientOf(bench.fake, 'sk_test_pages');
    const made: string[] = [];
    for (let at = 0; at < 5; at += 1) {
      made.unshift((await client.paymentIntents.create({ amount: 100, currency: 'usd' })).id);
    }
    const seen: string[] = [];
    for await (const { id } of client.paymentIntents.list({ limit: 2 })) seen.push(id);
    expect(seen).to.deep.equal(made);
    const before = await client.paymentIntents.list({ limit: 2, ending_before: made[3]! });
    expect(before.data.map(({ id }) => id)).to.deep.equal(made.slice(1, 3));
    expect(before.has_more).to.equal(true);
    const later = await client.paymentIntents.list({ created: { gt: Date.now() } });
    expect(later.data).to.deep.equal([]);
  });

  const badAmounts: Readonly<Record<string, [number, string, string | undefined]>> = {
    'less than the smallest charge': [49, 'usd', 'amount_too_small'],
    'more than twelve digits': [1_000_000_000_000, 'usd', 'amount_too_large'],
    'a third decimal in dinars': [10_001, 'kwd', undefined],
  };
  for (const [what, [amount, currency, code]] of Object.entries(badAmounts)) {
    it(`refuses ${what}`, async () => {
      const error = await refusal(bench.client.paymentIntents.create({ amount, currency }));
      expect(error).to.include({ statusCode: 400, param: 'amount', code });
    });
  }
});
