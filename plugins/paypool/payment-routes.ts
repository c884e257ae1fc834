/** One payment by the application's own number: shown, continued, cancelled. */
import { Type } from 'typebox';
import {
  defineDialectRoute,
  type DialectInput,
  type DialectRoute,
  type Host,
  type NativeList,
  type NativePayment,
  type NativeSession,
} from '#sdk';
import { applicationOf, paymentOf } from './application.ts';
import { shown } from './payment.ts';
import { statusOf } from './status.ts';

const params = Type.Object({ external_id: Type.String() });

type Input = DialectInput<{ external_id: string }, unknown, unknown>;

const refused = (message: string) => ({ status: 400, body: { success: false, message } });

export function paymentRoutes(host: Host): readonly DialectRoute[] {
  const found = async ({ principal, params: { external_id: id }, call }: Input) =>
    paymentOf(host, await applicationOf(host, principal), id, call);
  const printed = async (payment: NativePayment) =>
    (await shown(host, payment.merchant_id, [payment]))[0];

  return [
    defineDialectRoute({
      id: 'getPayment',
      method: 'get',
      path: '/api/v1/payments/{external_id}',
      access: 'secret',
      rate: 'queries',
      params,
      handle: async (input) => {
        const data = await printed(await found(input));
        return { status: 200, body: { success: true, data } };
      },
    }),
    defineDialectRoute({
      id: 'continuePayment',
      method: 'get',
      path: '/api/v1/payments/{external_id}/continue',
      access: 'secret',
      rate: 'queries',
      params,
      handle: async (input) => {
        const payment = await found(input);
        const url = await pageOf(host, payment);
        return statusOf(payment.status) === 'pending' && url !== undefined
          ? { status: 200, body: { success: true, redirect_url: url } }
          : refused('Payment is not pending or cannot be continued');
      },
    }),
    defineDialectRoute({
      id: 'cancelPayment',
      method: 'post',
      path: '/api/v1/payments/{external_id}/cancel',
      access: 'secret',
      rate: 'payments',
      params,
      handle: async (input) => {
        const payment = await found(input);
        if (statusOf(payment.status) !== 'pending') {
          return refused('Only pending payments can be cancelled');
        }
        const { status, body } = await input.call<NativePayment>('cancelPayment', {
          params: { payment_id: payment.id },
          body: { reason: 'cancelled by the application' },
        });
        const message =
          status === 202 ? 'Payment is being cancelled' : 'Payment cancelled successfully';
        return { status, body: { success: true, message, data: await printed(body) } };
      },
    }),
  ];
}

/** Where the customer can go on: Midtrans's page, or the switch's own. */
async function pageOf(host: Host, payment: NativePayment): Promise<string | undefined> {
  const { id, merchant_id: merchantId, next_action: action } = payment;
  const { body } = await host.call<NativeList<NativeSession>>('listCheckoutSessions', {
    principal: host.actFor({ merchantId }),
    query: { payment: id },
  });
  const [session] = body.data;
  return session ? (session.status === 'open' ? session.url : undefined) : action?.url;
}
