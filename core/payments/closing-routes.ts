/** Void, cancel, approve, reject over HTTP. */
import { defineRoute, type Route } from '../sdk/route.ts';
import type { Desk } from './desk.ts';
import { approvePayment, rejectPayment } from './review.ts';
import { callerOf, processorProblems, settled, tag, write } from './route-parts.ts';
import { PaymentParams, ReasonSchema } from './schema.ts';
import { cancelPayment, voidPayment } from './void.ts';

/** One shape: a reason at most. */
const common = {
  method: 'post',
  tag,
  access: write,
  rate: 'payments',
  params: PaymentParams,
  body: ReasonSchema,
  bodyOptional: true,
  replies: settled,
  problems: [...processorProblems, 'not_found', 'payment_state', 'not_supported'],
} as const;

export function closingRoutes(desk: Desk): readonly Route[] {
  return [...endingRoutes(desk), ...reviewRoutes(desk)];
}

function endingRoutes(desk: Desk): readonly Route[] {
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
  ];
}

function reviewRoutes(desk: Desk): readonly Route[] {
  return [
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
