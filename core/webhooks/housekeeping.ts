/** The delivery log is kept for a month; events themselves are kept for good. */
import { day, isoTime } from '../base/clock.ts';
import { firstIdAt } from '../base/id.ts';
import { remove } from '../storage/index.ts';
import type { WebhookDesk } from './desk.ts';
import { padded } from '../storage/padded.ts';
import type { AttemptRecord } from './record.ts';

const keepMs = 30 * day;

/** Deliveries of one commit: an hour later the next ones go. */
const batchSize = 500;

export async function forgetOldDeliveries({ db, clock }: WebhookDesk): Promise<void> {
  const { knex } = db;
  const beforeMs = clock.now() - keepMs;
  const old = await db.rows<{ id: string }>(
    knex('webhook_deliveries')
      .select('id')
      .where('id', '<', firstIdAt('delivery', beforeMs))
      .whereNull('next_attempt_at')
      // One that was resent of late is kept on.
      .where('expires_at', '<', isoTime(beforeMs))
      .orderBy('id')
      .limit(batchSize),
  );
  if (old.length === 0) return;
  const ids = old.map(({ id }) => id);
  const attempts = await db.rows<Pick<AttemptRecord, 'delivery_id' | 'n'>>(
    knex('webhook_attempts').select('delivery_id', 'n').whereIn('delivery_id', padded(ids)),
  );
  for (const id of ids) {
    const own = attempts.filter(({ delivery_id: of }) => of === id);
    await db.commit([
      ...own.map(({ n }) => remove('webhook_attempts', { delivery_id: id, n })),
      // Not one that was begun anew meanwhile.
      remove('webhook_deliveries', { id, next_attempt_at: null }),
    ]);
  }
}
