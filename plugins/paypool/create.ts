/** `POST /api/v1/payments/create`: a payment, and the page where its customer pays it. */
import { Type, type Static } from 'typebox';
import {
  defineDialectRoute,
  exponentOf,
  Problem,
  readDecimal,
  type DialectRoute,
  type Host,
  type JsonObject,
} from '#sdk';
import { applicationOf } from './application.ts';
import { openInvoice } from './invoice.ts';
import { toNative } from './metadata.ts';
import { shown } from './payment.ts';
import { redirectsOf } from './return.ts';

const text = (maxLength: number) => Type.String({ maxLength });
const required = (maxLength: number) => Type.String({ minLength: 1, maxLength });

/** Empty counts as left out, as everywhere in the framework that Paypool is written in. */
const redirectUrl = Type.Optional(
  Type.Union([
    Type.String({ format: 'web-url', pattern: '^\\S+$', maxLength: 500 }),
    Type.Literal(''),
  ]),
);

const Body = Type.Object({
  external_id: required(255),
  amount: Type.Number({ minimum: 10_000, maximum: 9_999_999_999 }),
  currency: Type.Optional(Type.String({ minLength: 3, maxLength: 3 })),
  customer_name: required(200),
  customer_email: Type.String({ minLength: 1, maxLength: 254, format: 'email' }),
  customer_phone: Type.Optional(text(34)),
  description: Type.Optional(text(1000)),
  // PHP writes an empty object as [].
  metadata: Type.Optional(Type.Unsafe<JsonObject>({ type: ['object', 'array'], maxItems: 0 })),
  success_redirect_url: redirectUrl,
  failure_redirect_url: redirectUrl,
});

type Asked = Static<typeof Body>;

export function createRoute(host: Host): DialectRoute {
  return defineDialectRoute({
    id: 'createPayment',
    method: 'post',
    path: '/api/v1/payments/create',
    access: 'secret',
    rate: 'payments',
    lenient: true,
    body: Body,
    handle: async ({ body, principal, call }) => {
      const application = await applicationOf(host, principal);
      const money = moneyOf(body);
      const redirects = await redirectsOf(host, application, body);
      const order = { ...detailsOf(body), ...money, external_id: body.external_id };
      const { payment, url } = await openInvoice({ host, call, application, order, redirects });
      const [printed] = await shown(host, application.merchantId, [payment]);
      return {
        status: 201,
        body: {
          success: true,
          message: 'Payment created successfully',
          data: {
            payment_id: printed?.payment_id,
            external_id: body.external_id,
            amount: printed?.amount,
            currency: money.currency,
            status: printed?.status,
            invoice_url: url,
            expired_at: printed?.expired_at,
          },
        },
      };
    },
  });
}

/** Rupiah are whole here and at Midtrans, and have two decimals in the switch. */
function moneyOf({ amount, currency: given }: Asked) {
  const currency = (given || 'IDR').toUpperCase();
  if (currency === 'IDR' && !Number.isInteger(amount)) {
    throw new Problem('invalid_request', 'The amount field must be an integer.', {
      param: 'amount',
    });
  }
  assertCurrency(currency);
  return readDecimal(amount, currency, 'amount');
}

function assertCurrency(code: string): void {
  try {
    exponentOf(code);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new Problem('invalid_request', 'The selected currency is invalid.', {
      param: 'currency',
    });
  }
}

/** What is read here, so that nothing is made before all of it is known to be right. */
function detailsOf({ description, metadata = {}, ...asked }: Asked) {
  return {
    description: description || undefined,
    metadata: toNative(Array.isArray(metadata) ? {} : metadata),
    customer: customerOf(asked),
  };
}

/** The codes of one and two digits (ITU-T E.164); all others have three. */
const international =
  /^(\+(?:1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|\d{3}))(.+)$/;

function customerOf(asked: Omit<Asked, 'metadata'>) {
  const { customer_name: name, customer_email: email, customer_phone: given } = asked;
  const [, phone_country_code, rest = given] = international.exec(given ?? '') ?? [];
  if (rest && !/^[0-9 ()./-]{3,30}$/.test(rest)) {
    const told = 'The customer phone field format is invalid.';
    throw new Problem('invalid_request', told, { param: 'customer_phone' });
  }
  return { name, email, phone: rest || undefined, phone_country_code };
}
