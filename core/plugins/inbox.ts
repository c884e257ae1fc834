/**
 * Telling subscribers: from the inbox, where the commit of each event left a line, until the
 * subscriber did not throw. At least once, whatever dies in between.
 */
import { hour, isoTime, second, type Clock } from '../base/clock.ts';
import type { EventRecord } from '../events/event.ts';
import type { PublishedEvent, Subscriber } from '../sdk/plugin.ts';
import { Conflict, earliest, findOne, remove, update, type Database } from '../storage/index.ts';

interface InboxRecord {
  readonly event_id: string;
  readonly subscriber: string;
  readonly merchant_id: string;
  readonly attempts: number;
  readonly next_at: string;
}

export interface InboxDeps {
  readonly db: Database;
  readonly clock: Clock;
  /** By `<plugin>.<subscriber>`. */
  readonly subscribers: ReadonlyMap<string, Subscriber>;
  present(event: EventRecord): Promise<PublishedEvent>;
  failed(subscriber: string, error: unknown): void;
}

const batchSize = 100;
const inboxGuard = 'plugin_inbox_attempts';

/** 2 s, 4 s, 8 s … and then every hour. */
const waitMs = (attempts: number) => Math.min(hour, second * 2 ** Math.min(attempts, 12));

/** Everything that is due. What fails is due again later, and holds up nothing else. */
export async function tellDue(deps: InboxDeps): Promise<void> {
  for (;;) {
    const rows = await dueRows(deps);
    for (const row of rows) await tell(deps, row);
    if (rows.length < batchSize) return;
  }
}

/** When there is something for {@link tellDue}. */
export async function nextTellingAt({ db, subscribers }: InboxDeps): Promise<string | undefined> {
  if (subscribers.size === 0) return undefined;
  const ours = db.knex('plugin_inbox').whereIn('subscriber', [...subscribers.keys()]);
  return earliest(db, ours, 'next_at');
}

function dueRows({ db, clock, subscribers }: InboxDeps): Promise<InboxRecord[]> {
  // A plugin that is turned off finds its lines when it is back.
  return db.rows<InboxRecord>(
    db
      .knex('plugin_inbox')
      .select('*')
      .whereIn('subscriber', [...subscribers.keys()])
      .where('next_at', '<=', isoTime(clock.now()))
      .orderBy('event_id')
      .limit(batchSize),
  );
}

async function tell(deps: InboxDeps, row: InboxRecord): Promise<void> {
  const { db, clock } = deps;
  const { event_id, subscriber, merchant_id } = row;
  try {
    const event = await findOne<EventRecord>(db, 'events', { merchant_id, id: event_id });
    const known = deps.subscribers.get(subscriber);
    if (event) await known?.handle(await deps.present(event), merchant_id);
  } catch (error) {
    deps.failed(subscriber, error);
    await postpone(db, row, clock.now());
    return;
  }
  await db.commit([remove('plugin_inbox', { event_id, subscriber })]);
}

async function postpone(db: Database, row: InboxRecord, nowMs: number): Promise<void> {
  const { event_id, subscriber } = row;
  const attempts = row.attempts + 1;
  const set = { attempts, next_at: isoTime(nowMs + waitMs(attempts)) };
  const where = { event_id, subscriber, attempts: row.attempts };
  try {
    await db.commit([update('plugin_inbox', set, where, inboxGuard)]);
  } catch (error) {
    // Another node told it meanwhile.
    if (!(error instanceof Conflict) || error.guard !== inboxGuard) throw error;
  }
}
