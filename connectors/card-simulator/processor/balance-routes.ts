/** The merchants' API: the account's balance, movement by movement, and what was paid out of it. */
import type { Books } from './books.ts';
import type { Exchange, Reply } from './exchange.ts';
import { readLimit, readTime } from './lookup-routes.ts';
import type { Operation } from './model.ts';
import { Refusal } from './refusal.ts';
import type { Route } from './router.ts';
import type { Simulator } from './simulator.ts';

interface Movement {
  readonly id: string;
  readonly type: string;
  readonly source: string;
  /** Minor units, signed. There are no fees. */
  readonly amount: number;
  readonly currency: string;
  readonly created_at: string;
}

export function balanceRoutes(simulator: Simulator): Route[] {
  const { books } = simulator;
  return [
    {
      method: 'GET',
      path: '/v1/balance_transactions',
      merchant: true,
      handle: async ({ merchant, query }) => {
        const movements = movementsOf(books, merchant);
        const payout = query.get('payout');
        return page(query, payout === null ? movements : carriedBy(movements, payout));
      },
    },
    {
      method: 'GET',
      path: '/v1/payouts',
      merchant: true,
      handle: async ({ merchant, query }) => {
        const status = query.get('status');
        const payouts = books
          .payoutsOf(merchant)
          .filter((payout) => status === null || payout.status === status);
        return page(
          query,
          payouts.map((payout) => ({ object: 'payout', ...payout })),
        );
      },
    },
  ];
}

/** Oldest first, like everything the ledger tells. */
function movementsOf(books: Books, merchant: string): Movement[] {
  const found = books.operations
    .filter((operation) => operation.merchant === merchant)
    .flatMap((operation) => movementsOfOperation(books, operation));
  for (const dispute of books.merchantDisputes(merchant)) {
    const { id: source, amount, currency, created_at, closed_at } = dispute;
    const shared = { source, currency };
    found.push({ ...shared, id: `bt_${source}`, type: 'dispute', amount: -amount, created_at });
    if (dispute.status !== 'won' || closed_at === undefined) continue;
    const back = {
      id: `bt_${source}_won`,
      type: 'dispute_reversal',
      amount,
      created_at: closed_at,
    };
    found.push({ ...shared, ...back });
  }
  for (const { id: source, amount, currency, created_at } of books.payoutsOf(merchant)) {
    const id = `bt_${source}`;
    found.push({ id, type: 'payout', source, amount: -amount, currency, created_at });
  }
  // Of one millisecond: what moved money comes before the payout that carries it.
  return found.toSorted(
    (a, b) => Number(a.created_at > b.created_at) - Number(a.created_at < b.created_at),
  );
}

function movementsOfOperation(books: Books, operation: Operation): Movement[] {
  const { id: source, kind, amount, currency, created_at, status } = operation;
  const shared = { id: `bt_${source}`, source, currency, created_at };
  if (kind === 'capture' && status === 'succeeded') return [{ ...shared, type: 'charge', amount }];
  if (kind === 'authorize') {
    const charge = books.chargeOf(operation);
    if (!charge.capture || charge.status !== 'captured') return [];
    return [{ ...shared, type: 'charge', amount }];
  }
  if (kind !== 'refund' || status === 'declined') return [];
  const out = { ...shared, type: 'refund', amount: -amount };
  if (operation.failed_at === undefined) return [out];
  const back = { id: `bt_${source}_failed`, type: 'refund_failure', amount };
  return [out, { ...shared, ...back, created_at: operation.failed_at }];
}

/** A payout carries what moved in its currency since the payout before. */
function carriedBy(movements: readonly Movement[], payout: string): Movement[] {
  const place = movements.findIndex(({ type, source }) => type === 'payout' && source === payout);
  const own = movements[place];
  if (!own) throw new Refusal('invalid_request', 'payout names no payout', 'payout');
  const before = movements.slice(0, place).filter(({ currency }) => currency === own.currency);
  return [...before.slice(before.findLastIndex(({ type }) => type === 'payout') + 1), own];
}

function page<T extends { readonly id: string; readonly created_at: string }>(
  query: Exchange['query'],
  rows: readonly T[],
): Reply {
  const from = readTime(query, 'created_from') ?? '';
  const to = readTime(query, 'created_to') ?? '~';
  const found = rows.filter(({ created_at }) => created_at >= from && created_at < to);
  const after = query.get('after');
  const place = after === null ? -1 : found.findIndex(({ id }) => id === after);
  if (after !== null && place < 0) {
    throw new Refusal('invalid_request', 'after names nothing in this list', 'after');
  }
  const limit = readLimit(query, 1000) ?? 100;
  const data = found.slice(place + 1, place + 1 + limit);
  const has_more = place + 1 + limit < found.length;
  return { status: 200, body: { object: 'list', data, has_more } };
}
