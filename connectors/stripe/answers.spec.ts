/** What Stripe's intents come to, and the answers it should never give. */
import { expect } from 'chai';
import { Secret, type Authorize, type FaultKind } from '#sdk';
import { stripe } from './index.ts';
import {
  command,
  faultOf,
  held,
  insufficientFunds,
  paid,
  refused,
  scripted,
  usd,
  waiting,
} from './spec-context.ts';

const { authorize } = stripe.operations;

const outcomeOf = (reply: object, changes: Partial<Authorize> = {}, settings = {}) =>
  authorize(scripted([reply], settings).context, command(changes));

const automatic = { capture: 'automatic' } as const;
const hosted = { method: { type: 'hosted' } } as const;
const redirect = (url: string) => ({ type: 'redirect_to_url', redirect_to_url: { url } });

describe('stripe: successful authorizations', () => {
  it('say what is held, how it was paid and what the issuer checked', async () => {
    expect(await outcomeOf(held)).to.deep.equal({
      status: 'succeeded',
      operationId: 'op_1',
      amount: usd(10_000),
      ref: { intent: 'pi_1' },
      verification: {
        auth_code: '123456',
        cvc_check: 'M',
        avs_check: 'A',
        authentication: 'none',
      },
      instrument: { type: 'card', brand: 'visa', last4: '4242', exp_month: 12, exp_year: 2034 },
    });
  });

  it('say what was taken when they capture at once', async () => {
    const outcome = await outcomeOf({ ...paid, amount: 1, amount_received: 10_000 }, automatic);
    expect(outcome).to.deep.include({ status: 'succeeded', amount: usd(10_000) });
  });

  it('report the amount of the answer, not the one asked for', async () => {
    const outcome = await outcomeOf({ ...held, amount_capturable: 9_999 });
    expect(outcome).to.deep.include({ amount: usd(9_999) });
  });

  it('echo the operation that the intent carries', async () => {
    const metadata = { pointsman_operation: 'op_2' };
    expect(await outcomeOf({ ...held, metadata })).to.include({ operationId: 'op_2' });
  });

  it('keep the method that was saved on the way', async () => {
    const details = { setup_future_usage: 'off_session' } as const;
    const intent = { ...held, customer: 'cus_1', setup_future_usage: 'off_session' };
    const outcome = await outcomeOf(intent, { details });
    if (outcome.status !== 'succeeded') throw new Error(outcome.status);
    expect(outcome.saved?.token.reveal()).to.equal('pm_1');
    expect(outcome.saved?.customerReference).to.equal('cus_1');
    for (const changes of [{ customer: null }, { setup_future_usage: null }]) {
      const without = await outcomeOf({ ...intent, ...changes }, { details });
      expect(without).to.not.have.property('saved');
    }
  });

  it('leave out a check in a word nobody knows', async () => {
    const card = { checks: { cvc_check: 'constructor' }, three_d_secure: null };
    const charge = { id: 'ch_1', payment_method_details: { type: 'card', card } };
    const outcome = await outcomeOf({ ...held, latest_charge: charge });
    expect(outcome).to.deep.include({ verification: { authentication: 'none' } });
  });

  it('name a method that is none of ours by Stripe’s word', async () => {
    const charge = { id: 'ch_1', payment_method_details: { type: 'klarna', klarna: {} } };
    const outcome = await outcomeOf({ ...held, latest_charge: charge });
    expect(outcome).to.deep.include({ instrument: { type: 'token', processor_type: 'klarna' } });
  });
});

describe('stripe: pending authorizations', () => {
  const acting = { ...waiting, status: 'requires_action' };

  it('send the customer where Stripe says', async () => {
    const next_action = redirect('https://bank.test/3ds');
    expect(await outcomeOf({ ...acting, next_action })).to.deep.equal({
      status: 'pending',
      ref: { intent: 'pi_1' },
      waitingFor: 'customer',
      nextAction: { type: 'redirect', url: 'https://bank.test/3ds' },
    });
  });

  for (const [title, intent, changes] of [
    ['a hosted customer has not paid yet', waiting, hosted],
    ['a hosted customer pays in some way of Stripe’s', acting, hosted],
    ['Stripe’s script is wanted', { ...acting, next_action: { type: 'use_stripe_sdk' } }, {}],
  ] as const) {
    it(`hand over to the browser when ${title}`, async () => {
      const outcome = await outcomeOf(intent, changes);
      if (outcome.status !== 'pending') throw new Error(outcome.status);
      const { nextAction } = outcome;
      expect(nextAction).to.deep.include({
        type: 'confirm_in_browser',
        processor: 'stripe',
        reference: 'pi_1',
        publishable_key: 'pk_test_spec',
      });
      expect(
        nextAction?.type === 'confirm_in_browser' && nextAction.client_secret.reveal(),
      ).to.equal('pi_1_secret_x');
      expect(JSON.stringify(outcome)).to.not.contain('pi_1_secret_x');
    });
  }

  it('let a hosted customer try again after a decline', async () => {
    const outcome = await outcomeOf({ ...waiting, last_payment_error: insufficientFunds }, hosted);
    expect(outcome).to.deep.include({ status: 'pending', waitingFor: 'customer' });
    expect(outcome).to.have.nested.property('lastDecline.code', 'insufficient_funds');
  });

  it('wait for the processor while it works', async () => {
    const outcome = await outcomeOf({ ...waiting, status: 'processing' });
    expect(outcome).to.include({ status: 'pending', waitingFor: 'processor' });
  });
});

describe('stripe: declined authorizations', () => {
  it('read a 402 and the intent in it', async () => {
    const error = { ...insufficientFunds, payment_intent: waiting };
    expect(await outcomeOf(refused(402, error))).to.deep.equal({
      status: 'declined',
      ref: { intent: 'pi_1' },
      code: 'insufficient_funds',
      advice: 'later',
      processorCode: 'insufficient_funds',
      message: 'Your card has insufficient funds.',
    });
  });

  it('ask for the customer when the issuer wants to see him', async () => {
    const error = { type: 'card_error', code: 'authentication_required', payment_intent: waiting };
    const details = { off_session: true };
    expect(await outcomeOf(refused(402, error), { details })).to.include({
      code: 'authentication_required',
      advice: 'authenticate',
    });
  });

  it('read a failed challenge off the intent', async () => {
    const last_payment_error = {
      type: 'invalid_request_error',
      code: 'payment_intent_authentication_failure',
    };
    const outcome = await outcomeOf({ ...waiting, last_payment_error });
    expect(outcome).to.include({ status: 'declined', code: 'authentication_failed' });
  });

  for (const [reason, code] of [
    ['automatic', 'expired'],
    ['expired', 'expired'],
    ['abandoned', 'withdrawn'],
    ['requested_by_customer', 'withdrawn'],
    [null, 'withdrawn'],
  ] as const) {
    it(`read a cancellation (${reason}) as ${code}`, async () => {
      const intent = { ...waiting, status: 'canceled', cancellation_reason: reason };
      expect(await outcomeOf(intent)).to.include({ status: 'declined', code, advice: 'never' });
    });
  }
});

describe('stripe: answers that are no answers', () => {
  const acting = { ...waiting, status: 'requires_action' };
  const cases: [string, object, FaultKind, Partial<Authorize>?, object?][] = [
    ['HTML', { text: '<html></html>' }, 'unintelligible'],
    ['an empty body', { text: '' }, 'unintelligible'],
    ['half the JSON', { text: JSON.stringify(held).slice(0, 80) }, 'unintelligible'],
    ['null', { text: 'null' }, 'unintelligible'],
    ['another object', { ...held, object: 'charge' }, 'unintelligible'],
    ['an invented status', { ...held, status: 'settling' }, 'unintelligible'],
    ['a status that is no word', { ...held, status: null }, 'unintelligible'],
    ['no id', { ...held, id: undefined }, 'unintelligible'],
    ['no mark of ours', { ...held, metadata: {} }, 'unintelligible'],
    ['an amount in text', { ...held, amount_capturable: '10000' }, 'unintelligible'],
    ['a currency nobody knows', { ...held, currency: 'zzz' }, 'unintelligible'],
    ['a hold where money was to be taken', held, 'unintelligible', automatic],
    ['money taken where a hold was asked', paid, 'unintelligible'],
    ['a hold on an automatic intent', { ...held, capture_method: 'automatic' }, 'unintelligible'],
    ['a next action we cannot do', { ...acting, next_action: { type: 'oxxo' } }, 'unintelligible'],
    ['no next action', acting, 'unintelligible'],
    [
      'a redirect to a script',
      { ...acting, next_action: redirect('javascript:1') },
      'unintelligible',
    ],
    [
      'a script without a key',
      { ...acting, next_action: { type: 'use_stripe_sdk' } },
      'unintelligible',
      {},
      { publishable_key: undefined },
    ],
    ['a confirmed intent that nobody declined', waiting, 'unintelligible'],
    [
      'an invented cancellation',
      { ...waiting, status: 'canceled', cancellation_reason: 'moon' },
      'unintelligible',
    ],
    [
      'a decline of what was taken',
      refused(402, { ...insufficientFunds, payment_intent: paid }),
      'unintelligible',
    ],
    ['a 402 about our request', refused(402, { code: 'raw_card_data' }), 'rejected'],
  ];
  for (const [title, reply, kind, changes, settings] of cases) {
    it(`${title}: ${kind}`, async () => {
      expect(await faultOf(outcomeOf(reply, changes, settings))).to.equal(kind);
    });
  }

  it('a token that is none is refused before anything is sent', async () => {
    const { context, requests } = scripted([held]);
    const method = { type: 'token', token: new Secret('tok_1') } as const;
    expect(await faultOf(authorize(context, command({ method })))).to.equal('rejected');
    expect(requests).to.have.length(0);
  });

  it('a hosted payment without a publishable key is refused before anything is sent', async () => {
    const { context, requests } = scripted([waiting], { publishable_key: undefined });
    expect(await faultOf(authorize(context, command(hosted)))).to.equal('rejected');
    expect(requests).to.have.length(0);
  });
});
