/**
 * The job behind the intake: each filed webhook makes the switch look at what it is about. Any
 * number of nodes may run it: a row is claimed by compare-and-swap on its version, and news about
 * one payment is heeded one after the other.
 */
import { day, hour, isoTime, minute, second } from '../base/clock.ts';
import { canonicalJson, type Json } from '../base/json.ts';
import { inParallel } from '../base/parallel.ts';
import { causedBy } from '../events/cause.ts';
import { bookDispute } from '../disputes/book.ts';
import { setupNews } from '../methods/index.ts';
import { heedNews } from '../payments/news.ts';
import type { OperationRecord } from '../payments/record.ts';
import type { WebhookSubject } from '../sdk/webhook.ts';
import { Conflict, earliest, findOne, remove, update } from '../storage/index.ts';
import type { IncomingDesk } from './desk.ts';
import { incomingGuard, type IncomingRecord } from './record.ts';

const batchSize = 200;

/** Payments looked at side by side. */
const concurrency = 16;

/** A claim that is older than this belongs to a node that died. */
const claimMs = 2 * minute;

const delaysMs: readonly number[] = [
  second,
  5 * second,
  30 * second,
  2 * minute,
  10 * minute,
  hour,
  6 * hour,
  day,
];

/**
 * How long news of what we do not know is kept: the processor may be faster than our own commit of
 * its answer, but not by ten minutes.
 */
const strangerMs = 10 * minute;

/** Applies everything due; answers how many were looked at. */
export async function applyDue(incoming: IncomingDesk): Promise<number> {
  const tried = new Set<string>();
  for (;;) {
    const due = (await dueRows(incoming)).filter(({ id }) => !tried.has(id));
    if (due.length === 0) return tried.size;
    for (const { id } of due) tried.add(id);
    await inParallel(chained(due).values(), concurrency, async (chain) => {
      for (const row of chain) await applyOne(incoming, row);
    });
  }
}

/** News about the same thing, in the order it came. */
function chained(due: readonly IncomingRecord[]): Map<string, IncomingRecord[]> {
  const chains = new Map<string, IncomingRecord[]>();
  for (const row of due) {
    const about = `${row.account_id} ${row.subjects}`;
    chains.set(about, [...(chains.get(about) ?? []), row]);
  }
  return chains;
}

function dueRows({ desk: { db, clock } }: IncomingDesk): Promise<IncomingRecord[]> {
  return db.rows<IncomingRecord>(
    db
      .knex('incoming_webhooks')
      .select('*')
      .whereNotNull('next_try_at')
      .where('next_try_at', '<=', isoTime(clock.now()))
      .orderBy('next_try_at')
      .orderBy('id')
      .limit(batchSize),
  );
}

async function applyOne(incoming: IncomingDesk, due: IncomingRecord): Promise<void> {
  const claimed = await change(incoming, due, {
    attempts: due.attempts + 1,
    next_try_at: isoTime(incoming.desk.clock.now() + claimMs),
  });
  if (!claimed) return;
  try {
    const looked = await causedBy(claimed.id, () => look(incoming, claimed));
    await finish(incoming, claimed, looked);
  } catch (error) {
    incoming.observer.failed(claimed, error);
    await finish(incoming, claimed, { state: 'later', detail: wordOf(error) });
  }
}

/** What came of looking: `later` is tried again on the schedule. */
interface Looked {
  readonly state: 'applied' | 'ignored' | 'later';
  readonly detail: string | null;
  readonly paymentId?: string;
}

async function look(incoming: IncomingDesk, record: IncomingRecord): Promise<Looked> {
  const subjects = JSON.parse(record.subjects) as readonly WebhookSubject<Json>[];
  let result: Looked = { state: 'ignored', detail: 'about nothing the switch keeps' };
  for (const subject of subjects) {
    const looked = await lookAt(incoming, record, subject);
    // One part that has to wait makes the whole wait: the rest is found unchanged then.
    if (looked.state === 'later') return looked;
    if (looked.state === 'applied') result = looked;
  }
  return result;
}

async function lookAt(
  incoming: IncomingDesk,
  record: IncomingRecord,
  subject: WebhookSubject<Json>,
): Promise<Looked> {
  const { desk } = incoming;
  if ('setup' in subject) {
    const account = await desk.accounts.findAnywhere(record.account_id);
    const known = account && (await setupNews(desk, account, subject.setup));
    return known ? { state: 'applied', detail: null } : stranger(incoming, record);
  }
  const operation = await authorizationAbout(incoming, record, subject);
  if (!operation) return stranger(incoming, record);
  const { done, payment, found } = await heedNews(desk, operation);
  if (!done) return { state: 'later', detail: 'the payment is being worked on' };
  for (const dispute of found?.disputes ?? []) await bookDispute(desk, operation, dispute);
  return { state: 'applied', detail: null, paymentId: payment.id };
}

/** Perhaps our own answer has yet to be committed; after a while it is somebody else's business. */
function stranger({ desk }: IncomingDesk, { received_at: at }: IncomingRecord): Looked {
  const recent = desk.clock.now() - Date.parse(at) < strangerMs;
  return recent
    ? { state: 'later', detail: 'the switch knows no such operation yet' }
    : { state: 'ignored', detail: 'the switch has no such operation' };
}

async function authorizationAbout(
  { desk: { db } }: IncomingDesk,
  { account_id }: IncomingRecord,
  subject: Exclude<WebhookSubject<Json>, { readonly setup: Json }>,
): Promise<OperationRecord | undefined> {
  const common = { account_id, kind: 'authorize' };
  if ('operationId' in subject) {
    return findOne<OperationRecord>(db, 'operations', { ...common, id: subject.operationId });
  }
  const ref = canonicalJson(subject.authorization);
  return findOne<OperationRecord>(db, 'operations', { ...common, ref });
}

async function finish(
  incoming: IncomingDesk,
  claimed: IncomingRecord,
  { state, detail, paymentId }: Looked,
): Promise<void> {
  const ms = incoming.desk.clock.now();
  const about = { detail, payment_id: paymentId ?? claimed.payment_id };
  if (state !== 'later') {
    const done = { ...about, state, next_try_at: null, applied_at: isoTime(ms) };
    const after = await change(incoming, claimed, done);
    if (after) incoming.observer.applied(after);
    return;
  }
  const delayMs = delaysMs[claimed.attempts - 1];
  await change(
    incoming,
    claimed,
    delayMs === undefined
      ? { ...about, state: 'failed', next_try_at: null }
      : { ...about, next_try_at: isoTime(ms + delayMs) },
  );
}

/** Undefined when another node was faster. */
async function change(
  { desk: { db } }: IncomingDesk,
  before: IncomingRecord,
  set: Partial<IncomingRecord>,
): Promise<IncomingRecord | undefined> {
  const { id, version } = before;
  const columns = { ...set, version: version + 1 };
  try {
    await db.commit([update('incoming_webhooks', columns, { id, version }, incomingGuard)]);
    return { ...before, ...columns };
  } catch (error) {
    if (error instanceof Conflict && error.guard === incomingGuard) return undefined;
    throw error;
  }
}

/** For the log of the webhook: the class of what went wrong, never what was said about whom. */
function wordOf(error: unknown): string {
  return error instanceof Error ? error.name : 'error';
}

/** When the next one is due, if any is: the clock can be moved there. */
export async function nextIncomingAt({
  desk: { db },
}: Pick<IncomingDesk, 'desk'>): Promise<string | undefined> {
  return earliest(db, db.knex('incoming_webhooks'), 'next_try_at');
}

/** A month of deliveries is kept; after that nobody asks what a processor told. */
const keepMs = 30 * day;

export async function forgetOldIncoming({ desk: { db, clock } }: IncomingDesk): Promise<void> {
  const before = isoTime(clock.now() - keepMs);
  const rows = await db.rows<{ id: string }>(
    db
      .knex('incoming_webhooks')
      .select('id')
      .whereNull('next_try_at')
      .where('received_at', '<', before)
      .orderBy('id')
      .limit(1_000),
  );
  if (rows.length > 0) await db.commit(rows.map(({ id }) => remove('incoming_webhooks', { id })));
}
