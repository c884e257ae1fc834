/**
 * The one thing that is kept here: for each transaction where its customer goes afterwards, and the
 * processor's own id of it, which clients know as the payment intent.
 */
import { keepRow, type Host, type PluginMigration } from '#sdk';

const table = 'payzpool_intents';

export interface IntentRow {
  readonly payment_id: string;
  readonly merchant_id: string;
  /** The processor's; null where its form is not used: then it is made of the payment's id. */
  readonly intent_id: string | null;
  readonly customer_email: string;
  readonly return_url: string;
}

export const migrations: readonly PluginMigration[] = [
  {
    name: '0001_intents',
    statements: ({ id, clustered }) => [
      `create table ${table} (
        payment_id ${id} not null primary key,
        merchant_id ${id} not null,
        intent_id text,
        customer_email ${id} not null,
        return_url text not null
      ) ${clustered}`,
      `create index ${table}_email on ${table} (merchant_id, customer_email, payment_id)`,
    ],
  },
];

/** Once: a repeated request brings the same row again. */
export const keepIntent = (host: Host, row: IntentRow) => keepRow(host.store, table, { ...row });

/** By payment. */
export async function intentsOf(
  host: Host,
  paymentIds: readonly string[],
): Promise<ReadonlyMap<string, IntentRow>> {
  if (paymentIds.length === 0) return new Map();
  const rows = await host.store.find<IntentRow>(table, { payment_id: paymentIds });
  return new Map(rows.map((row) => [row.payment_id, row]));
}

/** The payments of one customer, the newest first. */
export async function paymentsOf(
  host: Host,
  merchant_id: string,
  customer_email: string,
): Promise<readonly string[]> {
  const order = [{ by: 'payment_id', descending: true }];
  const rows = await host.store.find<IntentRow>(table, { merchant_id, customer_email }, { order });
  return rows.map(({ payment_id: id }) => id);
}
