/**
 * An endpoint that has only failed for days is disabled: what is sent there helps nobody, and its
 * owner should hear of it rather than find out.
 */
import { day, isoTime } from '../base/clock.ts';
import { eventChange } from '../events/event.ts';
import { Conflict, findOne, update, type Change } from '../storage/index.ts';
import type { WebhookDesk } from './desk.ts';
import { presentEndpoint } from './present.ts';
import { endpointGuard, listenerGuard, type EndpointRecord } from './record.ts';

/** Two days would end a long weekend's endpoint. */
const patienceMs = 3 * day;

const healthGuard = 'webhook_endpoint_health';

/** Remembers since when an endpoint fails, and disables it when that is too long. */
export async function keepHealth(
  desk: WebhookDesk,
  endpoint: EndpointRecord,
  delivered: boolean,
): Promise<void> {
  const { id, failing_since: since } = endpoint;
  const now = desk.clock.now();
  if (delivered) {
    if (since !== null) await mark(desk, id, { failing_since: since }, { failing_since: null });
  } else if (since === null) {
    await mark(desk, id, { failing_since: null }, { failing_since: isoTime(now) });
  } else if (Date.parse(since) + patienceMs <= now && endpoint.status === 'enabled') {
    await disable(desk, id);
  }
}

/** Without the endpoint's version: its owner's changes are not to lose against this. */
async function mark(
  { db }: WebhookDesk,
  id: string,
  where: { readonly failing_since: string | null },
  set: { readonly failing_since: string | null },
): Promise<void> {
  try {
    await db.commit([update('webhook_endpoints', set, { id, ...where }, healthGuard)]);
  } catch (error) {
    if (!(error instanceof Conflict) || error.guard !== healthGuard) throw error;
    // Another attempt said the same at the same moment.
  }
}

async function disable(desk: WebhookDesk, id: string): Promise<void> {
  for (;;) {
    const endpoint = await findOne<EndpointRecord>(desk.db, 'webhook_endpoints', { id });
    if (!endpoint || endpoint.status === 'disabled' || endpoint.failing_since === null) return;
    const set = { status: 'disabled', disabled_reason: 'failing' } as const;
    const { changes, after } = await endpointChanges(desk, endpoint, set);
    const merchantId = endpoint.merchant_id;
    const data = { ...presentEndpoint(after) };
    const event = eventChange('webhook_endpoint.disabled', { merchantId }, data, desk.clock.now());
    try {
      await desk.db.commit([event, ...changes]);
      desk.observer.disabled(after);
      return;
    } catch (error) {
      if (!isRace(error)) throw error;
    }
  }
}

/** Something else changed the endpoint, or who listens: read again, decide again. */
export function isRace(error: unknown): boolean {
  return (
    error instanceof Conflict && (error.guard === endpointGuard || error.guard === listenerGuard)
  );
}

/**
 * The endpoint with `set`, under its next version, and with it whether the merchant still listens
 * to anything.
 */
export async function endpointChanges(
  { db, clock, listeners }: Pick<WebhookDesk, 'db' | 'clock' | 'listeners'>,
  before: EndpointRecord,
  set: Partial<EndpointRecord>,
): Promise<{ readonly after: EndpointRecord; readonly changes: readonly Change[] }> {
  const { id, version, merchant_id: merchantId } = before;
  const columns = { ...set, updated_at: isoTime(clock.now()), version: version + 1 };
  const after: EndpointRecord = { ...before, ...columns };
  const own = update('webhook_endpoints', columns, { id, version }, endpointGuard);
  const was = isListening(before);
  const is = isListening(after);
  if (was === is) return { after, changes: [own] };
  const row = await listeners.row(merchantId);
  if (is) return { after, changes: [own, listeners.startChange(row, merchantId, 0)] };
  const others = await db.rows<{ id: string }>(
    db
      .knex('webhook_endpoints')
      .select('id')
      .where({ merchant_id: merchantId, status: 'enabled' })
      .whereNull('deleted_at')
      .whereNot('id', id)
      .limit(1),
  );
  return { after, changes: [own, ...(others.length > 0 ? [] : listeners.stopChanges(row))] };
}

function isListening({ status, deleted_at: deleted }: EndpointRecord): boolean {
  return status === 'enabled' && deleted === null;
}
