/** Reading payments and their operations over HTTP, and asking the processor again. */
import { defineRoute, type Route } from '../sdk/route.ts';
import { listSchema } from '../sdk/vocabulary.ts';
import { listOf } from '../storage/index.ts';
import { PaymentSchema, OperationSchema } from './answer-schema.ts';
import { assertClientSecret, paymentFor, shown, type Desk } from './desk.ts';
import { listPayments } from './list.ts';
import { presentOperation } from './present.ts';
import { anyPayment, callerOf, read, settled, tag, write } from './route-parts.ts';
import { GetQuerySchema, ListQuerySchema, PaymentParams, SyncSchema } from './schema.ts';
import { operationsOf } from './store.ts';
import { syncPayment } from './sync.ts';

export function lookingRoutes(desk: Desk): readonly Route[] {
  return [...readingRoutes(desk), ...askingRoutes(desk)];
}

function readingRoutes(desk: Desk): readonly Route[] {
  return [
    defineRoute({
      id: 'listPayments',
      method: 'get',
      path: '/v1/payments',
      tag,
      summary: 'List payments, newest first',
      access: read,
      rate: 'queries',
      query: ListQuerySchema,
      replies: { 200: listSchema(PaymentSchema, 'PaymentList') },
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
      params: PaymentParams,
      query: GetQuerySchema,
      replies: { 200: anyPayment },
      problems: ['not_found', 'client_secret_invalid'],
      examples: [{ summary: 'A payment', params: { payment_id: '{payment_id}' }, status: 200 }],
      handle: async ({ principal, params, query }) => {
        assertClientSecret(desk, principal, params.payment_id, query.client_secret);
        const payment = await paymentFor(desk, principal, params.payment_id);
        return { status: 200, body: shown(desk, payment, principal) };
      },
    }),
  ];
}

/** Asking again, and looking at the single operations. */
function askingRoutes(desk: Desk): readonly Route[] {
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
      params: PaymentParams,
      body: SyncSchema,
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
      params: PaymentParams,
      replies: { 200: listSchema(OperationSchema, 'OperationList') },
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
