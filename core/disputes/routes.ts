/** Disputes over HTTP: list, show, answer, give in. */
import { defineRoute, type Route } from '../sdk/route.ts';
import { listOf, page } from '../storage/index.ts';
import type { Desk } from '../payments/desk.ts';
import { callerOf } from '../payments/route-parts.ts';
import { paymentsOfProfile } from '../payments/store.ts';
import { presentDispute } from './present.ts';
import type { DisputeRecord } from './record.ts';
import { acceptDispute, disputeFor, giveEvidence } from './respond.ts';
import {
  DisputeListQuery,
  DisputeListSchema,
  DisputeParams,
  DisputeSchema,
  EvidenceSchema,
} from './schema.ts';

const tag = 'Disputes';
const exampleParams = { dispute_id: '{dispute_id}' };
const reading = { kind: 'merchant', scope: 'disputes:read' } as const;
const writing = { kind: 'merchant', scope: 'disputes:write' } as const;
const refusals = [
  'not_found',
  'dispute_state',
  'not_supported',
  'processor_refused',
  'processor_unreachable',
] as const;

export function disputeRoutes(desk: Desk): readonly Route[] {
  return [...readingRoutes(desk), ...answeringRoutes(desk)];
}

function readingRoutes(desk: Desk): readonly Route[] {
  return [
    defineRoute({
      id: 'listDisputes',
      method: 'get',
      path: '/v1/disputes',
      tag,
      summary: 'List disputes, newest first',
      access: reading,
      rate: 'queries',
      query: DisputeListQuery,
      replies: { 200: DisputeListSchema },
      problems: ['invalid_cursor'],
      examples: [
        { summary: 'Of one payment', query: { payment: '{disputed_payment_id}' }, status: 200 },
      ],
      handle: async ({ principal, query }) => {
        const own = paymentsOfProfile(desk.db, principal);
        const { payment, account, status } = query;
        const found = await page<DisputeRecord>(
          desk.db,
          'disputes',
          principal.merchantId,
          query,
          (select) => {
            if (payment !== undefined) void select.where('payment_id', payment);
            if (account !== undefined) void select.where('account_id', account);
            if (status !== undefined) void select.where('status', status);
            if (own) void select.whereIn('payment_id', own);
          },
        );
        return { status: 200, body: listOf(found, found.rows.map(presentDispute)) };
      },
    }),
    defineRoute({
      id: 'getDispute',
      method: 'get',
      path: '/v1/disputes/{dispute_id}',
      tag,
      summary: 'One dispute',
      access: reading,
      rate: 'queries',
      params: DisputeParams,
      replies: { 200: DisputeSchema },
      problems: ['not_found'],
      examples: [{ summary: 'By id', params: exampleParams, status: 200 }],
      handle: async ({ principal, params }) => ({
        status: 200,
        body: presentDispute(await disputeFor(desk, principal, params.dispute_id)),
      }),
    }),
  ];
}

function answeringRoutes(desk: Desk): readonly Route[] {
  return [
    defineRoute({
      id: 'giveEvidence',
      method: 'post',
      path: '/v1/disputes/{dispute_id}/evidence',
      tag,
      summary: 'Give evidence, and hand it to the bank when it is complete',
      description: 'Fields given earlier stay. What was submitted cannot be changed.',
      access: writing,
      rate: 'management',
      params: DisputeParams,
      body: EvidenceSchema,
      replies: { 200: DisputeSchema },
      problems: refusals,
      examples: [
        {
          summary: 'Kept with the processor for now',
          params: exampleParams,
          body: {
            fields: { customer_name: 'Jane Doe', shipping_tracking_number: '1Z999AA10123456784' },
          },
          status: 200,
        },
      ],
      handle: (input) => giveEvidence(desk, callerOf(input), input.params.dispute_id, input.body),
    }),
    defineRoute({
      id: 'acceptDispute',
      method: 'post',
      path: '/v1/disputes/{dispute_id}/accept',
      tag,
      summary: 'Give in: the money stays with the cardholder',
      access: writing,
      rate: 'management',
      params: DisputeParams,
      replies: { 200: DisputeSchema },
      problems: refusals,
      examples: [{ summary: 'Give in', params: exampleParams, status: 200 }],
      handle: (input) => acceptDispute(desk, callerOf(input), input.params.dispute_id),
    }),
  ];
}
