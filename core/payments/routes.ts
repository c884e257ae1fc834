/** The payment routes of the native API: making, changing, charging; the rest stands beside. */
import { defineRoute, type Route } from '../sdk/route.ts';
import { PaymentSchema } from './answer-schema.ts';
import { capturePayment } from './capture.ts';
import { closingRoutes } from './closing-routes.ts';
import { confirmPayment } from './confirm.ts';
import { createPayment } from './create.ts';
import type { Desk } from './desk.ts';
import { declinedCard, goodCard, paymentExamples } from './examples.ts';
import { lookingRoutes } from './looking-routes.ts';
import { anyPayment, callerOf, processorProblems, settled, tag, write } from './route-parts.ts';
import {
  CaptureSchema,
  ConfirmSchema,
  CreateSchema,
  PaymentParams,
  UpdateSchema,
} from './schema.ts';
import { updatePayment } from './update.ts';

export function paymentRoutes(desk: Desk): readonly Route[] {
  return [
    createRoute(desk),
    updateRoute(desk),
    confirmRoute(desk),
    captureRoute(desk),
    ...closingRoutes(desk),
    ...lookingRoutes(desk),
  ];
}

function createRoute(desk: Desk): Route {
  return defineRoute({
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
    body: CreateSchema,
    cardField: ['payment_method', 'card', 'number'],
    opaqueFields: ['payment_method.token'],
    replies: { 201: PaymentSchema, 202: PaymentSchema },
    problems: [
      ...processorProblems,
      'invalid_card',
      'card_data_misplaced',
      'payment_method_unknown',
      'payment_method_unusable',
      'payment_method_used',
      'payment_method_expired',
      'reference_taken',
      'customer_unknown',
      'account_unusable',
      'no_eligible_account',
      'authentication_required',
    ],
    examples: paymentExamples,
    handle: (input) => createPayment(desk, callerOf(input), input.body),
  });
}

function updateRoute(desk: Desk): Route {
  return defineRoute({
    id: 'updatePayment',
    method: 'post',
    path: '/v1/payments/{payment_id}',
    tag,
    summary: 'Change a payment before it is confirmed',
    access: write,
    rate: 'payments',
    params: PaymentParams,
    body: UpdateSchema,
    replies: { 200: PaymentSchema },
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
  });
}

function confirmRoute(desk: Desk): Route {
  return defineRoute({
    id: 'confirmPayment',
    method: 'post',
    path: '/v1/payments/{payment_id}/confirm',
    tag,
    summary: 'Charge a payment that was created before',
    description:
      'Also the next try after a decline, with another card. From a browser: public key and client secret.',
    access: { ...write, publicKey: true },
    rate: 'payments',
    params: PaymentParams,
    body: ConfirmSchema,
    cardField: ['payment_method', 'card', 'number'],
    opaqueFields: ['payment_method.token'],
    replies: { 200: anyPayment, 202: anyPayment },
    problems: [
      ...processorProblems,
      'not_found',
      'invalid_card',
      'payment_method_unknown',
      'payment_method_unusable',
      'payment_method_used',
      'payment_method_expired',
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
  });
}

function captureRoute(desk: Desk): Route {
  return defineRoute({
    id: 'capturePayment',
    method: 'post',
    path: '/v1/payments/{payment_id}/capture',
    tag,
    summary: 'Capture an authorized payment, whole or in part',
    access: write,
    rate: 'payments',
    params: PaymentParams,
    body: CaptureSchema,
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
  });
}
