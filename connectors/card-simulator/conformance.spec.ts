/** The connector against the kit; the answers are spelled as processor/view.ts spells them. */
import { expect } from 'chai';
import { createHmac } from 'node:crypto';
import type { DisputeState, HttpRequest, Json, JsonObject, Money } from '#sdk';
import {
  describeConnector,
  type Answer,
  type EndpointProcessor,
  type Errand,
  type Sample,
} from '../../test/conformance/kit.ts';
import { accept, find, respond } from './disputes.ts';
import { cardSimulator } from './index.ts';
import { balanceTransactions, payouts } from './reports.ts';
import type { CardSimulatorRef, CardSimulatorSettings } from './settings.ts';

interface Command {
  readonly operationId: string;
  readonly amount: Money;
  readonly capture?: 'automatic' | 'manual';
}

const decline = { decline: { code: '51', message: 'Insufficient funds' } };
const createdAt = '2026-01-15T09:00:00.000Z';

const charge = ({ operationId, amount, capture }: Command, status: string): JsonObject => ({
  object: 'charge',
  id: 'ch_1',
  reference: operationId,
  amount: amount.amount,
  currency: amount.currency,
  capture: capture === 'automatic',
  status,
  decline: null,
  amount_authorized: status === 'declined' ? 0 : amount.amount,
  amount_captured: status === 'captured' ? amount.amount : 0,
  amount_refunded: 0,
  amount_voided: 0,
  auth_code: '123456',
  cvc_check: 'M',
  avs_check: 'U',
  authentication: 'none',
  card: { brand: 'visa', bin: '424242', last4: '4242' },
  next_action: null,
  created_at: createdAt,
});

const operation =
  (object: string, status: string, more: JsonObject = {}) =>
  ({ operationId, amount }: Command): Answer => ({
    status: status === 'declined' ? 402 : 200,
    body: {
      object,
      id: 'ope_1',
      charge: 'ch_1',
      charge_reference: 'op_authorization',
      reference: operationId,
      amount: amount.amount,
      currency: amount.currency,
      status,
      decline: null,
      reason: null,
      origin: 'api',
      ...more,
    },
  });

const followUp = (object: string) => ({
  succeeds: operation(object, 'succeeded'),
  declines: operation(object, 'declined', decline),
  pends: 'never' as const,
});

const dispute = {
  object: 'dispute',
  id: 'dp_1',
  amount: 500,
  currency: 'USD',
  amount_withdrawn: 500,
  reason: 'fraudulent',
  status: 'open',
  evidence_due_at: createdAt,
  created_at: createdAt,
};

const disputed: Omit<Errand<CardSimulatorSettings>, 'call'> = {
  answer: () => ({ body: dispute }),
  expects: (result) => {
    const { status, withdrawn } = result as DisputeState;
    expect(status).to.equal('needs_response');
    expect(withdrawn).to.deep.equal({ amount: 500, currency: 'USD' });
  },
};

const list = (entry: Json): Omit<Errand<CardSimulatorSettings>, 'call'> => ({
  answer: () => ({ body: { object: 'list', data: [entry], has_more: false } }),
  expects: (result) => expect(result).to.have.property('entries').with.length(1),
});

function startEndpoints(): EndpointProcessor {
  const kept = new Map<string, { readonly id: string; readonly url: string }>();
  const answer = ({ method, url, body }: HttpRequest): Answer => {
    if (method === 'GET') return { body: { object: 'list', data: [...kept.values()] } };
    if (method === 'DELETE') {
      const id = url.split('/').at(-1) ?? '';
      if (kept.delete(id)) return { body: { id, deleted: true } };
      return { status: 404, body: { error: { code: 'not_found', message: `no ${id}` } } };
    }
    const asked = JSON.parse(String(body)) as { url: string; description: string };
    const made = { ...asked, id: `we_${kept.size + 1}` };
    kept.set(made.id, made);
    return { status: 201, body: { ...made, secret: 'whsec_told_once' } };
  };
  return { answer, urls: () => [...kept.values()].map(({ url }) => url) };
}

const sample: Sample<CardSimulatorSettings, CardSimulatorRef> = {
  settings: { base_url: 'http://simulator.test:8090', api_key: 'sim_kitKey4Fh7Wp' },
  hosts: ['http://simulator.test:8090'],
  ref: { charge: 'ch_1' },
  places: {
    status: 'status',
    amount: 'amount',
    operationId: 'reference',
    declineCode: 'decline.code',
  },
  spell: ({ amount }) => amount,
  authorize: {
    card: {
      succeeds: (command) => ({
        body: charge(command, command.capture === 'automatic' ? 'captured' : 'authorized'),
      }),
      declines: (command) => ({
        status: 402,
        body: { ...charge(command, 'declined'), ...decline },
      }),
      pends: (command) => ({
        body: {
          ...charge(command, 'requires_action'),
          next_action: { type: 'redirect', url: 'http://simulator.test:8090/challenge/1' },
        },
      }),
    },
  },
  capture: followUp('capture'),
  void: followUp('void'),
  refund: followUp('refund'),
  approve: followUp('approve'),
  reject: followUp('reject'),
  sync: {
    found: (body) => ({ body }),
    absent: () => ({ status: 404, body: { error: { code: 'unknown_reference' } } }),
  },
  refused: { status: 422, body: { error: { code: 'charge_state', message: 'It is voided.' } } },
  webhook: {
    event: (number, operationId) =>
      JSON.stringify({
        id: `evt_${number}`,
        type: 'charge.captured',
        data: { object: { object: 'charge', reference: operationId } },
      }),
    headers: (body, { secret, nowMs }) => {
      const seconds = Math.floor(nowMs / 1000);
      const mac = createHmac('sha256', secret.reveal()).update(`${seconds}.`).update(body);
      return { 'simulator-signature': `t=${seconds},v1=${mac.digest('hex')}` };
    },
    signature: { header: 'simulator-signature' },
    covers: 'body',
    secretFrom: 'endpoint',
    toleranceMs: 300_000,
    subjects: (operationId) => [{ operationId }],
  },
  endpoint: { start: startEndpoints },
  inspect: {
    answer: ({ operationId, amount }) => ({
      body: {
        object: 'history',
        charge: charge({ operationId, amount, capture: 'automatic' }, 'captured'),
        amount_left: 0,
        expired: false,
        operations: [operation('refund', 'succeeded')({ operationId: 'op_1', amount }).body],
        disputes: [dispute],
      },
    }),
    expects: ({ amount: { amount } }) => ({ authorized: amount, captured: amount, refunds: 1 }),
  },
  check: {
    answer: () => ({ body: { object: 'account', id: 'acct_sim' } }),
    facts: { reference: 'acct_sim', chargesEnabled: true, payoutsEnabled: true },
  },
  errands: {
    'disputes.find': {
      call: (context) => find(context, { reference: 'dp_1' }),
      ...disputed,
    },
    'disputes.respond': {
      call: (context) =>
        respond(context, {
          reference: 'dp_1',
          submissionId: 'sub_1',
          fields: { customer_name: 'Jane Doe' },
          submit: true,
        }),
      ...disputed,
    },
    'disputes.accept': {
      call: (context) => accept(context, { reference: 'dp_1', submissionId: 'sub_1' }),
      ...disputed,
    },
    'reports.balanceTransactions': {
      call: (context) => balanceTransactions(context, { limit: 10 }),
      ...list({
        object: 'balance_transaction',
        id: 'ope_1',
        type: 'charge',
        source: 'ch_1',
        amount: 500,
        currency: 'USD',
        created_at: createdAt,
      }),
    },
    'reports.payouts': {
      call: (context) => payouts(context, { limit: 10 }),
      ...list({
        object: 'payout',
        id: 'po_1',
        amount: 500,
        currency: 'USD',
        status: 'paid',
        created_at: createdAt,
        arrival_at: createdAt,
      }),
    },
  },
};

describeConnector(cardSimulator, sample);
