/** Cancelling and refunding; the way back to the shop; the numbers of the accounts. */
import { Type } from 'typebox';
import {
  defineDialectRoute,
  Problem,
  readDecimal,
  type DialectRoute,
  type Host,
  type NativePayment,
  type NativeRefund,
} from '#sdk';
import { accountsOf } from './accounts.ts';
import { AmountText, ByTransaction } from './intent-routes.ts';
import { intentsOf } from './intents.ts';
import { decimal, intentOf, paymentIn } from './present.ts';
import { redirectStatusOf, statusOf } from './status.ts';

export function actionRoutes(host: Host): readonly DialectRoute[] {
  return [cancelRoute(), refundRoute(), returnRoute(host), accountsRoute(host)];
}

const acting = {
  method: 'post',
  access: 'secret',
  rate: 'payments',
  params: ByTransaction,
  bodyOptional: true,
  lenient: true,
} as const;

const cancellable: ReadonlySet<string> = new Set(['pending', 'processing']);

function cancelRoute(): DialectRoute {
  return defineDialectRoute({
    ...acting,
    id: 'cancelPaymentIntent',
    path: '/api/payment-intents/{transaction_id}/cancel',
    body: Type.Object({}),
    handle: async ({ params, call }) => {
      const made = { params: { payment_id: paymentIn(params.transaction_id) } };
      const { status } = (await call<NativePayment>('getPayment', made)).body;
      if (!cancellable.has(statusOf(status))) {
        throw new Problem('payment_state', 'Only pending or processing payments can be cancelled');
      }
      // What is held for review is processing here, and natively it is rejected.
      const ending = status === 'in_review' ? 'rejectPayment' : 'cancelPayment';
      const { body } = await call<NativePayment>(ending, made);
      return done('Payment intent cancelled successfully', {
        transaction_id: params.transaction_id,
        status: statusOf(body.status),
      });
    },
  });
}

function refundRoute(): DialectRoute {
  return defineDialectRoute({
    ...acting,
    id: 'refundPaymentIntent',
    path: '/api/payment-intents/{transaction_id}/refund',
    body: Type.Object({
      amount: Type.Optional(AmountText),
      reason: Type.Optional(Type.Enum(['duplicate', 'fraudulent', 'requested_by_customer'])),
    }),
    handle: async ({ params, body, call }) => {
      const payment_id = paymentIn(params.transaction_id);
      const { body: payment } = await call<NativePayment>('getPayment', { params: { payment_id } });
      const { amount: decimals, reason } = body ?? {};
      const amount =
        decimals === undefined
          ? undefined
          : readDecimal(decimals, payment.currency, 'amount').amount;
      const { body: refund } = await call<NativeRefund>('createRefund', {
        body: { payment: payment_id, amount, reason },
      });
      return done('Refund created successfully', {
        transaction_id: params.transaction_id,
        refund_id: refund.id,
        amount: decimal(refund),
        status: refund.status === 'succeeded' ? 'refunded' : 'processing',
      });
    },
  });
}

const done = (message: string, data: object) => ({
  status: 200,
  body: { success: true, message, data },
});

/** Where the page sends the customer: on to the shop, with what Stripe's own redirect tells. */
function returnRoute(host: Host): DialectRoute {
  return defineDialectRoute({
    id: 'returnToShop',
    method: 'get',
    path: '/return/{transaction_id}',
    access: 'anyone',
    rate: 'public',
    params: ByTransaction,
    handle: async ({ params }) => {
      const payment_id = paymentIn(params.transaction_id);
      const row = (await intentsOf(host, [payment_id])).get(payment_id);
      if (!row) throw new Problem('not_found', 'Transaction not found');
      const principal = host.actFor({ merchantId: row.merchant_id });
      const payment = await host.call<NativePayment>('getPayment', {
        principal,
        params: { payment_id },
      });
      const url = new URL(row.return_url);
      url.searchParams.set('payment_intent', intentOf(payment_id, row));
      url.searchParams.set('redirect_status', redirectStatusOf(payment.body.status));
      const headers = { location: url.href, 'cache-control': 'no-store' };
      return { status: 303, body: '', contentType: 'text/plain', headers };
    },
  });
}

/** Not in the document, whose clients read the numbers off a dashboard. */
function accountsRoute(host: Host): DialectRoute {
  return defineDialectRoute({
    id: 'listPaymentAccounts',
    method: 'get',
    path: '/api/payment-accounts',
    access: 'secret',
    rate: 'queries',
    handle: async ({ call }) => {
      const accounts = await accountsOf(host, call);
      const data = accounts.map(({ number, account }) => ({
        payment_account_id: number,
        name: account.name,
        is_active: account.status === 'active',
        publishable_key: account.settings?.['publishable_key'] ?? null,
      }));
      return { status: 200, body: { success: true, data, count: data.length } };
    },
  });
}
