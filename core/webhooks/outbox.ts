/**
 * The outbox as a wrapping around the database: beside every event of a merchant who listens, the
 * same commit writes a row that says it has to be told. Features go on writing events and know
 * nothing of webhooks; an event without its row, or a row without its event, cannot exist.
 */
import type { EventRecord } from '../events/event.ts';
import { Conflict, insert, type Change, type ChangeSet, type Database } from '../storage/index.ts';
import type { Listeners } from './listeners.ts';
import { listenerClash, listenerGuard, type ListenerRecord } from './record.ts';

/** Somebody else made the merchant listen at the same moment: nothing was written, look again. */
const raced = new Set([listenerClash, listenerGuard]);

/** Rounds of {@link raced} before it is taken for a defect. */
const triesMax = 20;

/** `wake` is called after a commit that left something to tell. */
export function listening(db: Database, listeners: Listeners, wake: () => void): Database {
  return {
    dialect: db.dialect,
    knex: db.knex,
    rows: (query) => db.rows(query),
    find: (table, where) => db.find(table, where),
    ping: () => db.ping(),
    close: () => db.close(),
    commit: async (changes) => {
      const merchants = merchantsOf(changes);
      if (merchants === undefined) return db.commit(changes);
      for (let tries = 1; ; tries += 1) {
        try {
          return await commitOnce(db, listeners, changes, merchants, wake);
        } catch (error) {
          forget(listeners, merchants);
          const own = error instanceof Conflict && raced.has(error.guard);
          // A change set that writes the listener's row itself decides again itself.
          if (!own || tries === triesMax || changes.some(isListener)) throw error;
        }
      }
    },
  };
}

interface Merchants {
  /** Those with events in the change set. */
  readonly events: ReadonlySet<string>;
  /** Those with a payment in it that has a URL of its own. */
  readonly payments: ReadonlySet<string>;
  /** Those whose listener row it writes, and whether it makes them listen. */
  readonly rows: ReadonlyMap<string, boolean>;
}

/** Undefined for most change sets: nothing in them is to be told. */
function merchantsOf(changes: ChangeSet): Merchants | undefined {
  const events = new Set<string>();
  const payments = new Set<string>();
  const rows = new Map<string, boolean>();
  for (const change of changes) {
    if (change.kind !== 'insert' && change.kind !== 'update') continue;
    if (change.kind === 'insert' && change.table === 'events') {
      events.add(String(change.row['merchant_id']));
    } else if (change.table === 'payments' && hasOwnUrl(change)) {
      payments.add(merchantOf(change));
    } else if (isListener(change)) {
      rows.set(merchantOf(change), columnsOf(change)['active'] !== 0);
    }
  }
  if (events.size + payments.size + rows.size === 0) return undefined;
  return { events, payments, rows };
}

type Write = Extract<Change, { readonly kind: 'insert' | 'update' }>;

const columnsOf = (change: Write) => (change.kind === 'insert' ? change.row : change.set);

const merchantOf = (change: Write) =>
  String((change.kind === 'insert' ? change.row : change.where)['merchant_id']);

/** The key as JSON.stringify spells it. The same word in metadata costs an outbox row, no more. */
function hasOwnUrl(change: Write): boolean {
  const { details } = columnsOf(change);
  return typeof details === 'string' && details.includes('"webhook_url":');
}

function isListener(change: Change): boolean {
  return change.table === 'webhook_listeners';
}

async function commitOnce(
  db: Database,
  listeners: Listeners,
  changes: ChangeSet,
  merchants: Merchants,
  wake: () => void,
): Promise<void> {
  const starting = await startingRows(listeners, merchants);
  for (const merchant of merchants.events) {
    while (!listeners.peek(merchant)) await listeners.load(merchant);
  }
  // From here to the commit nothing is awaited: on SQLite what is known now holds for this commit.
  for (const [merchant, starts] of merchants.rows) if (starts) listeners.expect(merchant, false);
  for (const { merchant } of starting) listeners.expect(merchant, true);
  const told = changes.flatMap((change) => outboxRow(listeners, change));
  const more = starting.map(({ merchant, before }) => listeners.startChange(before, merchant, 1));
  await db.commit([...changes, ...more, ...told]);
  for (const [merchant, starts] of merchants.rows) if (!starts) listeners.forget(merchant);
  if (told.length > 0) wake();
}

/** Merchants whose first payment with a URL of its own this is. */
async function startingRows(
  listeners: Listeners,
  { payments }: Merchants,
): Promise<{ merchant: string; before: ListenerRecord | undefined }[]> {
  const starting = [];
  for (const merchant of payments) {
    if (listeners.peek(merchant)?.byPayment === true) continue;
    const before = await listeners.row(merchant);
    if (before?.by_payment === 1 && before.active === 1) listeners.expect(merchant, true);
    else starting.push({ merchant, before });
  }
  return starting;
}

function outboxRow(listeners: Listeners, change: Change): Change[] {
  if (change.kind !== 'insert' || change.table !== 'events') return [];
  const { id, merchant_id, type } = change.row as unknown as EventRecord;
  // A ping goes to one endpoint, and its delivery is written with it.
  if (type === 'ping' || listeners.peek(merchant_id)?.active !== true) return [];
  return [insert('event_outbox', { event_id: id, merchant_id })];
}

function forget(listeners: Listeners, { events, payments, rows }: Merchants): void {
  for (const merchant of [...events, ...payments, ...rows.keys()]) listeners.forget(merchant);
}
