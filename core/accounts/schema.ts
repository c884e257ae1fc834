/** The shapes of processor accounts on the wire, and the check of settings by their connector. */
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { Type, type Static, type TSchema } from 'typebox';
import { Problem } from '../sdk/problem.ts';
import {
  idOf,
  listSchema,
  nullable,
  oneOf,
  PageQuerySchema,
  strict,
  text,
  TimeSchema,
} from '../sdk/vocabulary.ts';
import { LimitsOrNoneSchema, TagsSchema } from './limits.ts';

const NameSchema = text(100, 'Your word for the account; unique among your accounts.');
const StatusSchema = oneOf(['active', 'disabled'], 'A disabled account takes no new payments.');

const PrioritySchema = Type.Integer({
  minimum: 0,
  maximum: 10_000,
  description: 'Lower numbers are tried first.',
});

const WeightSchema = Type.Integer({
  minimum: 0,
  maximum: 10_000,
  description: 'Share of the payments among accounts of equal priority.',
});

const SettingsSchema = Type.Record(Type.String(), Type.Unknown(), {
  propertyNames: { maxLength: 100 },
  maxProperties: 100,
  description: 'What the connector needs: credentials and the rest. Kept encrypted.',
});

/** Seven days: what the card schemes grant where nothing else was agreed. */
export const holdValidityHours = 168;

const ValiditySchema = Type.Integer({
  minimum: 1,
  maximum: 2160,
  description: 'An authorization that is not captured within these hours is voided and expires.',
});

export const AccountParams = strict({ account_id: idOf('account', 'acct_…') });
export const AccountPageSchema = strict(PageQuerySchema);

export const AccountCreateSchema = strict(
  {
    connector: text(100, 'Which processor: the id of an installed connector.'),
    name: NameSchema,
    settings: SettingsSchema,
    priority: Type.Optional({ ...PrioritySchema, default: 0 }),
    weight: Type.Optional({ ...WeightSchema, default: 1 }),
    hold_validity_hours: Type.Optional({ ...ValiditySchema, default: holdValidityHours }),
    tags: Type.Optional(TagsSchema),
    limits: Type.Optional(LimitsOrNoneSchema),
    check: Type.Optional(
      Type.Boolean({
        default: false,
        description: 'Try the credentials at the processor before anything is stored.',
      }),
    ),
  },
  { title: 'AccountCreate' },
);

export const AccountUpdateSchema = strict(
  {
    name: Type.Optional(NameSchema),
    status: Type.Optional(StatusSchema),
    priority: Type.Optional(PrioritySchema),
    weight: Type.Optional(WeightSchema),
    hold_validity_hours: Type.Optional(ValiditySchema),
    tags: Type.Optional(TagsSchema),
    limits: Type.Optional(LimitsOrNoneSchema),
    settings: Type.Optional(SettingsSchema),
  },
  {
    title: 'AccountUpdate',
    minProperties: 1,
    description: 'What is left out stays. Settings, tags and limits are replaced as a whole.',
  },
);

export const AccountRotateSchema = strict(
  {
    settings: Type.Record(Type.String(), Type.Unknown(), {
      propertyNames: { maxLength: 100 },
      minProperties: 1,
      maxProperties: 100,
      description: 'The fields that change; the others stay as they are.',
    }),
    check: Type.Optional(
      Type.Boolean({
        default: true,
        description: 'Try the new credentials at the processor first.',
      }),
    ),
  },
  { title: 'AccountRotate' },
);

const WebhookSchema = strict(
  {
    state: oneOf(
      ['none', 'manual', 'pending', 'registered', 'removing', 'failed'],
      'How far the processor knows where to send its news.',
    ),
    url: nullable(Type.String({ description: 'Where news of this account is taken.' })),
    detail: nullable(Type.String({ description: 'What there is to know or to do about it.' })),
  },
  { title: 'AccountWebhook' },
);

export const AccountCheckSchema = strict(
  {
    ok: Type.Literal(true),
    facts: strict(
      {
        reference: Type.Optional(
          Type.String({ description: "The processor's id of the account." }),
        ),
        country: Type.Optional(Type.String()),
        currency: Type.Optional(Type.String()),
        charges_enabled: Type.Optional(Type.Boolean()),
        payouts_enabled: Type.Optional(Type.Boolean()),
      },
      { description: 'What the processor says of the account.' },
    ),
  },
  { title: 'AccountCheck' },
);

export const AccountSchema = strict(
  {
    id: Type.String(),
    object: Type.Literal('account'),
    connector: Type.String(),
    name: Type.String(),
    status: StatusSchema,
    priority: PrioritySchema,
    weight: WeightSchema,
    hold_validity_hours: ValiditySchema,
    tags: TagsSchema,
    limits: LimitsOrNoneSchema,
    settings: nullable(
      Type.Record(Type.String(), Type.Unknown(), {
        description: 'Secrets are masked; null when the connector is not installed any more.',
      }),
    ),
    webhook: WebhookSchema,
    created_at: TimeSchema,
    updated_at: TimeSchema,
  },
  { title: 'Account' },
);

export const AccountDeletedSchema = strict(
  { id: Type.String(), object: Type.Literal('account'), deleted: Type.Literal(true) },
  { title: 'AccountDeleted' },
);

export const AccountListSchema = listSchema(AccountSchema, 'AccountList');

export type AccountCreateBody = Static<typeof AccountCreateSchema>;
export type AccountUpdateBody = Static<typeof AccountUpdateSchema>;

// A fault in a connector's schema shows here, so the strict mode of Ajv stays on.
const ajv = new Ajv2020({ strict: true, allErrors: false });
formats.default(ajv);

/** One compiled check a connector; connectors are frozen literals, so their schemas are too. */
const checks = new WeakMap<TSchema, ValidateFunction>();

function checkOf(schema: TSchema): ValidateFunction {
  let check = checks.get(schema);
  if (!check) {
    check = ajv.compile(schema);
    checks.set(schema, check);
  }
  return check;
}

/** Why a connector's schema cannot be used for checks; undefined when it can. */
export function schemaFault(schema: TSchema): string | undefined {
  try {
    checkOf(schema);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/**
 * Throws Problem `invalid_request` unless `settings` are what the connector's schema asks for. The
 * problem names the field and the rule and never what was given: it may be a credential.
 */
export function assertSettings(schema: TSchema, settings: unknown): void {
  const check = checkOf(schema);
  if (check(settings)) return;
  const error = check.errors?.[0];
  const param = error ? paramOf(error) : 'settings';
  throw new Problem('invalid_request', `${param} ${error ? ruleOf(error) : 'is wrong'}`, { param });
}

/** `settings.keys.private`, with the field that is missing or unknown at the end. */
function paramOf({ instancePath, keyword, params }: ErrorObject): string {
  const path = instancePath
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  if (keyword === 'required') path.push(String(params['missingProperty']));
  if (keyword === 'additionalProperties') path.push(String(params['additionalProperty']));
  return ['settings', ...path].join('.');
}

function ruleOf({ keyword, params, message }: ErrorObject): string {
  if (keyword === 'required') return 'is missing';
  if (keyword === 'additionalProperties') return 'is not a setting of this connector';
  if (keyword === 'enum') return `must be one of ${(params['allowedValues'] as []).join(', ')}`;
  return message ?? 'is wrong';
}
