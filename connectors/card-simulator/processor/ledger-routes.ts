/** The processor's own books, open to read: what the switch's books are compared with. */
import type { Route } from './router.ts';
import { Refusal } from './refusal.ts';
import { readLimit, readTime } from './lookup-routes.ts';
import type { Simulator } from './simulator.ts';
import { ledgerView } from './view.ts';

export function ledgerRoutes(simulator: Simulator): Route[] {
  return [
    {
      method: 'GET',
      path: '/ledger',
      merchant: false,
      handle: async ({ query }) => ({ status: 200, body: readLedger(simulator, query) }),
    },
    {
      method: 'GET',
      path: '/health',
      merchant: false,
      handle: async () => ({ status: 200, body: { status: 'ok' } }),
    },
  ];
}

/** Totals and count are those of all that the filters let through; a page holds a part of it. */
function readLedger({ books }: Simulator, query: URLSearchParams): unknown {
  const from = readTime(query, 'from') ?? '';
  const reference = query.get('reference');
  const merchant = query.get('merchant');
  const found = books.operations.filter(
    (operation) =>
      operation.created_at >= from &&
      (reference === null || operation.reference === reference) &&
      (merchant === null || operation.merchant === merchant),
  );
  const after = query.get('after');
  const place = after === null ? -1 : found.findIndex((operation) => operation.id === after);
  if (after !== null && place < 0) {
    throw new Refusal('invalid_request', 'after names no operation of this list', 'after');
  }
  const start = place + 1;
  const limit = readLimit(query, Number.MAX_SAFE_INTEGER) ?? found.length;
  return {
    operations: found
      .slice(start, start + limit)
      .map((operation) => ledgerView(operation, books.chargeOf(operation))),
    totals: books.totals(found),
    count: found.length,
    has_more: start + limit < found.length,
  };
}
