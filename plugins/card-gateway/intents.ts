/**
 * What only this dialect knows of its intents: whose they are, for those who come without a key,
 * and their order ids, which need not be unique as a native reference must.
 */
import { keepRow, Problem, type Host, type PluginMigration, type Principal } from '#sdk';

const table = 'card_gateway_intents';

export interface IntentDetails {
  readonly order_id: string | null;
  readonly success_url: string;
  readonly cancel_url: string;
}

interface IntentRow {
  readonly payment_id: string;
  readonly merchant_id: string;
  readonly session_id: string;
  readonly details: string;
}

export interface Intent {
  readonly sessionId: string;
  /** Who reads for somebody without a key. */
  readonly reader: Principal;
  readonly details: IntentDetails;
}

export const migrations: readonly PluginMigration[] = [
  {
    name: '0001_intents',
    statements: ({ id, clustered }) => [
      `create table ${table} (
        payment_id ${id} not null primary key,
        merchant_id ${id} not null,
        session_id ${id} not null,
        details text not null
      ) ${clustered}`,
    ],
  },
];

/** A repeat finds it kept already. */
export async function keepIntent(
  host: Host,
  session: { readonly id: string; readonly payment: string; readonly merchant_id: string },
  details: IntentDetails,
): Promise<void> {
  const { id: session_id, payment: payment_id, merchant_id } = session;
  const row = { payment_id, merchant_id, session_id, details: JSON.stringify(details) };
  await keepRow(host.store, table, row);
}

export async function findIntent(host: Host, payment_id: string): Promise<Intent | undefined> {
  const [row] = await host.store.find<IntentRow>(table, { payment_id });
  return (
    row && {
      sessionId: row.session_id,
      reader: host.actFor({ merchantId: row.merchant_id }),
      details: JSON.parse(row.details) as IntentDetails,
    }
  );
}

/** Throws `not_found`, for another merchant's than `merchantId` too. */
export async function intentOf(
  host: Host,
  paymentId: string,
  merchantId?: string,
): Promise<Intent> {
  const intent = await findIntent(host, paymentId);
  if (intent && (merchantId ?? intent.reader.merchantId) === intent.reader.merchantId) {
    return intent;
  }
  throw new Problem('not_found', 'there is no payment intent with this id');
}
