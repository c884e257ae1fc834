/** What requests and answers about outgoing webhooks look like. */
import { Type, type Static } from 'typebox';
import { eventTypes } from '../events/event.ts';
import { DateSchema } from '../payments/schema.ts';
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
import { deliveryStates, endpointStatuses, successRules } from './record.ts';

const UrlSchema = Type.String({
  pattern: '^https?://[^\\s]+$',
  maxLength: 2048,
  description: 'http or https; what is not on the public internet is refused.',
});

const EventsSchema = Type.Array(
  Type.String({ pattern: '^(\\*|[a-z_]+(\\.([a-z_]+|\\*))?)$', maxLength: 60 }),
  {
    minItems: 1,
    maxItems: 100,
    description: '`*`, types (`payment.captured`) and families (`refund.*`).',
  },
);

const day = 86_400;

const ScheduleSchema = Type.Array(Type.Integer({ minimum: 0, maximum: 7 * day }), {
  minItems: 1,
  maxItems: 20,
  description:
    'Seconds from the first moment to each attempt, ascending. Default: as the signer has it, mostly five in 6 h.',
});

/** What may be said at creation and changed later. */
const adjustable = {
  url: Type.Optional(UrlSchema),
  description: Type.Optional(nullable(text(500, 'For people.'))),
  events: Type.Optional(EventsSchema),
  also_payment_urls: Type.Optional(
    Type.Boolean({ description: 'Also events of payments that have a webhook_url of their own.' }),
  ),
  success: Type.Optional(
    oneOf(successRules, 'What counts as delivered. Default: as the signer has it, mostly 2xx.'),
  ),
  timeout_ms: Type.Optional(
    Type.Integer({ minimum: 1_000, maximum: 30_000, description: 'For the whole answer.' }),
  ),
  schedule_s: Type.Optional(ScheduleSchema),
  expire_after_s: Type.Optional(
    Type.Integer({ minimum: 60, maximum: 7 * day, description: 'Then it is given up.' }),
  ),
  jitter_percent: Type.Optional(
    Type.Integer({ minimum: 0, maximum: 100, description: 'Of each pause, at random, on top.' }),
  ),
};

export const EndpointCreateSchema = strict(
  {
    ...adjustable,
    url: UrlSchema,
    profile_id: Type.Optional(idOf('profile', 'Only events of this profile’s payments.')),
    signer: Type.Optional(text(40, 'How bodies are signed. Default: standard.')),
  },
  { title: 'WebhookEndpointCreate' },
);

export const EndpointUpdateSchema = strict(
  {
    ...adjustable,
    status: Type.Optional(oneOf(endpointStatuses)),
  },
  { title: 'WebhookEndpointUpdate', minProperties: 1 },
);

export const RotateSchema = strict(
  {
    overlap_s: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 7 * day,
        description: 'How long the old secret signs beside the new one. Default: a day.',
      }),
    ),
  },
  { title: 'WebhookSecretRotate' },
);

export const ReplaySchema = strict(
  {
    from: TimeSchema,
    to: Type.Optional(TimeSchema),
    types: Type.Optional(EventsSchema),
  },
  { title: 'WebhookReplayCreate' },
);

const endpointFields = {
  id: Type.String(),
  object: Type.Literal('webhook_endpoint'),
  url: Type.String(),
  description: nullable(Type.String()),
  events: Type.Array(Type.String()),
  profile_id: nullable(Type.String()),
  also_payment_urls: Type.Boolean(),
  signer: Type.String(),
  status: oneOf(endpointStatuses),
  disabled_reason: nullable(oneOf(['by_you', 'failing'])),
  failing_since: nullable(TimeSchema),
  success: oneOf(successRules),
  timeout_ms: Type.Integer(),
  schedule_s: Type.Array(Type.Integer()),
  expire_after_s: Type.Integer(),
  jitter_percent: Type.Integer(),
  previous_secret_until: nullable(TimeSchema),
  created_at: TimeSchema,
  updated_at: TimeSchema,
};

export const EndpointSchema = strict(endpointFields, { title: 'WebhookEndpoint' });

export const EndpointWithSecretSchema = strict(
  { ...endpointFields, secret: Type.String({ description: 'Shown this once.' }) },
  { title: 'WebhookEndpointWithSecret' },
);

export const EndpointListSchema = listSchema(EndpointSchema, 'WebhookEndpointList');

export const EndpointDeletedSchema = strict(
  { id: Type.String(), object: Type.Literal('webhook_endpoint'), deleted: Type.Literal(true) },
  { title: 'WebhookEndpointDeleted' },
);

export const EndpointParams = strict({ endpoint_id: idOf('webhookEndpoint', 'we_…') });
export const PageSchema = strict({ ...PageQuerySchema });

export const ReplayReplySchema = strict(
  {
    id: Type.String(),
    object: Type.Literal('webhook_replay'),
    endpoint: Type.String(),
    from: TimeSchema,
    to: TimeSchema,
    types: Type.Array(Type.String()),
    state: oneOf(['running', 'done']),
    queued: Type.Integer(),
    created_at: TimeSchema,
  },
  { title: 'WebhookReplay' },
);

export const ProfileSecretSchema = strict(
  {
    object: Type.Literal('webhook_secret'),
    profile_id: Type.String(),
    secret: Type.String({ description: 'Signs what goes to webhook_url of payments.' }),
  },
  { title: 'ProfileWebhookSecret' },
);

const deliveryFields = {
  id: Type.String(),
  object: Type.Literal('webhook_delivery'),
  event: Type.String(),
  event_type: oneOf(eventTypes),
  payment: nullable(Type.String()),
  endpoint: nullable(Type.String({ description: 'Null for a webhook_url of the payment itself.' })),
  url: Type.String(),
  signer: Type.String(),
  state: oneOf(deliveryStates),
  attempts: Type.Integer(),
  next_attempt_at: nullable(TimeSchema),
  expires_at: TimeSchema,
  last_status: nullable(Type.Integer()),
  last_error: nullable(Type.String()),
  created_at: TimeSchema,
  delivered_at: nullable(TimeSchema),
};

export const DeliverySchema = strict(deliveryFields, { title: 'WebhookDelivery' });
export const DeliveryListSchema = listSchema(DeliverySchema, 'WebhookDeliveryList');

const HeadersSchema = Type.Record(Type.String(), Type.String());

export const DeliveryWithAttemptsSchema = strict(
  {
    ...deliveryFields,
    request_body: nullable(
      Type.String({ description: 'Its first kB, the same for every attempt; cards are masked.' }),
    ),
    log: Type.Array(
      strict({
        n: Type.Integer(),
        at: TimeSchema,
        duration_ms: Type.Integer(),
        request: strict({ url: Type.String(), headers: HeadersSchema }),
        response: nullable(
          strict({
            status: Type.Integer(),
            headers: HeadersSchema,
            body: Type.String({ description: 'Its first kB; card numbers are masked.' }),
          }),
        ),
        error: nullable(Type.String()),
      }),
    ),
  },
  { title: 'WebhookDeliveryWithAttempts' },
);

export const DeliveryParams = strict({ delivery_id: idOf('delivery', 'del_…') });

export const DeliveryQuerySchema = strict({
  ...PageQuerySchema,
  endpoint: Type.Optional(idOf('webhookEndpoint', 'To one endpoint.')),
  event: Type.Optional(idOf('event', 'Of one event.')),
  payment: Type.Optional(idOf('payment', 'About one payment.')),
  state: Type.Optional(oneOf(deliveryStates)),
  created_from: Type.Optional(DateSchema),
  created_to: Type.Optional(DateSchema),
});

export type EndpointCreateBody = Static<typeof EndpointCreateSchema>;
export type EndpointUpdateBody = Static<typeof EndpointUpdateSchema>;
export type ReplayBody = Static<typeof ReplaySchema>;
export type DeliveryQuery = Static<typeof DeliveryQuerySchema>;
