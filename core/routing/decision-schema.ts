/** The shapes of decisions on the wire: those that were made, and those that would be. */
import { Type, type Static } from 'typebox';
import { idPattern } from '../base/id.ts';
import { methodTypes } from '../sdk/command.ts';
import {
  AmountSchema,
  CurrencySchema,
  MetadataSchema,
  nullable,
  oneOf,
  strict,
  text,
  TimeSchema,
} from '../sdk/vocabulary.ts';
import { GivenRulesSchema, VersionSchema } from './schema.ts';

const country = (description: string) =>
  Type.Optional(Type.String({ pattern: '^[A-Z]{2}$', description }));

/** The words of the rules themselves; what is left out is what most payments are. */
export const HypotheticalPaymentSchema = strict(
  {
    amount: AmountSchema,
    currency: CurrencySchema,
    payment_method: Type.Optional({ ...oneOf(methodTypes), default: 'card' }),
    capture_method: Type.Optional({ ...oneOf(['automatic', 'manual']), default: 'automatic' }),
    authentication_type: Type.Optional(oneOf(['three_ds', 'no_three_ds'])),
    card_brand: Type.Optional(text(20, '`visa`, `mastercard` …')),
    card_bin: Type.Optional(
      Type.String({ pattern: '^[0-9]{6,8}$', description: 'The first six to eight digits.' }),
    ),
    card_country: country('Where the card was issued.'),
    card_funding: Type.Optional(oneOf(['credit', 'debit', 'prepaid', 'unknown'])),
    billing_country: country('Of the billing address.'),
    shipping_country: country('Of the shipping address.'),
    customer: Type.Optional(text(200, 'The id of the customer.')),
    returning_customer: Type.Optional(Type.Boolean({ description: 'Has paid before.' })),
    profile: Type.Optional(text(100, 'The id of the profile.')),
    metadata: Type.Optional(MetadataSchema),
    at: Type.Optional(TimeSchema),
    attempt: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 1 })),
    off_session: Type.Optional(Type.Boolean({ default: false })),
  },
  { title: 'HypotheticalPayment' },
);

export const ExplainSchema = strict(
  {
    payment: HypotheticalPaymentSchema,
    rules: Type.Optional(GivenRulesSchema),
    draft: Type.Optional(
      Type.Boolean({ default: false, description: 'By your draft instead of the live rules.' }),
    ),
  },
  { title: 'RoutingExplain' },
);

const RankedSchema = strict({ account: Type.String(), name: nullable(Type.String()) });

const ExcludedSchema = strict({
  account: Type.String(),
  name: nullable(Type.String()),
  reason: Type.String({ description: '`disabled`, `limit_reached:daily_amount` …' }),
  sentence: Type.String(),
});

const decisionFields = {
  decided_by: oneOf(
    ['rules', 'priority', 'named', 'failover'],
    'Rules; none, so by priority; the request; the decision before, whose account failed.',
  ),
  sentence: Type.String({ description: 'Why it was decided so.' }),
  rule: nullable(Type.String({ description: 'The name of the rule; `default`.' })),
  version: nullable(VersionSchema),
  strategy: nullable(Type.String()),
  inputs: Type.Record(Type.String(), Type.Unknown(), {
    description: 'The facts that rules looked at.',
  }),
  order: Type.Array(RankedSchema, { description: 'Who is tried, the first first.' }),
  excluded: Type.Array(ExcludedSchema),
  why: Type.Array(Type.Record(Type.String(), Type.Unknown())),
  failover: nullable(Type.Record(Type.String(), Type.Unknown())),
  retry_later: nullable(Type.Record(Type.String(), Type.Unknown())),
};

const DecisionSchema = strict(decisionFields, { title: 'RoutingDecision' });

export const PaymentParams = strict({
  payment_id: Type.String({ pattern: idPattern('payment'), description: 'pay_…' }),
});

export const PaymentRoutingSchema = strict(
  {
    object: Type.Literal('payment_routing'),
    payment: Type.String(),
    decision: nullable({
      ...DecisionSchema,
      description: 'The latest one; null: it was never tried.',
    }),
    attempts: Type.Array(
      strict({
        operation: Type.String(),
        account: Type.String(),
        name: nullable(Type.String()),
        state: Type.String(),
        decision: nullable({ ...DecisionSchema, description: 'What led to it.' }),
        reserved: nullable(
          Type.Record(Type.String(), Type.Unknown(), {
            description: 'What it holds, or held, of shares and limits.',
          }),
        ),
        created_at: TimeSchema,
      }),
      { description: 'Every account it went to, in order.' },
    ),
  },
  { title: 'PaymentRouting' },
);

export const ExplainedSchema = strict(
  {
    object: Type.Literal('routing_explanation'),
    source: oneOf(['merchant', 'file', 'built_in', 'draft', 'given']),
    decision: DecisionSchema,
    alternatives: Type.Array(
      strict({
        account: Type.String(),
        name: nullable(Type.String()),
        position: nullable(Type.Integer({ description: '2: tried when the first one fails.' })),
        excluded: nullable(Type.String()),
        sentence: Type.String({ description: 'What would have to change for it to be first.' }),
        only_excluded: Type.Boolean({
          description: 'It would be first if nothing kept it from the payment.',
        }),
        changes: Type.Array(
          strict({
            fact: Type.String(),
            from: Type.Unknown(),
            to: Type.Unknown(),
            rule: nullable(Type.String()),
          }),
        ),
      }),
    ),
  },
  { title: 'RoutingExplanation' },
);

export const DecisionsQuery = strict({
  since: Type.Optional(TimeSchema),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
  starting_after: Type.Optional(
    Type.String({ maxLength: 40, description: 'The `operation` of one.' }),
  ),
});

export const DecisionsSchema = strict(
  {
    object: Type.Literal('list'),
    data: Type.Array(
      strict(
        {
          operation: Type.String({ description: 'The first authorization it led to.' }),
          payment: Type.String(),
          facts: Type.Record(Type.String(), Type.Unknown()),
          plan: nullable(Type.String()),
          order: Type.Array(Type.String()),
          excluded: Type.Record(Type.String(), Type.String()),
          approved: nullable(
            Type.Boolean({ description: 'At the first account; null: not known, or not sent.' }),
          ),
        },
        { title: 'StoredRoutingDecision' },
      ),
    ),
    has_more: Type.Boolean(),
  },
  { title: 'RoutingDecisionList' },
);

export type ExplainBody = Static<typeof ExplainSchema>;
