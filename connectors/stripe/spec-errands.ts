/** The kit's sample for what works beside the money: set-ups, disputes, reports, endpoints. */
import { expect } from 'chai';
import { Secret, type Context, type HttpRequest, type Json, type JsonObject } from '#sdk';
import * as qs from 'qs';
import { stripe } from './index.ts';
import type { StripeSettings } from './settings.ts';

interface Answer {
  readonly status?: number;
  readonly body: Json;
}

interface Errand {
  call(context: Context<StripeSettings>): Promise<unknown>;
  answer(request: HttpRequest): Answer;
  expects(result: unknown): void;
}

export const card = {
  brand: 'visa',
  last4: '4242',
  exp_month: 12,
  exp_year: 2034,
  checks: { cvc_check: 'pass', address_line1_check: null, address_postal_code_check: null },
};
const created = 1_767_225_600;
export const list = (...data: Json[]) => ({ object: 'list', data, has_more: false });
export const missing: Answer = {
  status: 404,
  body: { error: { type: 'invalid_request_error', code: 'resource_missing', param: 'id' } },
};

export const dispute = {
  object: 'dispute',
  id: 'dp_1',
  amount: 500,
  currency: 'usd',
  status: 'needs_response',
  reason: 'fraudulent',
  created,
  evidence_details: { due_by: created },
  balance_transactions: [{ amount: -500, currency: 'usd' }],
};
const disputed: Omit<Errand, 'call'> = {
  answer: () => ({ body: dispute }),
  expects: (result) =>
    expect(result).to.deep.include({ status: 'needs_response', stage: 'dispute' }),
};

const setupIntent = {
  object: 'setup_intent',
  id: 'seti_1',
  status: 'succeeded',
  customer: 'cus_1',
  payment_method: { id: 'pm_1', type: 'card', card },
  metadata: { pointsman_setup: 'set_1', pointsman_method: 'token' },
};
const setUp: Omit<Errand, 'call'> = {
  answer: ({ method, url }) => ({
    body: method === 'GET' && url.includes('?created') ? list(setupIntent) : setupIntent,
  }),
  expects: (result) => expect(result).to.include({ status: 'succeeded' }),
};

const reported = (entry: Json): Omit<Errand, 'call'> => ({
  answer: () => ({ body: list(entry) }),
  expects: (result) => expect(result).to.have.property('entries').with.length(1),
});

export function startEndpoints() {
  const kept = new Map<string, JsonObject & { readonly url: string }>();
  const answer = ({ method, url, body }: HttpRequest): Answer => {
    if (method === 'GET') return { body: list(...kept.values()) };
    if (method === 'DELETE') {
      const id = url.split('/').at(-1) ?? '';
      return kept.delete(id) ? { body: { id, deleted: true } } : missing;
    }
    const asked = qs.parse(String(body)) as JsonObject & { readonly url: string };
    const endpoint = { ...asked, id: `we_${kept.size + 1}` };
    kept.set(endpoint.id, endpoint);
    return { body: { ...endpoint, secret: 'whsec_told_once' } };
  };
  return { answer, urls: () => [...kept.values()].map(({ url }) => url) };
}

export const errands: Readonly<Record<string, Errand>> = {
  'customers.create': {
    call: async (it) => stripe.customers?.create(it, { customerId: 'cus_1', party: {} }),
    answer: () => ({ body: { object: 'customer', id: 'cus_9' } }),
    expects: (result) => expect(result).to.equal('cus_9'),
  },
  'setups.create': {
    call: async (it) =>
      stripe.setups?.create(it, {
        setupId: 'set_1',
        customerReference: 'cus_1',
        usage: 'off_session',
        method: { type: 'token', token: new Secret('pm_1') },
        returnUrl: 'https://switch.test/return/1',
      }),
    ...setUp,
  },
  'setups.sync': {
    call: async (it) => stripe.setups?.sync(it, { setupId: 'set_1', ref: undefined, begunAtMs: 0 }),
    ...setUp,
  },
  'setups.cancel': {
    call: async (it) => stripe.setups?.cancel(it, { setupId: 'set_1', ref: { setup: 'seti_1' } }),
    answer: () => ({ body: { ...setupIntent, status: 'canceled', cancellation_reason: null } }),
    expects: (result) => expect(result).to.include({ status: 'cancelled' }),
  },
  'setups.forget': {
    call: async (it) => stripe.setups?.forget(it, { token: new Secret('pm_1') }),
    answer: () => ({ body: { object: 'payment_method', id: 'pm_1', customer: null } }),
    expects: (result) => expect(result).to.equal(undefined),
  },
  'disputes.find': {
    call: async (it) => stripe.disputes?.find(it, { reference: 'dp_1' }),
    ...disputed,
  },
  'disputes.respond': {
    call: async (it) =>
      stripe.disputes?.respond?.(it, {
        reference: 'dp_1',
        submissionId: 'sub_1',
        fields: { customer_name: 'Jane Doe' },
        submit: true,
      }),
    ...disputed,
  },
  'disputes.accept': {
    call: async (it) => stripe.disputes?.accept?.(it, { reference: 'dp_1', submissionId: 'sub_1' }),
    ...disputed,
  },
  'reports.balanceTransactions': {
    call: async (it) => stripe.reports?.balanceTransactions?.(it, { limit: 10 }),
    ...reported({
      id: 'txn_1',
      type: 'charge',
      amount: 500,
      fee: 30,
      net: 470,
      currency: 'usd',
      status: 'available',
      available_on: created,
      created,
    }),
  },
  'reports.payouts': {
    call: async (it) => stripe.reports?.payouts?.(it, { limit: 10 }),
    ...reported({
      id: 'po_1',
      amount: 5,
      currency: 'usd',
      status: 'paid',
      created,
      arrival_date: created,
    }),
  },
};
