/** A merchant's API keys over HTTP. */
import { defineRoute, type Route } from '../sdk/route.ts';
import { listOf, page } from '../storage/index.ts';
import { columnsOf, createKey, revokeKey } from './key-verbs.ts';
import { presentKey } from './merchants.ts';
import type { KeyRecord } from './record.ts';
import { management, refuseRace, withScope, type AccessRouteDeps } from './route-parts.ts';
import {
  KeyCreateSchema,
  KeyListSchema,
  KeyParams,
  KeyRevokeSchema,
  KeySchema,
  KeyUpdateSchema,
  PageSchema,
} from './schema.ts';

const forKeys = { ...management, tag: 'API keys' } as const;

export function keyRoutes(deps: AccessRouteDeps): readonly Route[] {
  return [
    createKeyRoute(deps),
    listKeysRoute(deps),
    getKeyRoute(deps),
    updateKeyRoute(deps),
    revokeKeyRoute(deps),
  ];
}

function createKeyRoute(deps: AccessRouteDeps): Route {
  return defineRoute({
    ...forKeys,
    id: 'createApiKey',
    method: 'post',
    path: '/v1/api_keys',
    summary: 'Create an API key',
    description: 'The answer shows `key`, once: only a digest of it is stored.',
    access: withScope('keys:write'),
    body: KeyCreateSchema,
    replies: { 201: KeySchema },
    problems: ['invalid_request', 'forbidden'],
    examples: [
      {
        summary: 'A key for reports',
        body: { kind: 'secret', name: 'Reports', scopes: ['payments:read', 'events:read'] },
        status: 201,
      },
      { summary: 'A key for the browser', body: { kind: 'public', name: 'Web shop' }, status: 201 },
    ],
    async handle(input) {
      const { merchantId, mode } = input.principal;
      return createKey(deps, { id: merchantId, mode }, input);
    },
  });
}

function listKeysRoute(deps: AccessRouteDeps): Route {
  return defineRoute({
    ...forKeys,
    id: 'listApiKeys',
    method: 'get',
    path: '/v1/api_keys',
    summary: 'List API keys, newest first',
    access: withScope('keys:read'),
    query: PageSchema,
    replies: { 200: KeyListSchema },
    problems: ['invalid_cursor'],
    examples: [{ summary: 'The newest', status: 200 }],
    async handle({ principal, query }) {
      const found = await page<KeyRecord>(deps.db, 'api_keys', principal.merchantId, query);
      return {
        status: 200,
        body: listOf(
          found,
          found.rows.map((key) => presentKey(key)),
        ),
      };
    },
  });
}

function getKeyRoute(deps: AccessRouteDeps): Route {
  return defineRoute({
    ...forKeys,
    id: 'getApiKey',
    method: 'get',
    path: '/v1/api_keys/{key_id}',
    summary: 'Get an API key',
    access: withScope('keys:read'),
    params: KeyParams,
    replies: { 200: KeySchema },
    problems: ['not_found'],
    examples: [{ summary: 'By id', params: { key_id: '{key_id}' }, status: 200 }],
    async handle({ principal, params }) {
      const key = await deps.merchants.key(principal.merchantId, params.key_id);
      return { status: 200, body: presentKey(key) };
    },
  });
}

function updateKeyRoute(deps: AccessRouteDeps): Route {
  return defineRoute({
    ...forKeys,
    id: 'updateApiKey',
    method: 'patch',
    path: '/v1/api_keys/{key_id}',
    summary: 'Rename an API key, or set when it ends',
    description: 'A change is effective with the answer. A revoked key stays revoked.',
    access: withScope('keys:write'),
    params: KeyParams,
    body: KeyUpdateSchema,
    replies: { 200: KeySchema },
    problems: ['invalid_request', 'forbidden', 'not_found', 'concurrent_change'],
    examples: [
      {
        summary: 'A new name, and no end',
        params: { key_id: '{key_id}' },
        body: { name: 'Monthly reports', expires_at: null },
        status: 200,
      },
    ],
    async handle({ principal, params, body }) {
      const before = await deps.merchants.key(principal.merchantId, params.key_id);
      const set = columnsOf(deps, principal, before, body);
      const key = await deps.merchants.changeKey(before, set).catch(refuseRace);
      return { status: 200, body: presentKey(key) };
    },
  });
}

function revokeKeyRoute(deps: AccessRouteDeps): Route {
  return defineRoute({
    ...forKeys,
    id: 'revokeApiKey',
    method: 'post',
    path: '/v1/api_keys/{key_id}/revoke',
    summary: 'Revoke an API key',
    description: 'For good, and effective with the answer. A key may revoke itself.',
    access: withScope('keys:write'),
    params: KeyParams,
    body: KeyRevokeSchema,
    bodyOptional: true,
    replies: { 200: KeySchema },
    problems: ['not_found', 'concurrent_change'],
    examples: [{ summary: 'It leaked', params: { key_id: '{key_id}' }, status: 200 }],
    async handle({ principal, params, slot }) {
      return revokeKey(deps, principal.merchantId, params.key_id, slot);
    },
  });
}
