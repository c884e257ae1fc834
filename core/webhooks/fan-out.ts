/**
 * From the outbox to deliveries. An outbox row goes in the commit of the last of its deliveries, so
 * a process that dies in between finds it again; what was filed already is not filed twice.
 */
import { isoTime, second } from '../base/clock.ts';
import { firstIdAt } from '../base/id.ts';
import { inParallel } from '../base/parallel.ts';
import type { EventRecord } from '../events/event.ts';
import {
  Conflict,
  earliest,
  insert,
  remove,
  type Change,
  type Database,
} from '../storage/index.ts';
import { addressing } from './addressing.ts';
import { newDelivery, signerOf, targetKey, withCompanions, type Target } from './delivery.ts';
import type { WebhookDesk } from './desk.ts';
import { listenerChange } from './listeners.ts';
import { padded } from '../storage/padded.ts';
import {
  deliveryClash,
  listenerGuard,
  type EndpointRecord,
  type ListenerRecord,
  type OutboxRecord,
} from './record.ts';
import { runReplays } from './replay.ts';
import { wants, type Addressing } from './rules.ts';

const batchSize = 200;

/**
 * Events filed side by side. Each is a commit of its own: on Postgres a change set is one statement
 * that is kept prepared by its shape, and so there are few shapes.
 */
const concurrency = 8;
const deliveriesPerCommit = 50;

/** How far the clocks of two nodes may be apart. */
const skewMs = 10 * second;

/** Everything that waits, until nothing waits any more. */
export async function fanOut(desk: WebhookDesk): Promise<void> {
  await catchUp(desk);
  await runReplays(desk);
  for (;;) {
    const rows = await outboxRows(desk.db);
    if (rows.length === 0) return;
    await fileAll(desk, rows);
    if (rows.length < batchSize) return;
  }
}

function outboxRows(db: Database): Promise<OutboxRecord[]> {
  const query = db.knex('event_outbox').select('*').orderBy('event_id').limit(batchSize);
  return db.rows<OutboxRecord>(query);
}

async function fileAll(desk: WebhookDesk, rows: readonly OutboxRecord[]): Promise<void> {
  const batch = await readBatch(desk.db, rows);
  await inParallel(batch.events, concurrency, (event) => fileOne(desk, batch, event));
}

interface Batch {
  readonly events: readonly EventRecord[];
  /** By payment id. */
  readonly payments: ReadonlyMap<string, Addressing>;
  /** Enabled ones, by merchant. */
  readonly endpoints: ReadonlyMap<string, readonly EndpointRecord[]>;
}

async function readBatch(db: Database, rows: readonly OutboxRecord[]): Promise<Batch> {
  const { knex } = db;
  const merchants = new Set(rows.map((row) => row.merchant_id));
  const events = await db.rows<EventRecord>(
    knex('events')
      .select('*')
      .whereIn('merchant_id', padded(merchants))
      .whereIn('id', padded(rows.map((row) => row.event_id)))
      .orderBy('id'),
  );
  const endpoints = new Map<string, EndpointRecord[]>();
  const found = await db.rows<EndpointRecord>(
    knex('webhook_endpoints')
      .select('*')
      .whereIn('merchant_id', padded(merchants))
      .where('status', 'enabled')
      .whereNull('deleted_at'),
  );
  for (const one of found) {
    endpoints.set(one.merchant_id, [...(endpoints.get(one.merchant_id) ?? []), one]);
  }
  return { events, endpoints, payments: await addressing(db, events) };
}

function targetsOf(batch: Batch, event: EventRecord): Target[] {
  const payment = batch.payments.get(event.payment_id ?? '');
  const targets: Target[] = [];
  if (payment?.webhookUrl !== undefined && event.payment_id !== null) {
    const { profileId, webhookUrl: paymentUrl, signer } = payment;
    targets.push({ paymentUrl, signer, paymentId: event.payment_id, profileId });
  }
  for (const endpoint of batch.endpoints.get(event.merchant_id) ?? []) {
    if (endpoint.active_since > event.created_at || !wants(endpoint, event, payment)) continue;
    targets.push({ endpoint, profileId: payment?.profileId ?? endpoint.profile_id });
  }
  return targets;
}

async function fileOne(desk: WebhookDesk, batch: Batch, event: EventRecord): Promise<void> {
  for (;;) {
    try {
      for (const changes of await filing(desk, batch, event)) await desk.db.commit(changes);
      return;
    } catch (error) {
      // Another node filed one of them meanwhile: look again at what is missing.
      if (!(error instanceof Conflict) || error.guard !== deliveryClash) throw error;
    }
  }
}

/** Change sets, the last of which takes the event out of the outbox. */
async function filing(desk: WebhookDesk, batch: Batch, event: EventRecord): Promise<Change[][]> {
  const targets = targetsOf(batch, event).flatMap((target) => withCompanions(desk, target));
  const missing = await missingTargets(desk, targets, event);
  const rows = missing.map((target) =>
    insert('webhook_deliveries', { ...newDelivery(desk, event, target) }),
  );
  const sets: Change[][] = [];
  while (rows.length > deliveriesPerCommit) sets.push(rows.splice(0, deliveriesPerCommit));
  sets.push([...rows, remove('event_outbox', { event_id: event.id })]);
  return sets;
}

async function missingTargets(
  desk: WebhookDesk,
  targets: readonly Target[],
  event: EventRecord,
): Promise<Target[]> {
  if (targets.length === 0) return [];
  const filed = await desk.db.find<{ target: string }>('webhook_deliveries', {
    event_id: event.id,
  });
  const known = new Set(filed.map(({ target }) => target));
  const missing = [];
  for (const target of targets) {
    if (known.has(targetKey(target))) continue;
    if (await hasWords(desk, target, event)) missing.push(target);
  }
  return missing;
}

/** Formats of dialects have no word for some events. */
async function hasWords(desk: WebhookDesk, target: Target, event: EventRecord): Promise<boolean> {
  const signer = desk.signers.get(signerOf(target));
  // Its plugin is gone: filed all the same, so that the log says so.
  if (!signer) return true;
  return (await desk.payloads.of(event, signer)) !== undefined;
}

/** Events that nodes wrote before they knew that somebody listens: into the outbox after all. */
async function catchUp({ db, clock }: WebhookDesk): Promise<void> {
  const due = await db.rows<ListenerRecord>(
    db
      .knex('webhook_listeners')
      .select('*')
      .whereNotNull('catch_up_at')
      .where('catch_up_at', '<=', isoTime(clock.now())),
  );
  for (const listener of due) {
    let cursor: string | undefined = firstIdAt('event', Date.parse(listener.since) - skewMs);
    while (cursor !== undefined) cursor = await catchUpFrom(db, listener.merchant_id, cursor);
    try {
      await db.commit([listenerChange(listener, { catch_up_at: null })]);
    } catch (error) {
      if (!(error instanceof Conflict) || error.guard !== listenerGuard) throw error;
      // It was changed meanwhile: the next round looks again.
    }
  }
}

/** Answers the last event that was looked at, undefined after the newest. */
async function catchUpFrom(
  db: Database,
  merchant_id: string,
  cursor: string,
): Promise<string | undefined> {
  const events = await db.rows<{ id: string; type: string }>(
    db
      .knex('events')
      .select('id', 'type')
      .where({ merchant_id })
      .where('id', '>', cursor)
      .orderBy('id')
      .limit(batchSize),
  );
  const waiting = await db.rows<{ event_id: string }>(
    db
      .knex('event_outbox')
      .select('event_id')
      .whereIn('event_id', padded(events.map(({ id }) => id))),
  );
  const known = new Set(waiting.map(({ event_id: id }) => id));
  for (const { id } of events) {
    if (!known.has(id)) await fill(db, { event_id: id, merchant_id });
  }
  return events.length < batchSize ? undefined : events.at(-1)?.id;
}

async function fill(db: Database, row: OutboxRecord): Promise<void> {
  try {
    await db.commit([insert('event_outbox', { ...row })]);
  } catch (error) {
    if (!(error instanceof Conflict) || error.guard !== 'event_outbox_pkey') throw error;
    // Its own commit came through in the same moment.
  }
}

/** When there is something for {@link fanOut}: now, or at the next catching up. */
export async function nextFanOutAt({ db, clock }: WebhookDesk): Promise<string | undefined> {
  const { knex } = db;
  const [waiting] = await db.rows<{ event_id: string }>(
    knex('event_outbox').select('event_id').limit(1),
  );
  const [replay] = await db.rows<{ id: string }>(
    knex('webhook_replays').select('id').where('state', 'running').limit(1),
  );
  if (waiting || replay) return isoTime(clock.now());
  return earliest(db, knex('webhook_listeners'), 'catch_up_at');
}
