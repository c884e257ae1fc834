/** The merchants' API: asking. One charge, one operation by the switch's own reference, a list. */
import { viewOf } from './charge-routes.ts';
import type { Answer, Exchange } from './exchange.ts';
import type { ActiveFault } from './faults.ts';
import type { Operation } from './model.ts';
import { Refusal } from './refusal.ts';
import type { Route } from './router.ts';
import type { Simulator } from './simulator.ts';
import { withFaults } from './strikes.ts';
import { chargeView, historyView } from './view.ts';

type Find = (exchange: Exchange, faults: readonly ActiveFault[]) => unknown;

export function lookupRoutes(simulator: Simulator): Route[] {
  const { books } = simulator;
  const lookup = (path: string, find: Find): Route => ({
    method: 'GET',
    path,
    merchant: true,
    handle: (exchange) => ask(simulator, exchange, find),
  });
  return [
    lookup('/v1/charges/:id', ({ merchant, params }) => {
      const charge = books.charge(merchant, params['id'] ?? '');
      if (!charge) throw new Refusal('unknown_charge', `no charge ${params['id']}`);
      return chargeView(charge, simulator.baseUrl());
    }),
    lookup('/v1/charges/:id/history', ({ merchant, params }) => {
      const charge = books.charge(merchant, params['id'] ?? '');
      if (!charge) throw new Refusal('unknown_charge', `no charge ${params['id']}`);
      const { id } = charge;
      const disputes = books.disputesOf(id);
      return historyView(charge, books.operationsOf(id), disputes, simulator.baseUrl());
    }),
    lookup('/v1/account', ({ merchant }) => ({ object: 'account', id: merchant })),
    lookup('/v1/operations', ({ merchant, query }, faults) => {
      const reference = query.get('reference') ?? '';
      const operation = books.operation(merchant, reference);
      if (!operation || isHidden(simulator, operation, faults)) {
        throw new Refusal('unknown_reference', `no operation ${reference}`);
      }
      return viewOf(simulator, { operation, charge: books.chargeOf(operation) });
    }),
    lookup('/v1/charges', (exchange) => listCharges(simulator, exchange)),
  ];
}

async function ask(simulator: Simulator, exchange: Exchange, find: Find): Promise<Answer> {
  const faults = simulator.faults.strike('lookup', exchange.merchant);
  return withFaults(exchange, faults, async () => {
    const body = find(exchange, faults);
    // What is found may be booked and not yet on disk: an answer must survive a crash.
    await simulator.file.flushed();
    return { status: 200, body };
  });
}

/** A processor whose look-up lags behind its books, as those with replicas do. */
function isHidden(
  simulator: Simulator,
  operation: Operation,
  faults: readonly ActiveFault[],
): boolean {
  const nowMs = simulator.now();
  const lag = faults.find((fault) => fault.name === 'not_found_lag');
  if (lag && nowMs < Date.parse(operation.created_at) + lag.latencyMs) return true;
  const fromMs = simulator.visibleFrom.get(operation.id);
  if (fromMs === undefined) return false;
  if (nowMs < fromMs) return true;
  simulator.visibleFrom.delete(operation.id);
  return false;
}

/** `created_from` inclusive, `created_to` exclusive, oldest first; `after` a charge id. */
function listCharges(simulator: Simulator, { merchant, query }: Exchange): unknown {
  const from = readTime(query, 'created_from') ?? '';
  const to = readTime(query, 'created_to') ?? '~';
  const limit = readLimit(query, 1000) ?? 100;
  const after = query.get('after');
  const data: unknown[] = [];
  let reached = after === null;
  let hasMore = false;
  for (const charge of simulator.books.chargesOf(merchant)) {
    const passed = reached;
    if (charge.id === after) reached = true;
    if (!passed || charge.created_at < from || charge.created_at >= to) continue;
    if (data.length === limit) {
      hasMore = true;
      break;
    }
    data.push(chargeView(charge, simulator.baseUrl()));
  }
  if (!reached) throw new Refusal('invalid_request', 'after names no charge', 'after');
  return { object: 'list', data, has_more: hasMore };
}

/** A time in the spelling of the rows, so that texts compare like times. */
export function readTime(query: URLSearchParams, name: string): string | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new Refusal('invalid_request', `${name} is not a time`, name);
  return new Date(ms).toISOString();
}

export function readLimit(query: URLSearchParams, most: number): number | undefined {
  const text = query.get('limit');
  if (text === null) return undefined;
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= most) return limit;
  throw new Refusal('invalid_request', `limit must be from 1 to ${most}`, 'limit');
}
