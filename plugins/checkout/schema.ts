/** What requests and answers about checkout sessions and payment links look like. */
import { Type, type Static } from 'typebox';
import {
  AmountSchema,
  CurrencySchema,
  EmailSchema,
  idOf,
  listSchema,
  MetadataSchema,
  nullable,
  oneOf,
  PageQuerySchema,
  strict,
  text,
  TimeSchema,
  TotalSchema,
} from '#sdk';
import { idPatternOf } from './ids.ts';
import { localeNames } from './locales/index.ts';
import { pageMethods } from './record.ts';

const LineItemSchema = strict(
  {
    name: text(200, 'What is bought.'),
    quantity: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
    unit_amount: TotalSchema,
  },
  { title: 'CheckoutLineItem' },
);

const RedirectSchema = Type.String({
  pattern: '^https?://[^\\s]+$',
  maxLength: 2048,
  description:
    'https, or http on localhost. {CHECKOUT_SESSION_ID} and {PAYMENT_ID} are replaced by the ' +
    "ids, {PAYMENT_ULID} by the payment's without pay_.",
});

/** The words of an offer, as they are asked for. */
const offer = {
  amount: Type.Optional(AmountSchema),
  currency: CurrencySchema,
  line_items: Type.Optional(Type.Array(LineItemSchema, { minItems: 1, maxItems: 100 })),
  subtotal: Type.Optional(AmountSchema),
  discount_amount: Type.Optional(TotalSchema),
  description: Type.Optional(text(1000, 'Shown to the customer.')),
  metadata: Type.Optional(MetadataSchema),
  allowed_methods: Type.Optional(
    Type.Array(oneOf(pageMethods), {
      minItems: 1,
      maxItems: pageMethods.length,
      uniqueItems: true,
      description: 'What the page offers; by default card, or hosted where no account takes cards.',
    }),
  ),
  bank: Type.Optional(
    Type.String({ pattern: '^[a-z0-9_]{2,30}$', description: 'For bank_transfer: bca …' }),
  ),
  capture_method: Type.Optional(oneOf(['automatic', 'manual'])),
  locale: Type.Optional(
    oneOf(['auto', ...localeNames], "The page's language; auto: the browser's."),
  ),
  seller_name: Type.Optional(text(100, "Shown as the seller; by default your merchant's name.")),
  cancel_url: Type.Optional(RedirectSchema),
  account: Type.Optional(idOf('account', 'Bypasses routing: this processor account and no other.')),
  webhook_url: Type.Optional({
    ...RedirectSchema,
    description: 'Gets the events of the payment, in place of your endpoints.',
  }),
  webhook_signer: Type.Optional(
    Type.String({
      pattern: '^[a-z0-9-]{1,60}$',
      description: 'How what goes to webhook_url is printed and signed.',
    }),
  ),
};

const lastsSeconds = (maximum: number, description: string) =>
  Type.Optional(Type.Integer({ minimum: 60, maximum, description }));

/** A payment can be confirmed for an hour, and a session has one payment. */
const sessionLifeMaxS = 3600;

export const SessionCreateSchema = strict(
  {
    ...offer,
    success_url: RedirectSchema,
    customer_id: Type.Optional(idOf('customer', 'One of your customers.')),
    customer_email: Type.Optional(EmailSchema),
    customer_name: Type.Optional(text(200, 'Filled in on the page.')),
    setup_future_usage: Type.Optional(
      oneOf(
        ['on_session', 'off_session'],
        'Keep the card for later, and tell the customer so; needs customer_id.',
      ),
    ),
    reference: Type.Optional(text(100, 'Your order number; unique among your payments.')),
    profile_id: Type.Optional(idOf('profile', 'Default: your default profile.')),
    choose_account: Type.Optional(
      Type.Boolean({
        description:
          "Choose the account now: a processor's own form is made ready where an eligible account " +
          'has one, and a payment that nobody can take is refused.',
      }),
    ),
    expires_in: lastsSeconds(sessionLifeMaxS, 'Seconds; an hour by default and at most.'),
  },
  { title: 'CheckoutSessionCreate' },
);

export const LinkCreateSchema = strict(
  {
    ...offer,
    type: oneOf(['one_time', 'reusable'], 'one_time: paid once, then gone.'),
    success_url: Type.Optional(RedirectSchema),
    customer_info: Type.Optional(
      oneOf(['none', 'required'], 'required: the customer gives name and e-mail first.'),
    ),
    expires_in: lastsSeconds(31_536_000, 'Seconds; at most a year, never by default.'),
    email: Type.Optional({
      ...EmailSchema,
      description: 'The link is sent there, by mail.',
    }),
  },
  { title: 'PaymentLinkCreate' },
);

const shown = {
  merchant_id: Type.String(),
  amount: AmountSchema,
  currency: CurrencySchema,
  line_items: nullable(Type.Array(LineItemSchema)),
  subtotal: nullable(TotalSchema),
  discount_amount: nullable(TotalSchema),
  description: nullable(Type.String()),
  metadata: Type.Record(Type.String(), Type.Unknown()),
  allowed_methods: Type.Array(oneOf(pageMethods)),
  capture_method: oneOf(['automatic', 'manual']),
  locale: oneOf(['auto', ...localeNames]),
  seller_name: Type.String(),
  success_url: nullable(Type.String()),
  cancel_url: nullable(Type.String()),
  account: nullable(Type.String({ description: 'The one that you asked for.' })),
  webhook_url: nullable(Type.String()),
  webhook_signer: nullable(Type.String()),
  url: Type.String({ description: 'The page to send the customer to.' }),
  created_at: TimeSchema,
};

export const SessionSchema = strict(
  {
    id: Type.String(),
    object: Type.Literal('checkout_session'),
    status: oneOf(['open', 'complete', 'expired']),
    end_reason: nullable(oneOf(['time', 'attempts', 'cancelled'], 'Why it expired.')),
    payment: Type.String({ description: 'The payment it takes; its webhooks tell the outcome.' }),
    payment_link: nullable(Type.String()),
    profile_id: Type.String(),
    reference: nullable(Type.String()),
    customer_id: nullable(Type.String()),
    customer_email: nullable(Type.String()),
    customer_name: nullable(Type.String()),
    ...shown,
    expires_at: TimeSchema,
    completed_at: nullable(TimeSchema),
    client_secret: Type.Optional(
      Type.String({ description: "The payment's, with the answer that opened the session." }),
    ),
  },
  { title: 'CheckoutSession' },
);

export const LinkSchema = strict(
  {
    id: Type.String(),
    object: Type.Literal('payment_link'),
    type: oneOf(['one_time', 'reusable']),
    status: oneOf(['active', 'paid', 'inactive', 'expired']),
    customer_info: oneOf(['none', 'required']),
    ...shown,
    email: nullable(Type.String({ description: 'Where the link was sent.' })),
    email_status: nullable(
      oneOf(['pending', 'sent', 'failed'], 'failed: refused, or given up after three days.'),
    ),
    expires_at: nullable(TimeSchema),
  },
  { title: 'PaymentLink' },
);

export const SessionListSchema = listSchema(SessionSchema, 'CheckoutSessionList');
export const LinkListSchema = listSchema(LinkSchema, 'PaymentLinkList');

export const SessionParams = strict({
  session_id: Type.String({ pattern: idPatternOf('cs'), description: 'cs_…' }),
});

export const LinkParams = strict({
  link_id: Type.String({ pattern: idPatternOf('plink'), description: 'plink_…' }),
});

export const SessionListQuery = strict({
  ...PageQuerySchema,
  status: Type.Optional(oneOf(['open', 'complete', 'expired'])),
  payment: Type.Optional(idOf('payment', 'The session of this payment.')),
  payment_link: Type.Optional(
    Type.String({ pattern: idPatternOf('plink'), description: 'Sessions opened from this link.' }),
  ),
});

export const LinkListQuery = strict({
  ...PageQuerySchema,
  status: Type.Optional(oneOf(['active', 'paid', 'inactive', 'expired'])),
});

export const EmptySchema = strict({}, { title: 'CheckoutNothing' });

export type SessionCreateBody = Static<typeof SessionCreateSchema>;
export type LinkCreateBody = Static<typeof LinkCreateSchema>;
export type PageQuery = Static<typeof PageSchema>;
const PageSchema = strict(PageQuerySchema);
