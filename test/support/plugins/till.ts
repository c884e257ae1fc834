/**
 * A dialect of nobody's, for tests: two keys in two headers, a wrapped envelope, errors of its own,
 * amounts in decimals, order numbers for ids, and a header of its own for repeats.
 */
import { Type } from 'typebox';
import {
  defineDialectRoute,
  definePlugin,
  Problem,
  readDecimal,
  toDecimal,
  type DialectRefusal,
  type DialectRoute,
  type Host,
} from '#sdk';

const Settings = Type.Object({
  store_on: Type.Optional(Type.Enum(['success', 'all'])),
  on_mismatch: Type.Optional(Type.Enum(['refuse', 'replay'])),
  per_second: Type.Optional(Type.Integer({ minimum: 1 })),
});

interface Payment {
  readonly id: string;
  readonly status: string;
  readonly amount: number;
  readonly currency: string;
  readonly client_secret?: string;
}

const Charge = Type.Object({
  amount: Type.Number({ exclusiveMinimum: 0 }),
  currency: Type.String({ minLength: 3, maxLength: 3 }),
  order_no: Type.String({ minLength: 1, maxLength: 40 }),
  card: Type.Optional(
    Type.Object({
      number: Type.String(),
      month: Type.Integer(),
      year: Type.Integer(),
      cvv: Type.String(),
    }),
  ),
});

const card = { number: ['card', 'number'], cvc: ['card', 'cvv'] };

function methodOf(given: { number: string; month: number; year: number; cvv: string }) {
  const { number, month, year, cvv } = given;
  return { type: 'card', card: { number, exp_month: month, exp_year: year, cvc: cvv } };
}

function routesOf(host: Host): readonly DialectRoute[] {
  const shown = async (merchantId: string, payment: Payment) => {
    const names = await host.aliases.of(merchantId, 'order', [payment.id]);
    return {
      charge: await host.aliases.number(merchantId, 'charge', payment.id),
      order_no: names.get(payment.id) ?? null,
      amount: toDecimal({ amount: payment.amount, currency: payment.currency }),
      state: payment.status === 'captured' ? 'PAID' : payment.status.toUpperCase(),
      ...(payment.client_secret === undefined ? {} : { secret: payment.client_secret }),
    };
  };
  const done = (status: number, data: unknown) => ({ status, body: { ok: true, data } });
  const found = async (merchantId: string, order: string): Promise<string> => {
    const id = await host.aliases.find(merchantId, 'order', order);
    if (id === undefined) throw new Problem('not_found', `there is no order ${order}`);
    return id;
  };
  const ByOrder = Type.Object({ order_no: Type.String() });

  return [
    defineDialectRoute({
      id: 'charge',
      method: 'post',
      path: '/api/charges',
      access: 'secret',
      rate: 'payments',
      body: Charge,
      lenient: true,
      card,
      handle: async ({ body, principal, call }) => {
        const { amount, currency } = readDecimal(body.amount, body.currency, 'amount');
        const charged = body.card && { confirm: true, payment_method: methodOf(body.card) };
        const { status, body: payment } = await call<Payment>('createPayment', {
          body: { amount, currency, capture_method: 'automatic', ...charged },
          alias: { noun: 'payment', kind: 'order', value: body.order_no },
        });
        return done(status, await shown(principal?.merchantId ?? '', payment));
      },
    }),
    defineDialectRoute({
      id: 'getCharge',
      method: 'get',
      path: '/api/charges/{order_no}',
      access: 'secret',
      rate: 'queries',
      params: ByOrder,
      handle: async ({ params, principal, call }) => {
        const { merchantId = '' } = principal ?? {};
        const payment_id = await found(merchantId, params.order_no);
        const { body } = await call<Payment>('getPayment', { params: { payment_id } });
        return done(200, await shown(merchantId, body));
      },
    }),
    defineDialectRoute({
      id: 'refund',
      method: 'post',
      path: '/api/charges/{order_no}/refunds',
      access: 'secret',
      rate: 'payments',
      params: ByOrder,
      handle: async ({ params, principal, call }) => {
        const payment = await found(principal?.merchantId ?? '', params.order_no);
        const { status } = await call('createRefund', { body: { payment } });
        return done(status === 201 ? 200 : status, { refunded: params.order_no });
      },
    }),
    defineDialectRoute({
      id: 'pay',
      method: 'post',
      path: '/api/public/pay',
      access: 'client_secret',
      rate: 'payments',
      body: Type.Object({ client_secret: Type.String(), card: Charge.properties.card }),
      card,
      handle: async ({ body, call }) => {
        const { client_secret } = body;
        const [payment_id = ''] = client_secret.split('_secret_');
        const { body: payment } = await call<Payment>('confirmPayment', {
          params: { payment_id },
          body: { client_secret, payment_method: body.card && methodOf(body.card) },
        });
        return done(200, { state: payment.status });
      },
    }),
    defineDialectRoute({
      id: 'ping',
      method: 'get',
      path: '/api/ping',
      access: 'anyone',
      rate: 'public',
      handle: async () => done(200, { url: host.dialectUrl() }),
    }),
    defineDialectRoute({
      id: 'broken',
      method: 'get',
      path: '/api/broken',
      access: 'anyone',
      rate: 'public',
      handle: async () => {
        throw new Error('hunter2: something the caller must not read');
      },
    }),
  ];
}

const words: Readonly<Record<string, string>> = {
  unauthorized: 'WHO_ARE_YOU',
  payment_declined: 'DECLINED',
  not_found: 'UNKNOWN',
};

function printed({ problem, fields }: DialectRefusal) {
  const errors = Object.fromEntries(fields.map(({ field, rule }) => [field, [rule]]));
  return {
    status: problem.code === 'reference_taken' ? 422 : problem.status,
    body: {
      ok: false,
      error: words[problem.code] ?? problem.code.toUpperCase(),
      ...(fields.length === 0 ? {} : { errors }),
    },
  };
}

export const till = definePlugin({
  id: 'till',
  name: 'Till',
  settings: Settings,
  contribute: (host) => ({
    dialect: {
      routes: routesOf(host),
      authenticate: ({ headers }) => {
        const [key, publicKey] = [headers['x-till-secret'], headers['x-till-key']];
        return key === undefined || publicKey === undefined ? undefined : { key, publicKey };
      },
      problem: printed,
      idempotency: {
        header: 'x-request-key',
        methods: ['post'],
        minLength: 8,
        maxLength: 64,
        ttlMs: 3_600_000,
        storeOn: host.settings.store_on ?? 'all',
        onMismatch: host.settings.on_mismatch ?? 'refuse',
      },
      ...(host.settings.per_second === undefined
        ? {}
        : { rateLimits: { queries: { perSecond: host.settings.per_second } } }),
    },
    webhookFormats: [
      {
        id: 'till',
        encode: async ({ type, payment }, merchantId) => {
          if (type !== 'payment.captured' || payment === null) return undefined;
          const names = await host.aliases.of(merchantId, 'order', [payment]);
          return Buffer.from(JSON.stringify({ paid: names.get(payment) ?? null }));
        },
        sign: ({ secrets: [secret = ''] }) => ({ 'x-till-proof': `${secret.length}` }),
        secretHeaders: ['x-till-proof'],
      },
    ],
  }),
});
