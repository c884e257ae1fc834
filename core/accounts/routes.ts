/** Processor accounts over HTTP: create, list, get, update, delete. */
import { defineRoute, type Route } from '../sdk/route.ts';
import { listOf, page } from '../storage/index.ts';
import type { AccountRecord } from './account.ts';
import { connectorRoutes } from './connector-routes.ts';
import { credentialRoutes } from './credential-routes.ts';
import { reconcileEndpoints } from './endpoint.ts';
import { presentAccount } from './present.ts';
import { reportRoutes } from './report-routes.ts';
import { exampleParams, reading, shared, writing } from './route-parts.ts';
import {
  AccountCreateSchema,
  AccountDeletedSchema,
  AccountListSchema,
  AccountPageSchema,
  AccountParams,
  AccountSchema,
  AccountUpdateSchema,
} from './schema.ts';
import {
  change,
  createAccount,
  deletedColumns,
  recordOf,
  updateColumns,
  type AccountRouteDeps,
} from './verbs.ts';

export function accountRoutes(deps: AccountRouteDeps): readonly Route[] {
  return [
    createRoute(deps),
    listRoute(deps),
    getRoute(deps),
    updateRoute(deps),
    deleteRoute(deps),
    ...credentialRoutes(deps),
    ...reportRoutes(deps),
    ...connectorRoutes(deps),
  ];
}

/** As it stands in the database now: with its settings masked, and how its endpoint is doing. */
async function shown(deps: AccountRouteDeps, merchantId: string, id: string) {
  return presented(deps, await recordOf(deps, merchantId, id));
}

function presented({ accounts }: AccountRouteDeps, record: AccountRecord) {
  return presentAccount(
    record,
    accounts.connectorOf(record.connector),
    accounts.open(record)?.settings,
  );
}

function createRoute(deps: AccountRouteDeps): Route {
  return defineRoute({
    ...shared,
    id: 'createAccount',
    method: 'post',
    path: '/v1/accounts',
    summary: 'Add a processor account',
    description:
      'Where the processor has an API for it, the address for its news is registered there too: ' +
      '`webhook` tells how far that is.',
    access: writing,
    body: AccountCreateSchema,
    opaqueFields: ['settings'],
    replies: { 201: AccountSchema },
    problems: [
      'invalid_request',
      'reference_taken',
      'credentials_refused',
      'not_supported',
      'processor_refused',
      'processor_unreachable',
    ],
    examples: [
      {
        summary: 'A merchant account at the card simulator',
        body: {
          connector: 'card-simulator',
          name: 'Second bank',
          settings: { base_url: 'http://127.0.0.1:8090', api_key: 'sim_second_bank' },
          priority: 10,
        },
        status: 201,
      },
    ],
    async handle({ principal, body, slot }) {
      const { merchantId } = principal;
      const { record, reply } = await createAccount(deps, merchantId, body, slot);
      await reconcileEndpoints(deps, record.id);
      return reply;
    },
  });
}

function listRoute(deps: AccountRouteDeps): Route {
  return defineRoute({
    ...shared,
    id: 'listAccounts',
    method: 'get',
    path: '/v1/accounts',
    summary: 'List processor accounts, newest first',
    access: reading,
    query: AccountPageSchema,
    replies: { 200: AccountListSchema },
    problems: ['invalid_cursor'],
    examples: [{ summary: 'The newest', query: { limit: 5 }, status: 200 }],
    async handle({ principal, query }) {
      const { merchantId } = principal;
      const found = await page<AccountRecord>(deps.db, 'accounts', merchantId, query, (select) => {
        void select.whereNull('deleted_at');
      });
      const data = found.rows.map((record) => presented(deps, record));
      return { status: 200, body: listOf(found, data) };
    },
  });
}

function getRoute(deps: AccountRouteDeps): Route {
  return defineRoute({
    ...shared,
    id: 'getAccount',
    method: 'get',
    path: '/v1/accounts/{account_id}',
    summary: 'Get a processor account',
    access: reading,
    params: AccountParams,
    replies: { 200: AccountSchema },
    problems: ['not_found'],
    examples: [{ summary: 'By id', params: exampleParams, status: 200 }],
    async handle({ principal, params }) {
      return { status: 200, body: await shown(deps, principal.merchantId, params.account_id) };
    },
  });
}

function updateRoute(deps: AccountRouteDeps): Route {
  return defineRoute({
    ...shared,
    id: 'updateAccount',
    method: 'patch',
    path: '/v1/accounts/{account_id}',
    summary: 'Change a processor account',
    description: 'What is left out stays. Settings are replaced as a whole.',
    access: writing,
    params: AccountParams,
    body: AccountUpdateSchema,
    opaqueFields: ['settings'],
    replies: { 200: AccountSchema },
    problems: ['invalid_request', 'not_found', 'reference_taken', 'concurrent_change'],
    examples: [
      {
        summary: 'Take it out of the rotation',
        params: exampleParams,
        body: { status: 'disabled' },
        status: 200,
      },
    ],
    async handle({ principal, params, body }) {
      const { merchantId } = principal;
      const before = await recordOf(deps, merchantId, params.account_id);
      await change(deps, before, updateColumns(deps, before, body), {
        answer: (record) => presented(deps, record),
      });
      await reconcileEndpoints(deps, before.id);
      return { status: 200, body: await shown(deps, merchantId, before.id) };
    },
  });
}

function deleteRoute(deps: AccountRouteDeps): Route {
  return defineRoute({
    ...shared,
    id: 'deleteAccount',
    method: 'delete',
    path: '/v1/accounts/{account_id}',
    summary: 'Delete a processor account',
    description:
      'It takes no new payments. Its settings are kept, sealed, for as long as operations of the ' +
      'past have to be captured, refunded or asked about. The endpoint that was registered at the ' +
      'processor is removed.',
    access: writing,
    params: AccountParams,
    replies: { 200: AccountDeletedSchema },
    problems: ['not_found', 'concurrent_change'],
    examples: [{ summary: 'For good', params: exampleParams, status: 200 }],
    async handle({ principal, params }) {
      const record = await recordOf(deps, principal.merchantId, params.account_id);
      const reply = await change(deps, record, deletedColumns(deps), {
        answer: ({ id }) => ({ id, object: 'account', deleted: true }),
      });
      await reconcileEndpoints(deps, record.id);
      return reply;
    },
  });
}
