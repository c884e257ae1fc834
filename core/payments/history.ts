/** Events as the API shows them: a payment's is put together from the parts frozen with it. */
import { listOf, page, type Database, type PageQuery } from '../storage/index.ts';
import type { EventRecord } from '../events/event.ts';
import type { JsonObject } from '../base/json.ts';
import { Problem } from '../sdk/problem.ts';
import type { Principal } from '../sdk/route.ts';
import { presentPayment } from './present.ts';
import { stored } from './record.ts';
import { within } from './list.ts';
import { paymentAt } from './snapshot.ts';
import { isOfProfile, paymentById, paymentsOfProfile } from './store.ts';

export interface EventQuery extends PageQuery {
  readonly type?: string;
  readonly payment?: string;
  readonly created_from?: string;
  readonly created_to?: string;
}

/** The event with its whole object; the same bytes whenever it is asked for. */
export async function presentEvent(db: Database, event: EventRecord) {
  return {
    id: event.id,
    object: 'event' as const,
    type: event.type,
    payment: event.payment_id,
    sequence: event.sequence,
    created_at: event.created_at,
    data: { object: await objectOf(db, event) },
  };
}

async function objectOf(db: Database, event: EventRecord): Promise<object> {
  if (event.payment_id === null || !event.type.startsWith('payment.')) {
    return stored<JsonObject>(event.data);
  }
  const payment = await paymentById(db, event.merchant_id, event.payment_id);
  const revision = await revisionOf(db, event, payment.revision);
  return presentPayment(paymentAt(payment, event, revision));
}

async function revisionOf(
  db: Database,
  event: EventRecord,
  current: number,
): Promise<string | undefined> {
  if (event.revision === null || event.revision === current) return undefined;
  const [row] = await db.find<{ descriptive: string }>('payment_revisions', {
    payment_id: event.payment_id,
    revision: event.revision,
  });
  return row?.descriptive;
}

/** A key bound to a profile hears of that profile's payments, and of what belongs to no payment. */
export async function listEvents(db: Database, principal: Principal, query: EventQuery) {
  const { merchantId } = principal;
  const own = paymentsOfProfile(db, principal);
  const found = await page<EventRecord>(db, 'events', merchantId, query, (select) => {
    if (query.type !== undefined) void select.where('type', query.type);
    if (query.payment !== undefined) void select.where('payment_id', query.payment);
    within(select, 'created_at', query);
    if (own) {
      void select.where((either) => {
        void either.whereNull('payment_id').orWhereIn('payment_id', own);
      });
    }
  });
  const shown = [];
  for (const event of found.rows) shown.push(await presentEvent(db, event));
  return listOf(found, shown);
}

export async function eventById(db: Database, principal: Principal, id: string) {
  const [event] = await db.find<EventRecord>('events', { merchant_id: principal.merchantId, id });
  if (event && (await isVisible(db, principal, event))) return presentEvent(db, event);
  throw new Problem('not_found', 'there is no such event');
}

/** What belongs to no payment is every key's of the merchant. */
async function isVisible(db: Database, principal: Principal, event: EventRecord): Promise<boolean> {
  const { merchant_id, payment_id } = event;
  return payment_id === null || isOfProfile(db, principal, { merchant_id, payment_id });
}
