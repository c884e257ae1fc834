/** Payments from the merchant's server: authorize, sale, capture, void, refund, get. */
import { defineDialectRoute, type DialectRoute, type NativePayment, type NativeRefund } from '#sdk';
import { paymentIdOf } from './ids.ts';
import { presentPayment } from './present.ts';
import { getPaymentRouteId, type Reply } from './reply.ts';
import {
  ById,
  CaptureSchema,
  cardPlace,
  ChargeSchema,
  methodOf,
  RefundSchema,
  VoidSchema,
} from './schema.ts';

const operation = { method: 'post', access: 'secret', rate: 'payments' } as const;

export function paymentRoutes(reply: Reply): readonly DialectRoute[] {
  return [
    chargeRoute(reply, 'authorize', 'manual'),
    chargeRoute(reply, 'sale', 'automatic'),
    captureRoute(reply),
    voidRoute(reply),
    refundRoute(reply),
    getRoute(reply),
  ];
}

function chargeRoute(
  reply: Reply,
  word: 'authorize' | 'sale',
  capture_method: 'manual' | 'automatic',
): DialectRoute {
  return defineDialectRoute({
    ...operation,
    id: word,
    path: `/api/v1/payments/${word}`,
    body: ChargeSchema,
    card: cardPlace,
    handle: async ({ body, call }) => {
      const { amount, currency, card, customer, description, metadata } = body;
      const { email, name } = customer ?? {};
      const { status, body: payment } = await call<NativePayment>('createPayment', {
        body: {
          amount,
          currency,
          capture_method,
          confirm: true,
          payment_method: methodOf(card),
          customer: customer && { email: email || undefined, name: name || undefined },
          description: description || undefined,
          metadata,
          // No browser is there that could be sent to the bank.
          authentication_type: 'no_three_ds',
        },
      });
      return reply(presentPayment(payment), { status });
    },
  });
}

/** One capture: what it leaves of the hold goes back to the cardholder. */
function captureRoute(reply: Reply): DialectRoute {
  return defineDialectRoute({
    ...operation,
    id: 'capture',
    path: '/api/v1/payments/{id}/capture',
    params: ById,
    body: CaptureSchema,
    handle: async ({ params, body: { amount }, call }) => {
      const { status, body: payment } = await call<NativePayment>('capturePayment', {
        params: { payment_id: paymentIdOf('pay', params.id) },
        body: { amount, final: true },
      });
      return reply(presentPayment(payment), { status });
    },
  });
}

function voidRoute(reply: Reply): DialectRoute {
  return defineDialectRoute({
    ...operation,
    id: 'void',
    path: '/api/v1/payments/{id}/void',
    params: ById,
    body: VoidSchema,
    bodyOptional: true,
    handle: async ({ params, body, call }) => {
      const { status, body: payment } = await call<NativePayment>('voidPayment', {
        params: { payment_id: paymentIdOf('pay', params.id) },
        body: { reason: body?.reason || undefined },
      });
      return reply(presentPayment(payment), { status });
    },
  });
}

function refundRoute(reply: Reply): DialectRoute {
  return defineDialectRoute({
    ...operation,
    id: 'refund',
    path: '/api/v1/payments/{id}/refund',
    params: ById,
    body: RefundSchema,
    handle: async ({ params, body: { amount, reason }, call }) => {
      const payment_id = paymentIdOf('pay', params.id);
      const { status, body: refund } = await call<NativeRefund>('createRefund', {
        body: { payment: payment_id, amount, reason: reason || undefined },
      });
      const { body: payment } = await call<NativePayment>('getPayment', { params: { payment_id } });
      return reply({ ...presentPayment(payment), refund_id: refund.id }, { status });
    },
  });
}

function getRoute(reply: Reply): DialectRoute {
  return defineDialectRoute({
    id: getPaymentRouteId,
    method: 'get',
    path: '/api/v1/payments/{id}',
    access: 'secret',
    rate: 'payments',
    params: ById,
    handle: async ({ params, call }) => {
      const payment_id = paymentIdOf('pay', params.id);
      const { body } = await call<NativePayment>('getPayment', { params: { payment_id } });
      return reply(presentPayment(body));
    },
  });
}
