/**
 * The same intention through our connector and through Stripe's own client: both must say the same
 * to Stripe. What may differ has a name here; ids are of the fake's making and count as equal.
 */
import { expect } from 'chai';
import { Secret, type Authorize, type Context, type HttpPort } from '#sdk';
import type Stripe from 'stripe';
import { stripe as connector } from '../../../connectors/stripe/index.ts';
import type { StripeSettings } from '../../../connectors/stripe/settings.ts';
import type { RecordedRequest } from './index.ts';
import { parseForm } from './params.ts';
import { clientOf, useFake } from './spec-client.ts';

/** Ours alone: how we find our own again, and how much of the answer we want to see. */
const ours = new Set(['metadata', 'expand']);

/** What both said to Stripe, without the names that may differ. */
function said({ method, target, body }: RecordedRequest): object {
  const [path = '', query = ''] = target.split('?');
  const params = Object.entries(parseForm(method === 'POST' ? body : query));
  const kept = Object.fromEntries(params.filter(([name]) => !ours.has(name)));
  const text = JSON.stringify({ method, path, params: kept });
  return JSON.parse(text.replaceAll(/_1Fake\d{12}/g, '_id')) as object;
}

/** The plainest of ports: the connector's requests as they are. */
const http: HttpPort = {
  send: async ({ url, method, headers, body }) => {
    const sent = { method, headers, body };
    const answer = await fetch(url, sent);
    return {
      status: answer.status,
      headers: Object.fromEntries(answer.headers),
      text: await answer.text(),
    };
  },
};

const returnUrl = 'https://switch.test/return/1';
const webhookUrl = 'https://switch.test/webhooks/acc_1';
const usd = (amount: number) => ({ amount, currency: 'USD' });
const redirecting = { enabled: true, allow_redirects: 'always' } as const;
const staying = { enabled: true, allow_redirects: 'never' } as const;

describe('connectors/stripe beside Stripe’s own client', () => {
  const bench = useFake();
  let count = 0;
  const context = (): Context<StripeSettings> => ({
    settings: {
      secret_key: 'sk_test_shop',
      publishable_key: 'pk_test_shop',
      raw_cards: true,
      base_url: bench.fake.url,
    },
    mode: 'sandbox',
    http,
    webhookUrl,
    webhookSecret: undefined,
    now: () => Date.now(),
  });
  const operationId = (): string => `op_${(count += 1)}`;
  const authorize = (changes: Partial<Authorize>) =>
    connector.operations.authorize(context(), {
      operationId: operationId(),
      amount: usd(10_000),
      capture: 'automatic',
      method: { type: 'token', token: new Secret('pm_card_visa') },
      details: {},
      customerReference: undefined,
      returnUrl,
      ...changes,
    });

  /** A paid or held intent to act on. */
  const intent = async (capture_method: 'automatic' | 'manual'): Promise<string> => {
    const payment_method = 'pm_card_visa';
    const made = await bench.client.paymentIntents.create({
      amount: 10_000,
      currency: 'usd',
      confirm: true,
      capture_method,
      payment_method,
      automatic_payment_methods: staying,
    });
    return made.id;
  };
  const kept = async (): Promise<{ customer: string; method: string }> => {
    const { id } = await bench.client.customers.create({});
    const method = await bench.client.paymentMethods.attach('pm_card_visa', { customer: id });
    return { customer: id, method: method.id };
  };
  const acting = async (capture: 'automatic' | 'manual') => ({
    operationId: operationId(),
    of: { intent: await intent(capture) },
    reason: undefined,
  });

  after(() => expect(bench.fake.violations()).to.deep.equal([]));

  interface Pair {
    ours: () => Promise<unknown>;
    theirs: (client: Stripe) => Promise<unknown>;
  }

  /** Intention → both ways to say it, on objects prepared for each. */
  const pairs: Readonly<Record<string, () => Promise<Pair>>> = {
    'a payment at once': async () => ({
      ours: () => authorize({}),
      theirs: (client) =>
        client.paymentIntents.create({
          amount: 10_000,
          currency: 'usd',
          capture_method: 'automatic',
          confirm: true,
          payment_method: 'pm_card_visa',
          return_url: returnUrl,
          automatic_payment_methods: redirecting,
        }),
    }),
    'a hold with 3-D Secure, description and shipping': async () => ({
      ours: () =>
        authorize({
          capture: 'manual',
          details: {
            description: 'Two books & a “map”',
            authentication_type: 'three_ds',
            statement_descriptor: 'BOOKS',
            shipping: { name: 'Jo', address: { line1: 'Jl. 1', city: 'Solo', country: 'ID' } },
          },
        }),
      theirs: (client) =>
        client.paymentIntents.create({
          amount: 10_000,
          currency: 'usd',
          capture_method: 'manual',
          confirm: true,
          payment_method: 'pm_card_visa',
          return_url: returnUrl,
          automatic_payment_methods: redirecting,
          description: 'Two books & a “map”',
          statement_descriptor_suffix: 'BOOKS',
          payment_method_options: { card: { request_three_d_secure: 'any' } },
          shipping: { name: 'Jo', address: { line1: 'Jl. 1', city: 'Solo', country: 'ID' } },
        }),
    }),
    'a charge without the customer': async () => {
      const { customer, method } = await kept();
      return {
        ours: () =>
          authorize({
            customerReference: customer,
            method: { type: 'token', token: new Secret(method) },
            details: { off_session: true },
          }),
        theirs: (client) =>
          client.paymentIntents.create({
            amount: 10_000,
            currency: 'usd',
            capture_method: 'automatic',
            confirm: true,
            off_session: true,
            customer,
            payment_method: method,
            automatic_payment_methods: staying,
          }),
      };
    },
    'a payment the customer makes in the browser': async () => ({
      ours: () =>
        authorize({ method: { type: 'hosted' }, details: { setup_future_usage: 'off_session' } }),
      theirs: (client) =>
        client.paymentIntents.create({
          amount: 10_000,
          currency: 'usd',
          capture_method: 'automatic',
          setup_future_usage: 'off_session',
          automatic_payment_methods: { enabled: true },
        }),
    }),
    'a part of a hold': async () => {
      const command = await acting('manual');
      const id = await intent('manual');
      return {
        ours: async () =>
          connector.operations.capture?.(context(), { ...command, amount: usd(700), final: true }),
        theirs: (client) => client.paymentIntents.capture(id, { amount_to_capture: 700 }),
      };
    },
    'a hold given back': async () => {
      const command = await acting('manual');
      const id = await intent('manual');
      const reason = { cancellation_reason: 'requested_by_customer' } as const;
      return {
        ours: async () =>
          connector.operations.void?.(context(), {
            ...command,
            amount: usd(10_000),
            because: 'released',
          }),
        theirs: (client) => client.paymentIntents.cancel(id, reason),
      };
    },
    'a refund of a part': async () => {
      const command = await acting('automatic');
      const id = await intent('automatic');
      return {
        ours: async () =>
          connector.operations.refund?.(context(), { ...command, amount: usd(400) }),
        theirs: (client) => client.refunds.create({ payment_intent: id, amount: 400 }),
      };
    },
    'a card kept for later': async () => {
      const { customer } = await kept();
      return {
        ours: async () =>
          connector.setups?.create(context(), {
            setupId: operationId(),
            customerReference: customer,
            usage: 'off_session',
            method: { type: 'token', token: new Secret('pm_card_visa') },
            returnUrl,
          }),
        theirs: (client) =>
          client.setupIntents.create({
            customer,
            usage: 'off_session',
            automatic_payment_methods: { enabled: true },
            payment_method: 'pm_card_visa',
            confirm: true,
            return_url: returnUrl,
          }),
      };
    },
    'a kept card forgotten': async () => {
      const first = await kept();
      const second = await kept();
      return {
        ours: async () => connector.setups?.forget(context(), { token: new Secret(first.method) }),
        theirs: (client) => client.paymentMethods.detach(second.method),
      };
    },
    'a customer': async () => ({
      ours: async () =>
        connector.customers?.create(context(), {
          customerId: operationId(),
          party: { name: 'Jo', email: 'jo+1@shop.test', address: { city: 'Solo' } },
        }),
      theirs: (client) =>
        client.customers.create({
          name: 'Jo',
          email: 'jo+1@shop.test',
          address: { city: 'Solo' },
        }),
    }),
    'what a payout consists of': async () => {
      const payout = bench.fake.dashboard('sk_test_shop').payOut().id;
      return {
        ours: async () =>
          connector.reports?.balanceTransactions?.(context(), { payout, limit: 10 }),
        theirs: (client) => client.balanceTransactions.list({ payout, limit: 10 }),
      };
    },
    'evidence against a dispute': async () => {
      const dashboard = bench.fake.dashboard('sk_test_shop');
      const first = dashboard.openDispute(await intent('automatic')).id;
      const second = dashboard.openDispute(await intent('automatic')).id;
      return {
        ours: async () =>
          connector.disputes?.respond?.(context(), {
            reference: first,
            submissionId: operationId(),
            fields: { customer_name: 'Jo', statement: 'He has it.' },
            submit: true,
          }),
        theirs: (client) =>
          client.disputes.update(second, {
            evidence: { customer_name: 'Jo', uncategorized_text: 'He has it.' },
            submit: true,
          }),
      };
    },
  };

  const last = (): object => said(bench.fake.requests.at(-1)!);

  for (const [intention, prepare] of Object.entries(pairs)) {
    it(`says the same about ${intention}`, async () => {
      const pair = await prepare();
      await pair.ours();
      const ourWords = last();
      await pair.theirs(clientOf(bench.fake));
      expect(ourWords).to.deep.equal(last());
    });
  }
});
