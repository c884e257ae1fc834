/** The shapes of routing rules and drafts on the wire. */
import { Type } from 'typebox';
import { nullable, oneOf, strict, TimeSchema } from '../sdk/vocabulary.ts';

export const VersionSchema = Type.String({
  pattern: '^[0-9a-f]{16}$',
  description: 'The hash of what the rules decide; comments and tests are no part of it.',
});

export const GivenRulesSchema = Type.Union(
  [
    Type.String({ minLength: 1, maxLength: 1_048_576 }),
    Type.Record(Type.String(), Type.Unknown(), { minProperties: 1, maxProperties: 20 }),
  ],
  { description: 'The rules: YAML text, or the same as a JSON object. See docs/routing.md.' },
);

const PercentSchema = Type.Integer({
  minimum: 0,
  maximum: 100,
  description: 'The part of the payments that the draft decides; 0: none, it is only noted.',
});

const GuardSchema = strict(
  {
    min_approval_rate: Type.Optional(
      Type.Number({ minimum: 0, maximum: 1, description: 'Below this rate of approvals, 0 to 1.' }),
    ),
    drop_percent: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 100,
        description: 'When the rate is more than so many points below that of the live rules.',
      }),
    ),
    min_decisions: Type.Integer({
      minimum: 1,
      maximum: 1000,
      description: 'Not before so many of its payments have ended.',
    }),
  },
  { title: 'RoutingGuard', description: 'When the draft is withdrawn by itself.' },
);

const FindingSchema = strict(
  {
    line: nullable(Type.Integer()),
    column: nullable(Type.Integer()),
    key: Type.String({ description: 'Dotted: `rules[0].when.currency`.' }),
    message: Type.String({ description: 'What was found, what is allowed, what was meant.' }),
    found: nullable(Type.String({ description: 'The first of them, where it can be told apart.' })),
    allowed: nullable(Type.String()),
  },
  { title: 'RoutingFinding' },
);

const LintFindingSchema = strict(
  {
    level: oneOf(['error', 'warning'], 'An error makes a rule useless; a warning may be meant.'),
    ...FindingSchema.properties,
  },
  { title: 'RoutingLintFinding' },
);

export const RulesSetSchema = strict({ rules: GivenRulesSchema }, { title: 'RoutingSet' });

export const DraftSetSchema = strict(
  {
    rules: GivenRulesSchema,
    percent: Type.Optional({ ...PercentSchema, default: 0 }),
    guard: Type.Optional(GuardSchema),
  },
  { title: 'RoutingDraftSet' },
);

export const PromoteSchema = strict(
  { version: { ...VersionSchema, description: 'The draft that you looked at.' } },
  { title: 'RoutingDraftPromote' },
);

const DraftSchema = strict(
  {
    version: VersionSchema,
    text: Type.String(),
    percent: PercentSchema,
    guard: nullable(GuardSchema),
    since: TimeSchema,
  },
  { title: 'RoutingDraft' },
);

export const RoutingSchema = strict(
  {
    object: Type.Literal('routing'),
    source: oneOf(
      ['merchant', 'file', 'built_in'],
      'Your own rules; those of the box; none, and accounts are tried by priority.',
    ),
    version: nullable(VersionSchema),
    text: nullable(Type.String({ description: 'The rules as they were given.' })),
    remarks: Type.Array(LintFindingSchema, {
      description: 'What is allowed in the rules and most likely wrong.',
    }),
    draft: nullable(DraftSchema),
    updated_at: nullable(TimeSchema),
  },
  { title: 'Routing' },
);

const SideSchema = strict(
  {
    decisions: Type.Integer(),
    approved: Type.Integer({ description: 'Payments that were approved.' }),
    declined: Type.Integer({ description: 'Payments that ended without.' }),
    approval_rate: nullable(Type.Number({ description: 'Of those that ended, 0 to 1.' })),
  },
  { title: 'RoutingSide' },
);

export const DraftReportSchema = strict(
  {
    object: Type.Literal('routing_draft'),
    draft: nullable(DraftSchema),
    figures: nullable(
      strict(
        {
          decisions: Type.Integer({ description: 'The latest ones are looked at.' }),
          same: Type.Integer({ description: 'The draft names the same first account.' }),
          moved: Type.Integer(),
          live: SideSchema,
          draft: SideSchema,
        },
        { title: 'RoutingDraftFigures' },
      ),
    ),
  },
  { title: 'RoutingDraftReport' },
);

const versionFields = {
  object: Type.Literal('routing_version'),
  version: VersionSchema,
  source: oneOf(['api', 'file'], 'Whether you gave it, or the file of the box.'),
  state: oneOf(['live', 'draft', 'past']),
  created_at: TimeSchema,
};

export const VersionParams = strict({ version: VersionSchema });

export const RulesVersionSchema = strict(
  { ...versionFields, text: Type.String() },
  { title: 'RoutingVersion' },
);

export const RulesVersionListSchema = strict(
  {
    object: Type.Literal('list'),
    data: Type.Array(strict(versionFields, { title: 'RoutingVersionEntry' })),
    has_more: Type.Boolean(),
  },
  { title: 'RoutingVersionList' },
);

export const LintReportSchema = strict(
  {
    object: Type.Literal('routing_lint'),
    version: nullable({ ...VersionSchema, description: 'Null: the rules cannot be used.' }),
    findings: Type.Array(LintFindingSchema),
    tests: Type.Array(
      strict({
        name: Type.String(),
        passed: Type.Boolean(),
        findings: Type.Array(FindingSchema),
      }),
      { description: 'The tests that stand in the rules, tried on your accounts as if all could.' },
    ),
  },
  { title: 'RoutingLint' },
);
