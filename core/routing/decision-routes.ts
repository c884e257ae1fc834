/** Decisions that were made: of one payment for people, of all of them for a backtest. */
import { firstIdAt } from '../base/id.ts';
import { Problem } from '../sdk/problem.ts';
import { defineRoute, type Principal, type Route } from '../sdk/route.ts';
import { findOne, padded } from '../storage/index.ts';
import { presentDecision, type StoredDecision } from './present.ts';
import { asking, namesOf, reading, type RoutingRouteDeps } from './route-parts.ts';
import type { RuledDecision } from './route.ts';
import {
  DecisionsQuery,
  DecisionsSchema,
  PaymentParams,
  PaymentRoutingSchema,
} from './decision-schema.ts';

/** As much of a payment's row as routing looks at. */
interface PaymentRow {
  readonly id: string;
  readonly profile_id: string;
  readonly routing: string | null;
}

interface OperationRow {
  readonly id: string;
  readonly payment_id: string;
  readonly account_id: string;
  readonly state: string;
  readonly details: string | null;
  readonly created_at: string;
}

const operationColumns = [
  'id',
  'payment_id',
  'account_id',
  'state',
  'details',
  'created_at',
] as const;

export function decisionRoutes(deps: RoutingRouteDeps): readonly Route[] {
  return [paymentRoute(deps), decisionsRoute(deps)];
}

function paymentRoute(deps: RoutingRouteDeps): Route {
  return defineRoute({
    ...asking,
    id: 'getPaymentRouting',
    method: 'get',
    path: '/v1/payments/{payment_id}/routing',
    summary: 'Why a payment went where it went',
    description:
      'The latest decision with its rule, its version, what it looked at and why each other ' +
      'account was passed over; and every account that was tried.',
    access: { kind: 'merchant', scope: 'payments:read' },
    params: PaymentParams,
    replies: { 200: PaymentRoutingSchema },
    problems: ['not_found'],
    examples: [{ summary: 'Of one payment', params: { payment_id: '{payment_id}' }, status: 200 }],
    handle: async ({ principal, params }) => {
      const payment = await paymentFor(deps, principal, params.payment_id);
      const nameOf = await namesOf(deps, principal.merchantId);
      const tried = await authorizations(deps, [payment.id]);
      const decision = decisionOf(payment);
      const body = {
        object: 'payment_routing' as const,
        payment: payment.id,
        decision: decision ? presentDecision(decision, nameOf) : null,
        attempts: tried.map(({ id, account_id: account, state, details, created_at }) => ({
          operation: id,
          account,
          name: nameOf(account),
          state,
          reserved: reservedOf(details),
          created_at,
        })),
      };
      return { status: 200, body };
    },
  });
}

async function paymentFor(
  { db }: RoutingRouteDeps,
  { merchantId, profileId }: Principal,
  id: string,
): Promise<PaymentRow> {
  const where = { merchant_id: merchantId, id };
  const payment = await findOne<PaymentRow>(db, 'payments', where);
  if (!payment || (profileId !== undefined && payment.profile_id !== profileId)) {
    throw new Problem('not_found', 'there is no such payment');
  }
  return payment;
}

function decisionOf({ routing }: PaymentRow): StoredDecision | undefined {
  return routing === null ? undefined : (JSON.parse(routing) as StoredDecision);
}

function reservedOf(details: string | null): Record<string, unknown> | null {
  if (details === null) return null;
  const { reserved } = JSON.parse(details) as { reserved?: Record<string, unknown> };
  return reserved ?? null;
}

/** Every authorization of some payments, oldest first. */
async function authorizations(
  { db }: RoutingRouteDeps,
  paymentIds: readonly string[],
): Promise<readonly OperationRow[]> {
  return db.rows<OperationRow>(
    db
      .knex('operations')
      .select(...operationColumns)
      .whereIn('payment_id', padded(paymentIds))
      .where('kind', 'authorize')
      .orderBy('id'),
  );
}

function decisionsRoute(deps: RoutingRouteDeps): Route {
  return defineRoute({
    ...asking,
    id: 'listRoutingDecisions',
    method: 'get',
    path: '/v1/routing/decisions',
    summary: 'Decisions by rules with what became of them, oldest first',
    description: 'For backtests: `pointsman routes backtest` makes them again with other rules.',
    access: reading,
    query: DecisionsQuery,
    replies: { 200: DecisionsSchema },
    problems: ['invalid_cursor'],
    examples: [{ summary: 'Of a day', query: { since: '2026-11-21T00:00:00.000Z' }, status: 200 }],
    handle: async ({ principal, query }) => {
      const { limit = 100, starting_after: after, since } = query;
      if (after !== undefined) await assertCursor(deps, principal.merchantId, after);
      const from = since === undefined ? '' : firstIdAt('payment', Date.parse(since));
      const rows = await decidedPayments(deps, principal, { from, after, limit: limit + 1 });
      const shown = rows.slice(0, limit);
      const data = await presentStored(deps, shown);
      return { status: 200, body: { object: 'list', data, has_more: rows.length > limit } };
    },
  });
}

async function assertCursor({ db }: RoutingRouteDeps, merchantId: string, id: string) {
  if (await findOne(db, 'payments', { merchant_id: merchantId, id })) return;
  throw new Problem('invalid_cursor', 'the cursor is not the id of a payment of yours', {
    param: 'starting_after',
  });
}

async function decidedPayments(
  { db }: RoutingRouteDeps,
  { merchantId, profileId }: Principal,
  { from, after, limit }: { from: string; after: string | undefined; limit: number },
): Promise<readonly PaymentRow[]> {
  const select = db
    .knex('payments')
    .select('id', 'profile_id', 'routing')
    .where('merchant_id', merchantId)
    .where('id', '>=', from)
    // Only decisions by rules keep the facts they were made on.
    .where('routing', 'like', '%"facts":%')
    .orderBy('id')
    .limit(limit);
  if (after !== undefined) void select.where('id', '>', after);
  if (profileId !== undefined) void select.where('profile_id', profileId);
  return db.rows<PaymentRow>(select);
}

async function presentStored(deps: RoutingRouteDeps, payments: readonly PaymentRow[]) {
  if (payments.length === 0) return [];
  const tried = new Map<string, OperationRow[]>();
  for (const row of await authorizations(
    deps,
    payments.map(({ id }) => id),
  )) {
    tried.set(row.payment_id, [...(tried.get(row.payment_id) ?? []), row]);
  }
  return payments.map((payment) => {
    const { facts, plan, order, excluded } = decisionOf(payment) as RuledDecision;
    // The latest decision is the one that is kept: so is the latest try at its first account.
    const first = tried.get(payment.id)?.findLast(({ account_id: id }) => id === order[0]);
    return { payment: payment.id, facts, plan, order, excluded, approved: approvedOf(first) };
  });
}

/** A call that failed tells nothing of the bank's mind. */
function approvedOf(operation: OperationRow | undefined): boolean | null {
  if (operation?.state === 'succeeded') return true;
  return operation?.state === 'declined' ? false : null;
}
