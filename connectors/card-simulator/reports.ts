/** The simulator's balance and payouts, a page at a time. */
import type {
  BalanceQuery,
  BalanceTransaction,
  Payout,
  PayoutQuery,
  ReportPage,
  ReportQuery,
} from '#sdk';
import { get, type SimulatorContext } from './calls.ts';
import {
  asFields,
  flagOf,
  listOf,
  moneyOf,
  signedOf,
  textOf,
  timeOf,
  wordOf,
  type Fields,
} from './fields.ts';

const movements = [
  'charge',
  'refund',
  'refund_failure',
  'dispute',
  'dispute_reversal',
  'payout',
] as const;

const payoutWords = ['pending', 'in_transit', 'paid', 'failed', 'cancelled'] as const;

export async function balanceTransactions(
  context: SimulatorContext,
  query: BalanceQuery,
): Promise<ReportPage<BalanceTransaction>> {
  return readPage(context, '/v1/balance_transactions', query, readMovement, {
    payout: query.payout,
  });
}

export async function payouts(
  context: SimulatorContext,
  query: PayoutQuery,
): Promise<ReportPage<Payout>> {
  return readPage(context, '/v1/payouts', query, readPayout, { status: query.status });
}

async function readPage<T extends { readonly reference: string }>(
  context: SimulatorContext,
  path: string,
  { fromMs, toMs, cursor, limit }: ReportQuery,
  read: (fields: Fields) => T,
  more: Readonly<Record<string, string | undefined>>,
): Promise<ReportPage<T>> {
  const query = new URLSearchParams({
    limit: String(limit),
    ...(fromMs !== undefined && { created_from: new Date(fromMs).toISOString() }),
    // Its end is exclusive, ours is not.
    ...(toMs !== undefined && { created_to: new Date(toMs + 1).toISOString() }),
    ...(cursor !== undefined && { after: cursor }),
  });
  for (const [name, value] of Object.entries(more)) if (value !== undefined) query.set(name, value);
  const answer = asFields(await get(context, `${path}?${query.toString()}`), 'the answer');
  wordOf(answer, 'object', ['list']);
  const entries = listOf(answer, 'data').map(read);
  const last = entries.at(-1);
  const goesOn = flagOf(answer, 'has_more') && last !== undefined;
  return { entries, ...(goesOn && { nextCursor: last.reference }) };
}

/** The simulator takes no fees and holds nothing back. */
function readMovement(fields: Fields): BalanceTransaction {
  const type = wordOf(fields, 'type', movements);
  const amount = signedOf(fields, 'amount');
  const createdAt = timeOf(fields, 'created_at');
  return {
    reference: textOf(fields, 'id'),
    type,
    processorType: type,
    source: textOf(fields, 'source'),
    amount,
    fee: { amount: 0, currency: amount.currency },
    net: amount,
    available: true,
    availableAt: createdAt,
    createdAt,
  };
}

function readPayout(fields: Fields): Payout {
  return {
    reference: textOf(fields, 'id'),
    amount: moneyOf(fields, 'amount'),
    status: wordOf(fields, 'status', payoutWords),
    createdAt: timeOf(fields, 'created_at'),
    arrivalAt: timeOf(fields, 'arrival_at'),
  };
}
