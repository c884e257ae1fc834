/** `/webhooks/{account}` for processors; the filed deliveries for merchants: list, show, replay. */
import { Type } from 'typebox';
import { isoTime } from '../base/clock.ts';
import { invariant } from '../base/assert.ts';
import { maskCards } from '../base/card-mask.ts';
import type { Keyring } from '../base/keyring.ts';
import { commitWithAnswer } from '../idempotency/answer.ts';
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
  { ...fields, body: Type.String({ description: 'Its first kB; card numbers are masked.' }) },
  { title: 'IncomingWebhookWithBody' },
);

const IncomingParams = strict({ webhook_id: idOf('incomingWebhook', 'inwh_…') });

const ListQuery = strict({
  ...PageQuerySchema,
  account: Type.Optional(idOf('account', 'Of one processor account.')),
  payment: Type.Optional(idOf('payment', 'About one payment.')),
  state: Type.Optional(oneOf(incomingStates)),
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

function excerptOf(record: IncomingRecord, keyring: Keyring): string {
  const body = keyring.open('incoming-webhook', bodyBinding(record.id), record.body);
  // Masked before it is cut: half a card number is no card number any more, but still its half.
  return maskCards(body).slice(0, excerptLength);
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
        const { account, payment, state } = query;
        const table = 'incoming_webhooks';
        const found = await page<IncomingRecord>(desk.db, table, merchantId, query, (select) => {
          if (account !== undefined) void select.where('account_id', account);
          if (payment !== undefined) void select.where('payment_id', payment);
          if (state !== undefined) void select.where('state', state);
        });
        return { status: 200, body: listOf(found, found.rows.map(present)) };
      },
    }),
    defineRoute({
      id: 'getIncomingWebhook',
      method: 'get',
      path: '/v1/incoming_webhooks/{webhook_id}',
      tag,
      summary: "One of a processor's webhooks, with the beginning of its body",
      access: reading,
      rate: 'queries',
      params: IncomingParams,
      replies: { 200: IncomingWithBodySchema },
      problems: ['not_found'],
      examples: [{ summary: 'By id', params: exampleParams, status: 200 }],
      handle: async ({ principal, params }) => {
        const record = await recordFor(desk, principal, params.webhook_id);
        return { status: 200, body: { ...present(record), body: excerptOf(record, desk.keyring) } };
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

async function recordFor(
  { db }: IncomingDesk['desk'],
  { merchantId }: RouteInput<never, never, never>['principal'],
  id: string,
): Promise<IncomingRecord> {
  const where = { id, merchant_id: merchantId };
  const record = await findOne<IncomingRecord>(db, 'incoming_webhooks', where);
  if (record) return record;
  throw new Problem('not_found', 'there is no such webhook');
}
