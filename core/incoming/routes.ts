/** `/webhooks/{account}` for processors; the filed deliveries for merchants: list, show, replay. */
import { Type } from 'typebox';
import { isoTime } from '../base/clock.ts';
import { invariant } from '../base/assert.ts';
import { maskCards } from '../base/card-mask.ts';
import type { Keyring } from '../base/keyring.ts';
import { commitWithAnswer } from '../idempotency/answer.ts';
import { within } from '../payments/list.ts';
import { DateSchema } from '../payments/schema.ts';
import { isOfProfile, paymentsOfProfile } from '../payments/store.ts';
import { Problem } from '../sdk/problem.ts';
import { defineRoute, type Route, type RouteInput } from '../sdk/route.ts';
import {
  idOf,
  listSchema,
  nullable,
  oneOf,
  PageQuerySchema,
  strict,
  TimeSchema,
} from '../sdk/vocabulary.ts';
import { findOne, listOf, page, update } from '../storage/index.ts';
import type { IncomingDesk } from './desk.ts';
import { takeIn } from './intake.ts';
import { bodyBinding, incomingGuard, incomingStates, type IncomingRecord } from './record.ts';

/** As much of a body as the delivery log shows. */
const excerptLength = 1_024;

const fields = {
  id: Type.String(),
  object: Type.Literal('incoming_webhook'),
  account: Type.String(),
  delivery_id: Type.String({ description: 'What makes a repeat recognisable.' }),
  type: Type.String({ description: "The processor's own word for what happened." }),
  state: oneOf(incomingStates),
  attempts: Type.Integer(),
  detail: nullable(Type.String({ description: 'Why it waits, was left alone, or failed.' })),
  payment: nullable(Type.String()),
  received_at: TimeSchema,
  applied_at: nullable(TimeSchema),
};

const IncomingSchema = strict(fields, { title: 'IncomingWebhook' });

const IncomingWithBodySchema = strict(
  {
    ...fields,
    body: Type.String({ description: 'Its first kB, or all; card numbers are masked.' }),
  },
  { title: 'IncomingWebhookWithBody' },
);

const IncomingParams = strict({ webhook_id: idOf('incomingWebhook', 'inwh_…') });

const ListQuery = strict({
  ...PageQuerySchema,
  account: Type.Optional(idOf('account', 'Of one processor account.')),
  payment: Type.Optional(idOf('payment', 'About one payment.')),
  state: Type.Optional(oneOf(incomingStates)),
  created_from: Type.Optional(DateSchema),
  created_to: Type.Optional(DateSchema),
  event: Type.Optional(idOf('event', 'The one that this event of a payment came from.')),
});

const GetQuery = strict({
  whole: Type.Optional(Type.Boolean({ description: 'The whole body, not its first kB.' })),
});

const TakenSchema = strict({ received: Type.Literal(true) }, { title: 'WebhookReceived' });

function present(record: IncomingRecord) {
  return {
    id: record.id,
    object: 'incoming_webhook' as const,
    account: record.account_id,
    delivery_id: record.delivery_id,
    type: record.type,
    state: record.state,
    attempts: record.attempts,
    detail: record.detail,
    payment: record.payment_id,
    received_at: record.received_at,
    applied_at: record.applied_at,
  };
}

function bodyOf(record: IncomingRecord, keyring: Keyring): string {
  return keyring.open('incoming-webhook', bodyBinding(record.id), record.body);
}

/**
 * The body for a program: only texts without letters are masked, since the digits of a signature in
 * hexadecimal now and then pass for a card number. What is no JSON is masked like any text.
 */
function maskedJson(text: string): string {
  let value: unknown;
  try {
    value = JSON.parse(text, (_key, part: unknown) =>
      typeof part === 'string' && !/\p{L}/u.test(part) ? maskCards(part) : part,
    );
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return maskCards(text);
  }
  return JSON.stringify(value);
}

const tag = 'Incoming webhooks';
const exampleParams = { webhook_id: '{webhook_id}' };
const reading = { kind: 'merchant', scope: 'webhooks:read' } as const;

export function incomingRoutes(incoming: IncomingDesk): readonly Route[] {
  return [intakeRoute(incoming), ...logRoutes(incoming), replayRoute(incoming)];
}

function intakeRoute(incoming: IncomingDesk): Route {
  return defineRoute({
    id: 'takeWebhook',
    method: 'post',
    path: '/webhooks/{account_id}',
    tag,
    summary: 'Where a processor sends its news',
    description:
      'For processors. The signature is checked over the raw bytes; a repeat is answered like the ' +
      'first. What it tells is looked up at the processor before anything is booked.',
    access: { kind: 'anyone' },
    rate: 'webhooks',
    rawBody: true,
    params: strict({ account_id: idOf('account', 'acct_…') }),
    replies: { 200: TakenSchema },
    problems: ['not_found', 'webhook_refused'],
    handle: ({ params, raw }) => {
      invariant(raw, 'the intake is a raw route');
      return takeIn(incoming, params.account_id, raw);
    },
  });
}

function logRoutes({ desk }: IncomingDesk): readonly Route[] {
  return [
    defineRoute({
      id: 'listIncomingWebhooks',
      method: 'get',
      path: '/v1/incoming_webhooks',
      tag,
      summary: "List processors' webhooks, newest first",
      access: reading,
      rate: 'queries',
      query: ListQuery,
      replies: { 200: listSchema(IncomingSchema, 'IncomingWebhookList') },
      problems: ['invalid_cursor'],
      examples: [{ summary: 'Those that failed', query: { state: 'failed' }, status: 200 }],
      handle: async ({ principal, query }) => {
        const { merchantId } = principal;
        const { account, payment, state, event } = query;
        const own = paymentsOfProfile(desk.db, principal);
        const table = 'incoming_webhooks';
        const found = await page<IncomingRecord>(desk.db, table, merchantId, query, (select) => {
          if (own) void select.whereIn('payment_id', own);
          if (account !== undefined) void select.where('account_id', account);
          if (payment !== undefined) void select.where('payment_id', payment);
          if (state !== undefined) void select.where('state', state);
          within(select, 'received_at', query);
          if (event === undefined) return;
          const caused = desk.db.knex('events').select('cause').whereNotNull('cause');
          void select.whereIn('id', caused.where({ merchant_id: merchantId, id: event }));
        });
        return { status: 200, body: listOf(found, found.rows.map(present)) };
      },
    }),
    defineRoute({
      id: 'getIncomingWebhook',
      method: 'get',
      path: '/v1/incoming_webhooks/{webhook_id}',
      tag,
      summary: "One of a processor's webhooks, with its body",
      access: reading,
      rate: 'queries',
      params: IncomingParams,
      query: GetQuery,
      replies: { 200: IncomingWithBodySchema },
      problems: ['not_found'],
      examples: [{ summary: 'By id', params: exampleParams, status: 200 }],
      handle: async ({ principal, params, query }) => {
        const record = await recordFor(desk, principal, params.webhook_id);
        const whole = bodyOf(record, desk.keyring);
        // Masked before it is cut: half a card number is none any more, but still its half.
        const body =
          query.whole === true ? maskedJson(whole) : maskCards(whole).slice(0, excerptLength);
        return { status: 200, body: { ...present(record), body } };
      },
    }),
  ];
}

function replayRoute(incoming: IncomingDesk): Route {
  const { desk } = incoming;
  return defineRoute({
    id: 'replayIncomingWebhook',
    method: 'post',
    path: '/v1/incoming_webhooks/{webhook_id}/replay',
    tag,
    summary: 'Look again at what a webhook was about',
    description: 'Safe at any time: what is booked is what the processor says now.',
    access: { kind: 'merchant', scope: 'webhooks:write' },
    rate: 'management',
    params: IncomingParams,
    replies: { 202: IncomingSchema },
    problems: ['not_found', 'concurrent_change'],
    examples: [{ summary: 'Look again', params: exampleParams, status: 202 }],
    handle: async ({ principal, params, slot }) => {
      const before = await recordFor(desk, principal, params.webhook_id);
      const { id, version } = before;
      const set = {
        state: 'waiting',
        attempts: 0,
        detail: null,
        next_try_at: isoTime(desk.clock.now()),
        version: version + 1,
      } as const;
      const answer = { status: 202, body: present({ ...before, ...set }) };
      const reply = await commitWithAnswer(desk, slot, answer, [
        update('incoming_webhooks', set, { id, version }, incomingGuard),
      ]);
      incoming.wake();
      return reply;
    },
  });
}

/** A key bound to a profile sees what was about that profile's payments, and nothing else. */
async function recordFor(
  { db }: IncomingDesk['desk'],
  principal: RouteInput<never, never, never>['principal'],
  id: string,
): Promise<IncomingRecord> {
  const { merchantId: merchant_id, profileId } = principal;
  const record = await findOne<IncomingRecord>(db, 'incoming_webhooks', { id, merchant_id });
  const payment_id = record?.payment_id ?? null;
  const own =
    payment_id === null
      ? profileId === undefined
      : await isOfProfile(db, principal, { merchant_id, payment_id });
  if (record && own) return record;
  throw new Problem('not_found', 'there is no such webhook');
}
