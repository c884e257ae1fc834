/** The shapes of disputes on the wire. */
import { Type, type Static } from 'typebox';
import { disputeReasons, disputeStatuses, evidenceFields } from '../sdk/dispute.ts';
import {
  CurrencySchema,
  idOf,
  listSchema,
  nullable,
  oneOf,
  PageQuerySchema,
  strict,
  text,
  TimeSchema,
  TotalSchema,
} from '../sdk/vocabulary.ts';

export const DisputeSchema = strict(
  {
    id: Type.String(),
    object: Type.Literal('dispute'),
    payment: Type.String(),
    account: Type.String(),
    stage: oneOf(['inquiry', 'dispute'], 'An inquiry asks before it takes.'),
    status: oneOf(disputeStatuses),
    reason: oneOf(disputeReasons),
    processor_reason: Type.String({ description: "The processor's own word." }),
    reference: Type.String({ description: "The processor's own id." }),
    amount: TotalSchema,
    amount_withdrawn: { ...TotalSchema, description: 'What the processor holds back now.' },
    currency: CurrencySchema,
    evidence: Type.Record(Type.String(), Type.String()),
    evidence_due_at: nullable(Type.String()),
    opened_at: Type.String(),
    closed_at: nullable(TimeSchema),
    created_at: TimeSchema,
    updated_at: TimeSchema,
  },
  { title: 'Dispute' },
);

export const DisputeListSchema = listSchema(DisputeSchema, 'DisputeList');

export const DisputeParams = strict({ dispute_id: idOf('dispute', 'dp_…') });

export const DisputeListQuery = strict({
  ...PageQuerySchema,
  payment: Type.Optional(idOf('payment', 'Of one payment.')),
  account: Type.Optional(idOf('account', 'At one processor account.')),
  status: Type.Optional(oneOf(disputeStatuses)),
});

// Processors take some 150,000 characters in all; what one field may hold is our own rule.
const fieldLengthMax = 20_000;

export const EvidenceSchema = strict(
  {
    fields: strict(
      Object.fromEntries(
        evidenceFields.map((field) => [
          field,
          Type.Optional(text(fieldLengthMax, field.replaceAll('_', ' '))),
        ]),
      ),
      { title: 'EvidenceFields', minProperties: 1 },
    ),
    submit: Type.Optional(
      Type.Boolean({
        default: false,
        description: 'true hands it to the bank, for good; false keeps it with the processor.',
      }),
    ),
  },
  { title: 'Evidence' },
);

export type EvidenceBody = Static<typeof EvidenceSchema>;
