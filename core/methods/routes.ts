/** Set-ups over HTTP, and the payment methods that they and payments bring. */
import { commitWithAnswer } from '../idempotency/answer.ts';
import { Problem } from '../sdk/problem.ts';
import { defineRoute, type Route, type RouteInput } from '../sdk/route.ts';
import { listOf, page } from '../storage/index.ts';
import { askSetup } from './ask.ts';
import { cancelSetup } from './cancel.ts';
import { createMethod } from './create-method.ts';
import { createSetup } from './create.ts';
import { setupFor, type Caller } from './desk.ts';
import { deleteMethod, methodFor, updateMethod } from './keep.ts';
import { presentMethod, presentSetup } from './present.ts';
import type { MethodsDeps, PaymentMethodRecord } from './record.ts';
import {
  MethodCreateSchema,
  MethodDeletedSchema,
  MethodListQuerySchema,
  MethodParams,
  MethodUpdateSchema,
  NothingSchema,
  PaymentMethodListSchema,
  PaymentMethodSchema,
  SetupCreateSchema,
  SetupParams,
  SetupSchema,
} from './schema.ts';

const setups = { tag: 'Set-ups', rate: 'payments' } as const;
const methods = { tag: 'Payment methods', rate: 'management' } as const;
const reading = { kind: 'merchant', scope: 'customers:read' } as const;
const writing = { kind: 'merchant', scope: 'customers:write' } as const;
const exampleBody = {
  customer_id: '{customer_id}',
  account: '{keeping_account_id}',
  return_url: 'https://shop.example/cards',
};
const exampleCard = {
  type: 'card',
  card: { number: '4242424242424242', exp_month: 12, exp_year: 2034, holder_name: 'Jane Doe' },
};
const exampleSetup = { setup_id: '{setup_id}' };
const exampleMethod = { payment_method_id: '{payment_method_id}' };
const settled = { 200: SetupSchema, 202: SetupSchema };
const processorProblems = ['processor_unreachable', 'processor_refused'] as const;

function callerOf(input: RouteInput<unknown, unknown, unknown>): Caller {
  return { principal: input.principal, requestId: input.requestId, slot: input.slot };
}

export function methodRoutes(deps: MethodsDeps): readonly Route[] {
  return [
    createRoute(deps),
    getSetupRoute(deps),
    syncRoute(deps),
    cancelRoute(deps),
    createMethodRoute(deps),
    listRoute(deps),
    getRoute(deps),
    updateRoute(deps),
    deleteRoute(deps),
  ];
}

function createRoute(deps: MethodsDeps): Route {
  return defineRoute({
    ...setups,
    id: 'createSetup',
    method: 'post',
    path: '/v1/setups',
    summary: 'Keep a customer’s method at a processor for later',
    description:
      'Answers 201 with the payment method, or with what the customer has to do first; 202 when ' +
      'the processor has not said yet; 402 with the set-up inside when the method was declined.',
    access: writing,
    body: SetupCreateSchema,
    opaqueFields: ['payment_method.token'],
    replies: { 201: SetupSchema, 202: SetupSchema },
    problems: [
      ...processorProblems,
      'customer_unknown',
      'account_unusable',
      'not_supported',
      'setup_declined',
    ],
    examples: [
      {
        summary: 'A card that the customer enters with the processor',
        body: { ...exampleBody, payment_method: { type: 'hosted' } },
        status: 201,
      },
      {
        summary: 'One that its script has turned into a token',
        body: {
          ...exampleBody,
          usage: 'on_session',
          payment_method: { type: 'token', token: 'pm_of_the_processor' },
        },
        status: 201,
      },
    ],
    handle: (input) => createSetup(deps, callerOf(input), input.body),
  });
}

function getSetupRoute(deps: MethodsDeps): Route {
  return defineRoute({
    ...setups,
    rate: 'queries',
    id: 'getSetup',
    method: 'get',
    path: '/v1/setups/{setup_id}',
    summary: 'One set-up',
    access: reading,
    params: SetupParams,
    replies: { 200: SetupSchema },
    problems: ['not_found'],
    examples: [{ summary: 'By id', params: exampleSetup, status: 200 }],
    async handle({ principal, params }) {
      const setup = await setupFor(deps, principal.merchantId, params.setup_id);
      return { status: 200, body: presentSetup(setup, deps.keyring) };
    },
  });
}

function syncRoute(deps: MethodsDeps): Route {
  return defineRoute({
    ...setups,
    id: 'syncSetup',
    method: 'post',
    path: '/v1/setups/{setup_id}/sync',
    summary: 'Ask the processor how a set-up stands',
    description: 'Answers the set-up; 202 while it still is not known.',
    access: writing,
    params: SetupParams,
    body: NothingSchema,
    bodyOptional: true,
    replies: settled,
    problems: ['not_found', 'account_unusable'],
    examples: [{ summary: 'Ask now', params: exampleSetup, status: 200 }],
    async handle({ principal, params, slot }) {
      const known = await setupFor(deps, principal.merchantId, params.setup_id);
      const setup = await askSetup(deps, known);
      const status = setup.status === 'processing' ? 202 : 200;
      const answer = { status, body: presentSetup(setup, deps.keyring) };
      return commitWithAnswer(deps, slot, answer, []);
    },
  });
}

function cancelRoute(deps: MethodsDeps): Route {
  return defineRoute({
    ...setups,
    id: 'cancelSetup',
    method: 'post',
    path: '/v1/setups/{setup_id}/cancel',
    summary: 'Call a set-up off',
    access: writing,
    params: SetupParams,
    body: NothingSchema,
    bodyOptional: true,
    replies: { 200: SetupSchema },
    problems: [...processorProblems, 'not_found', 'setup_state', 'account_unusable'],
    examples: [{ summary: 'The customer changed his mind', params: exampleSetup, status: 200 }],
    handle: (input) => cancelSetup(deps, callerOf(input), input.params.setup_id),
  });
}

function createMethodRoute(deps: MethodsDeps): Route {
  return defineRoute({
    ...methods,
    id: 'createPaymentMethod',
    method: 'post',
    path: '/v1/payment_methods',
    summary: 'Keep a card in the vault, or turn one into a single-use token',
    description:
      'With a secret key the card is kept for the customer, without being charged or verified; a ' +
      'card he has already is answered as the method it is. With a public key, from the browser, ' +
      'the answer is a token for one payment within the hour. The CVC is never stored: a token’s ' +
      'waits up to 15 minutes in the memory of the process that took it, after a restart or at ' +
      'another node the payment goes without.',
    access: { ...writing, publicKey: true },
    body: MethodCreateSchema,
    cardField: ['card', 'number'],
    replies: { 201: PaymentMethodSchema },
    problems: ['invalid_card', 'card_data_misplaced', 'customer_unknown'],
    examples: [
      {
        summary: 'A card to charge without the customer',
        body: { ...exampleCard, customer_id: '{customer_id}', usage: 'off_session' },
        status: 201,
      },
    ],
    handle: (input) => createMethod(deps, callerOf(input), input.body),
  });
}

function listRoute(deps: MethodsDeps): Route {
  return defineRoute({
    ...methods,
    rate: 'queries',
    id: 'listPaymentMethods',
    method: 'get',
    path: '/v1/payment_methods',
    summary: 'List a customer’s payment methods, newest first',
    access: reading,
    query: MethodListQuerySchema,
    replies: { 200: PaymentMethodListSchema },
    problems: ['not_found', 'invalid_cursor'],
    examples: [{ summary: 'Of one', query: { customer_id: '{customer_id}' }, status: 200 }],
    async handle({ principal, query }) {
      const { merchantId } = principal;
      if (!(await deps.customers.find(merchantId, query.customer_id))) {
        throw new Problem('not_found', 'there is no such customer');
      }
      const shown = await page<PaymentMethodRecord>(
        deps.db,
        'payment_methods',
        merchantId,
        query,
        (select) => {
          void select.whereNull('deleted_at').whereNull('forget_at').whereNull('held_for');
          void select.where('customer_id', query.customer_id);
        },
      );
      return { status: 200, body: listOf(shown, shown.rows.map(presentMethod)) };
    },
  });
}

function getRoute(deps: MethodsDeps): Route {
  return defineRoute({
    ...methods,
    rate: 'queries',
    id: 'getPaymentMethod',
    method: 'get',
    path: '/v1/payment_methods/{payment_method_id}',
    summary: 'One payment method',
    access: reading,
    params: MethodParams,
    replies: { 200: PaymentMethodSchema },
    problems: ['not_found'],
    examples: [{ summary: 'By id', params: exampleMethod, status: 200 }],
    async handle({ principal, params }) {
      const method = await methodFor(deps, principal.merchantId, params.payment_method_id);
      return { status: 200, body: presentMethod(method) };
    },
  });
}

function updateRoute(deps: MethodsDeps): Route {
  return defineRoute({
    ...methods,
    id: 'updatePaymentMethod',
    method: 'patch',
    path: '/v1/payment_methods/{payment_method_id}',
    summary: 'Change the billing details of a payment method',
    access: writing,
    params: MethodParams,
    body: MethodUpdateSchema,
    replies: { 200: PaymentMethodSchema },
    problems: ['not_found', 'concurrent_change'],
    examples: [
      {
        summary: 'A new address',
        params: exampleMethod,
        body: { billing: { name: 'Jane Doe', address: { city: 'Jakarta', country: 'ID' } } },
        status: 200,
      },
    ],
    async handle({ principal, params, body }) {
      const { merchantId } = principal;
      const method = await updateMethod(deps, merchantId, params.payment_method_id, body);
      return { status: 200, body: presentMethod(method) };
    },
  });
}

function deleteRoute(deps: MethodsDeps): Route {
  return defineRoute({
    ...methods,
    id: 'deletePaymentMethod',
    method: 'delete',
    path: '/v1/payment_methods/{payment_method_id}',
    summary: 'Forget a payment method, here and at the processor',
    access: writing,
    params: MethodParams,
    replies: { 200: MethodDeletedSchema },
    problems: [...processorProblems, 'not_found', 'account_unusable', 'concurrent_change'],
    examples: [{ summary: 'For good', params: exampleMethod, status: 200 }],
    async handle({ principal, params }) {
      const { id } = await deleteMethod(deps, principal.merchantId, params.payment_method_id);
      return { status: 200, body: { id, object: 'payment_method', deleted: true } };
    },
  });
}
