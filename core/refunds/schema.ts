/** The shapes of refunds on the wire. */
import { Type, type Static } from 'typebox';
import { idPattern } from '../base/id.ts';
import {
  AmountSchema,
  CurrencySchema,
  MetadataSchema,
  nullable,
  oneOf,
  PageQuerySchema,
  strict,
  text,
  TimeSchema,
} from '../sdk/vocabulary.ts';

const PaymentIdSchema = Type.String({ pattern: idPattern('payment'), description: 'pay_…' });

export const RefundCreateSchema = strict(
  {
    payment: PaymentIdSchema,
    amount: Type.Optional(AmountSchema),
    reason: Type.Optional(text(500, 'Kept for your records; some processors pass it on.')),
    metadata: Type.Optional(MetadataSchema),
  },
  { title: 'RefundCreate' },
);

export const RefundParams = strict({
  refund_id: Type.String({ pattern: idPattern('refund'), description: 're_…' }),
});

export const RefundListQuerySchema = strict({
  ...PageQuerySchema,
  payment: Type.Optional(PaymentIdSchema),
});

export const RefundSchema = strict(
  {
    id: Type.String(),
    object: Type.Literal('refund'),
    payment: Type.String(),
    status: oneOf(['processing', 'in_review', 'succeeded', 'failed']),
    amount: AmountSchema,
    currency: CurrencySchema,
    reason: nullable(Type.String()),
    metadata: Type.Record(Type.String(), Type.Unknown()),
    account: Type.String(),
    origin: oneOf(['merchant', 'processor', 'switch']),
    failure: nullable(
      strict({
        code: Type.String(),
        processor_code: nullable(Type.String()),
        message: Type.String(),
      }),
    ),
    created_at: TimeSchema,
    updated_at: TimeSchema,
  },
  { title: 'Refund' },
);

export type RefundBody = Static<typeof RefundCreateSchema>;
export type RefundListQuery = Static<typeof RefundListQuerySchema>;
