/** Webhook endpoints over HTTP. */
import { defineRoute, type Route } from '../sdk/route.ts';
import { listOf, page } from '../storage/index.ts';
import {
  createEndpoint,
  deleteEndpoint,
  endpointFor,
  pingEndpoint,
  replay,
  rotateSecret,
  updateEndpoint,
  type WebhookRouteDeps,
} from './endpoint-verbs.ts';
import { presentEndpoint } from './present.ts';
import type { EndpointRecord } from './record.ts';
import {
  DeliverySchema,
  EndpointCreateSchema,
  EndpointDeletedSchema,
  EndpointListSchema,
  EndpointParams,
  EndpointSchema,
  EndpointUpdateSchema,
  EndpointWithSecretSchema,
  PageSchema,
  ReplayReplySchema,
  ReplaySchema,
  RotateSchema,
} from './schema.ts';

const shared = { tag: 'Webhooks', rate: 'management' } as const;
const reading = { kind: 'merchant', scope: 'webhooks:read' } as const;
const writing = { kind: 'merchant', scope: 'webhooks:write' } as const;
const exampleParams = { endpoint_id: '{endpoint_id}' };
const path = '/v1/webhook_endpoints/{endpoint_id}';

export function endpointRoutes(deps: WebhookRouteDeps): readonly Route[] {
  return [
    createRoute(deps),
    listRoute(deps),
    getRoute(deps),
    updateRoute(deps),
    deleteRoute(deps),
    rotateRoute(deps),
    testRoute(deps),
    replayRoute(deps),
  ];
}

function createRoute(deps: WebhookRouteDeps): Route {
  return defineRoute({
    ...shared,
    id: 'createWebhookEndpoint',
    method: 'post',
    path: '/v1/webhook_endpoints',
    summary: 'Have events sent to an address of yours',
    description: 'The secret that signs them is in this answer and in no other.',
    access: writing,
    body: EndpointCreateSchema,
    replies: { 201: EndpointWithSecretSchema },
    problems: ['invalid_request', 'concurrent_change'],
    examples: [
      {
        summary: 'Payments and refunds',
        body: { url: 'https://shop.example/hooks', events: ['payment.*', 'refund.*'] },
        status: 201,
      },
    ],
    handle: ({ principal, slot, body }) => createEndpoint(deps, { principal, slot }, body),
  });
}

function listRoute({ webhooks }: WebhookRouteDeps): Route {
  return defineRoute({
    ...shared,
    id: 'listWebhookEndpoints',
    method: 'get',
    path: '/v1/webhook_endpoints',
    summary: 'List webhook endpoints, newest first',
    access: reading,
    query: PageSchema,
    replies: { 200: EndpointListSchema },
    problems: ['invalid_cursor'],
    examples: [{ summary: 'The newest', status: 200 }],
    async handle({ principal: { merchantId, profileId }, query }) {
      const table = 'webhook_endpoints';
      const { db } = webhooks;
      const found = await page<EndpointRecord>(db, table, merchantId, query, (select) => {
        void select.whereNull('deleted_at');
        if (profileId !== undefined) void select.where('profile_id', profileId);
      });
      const data = found.rows.map((endpoint) => presentEndpoint(endpoint));
      return { status: 200, body: listOf(found, data) };
    },
  });
}

function getRoute({ webhooks }: WebhookRouteDeps): Route {
  return defineRoute({
    ...shared,
    id: 'getWebhookEndpoint',
    method: 'get',
    path,
    summary: 'Get a webhook endpoint',
    access: reading,
    params: EndpointParams,
    replies: { 200: EndpointSchema },
    problems: ['not_found'],
    examples: [{ summary: 'By id', params: exampleParams, status: 200 }],
    async handle({ principal, params }) {
      const endpoint = await endpointFor(webhooks, principal, params.endpoint_id);
      return { status: 200, body: presentEndpoint(endpoint) };
    },
  });
}

function updateRoute(deps: WebhookRouteDeps): Route {
  return defineRoute({
    ...shared,
    id: 'updateWebhookEndpoint',
    method: 'patch',
    path,
    summary: 'Change, disable or enable a webhook endpoint',
    description:
      'Deliveries that wait go to the new URL. While it is disabled nothing is sent and what waits ' +
      'fails; replay it when the endpoint is enabled again.',
    access: writing,
    params: EndpointParams,
    body: EndpointUpdateSchema,
    replies: { 200: EndpointSchema },
    problems: ['not_found', 'invalid_request', 'concurrent_change'],
    examples: [
      {
        summary: 'Only captures, in two attempts',
        params: exampleParams,
        body: { events: ['payment.captured'], schedule_s: [0, 60] },
        status: 200,
      },
    ],
    handle: ({ principal, slot, params, body }) =>
      updateEndpoint(deps, { principal, slot }, params.endpoint_id, body),
  });
}

function deleteRoute(deps: WebhookRouteDeps): Route {
  return defineRoute({
    ...shared,
    id: 'deleteWebhookEndpoint',
    method: 'delete',
    path,
    summary: 'Delete a webhook endpoint',
    description: 'What waits for it is not sent any more; its delivery log stays for its month.',
    access: writing,
    params: EndpointParams,
    replies: { 200: EndpointDeletedSchema },
    problems: ['not_found', 'concurrent_change'],
    examples: [{ summary: 'For good', params: exampleParams, status: 200 }],
    handle: ({ principal, slot, params }) =>
      deleteEndpoint(deps, { principal, slot }, params.endpoint_id),
  });
}

function rotateRoute(deps: WebhookRouteDeps): Route {
  return defineRoute({
    ...shared,
    id: 'rotateWebhookSecret',
    method: 'post',
    path: `${path}/rotate_secret`,
    summary: 'Give a webhook endpoint a new secret',
    description:
      'Both secrets sign until the overlap ends, so receivers can change over in their own time. ' +
      'After a leak: `overlap_s` 0.',
    access: writing,
    params: EndpointParams,
    body: RotateSchema,
    bodyOptional: true,
    replies: { 200: EndpointWithSecretSchema },
    problems: ['not_found', 'concurrent_change'],
    examples: [
      {
        summary: 'An hour to change over',
        params: exampleParams,
        body: { overlap_s: 3_600 },
        status: 200,
      },
    ],
    handle: ({ principal, slot, params, body }) =>
      rotateSecret(deps, { principal, slot }, params.endpoint_id, body?.overlap_s),
  });
}

function testRoute(deps: WebhookRouteDeps): Route {
  return defineRoute({
    ...shared,
    id: 'testWebhookEndpoint',
    method: 'post',
    path: `${path}/test`,
    summary: 'Send a ping to a webhook endpoint',
    description: 'The answer is the delivery as it was filed: look at it again to see how it went.',
    access: writing,
    params: EndpointParams,
    replies: { 202: DeliverySchema },
    problems: ['not_found'],
    examples: [{ summary: 'Is anybody there?', params: exampleParams, status: 202 }],
    handle: ({ principal, slot, params }) =>
      pingEndpoint(deps, { principal, slot }, params.endpoint_id),
  });
}

function replayRoute(deps: WebhookRouteDeps): Route {
  return defineRoute({
    ...shared,
    id: 'replayWebhooks',
    method: 'post',
    path: `${path}/replay`,
    summary: 'Tell an endpoint again what happened in a span of time',
    description:
      'Whatever became of it before: delivered, failed, or never sent because the endpoint was ' +
      'disabled. Event ids stay, so a receiver that knows them loses nothing.',
    access: writing,
    params: EndpointParams,
    body: ReplaySchema,
    replies: { 202: ReplayReplySchema },
    problems: ['not_found', 'invalid_request'],
    examples: [
      {
        summary: 'The captures of a morning',
        params: exampleParams,
        body: {
          from: '2026-11-21T06:00:00.000Z',
          to: '2026-11-21T12:00:00.000Z',
          types: ['payment.captured'],
        },
        status: 202,
      },
    ],
    handle: ({ principal, slot, params, body }) =>
      replay(deps, { principal, slot }, params.endpoint_id, body),
  });
}
