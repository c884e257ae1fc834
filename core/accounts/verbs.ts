/** What can be done to a processor account, decided and put into change sets. */
import { isoTime } from '../base/clock.ts';
import { newId } from '../base/id.ts';
import type { Json, JsonObject } from '../base/json.ts';
import { commitWithAnswer } from '../idempotency/answer.ts';
import type { Idempotency } from '../idempotency/idempotency.ts';
import type { AccountFacts, AnyConnector } from '../sdk/connector.ts';
import { Problem } from '../sdk/problem.ts';
import type { IdempotencySlot, Reply } from '../sdk/route.ts';
import { Conflict, findOne, insert, update, type Change } from '../storage/index.ts';
import type { Account, AccountRecord } from './account.ts';
import { checkCredentials } from './credentials.ts';
import {
  plannedEndpoint,
  removedEndpoint,
  replannedEndpoint,
  type EndpointDeps,
} from './endpoint.ts';
import { routingColumns } from './limits.ts';
import { presentAccount } from './present.ts';
import {
  assertSettings,
  holdValidityHours,
  type AccountCreateBody,
  type AccountUpdateBody,
} from './schema.ts';

export interface AccountRouteDeps extends EndpointDeps {
  readonly idempotency: Idempotency;
}

/** What a change is decided with: all but the database. */
export type DraftDeps = Omit<EndpointDeps, 'db'>;

/** Whether accounts of it may be made: test doubles are none in live mode. */
function isUsable(connector: AnyConnector, mode: DraftDeps['mode']): boolean {
  return !(connector.sandboxOnly && mode === 'live');
}

/** Every connector accounts can be made of, in the order of installation. */
export function usableConnectors({ accounts, mode }: DraftDeps): readonly AnyConnector[] {
  return accounts.connectorIds.flatMap((id) => {
    const connector = accounts.connectorOf(id);
    return connector && isUsable(connector, mode) ? [connector] : [];
  });
}

function usableConnector(deps: DraftDeps, id: string): AnyConnector {
  const connector = deps.accounts.connectorOf(id);
  if (connector && isUsable(connector, deps.mode)) return connector;
  const allowed = usableConnectors(deps).map((other) => other.id);
  const reason = connector
    ? 'is for sandbox mode only'
    : `must be one of ${allowed.join(', ') || 'the installed connectors, and there are none'}`;
  throw new Problem('invalid_request', `connector ${reason}`, { param: 'connector' });
}

/** Throws Problem `invalid_request` that names the field: the schema's rules and those beyond. */
function assertUsableSettings(
  { mode }: DraftDeps,
  connector: AnyConnector,
  settings: unknown,
): void {
  assertSettings(connector.settings, settings);
  const fault = connector.settingsFault?.(settings, mode);
  if (!fault) return;
  const param = `settings.${fault.field}`;
  throw new Problem('invalid_request', `${param} ${fault.rule}`, { param });
}

/**
 * A new account as a change not yet committed. Throws Problem `invalid_request` when the connector
 * is unknown, out of place in live mode, or does not take the settings.
 */
export function draftAccount(
  deps: DraftDeps,
  merchantId: string,
  body: Omit<AccountCreateBody, 'check'>,
): { record: AccountRecord; connector: AnyConnector; changes: Change[] } {
  const connector = usableConnector(deps, body.connector);
  assertUsableSettings(deps, connector, body.settings);
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
    tags: '[]',
    limits: null,
    ...routingColumns(body),
    settings: deps.accounts.sealSettings(id, body.settings as Json),
    processor_reference: null,
    ...plannedEndpoint(deps, connector, id),
    webhook_version: 1,
    created_at: isoTime(now),
    updated_at: isoTime(now),
    deleted_at: null,
    version: 1,
  };
  return { record, connector, changes: [insert('accounts', { ...record })] };
}

/** The account as created, with its credentials tried first where that was asked for. */
export async function createAccount(
  deps: AccountRouteDeps,
  merchantId: string,
  { check, ...body }: AccountCreateBody,
  slot: IdempotencySlot | undefined,
): Promise<{ record: AccountRecord; reply: Reply }> {
  const { record: draft, connector } = draftAccount(deps, merchantId, body);
  const facts = check
    ? await checkCredentials(deps, merchantId, connector, body.settings)
    : undefined;
  const record = { ...draft, processor_reference: facts?.reference ?? null };
  const answer = { status: 201, body: presentAccount(record, connector, body.settings) };
  const changes = [insert('accounts', { ...record })];
  const reply = await commitWithAnswer(deps, slot, answer, changes).catch(refuseAccount);
  deps.accounts.forget(merchantId);
  return { record, reply };
}

export async function recordOf(deps: AccountRouteDeps, merchantId: string, id: string) {
  const where = { id, merchant_id: merchantId, deleted_at: null };
  const record = await findOne<AccountRecord>(deps.db, 'accounts', where);
  if (!record) throw new Problem('not_found', 'there is no such account');
  return record;
}

/** With connector and settings at hand. Throws Problem `not_found`, `not_supported`. */
export async function usableAccount(
  deps: AccountRouteDeps,
  merchantId: string,
  id: string,
): Promise<Account> {
  const account = deps.accounts.open(await recordOf(deps, merchantId, id));
  if (account) return account;
  throw new Problem('not_supported', "the account's connector is not installed any more");
}

/** What a change does to the columns, seen from the record as it is now. */
type Columns = (record: AccountRecord) => Partial<AccountRecord>;

/** What is asked for and how it is answered; `slot` where the request has an idempotency key. */
export interface Asked {
  readonly slot?: IdempotencySlot | undefined;
  answer(record: AccountRecord): object;
}

/**
 * One row changes under its version, and the answer is committed with it. What only moved the
 * endpoint meanwhile is no conflict: the change is decided again on the new record.
 */
export async function change(
  deps: AccountRouteDeps,
  before: AccountRecord,
  columns: Columns,
  { slot, answer }: Asked,
): Promise<Reply> {
  const { id, version, merchant_id } = before;
  for (let record = before; ;) {
    const decided = columns(record);
    // A change that leaves the endpoint alone leaves its fence alone too.
    const fence = decided.webhook_state === undefined ? undefined : record.webhook_version;
    const set = {
      ...decided,
      ...(fence !== undefined && { webhook_version: fence + 1 }),
      updated_at: isoTime(deps.clock.now()),
      version: version + 1,
    };
    const where = { id, version, ...(fence !== undefined && { webhook_version: fence }) };
    const reply = { status: 200, body: answer({ ...record, ...set }) };
    try {
      return await commitWithAnswer(deps, slot, reply, [
        update('accounts', set, where, 'account_version'),
      ]);
    } catch (error) {
      const moved = error instanceof Conflict && error.guard === 'account_version';
      const fresh = moved ? await recordOf(deps, merchant_id, id) : undefined;
      if (fresh?.version !== version) return refuseAccount(error);
      record = fresh;
    } finally {
      deps.accounts.forget(merchant_id);
    }
  }
}

/** The columns an update sets; settings are checked and sealed like those of a new account. */
export function updateColumns(
  deps: AccountRouteDeps,
  before: AccountRecord,
  { settings, tags, limits, ...rest }: AccountUpdateBody,
): Columns {
  const plain = {
    ...rest,
    ...routingColumns({ ...(tags && { tags }), ...(limits !== undefined && { limits }) }),
  };
  if (settings === undefined) return () => plain;
  const connector = deps.accounts.connectorOf(before.connector);
  if (!connector) {
    throw new Problem('invalid_request', "the account's connector is not installed any more", {
      param: 'settings',
    });
  }
  assertUsableSettings(deps, connector, settings);
  return (record) => ({ ...plain, ...settingsColumns(deps, connector, record, settings) });
}

export interface Rotation {
  readonly settings: Readonly<Record<string, unknown>>;
  readonly check?: boolean;
}

/**
 * The columns that put new credentials in the place of the old ones: the given fields over the
 * present ones, tried at the processor first. Throws what {@link checkCredentials} throws.
 */
export async function rotatedColumns(
  deps: AccountRouteDeps,
  { record: before, connector, settings: present }: Account,
  { settings: given, check = true }: Rotation,
): Promise<Columns> {
  const settings = { ...(present as JsonObject), ...given };
  assertUsableSettings(deps, connector, settings);
  const asks = check && connector.check !== undefined;
  const facts = asks
    ? await checkCredentials(deps, before.merchant_id, connector, settings)
    : undefined;
  return (record) => settingsColumns(deps, connector, record, settings, facts);
}

/**
 * Other credentials may open another account at the processor, and the endpoint is then missing
 * there. Only where the processor says that it is the same one, what is registered stays.
 */
function settingsColumns(
  deps: AccountRouteDeps,
  connector: AnyConnector,
  record: AccountRecord,
  settings: unknown,
  facts?: AccountFacts,
): Partial<AccountRecord> {
  const processor_reference = facts?.reference ?? null;
  const same = processor_reference !== null && processor_reference === record.processor_reference;
  const stays = same && record.webhook_state === 'registered';
  return {
    settings: deps.accounts.sealSettings(record.id, settings as Json),
    processor_reference,
    ...(stays ? {} : replannedEndpoint(deps, connector, record)),
  };
}

/** The columns of an account that takes no new payments, for good. */
export function deletedColumns(deps: AccountRouteDeps): Columns {
  return (record) => ({
    deleted_at: isoTime(deps.clock.now()),
    ...removedEndpoint(deps, record),
  });
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
