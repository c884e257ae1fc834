/** The connector against the kit; the answers are spelled as Stripe's reference has its objects. */
import { createHmac } from 'node:crypto';
import { Secret, type HttpRequest, type Json, type JsonObject, type Money, type Sync } from '#sdk';
import { describeConnector, type Answer, type Sample } from '../../test/conformance/kit.ts';
import { stripe } from './index.ts';
import { card, dispute, errands, list, missing, startEndpoints } from './spec-errands.ts';
import type { StripeRef, StripeSettings } from './settings.ts';

interface Command {
  readonly operationId: string;
  readonly amount: Money;
  readonly capture?: 'automatic' | 'manual' | undefined;
}

const finer = ['ISK', 'UGX'];

/** Stripe's spelling of an amount (Stripe docs, currencies). */
function spell({ amount, currency }: Money): number {
  if (currency === 'MGA') return amount / 100;
  return finer.includes(currency) ? amount * 100 : amount;
}

const charge = {
  object: 'charge',
  id: 'ch_1',
  paid: true,
  payment_method_details: { type: 'card', card: { ...card, three_d_secure: null } },
};

function intent({ operationId, amount, capture }: Command, status: string): JsonObject {
  const whole = spell(amount);
  return {
    object: 'payment_intent',
    id: 'pi_1',
    amount: whole,
    amount_capturable: status === 'requires_capture' ? whole : 0,
    amount_received: status === 'succeeded' ? whole : 0,
    currency: amount.currency.toLowerCase(),
    capture_method: capture ?? 'manual',
    client_secret: 'pi_1_secret_1',
    status,
    customer: null,
    payment_method: 'pm_1',
    setup_future_usage: null,
    metadata: { pointsman_operation: operationId, pointsman_capture: operationId },
    last_payment_error: null,
    next_action: null,
    cancellation_reason: null,
    latest_charge: status === 'succeeded' || status === 'requires_capture' ? charge : null,
  };
}

const cardError = { type: 'card_error', code: 'card_declined', decline_code: 'generic_decline' };

const isMethod = ({ url }: HttpRequest) => url.endsWith('/v1/payment_methods');
const made: Answer = { body: { object: 'payment_method', id: 'pm_1' } };

/** A method that is confirmed at once; for a raw card the method is made first. */
const confirmed = {
  succeeds: (command: Command, request: HttpRequest): Answer => {
    const status = command.capture === 'manual' ? 'requires_capture' : 'succeeded';
    return isMethod(request) ? made : { body: intent(command, status) };
  },
  declines: (command: Command, request: HttpRequest): Answer => {
    const payment_intent = intent(command, 'requires_payment_method');
    if (isMethod(request)) return made;
    return { status: 402, body: { error: { ...cardError, payment_intent } } };
  },
  pends: (command: Command, request: HttpRequest): Answer => {
    const redirect_to_url = { url: 'https://hooks.stripe.test/3ds' };
    const next_action = { type: 'redirect_to_url', redirect_to_url };
    if (isMethod(request)) return made;
    return { body: { ...intent(command, 'requires_action'), next_action } };
  },
  prepares: isMethod,
};

const refund = ({ operationId, amount }: Command, status: string): JsonObject => ({
  object: 'refund',
  id: 're_1',
  amount: spell(amount),
  currency: amount.currency.toLowerCase(),
  payment_intent: 'pi_1',
  balance_transaction: 'txn_1',
  status,
  reason: null,
  ...(status === 'failed' && { failure_reason: 'declined' }),
  metadata: { pointsman_operation: operationId },
});

const isList = ({ url }: HttpRequest) => /\/v1\/(payment_intents|refunds)\?/.test(url);

/** A refusal is kept on the intent: as its last error, or as its end when it was held. */
function keptAs(found: Json, query: Sync<StripeRef>): Json {
  const { error } = found as { error?: JsonObject };
  if (!error) return found;
  const { payment_intent, ...last_payment_error } = error;
  if (payment_intent) return { ...(payment_intent as JsonObject), last_payment_error };
  return { ...intent(query, 'canceled'), cancellation_reason: 'automatic' };
}

const sample: Sample<StripeSettings, StripeRef> = {
  settings: {
    secret_key: 'sk_test_kitKey4Fh7Wp',
    publishable_key: 'pk_test_kitPublic8Rd2',
    raw_cards: true,
  },
  hosts: ['https://api.stripe.com'],
  ref: { intent: 'pi_1' },
  places: {
    status: 'status',
    amount: 'amount_received',
    operationId: 'metadata.pointsman_operation',
    declineCode: 'error.decline_code',
  },
  spell,
  methods: { token: { type: 'token', token: new Secret('pm_kitToken5Gx1') } },
  customerReference: 'cus_1',
  authorize: {
    card: confirmed,
    token: confirmed,
    hosted: {
      succeeds: 'never',
      declines: 'never',
      pends: (command) => ({ body: intent(command, 'requires_payment_method') }),
      settles: (command) => ({ body: intent(command, 'succeeded') }),
    },
  },
  capture: {
    succeeds: (command) => ({ body: intent(command, 'succeeded') }),
    declines: () => ({ status: 402, body: { error: cardError } }),
    pends: (command) => ({ body: intent(command, 'processing') }),
    operationId: 'metadata.pointsman_capture',
  },
  void: {
    succeeds: (command) => ({ body: intent(command, 'canceled') }),
    declines: 'never',
    pends: 'never',
    amount: 'amount',
    operationId: { unsaid: 'a cancellation takes no metadata' },
  },
  refund: {
    succeeds: (command) => ({ body: refund(command, 'succeeded') }),
    declines: (command) => ({ body: refund(command, 'failed') }),
    pends: (command) => ({ body: refund(command, 'pending') }),
    amount: 'amount',
    declineCode: 'failure_reason',
  },
  sync: {
    found: (body, query, request) => {
      const kept = keptAs(body, query);
      return { body: isList(request) ? list(kept) : kept };
    },
    absent: (query, request) => {
      if (isList(request) && !(query.kind === 'capture' || query.kind === 'void') && !query.ref) {
        return { body: list() };
      }
      const held = query.kind === 'capture' || query.kind === 'void';
      return held ? { body: intent(query, 'requires_capture') } : missing;
    },
  },
  refused: {
    status: 400,
    body: {
      error: {
        type: 'invalid_request_error',
        code: 'parameter_missing',
        param: 'amount',
        message: 'No',
      },
    },
  },
  webhook: {
    event: (number) =>
      JSON.stringify({
        id: `evt_${number}`,
        object: 'event',
        type: 'payment_intent.succeeded',
        data: { object: { object: 'payment_intent', id: 'pi_1' } },
      }),
    headers: (body, { secret, nowMs }) => {
      const seconds = Math.floor(nowMs / 1000);
      const mac = createHmac('sha256', secret.reveal()).update(`${seconds}.`).update(body);
      return { 'stripe-signature': `t=${seconds},v1=${mac.digest('hex')}` };
    },
    signature: { header: 'stripe-signature' },
    covers: 'body',
    secretFrom: 'endpoint',
    toleranceMs: 300_000,
    subjects: () => [{ authorization: { intent: 'pi_1' } }],
  },
  endpoint: { start: startEndpoints },
  inspect: {
    answer: ({ operationId, amount }, { url }) => {
      const refunds = [refund({ operationId, amount }, 'succeeded')];
      if (url.includes('/refunds')) return { body: list(...refunds) };
      if (url.includes('/disputes')) return { body: list(dispute) };
      return { body: intent({ operationId, amount, capture: 'automatic' }, 'succeeded') };
    },
    expects: ({ amount: { amount } }) => ({ authorized: amount, captured: amount, refunds: 1 }),
  },
  check: {
    answer: () => ({
      body: { object: 'account', id: 'acct_1', charges_enabled: true, payouts_enabled: true },
    }),
    facts: { reference: 'acct_1', chargesEnabled: true, payoutsEnabled: true },
  },
  errands,
};

describeConnector(stripe, sample);
