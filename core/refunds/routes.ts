/** The refund routes of the native API. */
import type { Desk } from '../payments/desk.ts';
import { presentRefund } from '../payments/present.ts';
import { defineRoute, type Route } from '../sdk/route.ts';
import { listSchema } from '../sdk/vocabulary.ts';
import { createRefund, listRefunds, refundById } from './refund.ts';
import { RefundCreateSchema, RefundListQuerySchema, RefundParams, RefundSchema } from './schema.ts';

const tag = 'Refunds';
const read = { kind: 'merchant', scope: 'payments:read' } as const;

export function refundRoutes(desk: Desk): readonly Route[] {
  return [createRefundRoute(desk), ...readingRoutes(desk)];
}

function createRefundRoute(desk: Desk): Route {
  return defineRoute({
    id: 'createRefund',
    method: 'post',
    path: '/v1/refunds',
    tag,
    summary: 'Refund a captured payment, whole or in part',
    description: 'Without an amount: all that is left. 202 while the processor has not said yet.',
    access: { kind: 'merchant', scope: 'refunds:write' },
    rate: 'payments',
    body: RefundCreateSchema,
    replies: { 201: RefundSchema, 202: RefundSchema },
    problems: [
      'not_found',
      'payment_state',
      'amount_too_large',
      'not_supported',
      'payment_declined',
      'processor_refused',
      'processor_unreachable',
      'concurrent_change',
    ],
    examples: [
      {
        summary: 'A part',
        body: { payment: '{payment_id}', amount: 1000, reason: 'one item came back' },
        status: 201,
      },
    ],
    handle: ({ principal, requestId, slot, body }) =>
      createRefund(desk, { principal, requestId, slot }, body),
  });
}

function readingRoutes(desk: Desk): readonly Route[] {
  return [
    defineRoute({
      id: 'listRefunds',
      method: 'get',
      path: '/v1/refunds',
      tag,
      summary: 'List refunds, newest first',
      access: read,
      rate: 'queries',
      query: RefundListQuerySchema,
      replies: { 200: listSchema(RefundSchema, 'RefundList') },
      problems: ['invalid_cursor'],
      examples: [{ summary: 'The latest', query: { limit: 2 }, status: 200 }],
      handle: async ({ principal, query }) => ({
        status: 200,
        body: await listRefunds(desk.db, principal, query),
      }),
    }),
    defineRoute({
      id: 'getRefund',
      method: 'get',
      path: '/v1/refunds/{refund_id}',
      tag,
      summary: 'One refund',
      access: read,
      rate: 'queries',
      params: RefundParams,
      replies: { 200: RefundSchema },
      problems: ['not_found'],
      examples: [{ summary: 'A refund', params: { refund_id: '{refund_id}' }, status: 200 }],
      handle: async ({ principal, params }) => ({
        status: 200,
        body: presentRefund(await refundById(desk, principal, params.refund_id)),
      }),
    }),
  ];
}
