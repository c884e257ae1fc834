/** Processor accounts over HTTP: create, list, get, update, delete. */
import { isoTime, type Clock } from '../base/clock.ts';
import { newId } from '../base/id.ts';
import type { Json } from '../base/json.ts';
import { commitWithAnswer } from '../idempotency/answer.ts';
import type { Idempotency } from '../idempotency/idempotency.ts';
import type { Mode } from '../access/record.ts';
import type { AnyConnector } from '../sdk/connector.ts';
import { Problem } from '../sdk/problem.ts';
import { defineRoute, type Route } from '../sdk/route.ts';
import {
  Conflict,
  findOne,
  insert,
  listOf,
  page,
  update,
  type Change,
  type Database,
} from '../storage/index.ts';
import type { Account, AccountRecord, Accounts } from './account.ts';
import { presentAccount } from './present.ts';
import {
  AccountCreateSchema,
  AccountDeletedSchema,
  AccountListSchema,
  AccountPageSchema,
  AccountParams,
  AccountSchema,
  AccountUpdateSchema,
  assertSettings,
  holdValidityHours,
  type AccountCreateBody,
  type AccountUpdateBody,
} from './schema.ts';

export interface AccountRouteDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly accounts: Accounts;
  readonly idempotency: Idempotency;
  readonly mode: Mode;
}

const shared = { tag: 'Accounts', rate: 'management' } as const;
const reading = { kind: 'merchant', scope: 'accounts:read' } as const;
const writing = { kind: 'merchant', scope: 'accounts:write' } as const;
const exampleParams = { account_id: '{account_id}' };

/** The connector that was asked for; test doubles are none in live mode. */
function usableConnector(deps: Pick<AccountRouteDeps, 'accounts' | 'mode'>, id: string) {
  const usable = (connector: AnyConnector | undefined) =>
    connector !== undefined && !(connector.sandboxOnly && deps.mode === 'live');
  const connector = deps.accounts.connectorOf(id);
  if (connector && usable(connector)) return connector;
  const allowed = deps.accounts.connectorIds.filter((other) =>
    usable(deps.accounts.connectorOf(other)),
  );
  const reason = connector
    ? 'is for sandbox mode only'
    : `must be one of ${allowed.join(', ') || 'the installed connectors, and there are none'}`;
  throw new Problem('invalid_request', `connector ${reason}`, { param: 'connector' });
}

/**
 * A new account as a change not yet committed. Throws Problem `invalid_request` when the connector
 * is unknown, out of place in live mode, or does not take the settings.
 */
export function draftAccount(
  deps: Pick<AccountRouteDeps, 'accounts' | 'clock' | 'mode'>,
  merchantId: string,
  body: AccountCreateBody,
): { record: AccountRecord; connector: AnyConnector; changes: Change[] } {
  const connector = usableConnector(deps, body.connector);
  assertSettings(connector.settings, body.settings);
  const now = deps.clock.now();
  const id = newId('account', now);
  const record: AccountRecord = {
    id,
    merchant_id: merchantId,
    connector: connector.id,
    name: body.name,
    status: 'active',
    priority: body.priority ?? 0,
    weight: body.weight ?? 1,
    hold_validity_hours: body.hold_validity_hours ?? holdValidityHours,
    settings: deps.accounts.sealSettings(id, body.settings as Json),
    created_at: isoTime(now),
    updated_at: isoTime(now),
    deleted_at: null,
    version: 1,
  };
  return { record, connector, changes: [insert('accounts', { ...record })] };
}

async function recordOf(deps: AccountRouteDeps, merchantId: string, id: string) {
  const where = { id, merchant_id: merchantId, deleted_at: null };
  const record = await findOne<AccountRecord>(deps.db, 'accounts', where);
  if (!record) throw new Problem('not_found', 'there is no such account');
  return record;
}

function shown(record: AccountRecord, account: Account | undefined) {
  const opened = account && { schema: account.connector.settings, settings: account.settings };
  return presentAccount(record, opened);
}

/** One row changes under its version; the merchant's accounts are read anew afterwards. */
async function change(
  deps: AccountRouteDeps,
  record: AccountRecord,
  set: Partial<AccountRecord>,
): Promise<AccountRecord> {
  const stamps = { updated_at: isoTime(deps.clock.now()), version: record.version + 1 };
  const where = { id: record.id, version: record.version };
  await deps.db
    .commit([update('accounts', { ...set, ...stamps }, where, 'account_version')])
    .catch(refuseAccount);
  deps.accounts.forget(record.merchant_id);
  return { ...record, ...set, ...stamps };
}

/** The columns an update sets; settings are checked and sealed like those of a new account. */
function columnsOf(
  deps: AccountRouteDeps,
  record: AccountRecord,
  body: AccountUpdateBody,
): Partial<AccountRecord> {
  const { settings, ...plain } = body;
  if (settings === undefined) return plain;
  const connector = deps.accounts.connectorOf(record.connector);
  if (!connector) {
    throw new Problem('invalid_request', "the account's connector is not installed any more", {
      param: 'settings',
    });
  }
  assertSettings(connector.settings, settings);
  return { ...plain, settings: deps.accounts.sealSettings(record.id, settings as Json) };
}

/** A commit that was refused, as the caller should hear it; anything else is thrown on. */
function refuseAccount(error: unknown): never {
  if (error instanceof Conflict && error.guard === 'accounts_name') {
    throw new Problem('reference_taken', 'another account of yours has this name', {
      param: 'name',
    });
  }
  if (error instanceof Conflict && error.guard === 'account_version') {
    throw new Problem('concurrent_change', 'the account was changed meanwhile: read it again');
  }
  throw error;
}

export function accountRoutes(deps: AccountRouteDeps): readonly Route[] {
  return [createRoute(deps), listRoute(deps), getRoute(deps), updateRoute(deps), deleteRoute(deps)];
}

function createRoute(deps: AccountRouteDeps): Route {
  return defineRoute({
    ...shared,
    id: 'createAccount',
    method: 'post',
    path: '/v1/accounts',
    summary: 'Add a processor account',
    access: writing,
    body: AccountCreateSchema,
    replies: { 201: AccountSchema },
    problems: ['invalid_request', 'reference_taken'],
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
      const { record, connector, changes } = draftAccount(deps, merchantId, body);
      const opened = { schema: connector.settings, settings: body.settings };
      const answer = { status: 201, body: presentAccount(record, opened) };
      const reply = await commitWithAnswer(deps, slot, answer, changes).catch(refuseAccount);
      deps.accounts.forget(merchantId);
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
      const accounts = await deps.accounts.list(merchantId);
      const byId = new Map(accounts.map((account) => [account.record.id, account]));
      const data = found.rows.map((record) => shown(record, byId.get(record.id)));
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
      const record = await recordOf(deps, principal.merchantId, params.account_id);
      const account = await deps.accounts.find(record.merchant_id, record.id);
      return { status: 200, body: shown(record, account) };
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
      const record = await change(deps, before, columnsOf(deps, before, body));
      return { status: 200, body: shown(record, await deps.accounts.find(merchantId, record.id)) };
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
      'past have to be captured, refunded or asked about.',
    access: writing,
    params: AccountParams,
    replies: { 200: AccountDeletedSchema },
    problems: ['not_found', 'concurrent_change'],
    examples: [{ summary: 'For good', params: exampleParams, status: 200 }],
    async handle({ principal, params }) {
      const record = await recordOf(deps, principal.merchantId, params.account_id);
      await change(deps, record, { deleted_at: isoTime(deps.clock.now()) });
      return { status: 200, body: { id: record.id, object: 'account', deleted: true } };
    },
  });
}
