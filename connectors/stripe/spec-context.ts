/** What the connector's specs share: a scripted port, commands, and Stripe's objects in small. */
import {
  Fault,
  Secret,
  type Authorize,
  type Context,
  type FaultKind,
  type HttpRequest,
  type HttpResponse,
} from '#sdk';
import * as qs from 'qs';
import type { StripeSettings } from './settings.ts';

/** 2026-11-21T04:26:40Z. */
export const nowMs = 1_795_235_200_000;

type Reply = object | Partial<HttpResponse>;

const isResponse = (reply: Reply): reply is Partial<HttpResponse> =>
  'text' in reply || ('status' in reply && typeof reply.status === 'number');

/** Answers in turn, the last for ever; objects are the bodies of a 200. */
export function scripted(replies: readonly Reply[], changes: Partial<StripeSettings> = {}) {
  const requests: HttpRequest[] = [];
  const left = [...replies];
  const context: Context<StripeSettings> = {
    settings: { secret_key: 'sk_test_spec', publishable_key: 'pk_test_spec', ...changes },
    mode: 'sandbox',
    http: {
      send: async (request) => {
        requests.push(request);
        const reply = (left.length > 1 ? left.shift() : left[0]) ?? {};
        const response = isResponse(reply) ? reply : { text: JSON.stringify(reply) };
        return { status: 200, headers: {}, text: '', ...response };
      },
    },
    webhookUrl: 'https://switch.test/webhooks/acc_1',
    webhookSecret: undefined,
    now: () => nowMs,
  };
  return { context, requests };
}

/** A refusal in Stripe's form. */
export const refused = (status: number, error: object): Partial<HttpResponse> => ({
  status,
  text: JSON.stringify({ error: { type: 'invalid_request_error', message: 'No.', ...error } }),
});

/** The path and query of a request, without its host. */
export function pathOf({ url }: HttpRequest): string {
  const { pathname, search } = new URL(url);
  return pathname + search;
}

/** A form as Stripe parses it. */
export const formOf = ({ body }: HttpRequest) => qs.parse(String(body), { depth: 20 });

export const list = (data: readonly object[], has_more = false) => ({
  object: 'list',
  data,
  has_more,
  url: '/v1/things',
});

export const charge = {
  object: 'charge',
  id: 'ch_1',
  paid: true,
  payment_method_details: {
    type: 'card',
    card: {
      brand: 'visa',
      last4: '4242',
      exp_month: 12,
      exp_year: 2034,
      authorization_code: '123456',
      checks: {
        cvc_check: 'pass',
        address_line1_check: 'pass',
        address_postal_code_check: 'fail',
      },
      three_d_secure: null,
    },
  },
};

/** An intent over 100.00 USD that is held, of operation `op_1`. */
export const held = {
  object: 'payment_intent',
  id: 'pi_1',
  amount: 10_000,
  amount_capturable: 10_000,
  amount_received: 0,
  currency: 'usd',
  capture_method: 'manual',
  client_secret: 'pi_1_secret_x',
  status: 'requires_capture',
  customer: null,
  payment_method: 'pm_1',
  setup_future_usage: null,
  metadata: { pointsman_operation: 'op_1' } as Record<string, string>,
  last_payment_error: null as object | null,
  next_action: null as object | null,
  cancellation_reason: null as string | null,
  latest_charge: charge as object | null,
};

/** The same, captured at once. */
export const paid = {
  ...held,
  capture_method: 'automatic',
  status: 'succeeded',
  amount_capturable: 0,
  amount_received: 10_000,
};

export const waiting = { ...held, status: 'requires_payment_method', latest_charge: null };

export const insufficientFunds = {
  type: 'card_error',
  code: 'card_declined',
  decline_code: 'insufficient_funds',
  message: 'Your card has insufficient funds.',
};

export const refundObject = {
  object: 'refund',
  id: 're_1',
  amount: 400,
  currency: 'usd',
  payment_intent: 'pi_1',
  charge: 'ch_1',
  balance_transaction: 'txn_1' as string | null,
  status: 'succeeded',
  reason: null as string | null,
  metadata: { pointsman_operation: 'op_1' } as Record<string, string>,
};

export const usd = (amount: number) => ({ amount, currency: 'USD' });

export function command(changes: Partial<Authorize> = {}): Authorize {
  return {
    operationId: 'op_1',
    amount: usd(10_000),
    capture: 'manual',
    method: { type: 'token', token: new Secret('pm_1') },
    details: {},
    customerReference: undefined,
    returnUrl: 'https://switch.test/return/1',
    ...changes,
  };
}

export const cardMethod = {
  type: 'card',
  number: new Secret('4242424242424242'),
  exp_month: 12,
  exp_year: 2034,
  cvc: new Secret('123'),
  holder_name: 'Jane Doe',
} as const;

export async function faultOf(work: Promise<unknown>): Promise<FaultKind | 'none'> {
  try {
    await work;
    return 'none';
  } catch (cause) {
    if (cause instanceof Fault) return cause.kind;
    throw cause;
  }
}
