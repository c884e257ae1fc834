/**
 * The endpoint at the processor as durable work. What is wanted stands in the account's row, with
 * the account's change; a call that failed, or a switch that died, is made up for by the job.
 */
import { day, hour, isoTime, minute, second, type Clock } from '../base/clock.ts';
import type { Job } from '../jobs/runner.ts';
import type { AnyConnector, Context } from '../sdk/connector.ts';
import { Fault, type FaultKind } from '../sdk/fault.ts';
import { Conflict, findOne, update, type Database } from '../storage/index.ts';
import type { Account, AccountRecord, Accounts } from './account.ts';
import { contextOf } from './context.ts';

export interface EndpointDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly accounts: Accounts;
  readonly mode: 'sandbox' | 'live';
}

export type EndpointColumns = Pick<
  AccountRecord,
  | 'webhook_state'
  | 'webhook_url'
  | 'webhook_reference'
  | 'webhook_secret'
  | 'webhook_former_secret'
  | 'webhook_former_until'
  | 'webhook_fault'
  | 'webhook_tries'
  | 'webhook_next_try_at'
>;

/** Pauses between tries; after the last one a person is needed. */
const pausesMs = [
  10 * second,
  minute,
  5 * minute,
  30 * minute,
  2 * hour,
  6 * hour,
  ...Array.from({ length: 6 }, () => day),
];

/** Longer than a registration takes; a switch that died in it is followed by another. */
const leaseMs = 5 * minute;

/** News that was signed before the endpoint was replaced is on its way no longer than this. */
const overlapMs = hour;

/** Tried at once in one round: a slow processor holds up no more than these. */
const roundMax = 16;

/** What the processor will not take however often it is asked. */
const finalFaults: ReadonlySet<FaultKind> = new Set(['rejected', 'unauthorized']);

const without: EndpointColumns = {
  webhook_state: 'none',
  webhook_url: null,
  webhook_reference: null,
  webhook_secret: null,
  webhook_former_secret: null,
  webhook_former_until: null,
  webhook_fault: null,
  webhook_tries: 0,
  webhook_next_try_at: null,
};

/** The columns of an account that has no endpoint yet: which one it is to have. */
export function plannedEndpoint(
  { accounts, clock, mode }: Omit<EndpointDeps, 'db'>,
  connector: AnyConnector,
  accountId: string,
): EndpointColumns {
  const url = accounts.webhookUrlOf(connector, accountId);
  if (url === undefined) return without;
  const byHand = !connector.endpoint || (mode === 'live' && !url.startsWith('https:'));
  if (byHand) return { ...without, webhook_state: 'manual', webhook_url: url };
  const webhook_next_try_at = isoTime(clock.now());
  return { ...without, webhook_state: 'pending', webhook_url: url, webhook_next_try_at };
}

/**
 * The same for an account that may have one, after its address or its credentials changed. What is
 * registered stays in force until the new one is.
 */
export function replannedEndpoint(
  deps: Omit<EndpointDeps, 'db'>,
  connector: AnyConnector,
  record: AccountRecord,
): Partial<EndpointColumns> {
  const plan = plannedEndpoint(deps, connector, record.id);
  if (plan.webhook_state === 'pending') {
    const { webhook_state, webhook_url, webhook_fault, webhook_tries, webhook_next_try_at } = plan;
    return { webhook_state, webhook_url, webhook_fault, webhook_tries, webhook_next_try_at };
  }
  return mayHaveEndpoint(record) ? removedEndpoint(deps, record) : plan;
}

/** The columns of an account whose endpoint is to go. */
export function removedEndpoint(
  { clock }: { readonly clock: Clock },
  record: AccountRecord,
): Partial<EndpointColumns> {
  if (!mayHaveEndpoint(record)) return without;
  return {
    webhook_state: 'removing',
    webhook_fault: null,
    webhook_tries: 0,
    webhook_next_try_at: isoTime(clock.now()),
  };
}

/** Also one whose registration was tried and not heard of again. */
function mayHaveEndpoint(record: AccountRecord): boolean {
  return record.webhook_reference !== null || record.webhook_tries > 0;
}

/** After a start: accounts whose address is another one now, or whose last try is long ago. */
export async function followPublicUrl(deps: EndpointDeps): Promise<void> {
  const { db, accounts } = deps;
  const records = await db.rows<AccountRecord>(
    db.knex('accounts').select('*').whereNull('deleted_at'),
  );
  for (const record of records) {
    const connector = accounts.connectorOf(record.connector);
    if (!connector) continue;
    const plan = plannedEndpoint(deps, connector, record.id);
    const same = plan.webhook_url === record.webhook_url;
    const wanted = plan.webhook_state === 'pending' ? 'registered' : plan.webhook_state;
    // What waits for its next try, or was being tried when the last process died, is due at once.
    const fresh = record.webhook_state === 'pending' && record.webhook_tries === 0;
    if (same && (fresh || record.webhook_state === wanted)) continue;
    await move(deps, record, replannedEndpoint(deps, connector, record));
  }
}

/**
 * Registers what is pending and removes what is to go, each once: all that are due, or of them the
 * one account named. Never throws for a processor's sake; the account's row says how it went.
 */
export async function reconcileEndpoints(deps: EndpointDeps, accountId?: string): Promise<void> {
  const { db, clock } = deps;
  const records = await db.rows<AccountRecord>(
    db
      .knex('accounts')
      .select('*')
      .where('webhook_next_try_at', '<=', isoTime(clock.now()))
      .where(accountId === undefined ? {} : { id: accountId })
      .orderBy('webhook_next_try_at')
      .limit(roundMax),
  );
  await Promise.all(records.map((record) => reconcile(deps, record)));
}

/** Every node runs it: rows are claimed one by one. */
export function endpointJob(deps: EndpointDeps): Job {
  return {
    id: 'endpoints',
    every: '*/10 * * * * *',
    alone: false,
    run: () => reconcileEndpoints(deps),
  };
}

async function reconcile(deps: EndpointDeps, record: AccountRecord): Promise<void> {
  const claim = {
    webhook_tries: record.webhook_tries + 1,
    webhook_next_try_at: isoTime(deps.clock.now() + leaseMs),
  };
  const claimed = await move(deps, record, claim);
  // Another node, or another request, has it.
  if (!claimed) return;
  try {
    const account = deps.accounts.open(claimed);
    if (!account) throw new Fault('unreachable', 'the connector is not installed any more');
    const done = await carryOut(deps, account);
    if (!(await move(deps, claimed, done))) await remember(deps, claimed.id, done);
  } catch (error) {
    await failed(deps, claimed, error);
  }
}

/** The call itself; answers with what it came to. */
async function carryOut(deps: EndpointDeps, account: Account): Promise<EndpointColumns> {
  const { record, connector } = account;
  const context = contextOf(account, deps.mode, deps.clock);
  const { endpoint } = connector;
  if (!endpoint) throw new Fault('rejected', 'the connector registers no endpoints any more');
  if (record.webhook_state === 'removing') {
    const reference = record.webhook_reference ?? (await lostReference(account, context));
    if (reference !== undefined) await endpoint.remove(context, { reference });
    if (record.deleted_at !== null) return without;
    return plannedEndpoint(deps, connector, record.id);
  }
  const { reference, secret } = await endpoint.register(context, { accountId: record.id });
  return {
    ...without,
    webhook_state: 'registered',
    webhook_url: context.webhookUrl ?? null,
    webhook_reference: reference,
    webhook_secret: deps.accounts.sealEndpointSecret(record.id, secret),
    webhook_former_secret: record.webhook_secret,
    webhook_former_until: isoTime(deps.clock.now() + overlapMs),
  };
}

/** An endpoint whose registration was never heard of is found by registering it once more. */
async function lostReference(
  { record, connector }: Account,
  context: Context<unknown>,
): Promise<string | undefined> {
  if (context.webhookUrl === undefined) return undefined;
  return (await connector.endpoint?.register(context, { accountId: record.id }))?.reference;
}

/**
 * The plan changed while the call was under way. A secret is told only once and a reference is what
 * removes: both are kept for the new plan to work with.
 */
async function remember(
  deps: EndpointDeps,
  id: string,
  { webhook_reference, webhook_secret, ...done }: EndpointColumns,
): Promise<void> {
  if (webhook_reference === null) return;
  for (;;) {
    const record = await findOne<AccountRecord>(deps.db, 'accounts', { id });
    const { webhook_former_secret, webhook_former_until } = done;
    const former = { webhook_former_secret, webhook_former_until };
    if (!record || (await move(deps, record, { webhook_reference, webhook_secret, ...former }))) {
      return;
    }
  }
}

async function failed(deps: EndpointDeps, record: AccountRecord, error: unknown): Promise<void> {
  // What is no Fault is a defect of the connector: what it did is as unknown as after one.
  const kind = error instanceof Fault ? error.kind : 'unintelligible';
  const pauseMs = pausesMs[record.webhook_tries - 1];
  const final = finalFaults.has(kind) || pauseMs === undefined;
  await move(deps, record, {
    webhook_fault: kind,
    ...(final
      ? { webhook_state: 'failed', webhook_next_try_at: null }
      : { webhook_next_try_at: isoTime(deps.clock.now() + (pauseMs ?? 0)) }),
  });
  deps.accounts.endpointFailed(record, error, final);
}

/** One step under the endpoint's own fence; undefined when something else moved it first. */
async function move(
  { db, accounts }: EndpointDeps,
  record: AccountRecord,
  columns: Partial<EndpointColumns>,
): Promise<AccountRecord | undefined> {
  const set = { ...columns, webhook_version: record.webhook_version + 1 };
  const where = { id: record.id, webhook_version: record.webhook_version };
  try {
    await db.commit([update('accounts', set, where, 'account_endpoint')]);
  } catch (error) {
    if (error instanceof Conflict && error.guard === 'account_endpoint') return undefined;
    throw error;
  }
  accounts.forget(record.merchant_id);
  return { ...record, ...set };
}
