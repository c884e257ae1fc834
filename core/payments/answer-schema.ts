/** What answers about payments look like. */
import { Type } from 'typebox';
import { NextActionSchema } from '../methods/next-action-schema.ts';
import { methodTypes } from '../sdk/command.ts';
import { advices, declineCodes } from '../sdk/outcome.ts';
import {
  AmountSchema,
  CurrencySchema,
  nullable,
  oneOf,
  PartySchema,
  strict,
  TimeSchema,
  TotalSchema,
} from '../sdk/vocabulary.ts';
import { operationStates, paymentStatuses } from './machine.ts';
import { operationKinds } from './record.ts';
import { BrowserInfoSchema, CaptureMethodSchema, OrderLineSchema } from './schema.ts';

const VerificationSchema = strict({
  auth_code: Type.Optional(Type.String()),
  cvc_check: Type.Optional(Type.String()),
  avs_check: Type.Optional(Type.String()),
  authentication: Type.Optional(Type.String()),
});

const MethodSummarySchema = strict(
  {
    type: oneOf(methodTypes),
    via: Type.Optional(oneOf(methodTypes, 'How it was given to us, where that is another thing.')),
    id: Type.Optional(Type.String({ description: 'The saved method it was paid with.' })),
    bank: Type.Optional(Type.String()),
    processor_type: Type.Optional(Type.String({ description: "The processor's own word." })),
    brand: Type.Optional(Type.String()),
    bin: Type.Optional(Type.String()),
    last4: Type.Optional(Type.String()),
    exp_month: Type.Optional(Type.Integer()),
    exp_year: Type.Optional(Type.Integer()),
    holder_name: Type.Optional(Type.String()),
    fingerprint: Type.Optional(Type.String({ description: 'Same card, same word.' })),
  },
  { title: 'PaymentMethodSummary' },
);

const LastErrorSchema = strict(
  {
    code: oneOf(['declined', 'not_sent', 'refused', 'authentication_required']),
    decline_code: Type.Optional(oneOf(declineCodes)),
    advice: Type.Optional(oneOf(advices, 'What may be done about it.')),
    processor_code: Type.Optional(Type.String({ description: "The processor's own word." })),
    message: Type.String(),
    operation: oneOf(operationKinds),
    retry_at: Type.Optional({
      ...TimeSchema,
      description: 'When the switch tries the saved method again by itself.',
    }),
  },
  { title: 'PaymentError' },
);

export const PaymentSchema = strict(
  {
    id: Type.String(),
    object: Type.Literal('payment'),
    status: oneOf(paymentStatuses),
    amount: AmountSchema,
    currency: CurrencySchema,
    amount_authorized: TotalSchema,
    amount_captured: TotalSchema,
    amount_refunded: TotalSchema,
    amount_voided: TotalSchema,
    amount_disputed: TotalSchema,
    amount_capturable: TotalSchema,
    amount_refundable: TotalSchema,
    capture_method: CaptureMethodSchema,
    reference: nullable(Type.String()),
    description: nullable(Type.String()),
    metadata: Type.Record(Type.String(), Type.Unknown()),
    merchant_id: Type.String(),
    profile_id: Type.String(),
    account: nullable(Type.String()),
    customer_id: nullable(Type.String()),
    customer: nullable(PartySchema),
    billing: nullable(PartySchema),
    shipping: nullable(PartySchema),
    order_details: nullable(Type.Array(OrderLineSchema)),
    statement_descriptor: nullable(Type.String()),
    return_url: nullable(Type.String()),
    webhook_url: nullable(Type.String()),
    webhook_signer: nullable(Type.String()),
    authentication_type: nullable(Type.String()),
    setup_future_usage: nullable(Type.String()),
    off_session: Type.Boolean(),
    browser_info: nullable(BrowserInfoSchema),
    payment_method: nullable(MethodSummarySchema),
    verification: nullable(VerificationSchema),
    next_action: nullable(NextActionSchema),
    last_error: nullable(LastErrorSchema),
    cancellation_reason: nullable(Type.String()),
    attempts: Type.Integer({ description: 'Authorizations tried.' }),
    client_secret: Type.Optional(
      Type.String({ description: 'For the browser, while the payment can be confirmed.' }),
    ),
    authorized_at: nullable(TimeSchema),
    captured_at: nullable(TimeSchema),
    created_at: TimeSchema,
    updated_at: TimeSchema,
  },
  { title: 'Payment' },
);

/** What a browser with a public key and the client secret sees: nothing of the merchant's own. */
export const PublicPaymentSchema = strict(
  {
    id: Type.String(),
    object: Type.Literal('payment'),
    status: oneOf(paymentStatuses),
    amount: AmountSchema,
    currency: CurrencySchema,
    description: nullable(Type.String()),
    return_url: nullable(Type.String()),
    payment_method: nullable(MethodSummarySchema),
    next_action: nullable(NextActionSchema),
    last_error: nullable(LastErrorSchema),
    created_at: TimeSchema,
  },
  { title: 'PublicPayment' },
);

export const OperationSchema = strict(
  {
    id: Type.String(),
    object: Type.Literal('operation'),
    payment: Type.String(),
    kind: oneOf(operationKinds),
    state: oneOf(operationStates),
    amount: AmountSchema,
    currency: CurrencySchema,
    account: Type.String(),
    origin: oneOf(['merchant', 'processor', 'switch']),
    result: nullable(Type.Record(Type.String(), Type.Unknown())),
    created_at: TimeSchema,
    updated_at: TimeSchema,
  },
  { title: 'Operation' },
);
