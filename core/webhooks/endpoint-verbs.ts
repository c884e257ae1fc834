/** What is done with endpoints: made, changed, deleted, given a new secret, pinged, replayed. */
import { invariant } from '../base/assert.ts';
import { day, isoTime, second } from '../base/clock.ts';
import { newId } from '../base/id.ts';
import type { Merchants } from '../access/merchants.ts';
import { eventChange, type EventRecord } from '../events/event.ts';
import { commitWithAnswer } from '../idempotency/answer.ts';
import type { Idempotency } from '../idempotency/idempotency.ts';
import { Problem } from '../sdk/problem.ts';
import type { IdempotencySlot, Principal, Reply } from '../sdk/route.ts';
import { Conflict, findOne, insert, type Change } from '../storage/index.ts';
import { newDelivery } from './delivery.ts';
import type { WebhookDesk } from './desk.ts';
import { endpointChanges, isRace } from './health.ts';
import { presentDelivery, presentEndpoint, presentReplay } from './present.ts';
import { listenerClash, type EndpointRecord, type ReplayRecord } from './record.ts';
import { defaultsOf, isEventFilter } from './rules.ts';
import type { EndpointCreateBody, EndpointUpdateBody, ReplayBody } from './schema.ts';
import { newSecret, sealSecret } from './secrets.ts';
import { standardSigner } from './signer.ts';

export interface WebhookRouteDeps {
  readonly webhooks: WebhookDesk;
  readonly merchants: Merchants;
  readonly commit: Parameters<typeof commitWithAnswer>[0] & { readonly idempotency: Idempotency };
}

export interface Asked {
  readonly principal: Principal;
  readonly slot: IdempotencySlot | undefined;
}

/** What a merchant needs is a handful; each one is looked through for every event. */
const endpointsMax = 200;

const overlapDefaultS = day / second;

const triesMax = 10;

/** Reads, decides and commits again while somebody else changes the same. */
async function again(act: () => Promise<Reply>): Promise<Reply> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await act();
    } catch (error) {
      const first = error instanceof Conflict && error.guard === listenerClash;
      if (!first && !isRace(error)) throw error;
      if (tries === triesMax) {
        throw new Problem('concurrent_change', 'it keeps changing; try again');
      }
    }
  }
}

/**
 * The caller's endpoint. A key bound to a profile has those of the profile alone. Throws
 * `not_found` for what is not there and what is not the caller's alike.
 */
export async function endpointFor(
  { db }: WebhookDesk,
  { merchantId, profileId }: Principal,
  id: string,
): Promise<EndpointRecord> {
  const where = { id, merchant_id: merchantId };
  const endpoint = await findOne<EndpointRecord>(db, 'webhook_endpoints', where);
  const own = profileId === undefined || endpoint?.profile_id === profileId;
  if (endpoint && endpoint.deleted_at === null && own) return endpoint;
  throw new Problem('not_found', 'there is no such webhook endpoint');
}

function refuse(param: string, detail: string): never {
  throw new Problem('invalid_request', detail, { param });
}

/** Throws `invalid_request` for what the schema cannot say. */
function check(desk: WebhookDesk, body: EndpointUpdateBody): void {
  if (body.url !== undefined) {
    const checked = desk.checkUrl(body.url);
    if (!checked.ok) refuse('url', checked.rule);
  }
  const odd = body.events?.find((filter) => !isEventFilter(filter));
  if (odd !== undefined) refuse('events', `no event is called "${odd}"`);
  const schedule = body.schedule_s;
  if (schedule?.some((at, n) => n > 0 && at <= (schedule[n - 1] ?? 0))) {
    refuse('schedule_s', 'the moments of schedule_s ascend');
  }
}

/** A body's fields as columns; what is left out stays. */
function columnsOf(body: EndpointUpdateBody): Partial<EndpointRecord> {
  const { events, schedule_s: schedule, also_payment_urls: also, status, ...plain } = body;
  return {
    ...plain,
    ...(events === undefined ? {} : { events: JSON.stringify(events) }),
    ...(schedule === undefined ? {} : { schedule: JSON.stringify(schedule) }),
    ...(also === undefined ? {} : { also_payment_urls: also ? 1 : 0 }),
    ...(status === undefined ? {} : { status }),
  };
}

async function draft(
  deps: WebhookRouteDeps,
  principal: Principal,
  body: EndpointCreateBody,
): Promise<{ endpoint: EndpointRecord; secret: string }> {
  const { webhooks: desk, merchants } = deps;
  const { merchantId } = principal;
  const { profile_id: wanted, signer = standardSigner.id, ...adjustable } = body;
  check(desk, adjustable);
  const format = desk.signers.get(signer);
  if (!format) refuse('signer', `signer is one of ${[...desk.signers.keys()].join(', ')}`);
  const { success, timeoutMs, scheduleS, expireAfterS, jitterPercent } = defaultsOf(format);
  const profileId = wanted ?? principal.profileId;
  if (principal.profileId !== undefined && profileId !== principal.profileId) {
    throw new Problem('forbidden', 'this key works for one profile only', { param: 'profile_id' });
  }
  if (profileId !== undefined && !(await merchants.profile(merchantId, profileId))) {
    refuse('profile_id', 'there is no such profile');
  }
  const now = desk.clock.now();
  const id = newId('webhookEndpoint', now);
  const secret = newSecret();
  const endpoint: EndpointRecord = {
    id,
    merchant_id: merchantId,
    profile_id: profileId ?? null,
    description: null,
    events: '["*"]',
    also_payment_urls: 0,
    signer,
    secret: sealSecret(desk.keyring, id, secret),
    previous_secret: null,
    previous_until: null,
    status: 'enabled',
    disabled_reason: null,
    active_since: isoTime(now),
    success,
    timeout_ms: timeoutMs,
    schedule: JSON.stringify(scheduleS),
    expire_after_s: expireAfterS,
    jitter_percent: jitterPercent,
    failing_since: null,
    created_at: isoTime(now),
    updated_at: isoTime(now),
    deleted_at: null,
    version: 1,
    ...columnsOf(adjustable),
    url: body.url,
  };
  return { endpoint, secret };
}

export async function createEndpoint(
  deps: WebhookRouteDeps,
  { principal, slot }: Asked,
  body: EndpointCreateBody,
): Promise<Reply> {
  const { db, listeners } = deps.webhooks;
  const { merchantId } = principal;
  const { endpoint, secret } = await draft(deps, principal, body);
  const [count] = await db.rows<{ n: number | string }>(
    db
      .knex('webhook_endpoints')
      .where({ merchant_id: merchantId })
      .whereNull('deleted_at')
      .count('* as n'),
  );
  if (Number(count?.n) >= endpointsMax) {
    refuse('url', `there are ${endpointsMax} endpoints already: delete one`);
  }
  const answer = { status: 201, body: presentEndpoint(endpoint, secret) };
  return again(async () => {
    const listener = await listeners.row(merchantId);
    return commitWithAnswer(deps.commit, slot, answer, [
      insert('webhook_endpoints', { ...endpoint }),
      listeners.startChange(listener, merchantId, 0),
    ]);
  });
}

export async function updateEndpoint(
  deps: WebhookRouteDeps,
  { principal }: Asked,
  id: string,
  body: EndpointUpdateBody,
): Promise<Reply> {
  const { webhooks: desk } = deps;
  check(desk, body);
  return again(async () => {
    const before = await endpointFor(desk, principal, id);
    const set = { ...columnsOf(body), ...switched(before, body.status, desk.clock.now()) };
    const { after, changes } = await endpointChanges(desk, before, set);
    await desk.db.commit(changes);
    return { status: 200, body: presentEndpoint(after) };
  });
}

/** What goes with enabling and disabling. What happened while it was disabled is not for it. */
function switched(
  before: EndpointRecord,
  status: EndpointRecord['status'] | undefined,
  nowMs: number,
): Partial<EndpointRecord> {
  if (status === undefined || status === before.status) return {};
  if (status === 'disabled') return { disabled_reason: 'by_you' };
  return { disabled_reason: null, failing_since: null, active_since: isoTime(nowMs) };
}

export async function deleteEndpoint(
  { webhooks: desk }: WebhookRouteDeps,
  { principal }: Asked,
  id: string,
): Promise<Reply> {
  return again(async () => {
    const before = await endpointFor(desk, principal, id);
    const set = { deleted_at: isoTime(desk.clock.now()) };
    const { changes } = await endpointChanges(desk, before, set);
    await desk.db.commit(changes);
    return { status: 200, body: { id, object: 'webhook_endpoint', deleted: true } };
  });
}

/** The old secret signs beside the new one for a while, so that no receiver misses a beat. */
export async function rotateSecret(
  { webhooks: desk, commit }: WebhookRouteDeps,
  { principal, slot }: Asked,
  id: string,
  overlapS: number = overlapDefaultS,
): Promise<Reply> {
  return again(async () => {
    const before = await endpointFor(desk, principal, id);
    const secret = newSecret();
    const until = isoTime(desk.clock.now() + overlapS * second);
    const { after, changes } = await endpointChanges(desk, before, {
      secret: sealSecret(desk.keyring, id, secret),
      // Sealed for the same endpoint: it opens in its new place as well.
      previous_secret: before.secret,
      previous_until: until,
    });
    const answer = { status: 200, body: presentEndpoint(after, secret) };
    return commitWithAnswer(commit, slot, answer, changes);
  });
}

/** An event of its own for this endpoint alone, enabled or not. */
export async function pingEndpoint(
  { webhooks: desk, commit }: WebhookRouteDeps,
  { principal, slot }: Asked,
  id: string,
): Promise<Reply> {
  const endpoint = await endpointFor(desk, principal, id);
  const now = desk.clock.now();
  const data = { ...presentEndpoint(endpoint) };
  const ping = eventChange('ping', { merchantId: principal.merchantId }, data, now);
  invariant(ping.kind === 'insert', 'an event is a new row');
  const event = ping.row as unknown as EventRecord;
  const delivery = newDelivery(desk, event, { endpoint, profileId: endpoint.profile_id });
  const answer = { status: 202, body: presentDelivery(delivery) };
  const changes: Change[] = [ping, insert('webhook_deliveries', { ...delivery })];
  const reply = await commitWithAnswer(commit, slot, answer, changes);
  desk.wake();
  return reply;
}

export async function replay(
  { webhooks: desk, commit }: WebhookRouteDeps,
  { principal, slot }: Asked,
  id: string,
  body: ReplayBody,
): Promise<Reply> {
  const endpoint = await endpointFor(desk, principal, id);
  const odd = body.types?.find((filter) => !isEventFilter(filter));
  if (odd !== undefined) refuse('types', `no event is called "${odd}"`);
  if (endpoint.status === 'disabled') refuse('endpoint_id', 'the endpoint is disabled: enable it');
  const now = desk.clock.now();
  const row: ReplayRecord = {
    id: newId('replay', now),
    merchant_id: principal.merchantId,
    endpoint_id: endpoint.id,
    from_at: isoTime(Date.parse(body.from)),
    to_at: isoTime(body.to === undefined ? now : Date.parse(body.to)),
    types: JSON.stringify(body.types ?? ['*']),
    state: 'running',
    cursor: null,
    queued: 0,
    created_at: isoTime(now),
    version: 1,
  };
  if (row.from_at > row.to_at) refuse('from', 'from lies after to');
  const answer = { status: 202, body: presentReplay(row) };
  const reply = await commitWithAnswer(commit, slot, answer, [
    insert('webhook_replays', { ...row }),
  ]);
  desk.wake();
  return reply;
}
