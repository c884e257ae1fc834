/**
 * Telling an endpoint again what happened in a span of time: what was delivered, what failed, and
 * what it never got because it was disabled. A row with a cursor, so that a month of events is no
 * long request and a restart goes on where it was.
 */
import { afterLastId, firstIdAt } from '../base/id.ts';
import type { EventRecord } from '../events/event.ts';
import { Conflict, findOne, insert, update, type Change } from '../storage/index.ts';
import { addressing } from './addressing.ts';
import {
  begunAgain,
  deliveryChange,
  newDelivery,
  signerOf,
  targetKey,
  withCompanions,
  type Target,
} from './delivery.ts';
import type { WebhookDesk } from './desk.ts';
import {
  deliveryClash,
  deliveryGuard,
  replayGuard,
  type DeliveryRecord,
  type EndpointRecord,
  type ReplayRecord,
} from './record.ts';
import { passes, wants } from './rules.ts';

/** Rows of one commit; see fan-out.ts for why it is small. */
const batchSize = 20;

const raced = new Set([deliveryClash, deliveryGuard]);

/** All that is asked for. */
export async function runReplays(desk: WebhookDesk): Promise<void> {
  const { db } = desk;
  const running = await db.rows<ReplayRecord>(
    db.knex('webhook_replays').select('*').where('state', 'running').orderBy('id'),
  );
  for (const replay of running) {
    let current: ReplayRecord | undefined = replay;
    while (current?.state === 'running') current = await step(desk, current);
  }
}

/** One batch of events; undefined when another node goes on with it. */
async function step(desk: WebhookDesk, replay: ReplayRecord): Promise<ReplayRecord | undefined> {
  const { db } = desk;
  const endpoint = await findOne<EndpointRecord>(db, 'webhook_endpoints', {
    id: replay.endpoint_id,
  });
  const gone = !endpoint || endpoint.deleted_at !== null || endpoint.status === 'disabled';
  const events = gone ? [] : await nextEvents(desk, replay);
  const changes: Change[] = [];
  if (endpoint) {
    const payments = await addressing(db, events);
    const types = JSON.parse(replay.types) as string[];
    for (const event of events) {
      if (!passes(types, event.type)) continue;
      const payment = payments.get(event.payment_id ?? '');
      if (!wants(endpoint, event, payment)) continue;
      const profileId = payment?.profileId ?? endpoint.profile_id;
      for (const target of withCompanions(desk, { endpoint, profileId })) {
        changes.push(...(await again(desk, endpoint, event, target)));
      }
    }
  }
  return advance(desk, replay, events, changes);
}

async function advance(
  { db }: WebhookDesk,
  replay: ReplayRecord,
  events: readonly EventRecord[],
  changes: readonly Change[],
): Promise<ReplayRecord | undefined> {
  const { id, version } = replay;
  const set = {
    state: events.length < batchSize ? 'done' : 'running',
    cursor: events.at(-1)?.id ?? replay.cursor,
    queued: replay.queued + changes.length,
    version: version + 1,
  } as const;
  try {
    const own = update('webhook_replays', set, { id, version }, replayGuard);
    // In one order, so that batches that differ in how many are new share their shapes.
    const inserts = changes.filter(({ kind }) => kind === 'insert');
    const updates = changes.filter(({ kind }) => kind !== 'insert');
    await db.commit([...inserts, ...updates, own]);
    return { ...replay, ...set };
  } catch (error) {
    if (!(error instanceof Conflict)) throw error;
    // A delivery was attempted or filed meanwhile: the same batch once more.
    if (raced.has(error.guard)) return replay;
    if (error.guard === replayGuard) return undefined;
    throw error;
  }
}

function nextEvents({ db }: WebhookDesk, replay: ReplayRecord): Promise<EventRecord[]> {
  const from = firstIdAt('event', Date.parse(replay.from_at));
  return db.rows<EventRecord>(
    db
      .knex('events')
      .select('*')
      .where('merchant_id', replay.merchant_id)
      .where('id', '>=', from)
      .where('id', '>', replay.cursor ?? '')
      .where('id', '<', afterLastId('event'))
      .where('created_at', '<=', replay.to_at)
      .orderBy('id')
      .limit(batchSize),
  );
}

/** A delivery that waits already is left to its own schedule. */
async function again(
  desk: WebhookDesk,
  endpoint: EndpointRecord,
  event: EventRecord,
  target: Target,
): Promise<Change[]> {
  const where = { event_id: event.id, target: targetKey(target) };
  const filed = await findOne<DeliveryRecord>(desk.db, 'webhook_deliveries', where);
  if (filed?.state === 'pending') return [];
  if (filed) return [deliveryChange(filed, begunAgain(desk, filed, endpoint))];
  const signer = desk.signers.get(signerOf(target));
  if (signer && (await desk.payloads.of(event, signer)) === undefined) return [];
  const row = newDelivery(desk, event, target);
  return [insert('webhook_deliveries', { ...row })];
}
