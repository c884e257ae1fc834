/** What payment requests look like: one schema gives the type, the check and the documentation. */
import { Type, type Static } from 'typebox';
import { idPattern } from '../base/id.ts';
import {
  AmountSchema,
  CurrencySchema,
  idOf,
  MetadataSchema,
  oneOf,
  PageQuerySchema,
  PartySchema,
  strict,
  text,
  TotalSchema,
} from '../sdk/vocabulary.ts';
import { CardSchema, CvcSchema } from '../methods/index.ts';
import { methodTypes } from '../sdk/command.ts';
import { paymentStatuses } from './machine.ts';

export const MethodSchema = strict(
  {
    type: oneOf(
      [...methodTypes, 'saved'],
      'card: a number; token: one the processor account issued; hosted: the customer enters it ' +
        'with the processor; qris, gopay, bank_transfer: what they say; saved: a payment method ' +
        'you kept.',
    ),
    card: Type.Optional(CardSchema),
    token: Type.Optional(text(500, 'For type token.')),
    bank: Type.Optional(
      Type.String({ pattern: '^[a-z0-9_]{2,30}$', description: 'For type bank_transfer: bca …' }),
    ),
    id: Type.Optional(
      Type.String({ pattern: '^pm_[0-9A-Za-z]{20,40}$', description: 'For type saved: pm_…' }),
    ),
    cvc: Type.Optional({
      ...CvcSchema,
      description: 'For type saved, a card in the vault and the customer there. Never stored.',
    }),
  },
  { title: 'PaymentMethodInput' },
);

export type MethodBody = Static<typeof MethodSchema>;

export const BrowserInfoSchema = strict(
  {
    ip_address: Type.Optional(text(45, 'IPv4 or IPv6.')),
    user_agent: Type.Optional(text(1000, 'User-Agent header.')),
    accept_header: Type.Optional(text(1000, 'Accept header.')),
    language: Type.Optional(text(35, 'BCP 47 tag.')),
    color_depth: Type.Optional(Type.Integer({ minimum: 1, maximum: 64 })),
    screen_height: Type.Optional(Type.Integer({ minimum: 0, maximum: 100_000 })),
    screen_width: Type.Optional(Type.Integer({ minimum: 0, maximum: 100_000 })),
    time_zone: Type.Optional(
      Type.Integer({ minimum: -900, maximum: 900, description: 'Minutes from UTC.' }),
    ),
    java_enabled: Type.Optional(Type.Boolean()),
    java_script_enabled: Type.Optional(Type.Boolean()),
  },
  { title: 'BrowserInfo' },
);

export const OrderLineSchema = strict(
  {
    name: text(200, 'What was bought.'),
    quantity: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
    unit_amount: Type.Optional(TotalSchema),
    tax_amount: Type.Optional(TotalSchema),
    discount_amount: Type.Optional(TotalSchema),
    sku: Type.Optional(text(100, 'Stock keeping unit.')),
    category: Type.Optional(text(100, 'Category.')),
    url: Type.Optional(text(2048, 'Product page.')),
  },
  { title: 'OrderLine' },
);

const UrlSchema = Type.String({
  pattern: '^https?://[^\\s]+$',
  format: 'web-url',
  maxLength: 2048,
  description: 'http or https.',
});

const WebhookUrlSchema = Type.String({
  pattern: '^https?://[^\\s]+$',
  maxLength: 2048,
  description: 'Gets the events of this payment, in place of your endpoints.',
});

const WebhookSignerSchema = text(
  40,
  'The format of what goes to webhook_url, as `signer` of an endpoint. Default: standard.',
);

/** What may be said at creation and changed until confirmation. */
const describing = {
  description: Type.Optional(text(1000, 'Shown to you, and to the payer where a page shows it.')),
  reference: Type.Optional(text(100, 'Your order number; unique among your payments.')),
  metadata: Type.Optional(MetadataSchema),
  customer_id: Type.Optional(idOf('customer', 'One of your customers.')),
  customer: Type.Optional(PartySchema),
  billing: Type.Optional(PartySchema),
  shipping: Type.Optional(PartySchema),
  order_details: Type.Optional(Type.Array(OrderLineSchema, { maxItems: 100 })),
  statement_descriptor: Type.Optional(
    Type.String({
      pattern: '^[A-Za-z0-9 .,*&/#-]{2,22}$',
      description: 'On the bank statement.',
    }),
  ),
  return_url: Type.Optional(UrlSchema),
  webhook_url: Type.Optional(WebhookUrlSchema),
  webhook_signer: Type.Optional(WebhookSignerSchema),
  authentication_type: Type.Optional(
    oneOf(['three_ds', 'no_three_ds'], 'Whether to ask for 3-D Secure; the processor may insist.'),
  ),
  setup_future_usage: Type.Optional(
    oneOf(
      ['on_session', 'off_session'],
      'Keep the method for later; needs customer_id. off_session: to charge it without him. A ' +
        'card that the processor does not keep itself goes to the vault with the success; when ' +
        'the answer was lost and found later, the card is gone by then and is not kept.',
    ),
  ),
  off_session: Type.Optional(
    Type.Boolean({ description: 'You charge a saved method and the customer is not there.' }),
  ),
  browser_info: Type.Optional(BrowserInfoSchema),
};

export const CaptureMethodSchema = oneOf(
  ['automatic', 'manual'],
  'automatic: captured with the authorization; manual: by your own call, later.',
);

export const CreateSchema = strict(
  {
    amount: AmountSchema,
    currency: CurrencySchema,
    confirm: Type.Optional(
      Type.Boolean({ default: false, description: 'Charge at once; needs a payment_method.' }),
    ),
    capture_method: Type.Optional(CaptureMethodSchema),
    payment_method: Type.Optional(MethodSchema),
    profile_id: Type.Optional(idOf('profile', 'Default: your default profile.')),
    account: Type.Optional(
      idOf('account', 'Bypasses routing: this processor account and no other.'),
    ),
    ...describing,
  },
  { title: 'PaymentCreate' },
);

export const UpdateSchema = strict(
  {
    amount: Type.Optional(AmountSchema),
    currency: Type.Optional(CurrencySchema),
    capture_method: Type.Optional(CaptureMethodSchema),
    ...describing,
  },
  { title: 'PaymentUpdate', minProperties: 1 },
);

export const ConfirmSchema = strict(
  {
    payment_method: MethodSchema,
    client_secret: Type.Optional(text(100, 'With a public key: the one the payment came with.')),
    account: Type.Optional(idOf('account', 'Bypasses routing. Not with a public key.')),
    return_url: Type.Optional(UrlSchema),
    webhook_url: Type.Optional(WebhookUrlSchema),
    webhook_signer: Type.Optional(WebhookSignerSchema),
    billing: Type.Optional(PartySchema),
    browser_info: Type.Optional(BrowserInfoSchema),
  },
  { title: 'PaymentConfirm' },
);

export const CaptureSchema = strict(
  {
    amount: Type.Optional(AmountSchema),
    final: Type.Optional(
      Type.Boolean({ default: false, description: 'Release what is left of the authorization.' }),
    ),
  },
  { title: 'PaymentCapture' },
);

export const ReasonSchema = strict(
  { reason: Type.Optional(text(500, 'Kept for your records.')) },
  { title: 'Reason' },
);

export const SyncSchema = strict({}, { title: 'Nothing' });

export const PaymentParams = strict({
  payment_id: Type.String({ pattern: idPattern('payment'), description: 'pay_…' }),
});

export const GetQuerySchema = strict({
  client_secret: Type.Optional(text(100, 'With a public key.')),
});

export const DateSchema = Type.String({
  pattern: '^\\d{4}-\\d{2}-\\d{2}(T\\d{2}:\\d{2}(:\\d{2}(\\.\\d{1,3})?)?Z)?$',
  description: '2026-11-21 (UTC day) or 2026-11-21T10:00:00Z.',
});

export const ListQuerySchema = strict({
  ...PageQuerySchema,
  status: Type.Optional(oneOf(paymentStatuses)),
  statuses: Type.Optional(
    Type.String({
      pattern: `^(${paymentStatuses.join('|')})(,(${paymentStatuses.join('|')}))*$`,
      description: 'Any of several, parted by commas: captured,refunded.',
    }),
  ),
  offset: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 100_000,
      description: 'So many are left out; a cursor is quicker, and steady while others come in.',
    }),
  ),
  profile_id: Type.Optional(idOf('profile', 'Payments of one profile.')),
  customer_id: Type.Optional(idOf('customer', 'Payments of one customer.')),
  reference: Type.Optional(text(100, 'Exactly this reference.')),
  account: Type.Optional(idOf('account', 'Payments through one processor account.')),
  currency: Type.Optional(CurrencySchema),
  created_from: Type.Optional(DateSchema),
  created_to: Type.Optional(DateSchema),
  amount_min: Type.Optional(AmountSchema),
  amount_max: Type.Optional(AmountSchema),
  has_refund: Type.Optional(Type.Boolean({ description: 'Whether anything was refunded.' })),
  attempted: Type.Optional(Type.Boolean({ description: 'Whether a charge was tried.' })),
});

export type CreateBody = Static<typeof CreateSchema>;
export type UpdateBody = Static<typeof UpdateSchema>;
export type ConfirmBody = Static<typeof ConfirmSchema>;
export type CaptureBody = Static<typeof CaptureSchema>;
export type ListQuery = Static<typeof ListQuerySchema>;
