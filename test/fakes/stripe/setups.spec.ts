/** Cards kept for later at the fake, driven by Stripe's own client. */
import { expect } from 'chai';
import type Stripe from 'stripe';
import {
  cardsOnly,
  clientOf,
  eventTypes,
  fromBrowser,
  idOf,
  refusal,
  useFake,
} from './spec-client.ts';

describe('the fake Stripe: customers and cards kept for later', () => {
  const bench = useFake();
  const keep = async (card: string): Promise<Stripe.SetupIntent> => {
    const customer = await bench.client.customers.create({ email: 'jenny@shop.test' });
    return bench.client.setupIntents.create({
      customer: customer.id,
      usage: 'off_session',
      confirm: true,
      automatic_payment_methods: cardsOnly,
      payment_method: card,
    });
  };
  const chargeLater = ({ customer, payment_method }: Stripe.SetupIntent) =>
    bench.client.paymentIntents.create({
      amount: 900,
      currency: 'eur',
      confirm: true,
      off_session: true,
      automatic_payment_methods: cardsOnly,
      customer: idOf(customer),
      payment_method: idOf(payment_method),
    });

  after(() => expect(bench.fake.violations()).to.deep.equal([]));

  it('keeps a card and charges it without the customer, more than once', async () => {
    const setup = await keep('pm_card_visa');
    expect(setup.status).to.equal('succeeded');
    const { data } = await bench.client.customers.listPaymentMethods(idOf(setup.customer), {
      type: 'card',
    });
    expect(data.map(({ id }) => id)).to.deep.equal([setup.payment_method]);
    expect((await chargeLater(setup)).status).to.equal('succeeded');
    expect((await chargeLater(setup)).status).to.equal('succeeded');
    const attempts = await bench.client.setupAttempts.list({ setup_intent: setup.id });
    expect(attempts.data.map(({ id, status }) => [id, status])).to.deep.equal([
      [setup.latest_attempt, 'succeeded'],
    ]);
  });

  it('asks the bank once, when the card is kept', async () => {
    const setup = await keep('pm_card_authenticationRequiredOnSetup');
    expect(setup.status).to.equal('requires_action');
    bench.fake.dashboard('sk_test_shop').answerChallenge(setup.id, 'passed');
    const read = await bench.client.setupIntents.retrieve(setup.id, {
      expand: ['latest_attempt', 'payment_method'],
    });
    expect(read.status).to.equal('succeeded');
    expect((read.latest_attempt as Stripe.SetupAttempt).status).to.equal('succeeded');
    const later = { ...read, payment_method: (read.payment_method as Stripe.PaymentMethod).id };
    expect((await chargeLater(later)).status).to.equal('succeeded');
  });

  it('declines without the customer what the bank wants them for each time', async () => {
    const setup = await keep('pm_card_authenticationRequired');
    bench.fake.dashboard('sk_test_shop').answerChallenge(setup.id, 'passed');
    const error = await refusal(chargeLater(setup));
    expect(error).to.include({ statusCode: 402, code: 'authentication_required' });
    expect(error.payment_intent?.status).to.equal('requires_payment_method');
    const back = await bench.client.paymentIntents.confirm(error.payment_intent!.id, {
      payment_method: idOf(setup.payment_method),
      return_url: 'https://shop.test/back',
    });
    expect(back.next_action?.type).to.equal('redirect_to_url');
  });

  it('keeps nothing when the challenge fails', async () => {
    const setup = await keep('pm_card_authenticationRequired');
    bench.fake.dashboard('sk_test_shop').answerChallenge(setup.id, 'failed');
    const read = await bench.client.setupIntents.retrieve(setup.id);
    expect(read.status).to.equal('requires_payment_method');
    expect(read.last_setup_error?.code).to.equal('setup_intent_authentication_failure');
    expect(eventTypes(bench).at(-1)).to.equal('setup_intent.setup_failed');
  });

  it('refuses to keep a card the bank declines, but not the one that declines later', async () => {
    const error = await refusal(keep('pm_card_chargeDeclined'));
    expect(error).to.include({ statusCode: 402, decline_code: 'generic_decline' });
    expect(error.setup_intent?.status).to.equal('requires_payment_method');
    const setup = await keep('pm_card_chargeCustomerFail');
    expect(setup.status).to.equal('succeeded');
    expect((await refusal(chargeLater(setup))).code).to.equal('card_declined');
  });

  it('lets the browser confirm a setup, and cancels one that is not done', async () => {
    const setup = await bench.client.setupIntents.create({});
    const { status, body } = await fromBrowser(bench, `/v1/setup_intents/${setup.id}/confirm`, {
      client_secret: String(setup.client_secret),
      payment_method: 'pm_card_mastercard',
      return_url: 'https://shop.test/back',
    });
    expect([status, body.status]).to.deep.equal([200, 'succeeded']);
    const late = await refusal(bench.client.setupIntents.cancel(setup.id));
    expect(late.code).to.equal('setup_intent_unexpected_state');
    const other = await bench.client.setupIntents.create({});
    const gone = await bench.client.setupIntents.cancel(other.id);
    expect(gone.status).to.equal('canceled');
  });

  it('keeps a card that a payment was told to keep', async () => {
    const customer = await bench.client.customers.create({ name: 'Jenny' });
    const intent = await bench.client.paymentIntents.create({
      amount: 900,
      currency: 'usd',
      confirm: true,
      customer: customer.id,
      setup_future_usage: 'off_session',
      automatic_payment_methods: cardsOnly,
      payment_method: 'pm_card_visa',
    });
    const method = await bench.client.paymentMethods.retrieve(idOf(intent.payment_method));
    expect(method.customer).to.equal(customer.id);
  });

  it('charges a customer’s card only with that customer, and never after it was detached', async () => {
    const customer = await bench.client.customers.create({});
    const method = await bench.client.paymentMethods.attach('pm_card_visa', {
      customer: customer.id,
    });
    const wanted = {
      amount: 500,
      currency: 'usd',
      confirm: true,
      automatic_payment_methods: cardsOnly,
      payment_method: method.id,
    };
    const without = await refusal(bench.client.paymentIntents.create(wanted));
    expect(without.message).to.contain(customer.id);
    const { paymentMethods } = bench.client;
    const before = await paymentMethods.list({ customer: customer.id });
    expect(before.data.map(({ id }) => id)).to.deep.equal([method.id]);
    expect((await paymentMethods.detach(method.id)).customer).to.equal(null);
    const later = await refusal(bench.client.paymentIntents.create(wanted));
    expect(later.message).to.match(/may not be used again/);
    const again = await refusal(paymentMethods.attach(method.id, { customer: customer.id }));
    expect(again.message).to.match(/may not be used again/);
  });

  it('changes and deletes customers', async () => {
    const { customers } = bench.client;
    const { id } = await customers.create({ metadata: { a: '1', b: '2' } });
    const changed = await customers.update(id, { email: 'new@shop.test', metadata: { a: '' } });
    expect(changed.metadata).to.deep.equal({ b: '2' });
    expect(await customers.del(id)).to.include({ id, deleted: true });
    expect((await refusal(customers.retrieve(id))).statusCode).to.equal(404);
  });

  it('keeps accounts apart', async () => {
    const other = clientOf(bench.fake, 'sk_test_other');
    const setup = await keep('pm_card_visa');
    const read = await refusal(other.setupIntents.retrieve(setup.id));
    expect(read).to.include({ statusCode: 404, code: 'resource_missing' });
    const used = await refusal(
      other.paymentIntents.create({
        amount: 500,
        currency: 'usd',
        payment_method: idOf(setup.payment_method),
      }),
    );
    expect(used).to.include({ statusCode: 400, code: 'resource_missing', param: 'payment_method' });
    const here = await bench.client.accounts.retrieveCurrent();
    const there = await other.accounts.retrieveCurrent();
    expect(here.id).not.to.equal(there.id);
    expect(here.charges_enabled).to.equal(true);
  });
});
