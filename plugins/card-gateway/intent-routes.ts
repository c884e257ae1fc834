/** Payment intents: a page of ours takes the card, or a page of the shop's own. */
import {
  defineDialectRoute,
  Problem,
  type DialectRequest,
  type DialectRoute,
  type Host,
  type NativePayment,
  type NativePublicPayment,
  type NativeSession,
} from '#sdk';
import { nativeSecret, paymentIdOf } from './ids.ts';
import { intentOf, keepIntent, type Intent } from './intents.ts';
import { intentStatusOf, presentIntent, presentPayment, presentPublicIntent } from './present.ts';
import { redirectTo, successRedirect } from './redirects.ts';
import { confirmRouteId, type Reply } from './reply.ts';
import { ById, cardPlace, ConfirmSchema, IntentSchema, methodOf } from './schema.ts';

export function intentRoutes(host: Host, reply: Reply): readonly DialectRoute[] {
  return [
    createRoute(host, reply),
    cancelRoute(host, reply),
    publicRoute(host, reply),
    confirmRoute(host, reply),
  ];
}

function createRoute(host: Host, reply: Reply): DialectRoute {
  return defineDialectRoute({
    id: 'createPaymentIntent',
    method: 'post',
    path: '/api/v1/payment-intents',
    access: 'secret',
    rate: 'payments',
    body: IntentSchema,
    handle: async ({ body, call }) => {
      const { amount, currency, capture_method, metadata, success_url } = body;
      const cancel_url = body.cancel_url || success_url;
      const details = { order_id: body.order_id || null, success_url, cancel_url };
      const { body: session } = await call<NativeSession>('createCheckoutSession', {
        body: {
          amount,
          currency,
          capture_method,
          metadata,
          description: body.description || undefined,
          customer_email: body.customer_email || undefined,
          success_url: successRedirect(success_url),
          cancel_url: body.cancel_url ? redirectTo(cancel_url) : successRedirect(success_url),
        },
      });
      await keepIntent(host, session, details);
      return reply(presentIntent(session, details, 'created'));
    },
  });
}

function cancelRoute(host: Host, reply: Reply): DialectRoute {
  return defineDialectRoute({
    id: 'cancelPaymentIntent',
    method: 'post',
    path: '/api/v1/payment-intents/{id}/cancel',
    access: 'secret',
    rate: 'payments',
    params: ById,
    handle: async ({ params, call, principal }) => {
      const paymentId = paymentIdOf('pi', params.id);
      const intent = await intentOf(host, paymentId, principal?.merchantId);
      const session = { params: { session_id: intent.sessionId } };
      const { body: before } = await call<NativeSession>('getCheckoutSession', session);
      if (before.status === 'complete') {
        throw new Problem('payment_state', 'the payment intent is completed already');
      }
      const { body: after, replayed } = await call<NativeSession>('expireCheckoutSession', {
        ...session,
        body: {},
      });
      if (before.status !== 'open' && !replayed) {
        throw new Problem('payment_state', 'the payment intent has ended already');
      }
      const shown = presentIntent(after, intent.details, 'voided');
      return reply(shown, { message: 'payment intent canceled' });
    },
  });
}

function publicRoute(host: Host, reply: Reply): DialectRoute {
  return defineDialectRoute({
    id: 'getPaymentIntent',
    method: 'get',
    path: '/api/public/payment-intents/{id}',
    access: 'anyone',
    rate: 'public',
    params: ById,
    handle: async ({ params }) => {
      const paymentId = paymentIdOf('pi', params.id);
      const intent = await intentOf(host, paymentId);
      const session = await sessionOf(host, intent);
      const { body: payment } = await host.call<NativePayment>('getPayment', {
        principal: intent.reader,
        params: { payment_id: paymentId },
      });
      const status = intentStatusOf(session, payment, host.clock.now());
      return reply(presentPublicIntent(session, status));
    },
  });
}

function confirmRoute(host: Host, reply: Reply): DialectRoute {
  return defineDialectRoute({
    id: confirmRouteId,
    method: 'post',
    path: '/api/public/payment-intents/{id}/confirm',
    access: 'client_secret',
    // The document limits the public endpoints by address alone, and that is counted for all.
    rate: 'management',
    params: ById,
    body: ConfirmSchema,
    card: cardPlace,
    clientSecret: secretIn,
    handle: async ({ params, body, call, ...request }) => {
      const client_secret = secretIn({ ...request, body });
      const payment_id = paymentIdOf('pi', params.id);
      if (!client_secret?.startsWith(`${payment_id}_`)) {
        throw new Problem('client_secret_invalid', 'the client secret is of another intent');
      }
      await assertOpen(host, await intentOf(host, payment_id));
      const { card, customer_email: email } = body;
      const { status, body: payment } = await call<NativePublicPayment>('confirmPayment', {
        params: { payment_id },
        body: {
          client_secret,
          payment_method: methodOf(card),
          billing: email ? { email } : undefined,
        },
      });
      return reply(presentPayment(payment), { status });
    },
  });
}

/** In the header, the query or the body; as the native calls know it. */
function secretIn({ headers, query, body }: DialectRequest & { readonly body: unknown }) {
  const inside = (body as { readonly client_secret?: unknown } | undefined)?.client_secret;
  const given = inside ?? query['client_secret'] ?? headers['x-client-secret'];
  return typeof given === 'string' ? nativeSecret(given) : undefined;
}

async function sessionOf(host: Host, { reader, sessionId }: Intent): Promise<NativeSession> {
  const call = { principal: reader, params: { session_id: sessionId } };
  return (await host.call<NativeSession>('getCheckoutSession', call)).body;
}

/** After a declined card the payment itself could be tried again, also when its intent is over. */
async function assertOpen(host: Host, intent: Intent): Promise<void> {
  const { status, end_reason } = await sessionOf(host, intent);
  if (status !== 'expired') return;
  switch (end_reason) {
    case 'attempts':
      throw new Problem('attempts_exhausted', 'too many cards were tried: create a new intent');
    case 'cancelled':
      throw new Problem('payment_state', 'the payment intent was canceled');
    default:
      throw new Problem('payment_expired', 'the payment intent has expired: create a new one');
  }
}
