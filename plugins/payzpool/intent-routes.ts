/** `POST`, `GET` and the list of `/api/payment-intents`. */
import { Type, type Static } from 'typebox';
import {
  defineDialectRoute,
  Problem,
  readDecimal,
  type Call,
  type DialectRoute,
  type Host,
  type NativeList,
  type NativePayment,
  type NativeSession,
} from '#sdk';
import { accountIn } from './accounts.ts';
import { intentsOf, keepIntent, paymentsOf } from './intents.ts';
import {
  decimal,
  intentOf,
  paymentIn,
  presentIntent,
  presentSummary,
  transactionOf,
} from './present.ts';
import { nativeStatuses, statuses, statusOf } from './status.ts';
import { formatId } from './webhook.ts';

/**
 * A number, or the same as plain text; never what only JavaScript takes for one (`0x10`, `true`).
 * Text comes first: it is what a boolean would be read as.
 */
export const AmountText = Type.Unsafe<number | string>({
  type: ['string', 'number'],
  exclusiveMinimum: 0,
  pattern: '^[0-9]{1,12}([.][0-9]{1,6})?$',
});

const Intent = Type.Object({
  amount: AmountText,
  currency: Type.String({ pattern: '^[A-Za-z]{3}$' }),
  customer_email: Type.String({ minLength: 3, maxLength: 254 }),
  return_url: Type.String({ pattern: '^https?://[^\\s]+$', maxLength: 2048 }),
  customer_name: Type.Optional(Type.String({ maxLength: 200 })),
  description: Type.Optional(Type.String({ maxLength: 500 })),
  webhook_url: Type.Optional(Type.String({ pattern: '^https?://[^\\s]+$', maxLength: 500 })),
  // PHP writes an empty map as an empty list.
  metadata: Type.Optional(Type.Unsafe<object>({ type: ['object', 'array'], maxItems: 0 })),
  payment_account_id: Type.Optional(
    Type.Unsafe<number | string>({
      type: ['string', 'integer'],
      minimum: 1,
      pattern: '^[1-9][0-9]{0,9}$',
    }),
  ),
});

const Day = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' });

const Filters = Type.Object({
  status: Type.Optional(Type.Enum([...statuses])),
  customer_email: Type.Optional(Type.String({ minLength: 1, maxLength: 254 })),
  from_date: Type.Optional(Day),
  to_date: Type.Optional(Day),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
  offset: Type.Optional(Type.Integer({ minimum: 0, maximum: 100_000 })),
});

export const ByTransaction = Type.Object({ transaction_id: Type.String() });

export function intentRoutes(host: Host): readonly DialectRoute[] {
  return [createRoute(host), listRoute(host), getRoute(host)];
}

function createRoute(host: Host): DialectRoute {
  return defineDialectRoute({
    id: 'createPaymentIntent',
    method: 'post',
    path: '/api/payment-intents',
    access: 'secret',
    rate: 'payments',
    lenient: true,
    body: Intent,
    handle: async ({ body, call, headers, principal }) => {
      // A currency that there is, first: the amount is read by its decimals.
      readDecimal(1, body.currency, 'currency');
      const money = readDecimal(body.amount, body.currency, 'amount');
      assertUrl(body.return_url);
      const { payment_account_id: number } = body;
      const picked = number === undefined ? undefined : await accountIn(host, call, Number(number));
      const metadata = Array.isArray(body.metadata) ? undefined : body.metadata;
      const { body: session } = await call<NativeSession>('createCheckoutSession', {
        body: {
          ...money,
          success_url: `${host.dialectUrl()}/return/txn_{PAYMENT_ULID}`,
          customer_email: body.customer_email,
          customer_name: body.customer_name || undefined,
          description: body.description || undefined,
          metadata,
          webhook_url: body.webhook_url,
          webhook_signer: body.webhook_url && formatId,
          account: picked,
          choose_account: true,
        },
      });
      const params = { payment_id: session.payment };
      const { next_action: action } = (await call<NativePayment>('getPayment', { params })).body;
      const row = {
        payment_id: session.payment,
        merchant_id: principal?.merchantId ?? '',
        intent_id: action?.reference ?? null,
        customer_email: body.customer_email.toLowerCase(),
        return_url: body.return_url,
      };
      await keepIntent(host, row);
      const data = {
        transaction_id: transactionOf(session.payment),
        checkout_url: session.url.replace(session.id, transactionOf(session.payment)),
        payment_intent: {
          id: intentOf(session.payment, row),
          client_secret: (action?.client_secret ?? session.client_secret)?.replace(/^pay_/, 'pi_'),
          status: 'requires_payment_method',
          amount: decimal(money),
          currency: money.currency.toLowerCase(),
        },
        stripe_account: { publishable_key: action?.publishable_key ?? headers['x-api-key'] },
      };
      return { status: 201, body: { success: true, data } };
    },
  });
}

function assertUrl(url: string): void {
  if (URL.canParse(url)) return;
  throw new Problem('invalid_request', 'return_url is no URL', { param: 'return_url' });
}

function listRoute(host: Host): DialectRoute {
  return defineDialectRoute({
    id: 'listPaymentIntents',
    method: 'get',
    path: '/api/payment-intents',
    access: 'secret',
    rate: 'queries',
    search: Filters,
    handle: async ({ search, call, principal }) => {
      const { customer_email: email, limit = 50, offset = 0 } = search;
      const payments =
        email === undefined
          ? await pageOf(call, { ...search, limit, offset })
          : (await ofCustomer(host, call, principal?.merchantId ?? '', email.toLowerCase()))
              .filter(fitting(search))
              .slice(offset, offset + limit);
      const rows = await intentsOf(
        host,
        payments.map(({ id }) => id),
      );
      const data = payments.map((payment) => presentSummary(payment, rows.get(payment.id)));
      return { status: 200, body: { success: true, data, count: data.length } };
    },
  });
}

type Search = Static<typeof Filters>;

async function pageOf(call: Call, search: Search): Promise<readonly NativePayment[]> {
  const { status, from_date: from, to_date: to, limit, offset } = search;
  const { body } = await call<NativeList<NativePayment>>('listPayments', {
    query: {
      statuses: status && nativeStatuses(status),
      created_from: from,
      created_to: to,
      limit,
      offset,
    },
  });
  return body.data;
}

/** One customer has few: they are looked at one by one. A key of another profile sees none. */
async function ofCustomer(host: Host, call: Call, merchantId: string, email: string) {
  const payments: NativePayment[] = [];
  for (const payment_id of await paymentsOf(host, merchantId, email)) {
    const found = await call<NativePayment>('getPayment', { params: { payment_id } }).catch(
      (error: unknown) => {
        if (error instanceof Problem && error.code === 'not_found') return undefined;
        throw error;
      },
    );
    if (found) payments.push(found.body);
  }
  return payments;
}

/** Days are UTC, and the last one belongs to it. */
const fitting =
  ({ status, from_date: from = '', to_date: to = '9999-12-31' }: Search) =>
  (payment: NativePayment) => {
    const day = payment.created_at.slice(0, 10);
    return (
      (status === undefined || statusOf(payment.status) === status) && from <= day && day <= to
    );
  };

function getRoute(host: Host): DialectRoute {
  return defineDialectRoute({
    id: 'getPaymentIntent',
    method: 'get',
    path: '/api/payment-intents/{transaction_id}',
    access: 'secret',
    rate: 'queries',
    params: ByTransaction,
    handle: async ({ params, call }) => {
      const payment_id = paymentIn(params.transaction_id);
      const { body } = await call<NativePayment>('getPayment', { params: { payment_id } });
      const row = (await intentsOf(host, [body.id])).get(body.id);
      return { status: 200, body: { success: true, data: presentIntent(body, row) } };
    },
  });
}
