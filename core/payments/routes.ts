/** The payment routes of the native API. */
import { Type } from 'typebox';
import { listOf } from '../storage/index.ts';
import { defineRoute, type Route, type RouteInput } from '../sdk/route.ts';
import { listSchema } from '../sdk/vocabulary.ts';
import { capturePayment } from './capture.ts';
import { confirmPayment } from './confirm.ts';
import { createPayment, type Caller } from './create.ts';
import { assertClientSecret, paymentFor, shown, type Desk } from './desk.ts';
import { declinedCard, goodCard, paymentExamples } from './examples.ts';
import { listPayments } from './list.ts';
import { presentOperation } from './present.ts';
import { approvePayment, rejectPayment } from './review.ts';
import * as shapes from './schema.ts';
import { operationsOf } from './store.ts';
import { syncPayment } from './sync.ts';
import { updatePayment } from './update.ts';
import { cancelPayment, voidPayment } from './void.ts';

function callerOf(input: RouteInput<unknown, unknown, unknown>): Caller {
  return { principal: input.principal, requestId: input.requestId, slot: input.slot };
}

const write = { kind: 'merchant', scope: 'payments:write' } as const;
const read = { kind: 'merchant', scope: 'payments:read' } as const;
const tag = 'Payments';

/** What every call that reaches a processor may answer besides success. */
const processorProblems = [
  'payment_declined',
  'processor_refused',
  'processor_unreachable',
  'operation_in_progress',
  'concurrent_change',
] as const;

const anyPayment = Type.Union([shapes.PaymentSchema, shapes.PublicPaymentSchema]);
const settled = { 200: shapes.PaymentSchema, 202: shapes.PaymentSchema };

export function paymentRoutes(desk: Desk): readonly Route[] {
  return [
    defineRoute({
      id: 'createPayment',
      method: 'post',
      path: '/v1/payments',
      tag,
      summary: 'Create a payment, and charge it at once with confirm',
      description:
        'With `confirm: true` the answer is the outcome: 201 captured, authorized or requires_action; ' +
        '202 when the processor has not said yet; 402 with the payment inside when it was declined.',
      access: write,
      rate: 'payments',
      body: shapes.CreateSchema,
      cardField: ['payment_method', 'card', 'number'],
      replies: { 201: shapes.PaymentSchema, 202: shapes.PaymentSchema },
      problems: [
        ...processorProblems,
        'invalid_card',
        'card_data_misplaced',
        'reference_taken',
        'customer_unknown',
        'account_unusable',
        'no_eligible_account',
        'authentication_required',
      ],
      examples: paymentExamples,
      handle: (input) => createPayment(desk, callerOf(input), input.body),
    }),
    defineRoute({
      id: 'listPayments',
      method: 'get',
      path: '/v1/payments',
      tag,
      summary: 'List payments, newest first',
      access: read,
      rate: 'queries',
      query: shapes.ListQuerySchema,
      replies: { 200: listSchema(shapes.PaymentSchema, 'PaymentList') },
      problems: ['invalid_cursor'],
      examples: [
        { summary: 'Captured payments', query: { status: 'captured', limit: 2 }, status: 200 },
      ],
      handle: async ({ principal, query }) => ({
        status: 200,
        body: await listPayments(desk.db, principal, query),
      }),
    }),
    defineRoute({
      id: 'getPayment',
      method: 'get',
      path: '/v1/payments/{payment_id}',
      tag,
      summary: 'One payment',
      description:
        'A public key with the client secret sees the part that is the payer’s business.',
      access: { ...read, publicKey: true },
      rate: 'queries',
      params: shapes.PaymentParams,
      query: shapes.GetQuerySchema,
      replies: { 200: anyPayment },
      problems: ['not_found', 'client_secret_invalid'],
      examples: [{ summary: 'A payment', params: { payment_id: '{payment_id}' }, status: 200 }],
      handle: async ({ principal, params, query }) => {
        assertClientSecret(desk, principal, params.payment_id, query.client_secret);
        const payment = await paymentFor(desk, principal, params.payment_id);
        return { status: 200, body: shown(desk, payment, principal) };
      },
    }),
    defineRoute({
      id: 'updatePayment',
      method: 'post',
      path: '/v1/payments/{payment_id}',
      tag,
      summary: 'Change a payment before it is confirmed',
      access: write,
      rate: 'payments',
      params: shapes.PaymentParams,
      body: shapes.UpdateSchema,
      replies: { 200: shapes.PaymentSchema },
      problems: [
        'not_found',
        'payment_state',
        'reference_taken',
        'customer_unknown',
        'concurrent_change',
      ],
      examples: [
        {
          summary: 'Another amount',
          params: { payment_id: '{created_payment_id}' },
          body: { amount: 12_500, description: 'Order 17, with shipping' },
          status: 200,
        },
      ],
      handle: (input) => updatePayment(desk, callerOf(input), input.params.payment_id, input.body),
    }),
    defineRoute({
      id: 'confirmPayment',
      method: 'post',
      path: '/v1/payments/{payment_id}/confirm',
      tag,
      summary: 'Charge a payment that was created before',
      description:
        'Also the next try after a decline, with another card. From a browser: public key and client secret.',
      access: { ...write, publicKey: true },
      rate: 'payments',
      params: shapes.PaymentParams,
      body: shapes.ConfirmSchema,
      cardField: ['payment_method', 'card', 'number'],
      replies: { 200: anyPayment, 202: anyPayment },
      problems: [
        ...processorProblems,
        'not_found',
        'invalid_card',
        'payment_state',
        'attempts_exhausted',
        'client_secret_invalid',
        'account_unusable',
        'no_eligible_account',
        'authentication_required',
      ],
      examples: [
        {
          summary: 'Charge a card',
          params: { payment_id: '{created_payment_id}' },
          body: { payment_method: goodCard },
          status: 200,
        },
        {
          summary: 'A declined card',
          params: { payment_id: '{created_payment_id}' },
          body: { payment_method: declinedCard },
          status: 402,
        },
      ],
      handle: (input) => confirmPayment(desk, callerOf(input), input.params.payment_id, input.body),
    }),
    defineRoute({
      id: 'capturePayment',
      method: 'post',
      path: '/v1/payments/{payment_id}/capture',
      tag,
      summary: 'Capture an authorized payment, whole or in part',
      access: write,
      rate: 'payments',
      params: shapes.PaymentParams,
      body: shapes.CaptureSchema,
      bodyOptional: true,
      replies: settled,
      problems: [
        ...processorProblems,
        'not_found',
        'payment_state',
        'amount_too_large',
        'not_supported',
      ],
      examples: [
        {
          summary: 'A part',
          params: { payment_id: '{authorized_payment_id}' },
          body: { amount: 5000 },
          status: 200,
        },
      ],
      handle: (input) =>
        capturePayment(desk, callerOf(input), input.params.payment_id, input.body ?? {}),
    }),
    ...closing(desk),
    ...looking(desk),
  ];
}

/** Void, cancel, approve, reject: one shape, a reason at most. */
function closing(desk: Desk): readonly Route[] {
  const common = {
    method: 'post',
    tag,
    access: write,
    rate: 'payments',
    params: shapes.PaymentParams,
    body: shapes.ReasonSchema,
    bodyOptional: true,
    replies: settled,
    problems: [...processorProblems, 'not_found', 'payment_state', 'not_supported'],
  } as const;
  return [
    defineRoute({
      ...common,
      id: 'voidPayment',
      path: '/v1/payments/{payment_id}/void',
      summary: 'Give back what is authorized and not captured',
      examples: [
        {
          summary: 'Out of stock',
          params: { payment_id: '{authorized_payment_id}' },
          body: { reason: 'out of stock' },
          status: 200,
        },
      ],
      handle: (input) =>
        voidPayment(desk, callerOf(input), input.params.payment_id, input.body?.reason),
    }),
    defineRoute({
      ...common,
      id: 'cancelPayment',
      path: '/v1/payments/{payment_id}/cancel',
      summary: 'Call off a payment that has not been paid',
      examples: [
        {
          summary: 'The customer left',
          params: { payment_id: '{created_payment_id}' },
          body: { reason: 'abandoned' },
          status: 200,
        },
      ],
      handle: (input) =>
        cancelPayment(desk, callerOf(input), input.params.payment_id, input.body?.reason),
    }),
    defineRoute({
      ...common,
      id: 'approvePayment',
      path: '/v1/payments/{payment_id}/approve',
      summary: 'Let a payment under review go on',
      problems: [...common.problems, 'review_mismatch'],
      examples: [
        { summary: 'Approve', params: { payment_id: '{held_payment_id}' }, body: {}, status: 200 },
      ],
      handle: (input) => approvePayment(desk, callerOf(input), input.params.payment_id),
    }),
    defineRoute({
      ...common,
      id: 'rejectPayment',
      path: '/v1/payments/{payment_id}/reject',
      summary: 'End a payment under review',
      examples: [
        {
          summary: 'Reject',
          params: { payment_id: '{held_payment_id}' },
          body: { reason: 'address does not exist' },
          status: 200,
        },
      ],
      handle: (input) =>
        rejectPayment(desk, callerOf(input), input.params.payment_id, input.body?.reason),
    }),
  ];
}

/** Asking again, and looking at the single operations. */
function looking(desk: Desk): readonly Route[] {
  return [
    defineRoute({
      id: 'syncPayment',
      method: 'post',
      path: '/v1/payments/{payment_id}/sync',
      tag,
      summary: 'Ask the processor how the payment stands',
      description:
        'Answers the payment; 202 while it still is not known. Never sends anything again.',
      access: write,
      rate: 'payments',
      params: shapes.PaymentParams,
      body: shapes.SyncSchema,
      bodyOptional: true,
      replies: settled,
      problems: ['not_found'],
      examples: [{ summary: 'Sync', params: { payment_id: '{payment_id}' }, status: 200 }],
      handle: (input) => syncPayment(desk, callerOf(input), input.params.payment_id),
    }),
    defineRoute({
      id: 'listOperations',
      method: 'get',
      path: '/v1/payments/{payment_id}/operations',
      tag,
      summary: 'Every authorize, capture, void and refund of a payment, oldest first',
      access: read,
      rate: 'queries',
      params: shapes.PaymentParams,
      replies: { 200: listSchema(shapes.OperationSchema, 'OperationList') },
      problems: ['not_found'],
      examples: [{ summary: 'Operations', params: { payment_id: '{payment_id}' }, status: 200 }],
      handle: async ({ principal, params }) => {
        const payment = await paymentFor(desk, principal, params.payment_id);
        const operations = await operationsOf(desk.db, payment.id);
        return { status: 200, body: listOf({ hasMore: false }, operations.map(presentOperation)) };
      },
    }),
  ];
}
