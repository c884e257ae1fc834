/** Which profile and which URL of its own the payments behind a batch of events have. */
import type { EventRecord } from '../events/event.ts';
import type { PaymentRecord, StoredDetails } from '../payments/record.ts';
import type { Database } from '../storage/index.ts';
import { padded } from '../storage/padded.ts';
import type { Addressing } from './rules.ts';
import { standardSigner } from './signer.ts';

/** By payment id. The URL is the payment's present one: it may be changed until confirmation. */
export async function addressing(
  db: Database,
  events: readonly EventRecord[],
): Promise<ReadonlyMap<string, Addressing>> {
  const ids = new Set(events.flatMap((event) => event.payment_id ?? []));
  if (ids.size === 0) return new Map();
  const merchants = new Set(events.map((event) => event.merchant_id));
  const rows = await db.rows<Pick<PaymentRecord, 'id' | 'profile_id' | 'details'>>(
    db
      .knex('payments')
      .select('id', 'profile_id', 'details')
      .whereIn('merchant_id', padded(merchants))
      .whereIn('id', padded(ids)),
  );
  return new Map(
    rows.map(({ id, profile_id: profileId, details }) => {
      const { webhook_url: webhookUrl, webhook_signer: signer = standardSigner.id } = JSON.parse(
        details,
      ) as StoredDetails;
      return [id, { profileId, webhookUrl, signer }];
    }),
  );
}
