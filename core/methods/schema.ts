/** The shapes of set-ups and payment methods on the wire. */
import { Type, type Static } from 'typebox';
import { methodTypes } from '../sdk/command.ts';
import { advices, declineCodes } from '../sdk/outcome.ts';
import {
  idOf,
  listSchema,
  nullable,
  oneOf,
  PageQuerySchema,
  PartySchema,
  strict,
  text,
  TimeSchema,
} from '../sdk/vocabulary.ts';
import { setupStatuses } from './machine.ts';
import { NextActionSchema } from './next-action-schema.ts';
import { usages } from './record.ts';

const UsageSchema = oneOf(
  usages,
  'on_session: charged with the customer there; off_session: without as well.',
);

export const SetupParams = strict({ setup_id: idOf('setup', 'seti_…') });
export const MethodParams = strict({ payment_method_id: idOf('paymentMethod', 'pm_…') });

export const CvcSchema = Type.String({
  pattern: '^[0-9]{3,4}$',
  description: 'Passed on once, never stored.',
  writeOnly: true,
});

export const CardSchema = strict(
  {
    number: Type.String({
      pattern: '^[0-9][0-9 -]{10,29}[0-9]$',
      description: 'The card number; spaces and dashes may stand between the digits.',
      writeOnly: true,
    }),
    exp_month: Type.Integer({ minimum: 1, maximum: 12 }),
    exp_year: Type.Integer({ minimum: 2000, maximum: 2100, description: 'Four digits.' }),
    cvc: Type.Optional(CvcSchema),
    holder_name: Type.Optional(text(100, 'As printed on the card.')),
  },
  { title: 'CardInput' },
);

export const MethodCreateSchema = strict(
  {
    type: oneOf(['card']),
    card: CardSchema,
    customer_id: Type.Optional(
      idOf('customer', 'Whose card it is. Needed with a secret key, refused with a public one.'),
    ),
    usage: Type.Optional({ ...UsageSchema, default: 'off_session' }),
    billing: Type.Optional(PartySchema),
  },
  { title: 'PaymentMethodCreate' },
);

export const SetupCreateSchema = strict(
  {
    customer_id: idOf('customer', 'Whose method it is.'),
    account: idOf('account', 'The processor account that will keep it and can charge it.'),
    usage: Type.Optional({ ...UsageSchema, default: 'off_session' }),
    payment_method: strict(
      {
        type: oneOf(
          ['hosted', 'token'],
          'hosted: the customer enters it with the processor; token: one the account issued.',
        ),
        token: Type.Optional(text(500, 'For type token.')),
      },
      { title: 'SetupMethodInput' },
    ),
    return_url: Type.String({
      pattern: '^https?://[^\\s]+$',
      format: 'web-url',
      maxLength: 2048,
      description: 'Where the customer comes back to after a redirect.',
    }),
  },
  { title: 'SetupCreate' },
);

export const NothingSchema = strict({}, { title: 'Nothing' });

const ErrorSchema = strict(
  {
    code: oneOf(['declined', 'not_sent', 'refused']),
    decline_code: Type.Optional(oneOf(declineCodes)),
    advice: Type.Optional(oneOf(advices, 'What may be done about it.')),
    processor_code: Type.Optional(Type.String({ description: "The processor's own word." })),
    message: Type.String(),
  },
  { title: 'SetupError' },
);

export const SetupSchema = strict(
  {
    id: Type.String(),
    object: Type.Literal('setup'),
    status: oneOf(setupStatuses),
    customer_id: Type.String(),
    account: Type.String(),
    usage: UsageSchema,
    payment_method_type: oneOf(['hosted', 'token']),
    payment_method: nullable(Type.String({ description: 'What was kept, once it succeeded.' })),
    next_action: nullable(NextActionSchema),
    last_error: nullable(ErrorSchema),
    return_url: Type.String(),
    created_at: TimeSchema,
    updated_at: TimeSchema,
  },
  { title: 'Setup' },
);

const DetailsSchema = strict(
  {
    brand: Type.Optional(Type.String()),
    bin: Type.Optional(Type.String()),
    last4: Type.Optional(Type.String()),
    exp_month: Type.Optional(Type.Integer()),
    exp_year: Type.Optional(Type.Integer()),
    bank: Type.Optional(Type.String()),
    processor_type: Type.Optional(Type.String({ description: "The processor's own word." })),
  },
  { title: 'PaymentMethodDetails' },
);

export const PaymentMethodSchema = strict(
  {
    id: Type.String(),
    object: Type.Literal('payment_method'),
    kind: oneOf(
      ['processor', 'vault'],
      'processor: kept there, and charged through one account; vault: kept by the switch.',
    ),
    type: oneOf(methodTypes),
    customer_id: nullable(Type.String()),
    account: nullable(Type.String({ description: 'The one account that can charge it.' })),
    details: DetailsSchema,
    fingerprint: nullable(Type.String({ description: 'Same card, same word.' })),
    billing: nullable(PartySchema),
    usage: UsageSchema,
    single_use: Type.Boolean({ description: 'A token of the browser: for one payment.' }),
    expires_at: nullable({ ...TimeSchema, description: 'For single use: until when.' }),
    created_at: TimeSchema,
    updated_at: TimeSchema,
  },
  { title: 'PaymentMethod' },
);

export const PaymentMethodListSchema = listSchema(PaymentMethodSchema, 'PaymentMethodList');

export const MethodListQuerySchema = strict({
  ...PageQuerySchema,
  customer_id: idOf('customer', 'Whose methods.'),
});

export const MethodUpdateSchema = strict(
  { billing: nullable(PartySchema) },
  { title: 'PaymentMethodUpdate', description: 'Replaced as a whole; null clears it.' },
);

export const MethodDeletedSchema = strict(
  {
    id: Type.String(),
    object: Type.Literal('payment_method'),
    deleted: Type.Literal(true),
  },
  { title: 'PaymentMethodDeleted' },
);

export type SetupCreateBody = Static<typeof SetupCreateSchema>;
export type MethodUpdateBody = Static<typeof MethodUpdateSchema>;
export type MethodCreateBody = Static<typeof MethodCreateSchema>;
export type CardBody = Static<typeof CardSchema>;
