/** The delivery log over HTTP: what was sent, what came back, and sending it again. */
import { commitWithAnswer } from '../idempotency/answer.ts';
import { within } from '../payments/list.ts';
import { Problem } from '../sdk/problem.ts';
import { defineRoute, type Principal, type Route } from '../sdk/route.ts';
import { Conflict, findOne, listOf, page } from '../storage/index.ts';
import { endpointOf, excerptLength } from './attempt.ts';
import { begunAgain, deliveryChange } from './delivery.ts';
import type { WebhookDesk } from './desk.ts';
import type { Asked, WebhookRouteDeps } from './endpoint-verbs.ts';
import { bodyExcerpt, presentAttempt, presentDelivery } from './present.ts';
import { deliveryGuard, type AttemptRecord, type DeliveryRecord } from './record.ts';
import {
  DeliveryListSchema,
  DeliveryParams,
  DeliveryQuerySchema,
  DeliverySchema,
  DeliveryWithAttemptsSchema,
  type DeliveryQuery,
} from './schema.ts';

const tag = 'Webhooks';
const exampleParams = { delivery_id: '{delivery_id}' };
const triesMax = 10;
const reading = { kind: 'merchant', scope: 'webhooks:read' } as const;

export function deliveryRoutes(deps: WebhookRouteDeps): readonly Route[] {
  return [listRoute(deps), getRoute(deps), resendRoute(deps)];
}

async function deliveryFor(
  { db }: WebhookDesk,
  { merchantId, profileId }: Principal,
  id: string,
): Promise<DeliveryRecord> {
  const where = { id, merchant_id: merchantId };
  const delivery = await findOne<DeliveryRecord>(db, 'webhook_deliveries', where);
  const own = profileId === undefined || delivery?.profile_id === profileId;
  if (delivery && own) return delivery;
  throw new Problem('not_found', 'there is no such webhook delivery');
}

async function list({ db }: WebhookDesk, principal: Principal, query: DeliveryQuery) {
  const { merchantId, profileId } = principal;
  const equal = {
    endpoint_id: query.endpoint,
    event_id: query.event,
    payment_id: query.payment,
    state: query.state,
    profile_id: profileId,
  };
  const table = 'webhook_deliveries';
  const found = await page<DeliveryRecord>(db, table, merchantId, query, (select) => {
    for (const [column, value] of Object.entries(equal)) {
      if (value !== undefined) void select.where(column, value);
    }
    within(select, 'created_at', query);
  });
  return listOf(found, found.rows.map(presentDelivery));
}

function listRoute({ webhooks }: WebhookRouteDeps): Route {
  return defineRoute({
    id: 'listWebhookDeliveries',
    method: 'get',
    path: '/v1/webhook_deliveries',
    tag,
    summary: 'List webhook deliveries, newest first',
    description: 'They are kept for 30 days.',
    access: reading,
    rate: 'queries',
    query: DeliveryQuerySchema,
    replies: { 200: DeliveryListSchema },
    problems: ['invalid_cursor'],
    examples: [{ summary: 'Those that failed', query: { state: 'failed' }, status: 200 }],
    handle: async ({ principal, query }) => ({
      status: 200,
      body: await list(webhooks, principal, query),
    }),
  });
}

function getRoute({ webhooks }: WebhookRouteDeps): Route {
  return defineRoute({
    id: 'getWebhookDelivery',
    method: 'get',
    path: '/v1/webhook_deliveries/{delivery_id}',
    tag,
    summary: 'One webhook delivery with its attempts',
    access: reading,
    rate: 'queries',
    params: DeliveryParams,
    replies: { 200: DeliveryWithAttemptsSchema },
    problems: ['not_found'],
    examples: [{ summary: 'By id', params: exampleParams, status: 200 }],
    async handle({ principal, params }) {
      const delivery = await deliveryFor(webhooks, principal, params.delivery_id);
      const { db, signers, payloads } = webhooks;
      const attempts = await db.find<AttemptRecord>('webhook_attempts', {
        delivery_id: delivery.id,
      });
      const signer = signers.get(delivery.signer);
      const event = { merchant_id: delivery.merchant_id, id: delivery.event_id };
      const body = signer && (await payloads.of(event, signer));
      return {
        status: 200,
        body: {
          ...presentDelivery(delivery),
          request_body: bodyExcerpt(body, excerptLength),
          log: attempts.toSorted((a, b) => a.n - b.n).map(presentAttempt),
        },
      };
    },
  });
}

function resendRoute(deps: WebhookRouteDeps): Route {
  return defineRoute({
    id: 'resendWebhook',
    method: 'post',
    path: '/v1/webhook_deliveries/{delivery_id}/resend',
    tag,
    summary: 'Send a webhook again, whatever became of it',
    description: 'At once, and then on the schedule from its beginning. The event keeps its id.',
    access: { kind: 'merchant', scope: 'webhooks:write' },
    rate: 'management',
    params: DeliveryParams,
    replies: { 202: DeliverySchema },
    problems: ['not_found', 'concurrent_change'],
    examples: [{ summary: 'Once more', params: exampleParams, status: 202 }],
    handle: ({ principal, slot, params }) => resend(deps, { principal, slot }, params.delivery_id),
  });
}

async function resend({ webhooks: desk, commit }: WebhookRouteDeps, asked: Asked, id: string) {
  for (let tries = 1; ; tries += 1) {
    const before = await deliveryFor(desk, asked.principal, id);
    const endpoint = await endpointOf(desk, before);
    const set = begunAgain(desk, before, endpoint);
    const answer = { status: 202, body: presentDelivery({ ...before, ...set }) };
    try {
      const changes = [deliveryChange(before, set)];
      const reply = await commitWithAnswer(commit, asked.slot, answer, changes);
      desk.wake();
      return reply;
    } catch (error) {
      if (!(error instanceof Conflict) || error.guard !== deliveryGuard) throw error;
      // An attempt began or ended at this moment.
      if (tries === triesMax) {
        throw new Problem('concurrent_change', 'it keeps changing; try again');
      }
    }
  }
}
