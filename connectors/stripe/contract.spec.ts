/**
 * Every request the connector makes, held against Stripe's own descriptions of its API: the one of
 * the pinned version, and the older one that knows integers and lengths.
 */
import { expect } from 'chai';
import { Secret, type Authorize, type Context, type HttpRequest } from '#sdk';
import {
  missingContracts,
  stripeContracts,
  type StripeContracts,
} from '../../test/fakes/contracts.ts';
import { skipped } from '../../test/support/skipped.ts';
import { stripe } from './index.ts';
import type { StripeSettings } from './settings.ts';
import {
  cardMethod,
  command,
  faultOf,
  list,
  nowMs,
  pathOf,
  refused,
  scripted,
  usd,
} from './spec-context.ts';

type Work = (context: Context<StripeSettings>) => unknown;

const { operations, setups, customers, endpoint, disputes, reports, check } = stripe;
const address = {
  line1: 'Jl. 1',
  line2: 'B',
  city: 'Solo',
  state: 'JT',
  postal_code: '57111',
  country: 'ID',
};
const party = {
  name: 'Jo',
  email: 'jo@shop.test',
  phone: '8123',
  phone_country_code: '+62',
  address,
};
const everything: Authorize['details'] = {
  description: 'Two books',
  reference: 'order-1',
  statement_descriptor: 'BOOKS',
  customer: party,
  billing: party,
  shipping: party,
  metadata: { order: 1, gift: true, note: 'ä & b', none: null },
  authentication_type: 'three_ds',
  setup_future_usage: 'off_session',
};
const full = (method: Authorize['method'], changes: Partial<Authorize> = {}) =>
  command({ method, details: everything, customerReference: 'cus_1', ...changes });
const authorizing =
  (...given: Parameters<typeof full>): Work =>
  (context) =>
    operations.authorize(context, full(...given));

const of = { intent: 'pi_1' };
const evidence = {
  access_activity_log: 'x',
  billing_address: 'x',
  cancellation_policy_disclosure: 'x',
  cancellation_rebuttal: 'x',
  customer_email: 'jo@shop.test',
  customer_name: 'x',
  customer_ip_address: '192.0.2.1',
  duplicate_charge_explanation: 'x',
  duplicate_charge_reference: 'ch_1',
  product_description: 'x',
  refund_policy_disclosure: 'x',
  refund_refusal_explanation: 'x',
  service_date: 'x',
  shipping_address: 'x',
  shipping_carrier: 'x',
  shipping_date: 'x',
  shipping_tracking_number: 'x',
  statement: 'x',
} as const;
const setup = {
  setupId: 'set_1',
  customerReference: 'cus_1',
  usage: 'off_session',
  method: { type: 'token', token: new Secret('pm_1') },
  returnUrl: 'https://switch.test/return/1',
} as const;
const asking = {
  amount: usd(1),
  operationId: 'op_1',
  method: undefined,
  capture: undefined,
} as const;
const lost = { ...asking, ref: undefined, begunAtMs: nowMs };
const page = { fromMs: nowMs, toMs: nowMs, cursor: 'x_1', limit: 10 };

/** What is done → the first answers; then nothing that could be read. */
const works: [string, Work, object[]?][] = [
  ['a token', authorizing({ type: 'token', token: new Secret('pm_1') })],
  ['a confirmation token', authorizing({ type: 'token', token: new Secret('ctoken_1') })],
  ['a hosted payment', authorizing({ type: 'hosted' }, { capture: 'automatic' })],
  ['a raw card', authorizing(cardMethod), [{ id: 'pm_1' }]],
  [
    'a charge without the customer',
    authorizing(
      { type: 'token', token: new Secret('pm_1') },
      { details: { off_session: true, authentication_type: 'no_three_ds' } },
    ),
  ],
  ['a capture', (it) => operations.capture?.(it, { ...asking, of, final: true })],
  [
    'a void',
    (it) => operations.void?.(it, { ...asking, of, because: 'expired', reason: undefined }),
    [refused(400, { code: 'payment_intent_unexpected_state' })],
  ],
  ['a refund', (it) => operations.refund?.(it, { ...asking, of, reason: 'came back' })],
  ['a refund for fraud', (it) => operations.refund?.(it, { ...asking, of, reason: 'fraudulent' })],
  ['a lost payment', (it) => operations.sync(it, { ...lost, kind: 'authorize', of: undefined })],
  [
    'a payment',
    (it) => operations.sync(it, { ...lost, kind: 'authorize', of: undefined, ref: of }),
  ],
  ['a lost refund', (it) => operations.sync(it, { ...lost, kind: 'refund', of })],
  [
    'an inspection',
    (it) => operations.inspect?.(it, { operationId: 'op_1', of, amount: usd(1) }),
    [
      {
        object: 'payment_intent',
        status: 'processing',
        amount: 1,
        amount_received: 0,
        currency: 'usd',
        latest_charge: 'ch_1',
      },
      list([]),
    ],
  ],
  ['a set-up', (it) => setups?.create(it, setup)],
  ['a hosted set-up', (it) => setups?.create(it, { ...setup, method: { type: 'hosted' } })],
  ['a lost set-up', (it) => setups?.sync(it, { setupId: 's', ref: undefined, begunAtMs: nowMs })],
  [
    'a set-up’s state',
    (it) => setups?.sync(it, { setupId: 's', ref: { setup: 'seti_1' }, begunAtMs: 0 }),
  ],
  ['a set-up’s end', (it) => setups?.cancel(it, { setupId: 's', ref: { setup: 'seti_1' } })],
  ['forgetting', (it) => setups?.forget(it, { token: new Secret('pm_1') }), [refused(400, {})]],
  ['a customer', (it) => customers?.create(it, { customerId: 'cus_1', party })],
  [
    'registering',
    (it) => endpoint?.register(it, { accountId: 'acc_1' }),
    [
      list([
        {
          id: 'we_1',
          url: 'https://switch.test/webhooks/acc_1',
          metadata: { pointsman_account: 'acc_1' },
        },
      ]),
      { deleted: true },
    ],
  ],
  ['a dispute', (it) => disputes?.find(it, { reference: 'dp_1' })],
  [
    'evidence',
    (it) =>
      disputes?.respond?.(it, {
        reference: 'dp_1',
        submissionId: 's',
        fields: evidence,
        submit: false,
      }),
  ],
  ['giving in', (it) => disputes?.accept?.(it, { reference: 'dp_1', submissionId: 's' })],
  ['the balance', (it) => reports?.balanceTransactions?.(it, { ...page, payout: 'po_1' })],
  ['payouts', (it) => reports?.payouts?.(it, { ...page, status: 'in_transit' })],
  ['the check', (it) => check?.(it)],
];

/** What the older document cannot know: it came after August 2023. */
const newer: Readonly<Record<string, readonly string[]>> = {
  'a confirmation token': ['confirmation_token'],
  // The fifteenth is refund.failed.
  registering: ['api_version', 'enabled_events.15'],
};

async function requestsOf(work: Work, answers: readonly object[] = []): Promise<HttpRequest[]> {
  // An answer that nothing can read: what counts here is what was sent before.
  const { context, requests } = scripted([...answers, { text: 'nothing to read' }]);
  await faultOf(Promise.resolve(work(context)));
  return requests;
}

describe('stripe: requests against Stripe’s own contracts', () => {
  let contracts: StripeContracts | undefined;
  before(async function () {
    contracts = await stripeContracts();
    if (contracts) return;
    skipped.set('Stripe’s contracts', missingContracts);
    this.skip();
  });

  for (const [title, work, answers = []] of works) {
    it(`${title} fits both`, async () => {
      if (!contracts) throw new Error(missingContracts);
      const requests = await requestsOf(work, answers);
      expect(requests.length, 'requests sent').to.be.greaterThan(answers.length);
      for (const request of requests) {
        const { method } = request;
        const body = request.body === undefined ? '' : String(request.body);
        const sent = [method, pathOf(request), body] as const;
        expect(contracts.current.request(...sent), `${method} ${sent[1]}`).to.deep.equal([]);
        const objections = contracts.older.request(...sent).map((it) => it.path);
        const allowed = newer[title] ?? [];
        expect(objections.filter((it) => !allowed.includes(it))).to.deep.equal([]);
      }
    });
  }

  it('the version is one that endpoints may ask for', () => {
    expect(contracts?.apiVersions).to.include('2026-10-28.endive');
  });
});
