/** Bodies and queries. The document prints no lengths: ours hold, in the native calls. */
import { Type, type Static } from 'typebox';
import { oneOf } from '#sdk';
import { filters, type Filter } from './status.ts';

const Amount = Type.Integer({ minimum: 1 });
const Currency = oneOf(['USD', 'EUR', 'MAD']);
const Metadata = Type.Record(Type.String(), Type.Unknown());
const Text = Type.Optional(Type.String());

const Card = Type.Object({
  number: Type.String({ minLength: 1 }),
  cardholder_name: Text,
  exp_month: Type.Integer({ minimum: 1, maximum: 12 }),
  exp_year: Type.Integer({ minimum: 2000, maximum: 2100 }),
  cvv: Type.String({ pattern: '^[0-9]{3,4}$' }),
});

/** Where a number and a CVV may stand. */
export const cardPlace = { number: ['card', 'number'], cvc: ['card', 'cvv'] };

export const ById = Type.Object({ id: Type.String() });

export const ChargeSchema = Type.Object({
  amount: Amount,
  currency: Currency,
  card: Card,
  customer: Type.Optional(Type.Object({ email: Text, name: Text })),
  description: Text,
  metadata: Type.Optional(Metadata),
});

export const CaptureSchema = Type.Object({ amount: Amount });
export const VoidSchema = Type.Object({ reason: Text });
export const RefundSchema = Type.Object({ amount: Amount, reason: Text });

export const IntentSchema = Type.Object({
  amount: Amount,
  currency: Currency,
  success_url: Type.String({ minLength: 1 }),
  cancel_url: Text,
  order_id: Type.Optional(Type.String({ maxLength: 255 })),
  description: Text,
  capture_method: Type.Optional(oneOf(['automatic', 'manual'])),
  customer_email: Text,
  metadata: Type.Optional(Metadata),
});

export const ConfirmSchema = Type.Object({
  client_secret: Text,
  card: Card,
  customer_email: Text,
});

export const ListSchema = Type.Object({
  status: Type.Optional(oneOf(Object.keys(filters) as Filter[])),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
  offset: Type.Optional(Type.Integer({ minimum: 0, maximum: 10_000 })),
});

type CardBody = Static<typeof Card>;

/** As the native calls want it. A text that is empty was left out. */
export function methodOf({ number, cardholder_name, exp_month, exp_year, cvv }: CardBody) {
  const holder_name = cardholder_name || undefined;
  return { type: 'card', card: { number, exp_month, exp_year, cvc: cvv, holder_name } };
}
