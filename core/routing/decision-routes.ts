/** Decisions that were made: of one payment for people, of all of them for a backtest. */
import { firstIdAt } from '../base/id.ts';
import { Problem } from '../sdk/problem.ts';
import { defineRoute, type Principal, type Route } from '../sdk/route.ts';
import { findOne, padded } from '../storage/index.ts';
import { approvedOf } from './backtest/stored-decision.ts';
import {
  accountsOf,
  decisionOf,
  firstDecision,
  type DecisionRecord,
  type StoredDecision,
} from './decision-store.ts';
import { presentFailover, type FailedOver } from './failover.ts';
import { presentDecision, type NameOf } from './present.ts';
import { asking, namesOf, reading, type RoutingRouteDeps } from './route-parts.ts';
import {
  DecisionsQuery,
  DecisionsSchema,
  PaymentParams,
  PaymentRoutingSchema,
} from './decision-schema.ts';

/** As much of an authorization as routing looks at. */
interface OperationRow {
  readonly id: string;
  readonly account_id: string;
  readonly state: string;
  readonly details: string | null;
  readonly created_at: string;
}

interface PaymentRow {
  readonly id: string;
  readonly merchant_id: string;
  readonly profile_id: string;
  readonly routing: string | null;
}

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
      'account was passed over; and every account that was tried, each with the decision that ' +
      'led to it.',
    access: { kind: 'merchant', scope: 'payments:read' },
    params: PaymentParams,
    replies: { 200: PaymentRoutingSchema },
    problems: ['not_found'],
    examples: [{ summary: 'Of one payment', params: { payment_id: '{payment_id}' }, status: 200 }],
    handle: async ({ principal, params }) => {
      const payment = await paymentFor(deps, principal, params.payment_id);
      const nameOf = await namesOf(deps, principal.merchantId);
      const tried = await authorizations(deps, payment);
      const decisions = await decisionsOf(deps, payment, tried);
      const attempts = tried.map((one) => presentAttempt(one, tried, decisions, nameOf));
      const latest = tried.findLast(({ id }) => decisions.has(id));
      const decision = latest && decisions.get(latest.id);
      const body = {
        object: 'payment_routing' as const,
        payment: payment.id,
        decision: decision ? presentDecision(decision, nameOf) : null,
        attempts,
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

/** Every authorization of the payment, oldest first. */
async function authorizations(
  { db }: RoutingRouteDeps,
  payment: PaymentRow,
): Promise<readonly OperationRow[]> {
  return db.rows<OperationRow>(
    db
      .knex('operations')
      .select('id', 'account_id', 'state', 'details', 'created_at')
      .where({ payment_id: payment.id, kind: 'authorize' })
      .orderBy('id'),
  );
}

/** By the authorization that each of them led to first. */
async function decisionsOf(
  { db }: RoutingRouteDeps,
  { merchant_id, routing }: PaymentRow,
  tried: readonly OperationRow[],
): Promise<ReadonlyMap<string, StoredDecision>> {
  const [earliest] = tried;
  if (!earliest) return new Map();
  const rows = await db.rows<DecisionRecord>(
    db
      .knex('routing_decisions')
      .select('*')
      .where({ merchant_id })
      .whereIn('operation_id', padded(tried.map(({ id }) => id))),
  );
  const decisions = new Map<string, StoredDecision>();
  const first = firstDecision(routing);
  if (first) decisions.set(earliest.id, first);
  for (const row of rows) decisions.set(row.operation_id, decisionOf(row));
  return decisions;
}

interface AttemptDetails {
  readonly reserved?: Record<string, unknown>;
  readonly failover?: FailedOver;
}

function detailsOf({ details }: OperationRow): AttemptDetails {
  return details === null ? {} : (JSON.parse(details) as AttemptDetails);
}

function presentAttempt(
  attempt: OperationRow,
  tried: readonly OperationRow[],
  decisions: ReadonlyMap<string, StoredDecision>,
  nameOf: NameOf,
) {
  const { id, account_id: account, state, created_at } = attempt;
  const { reserved, failover } = detailsOf(attempt);
  const [first, ...others] = chainTo(attempt, tried);
  const decided = first && decisions.get(first.id);
  const before = [first, ...others].slice(0, -1).map((one) => one?.account_id ?? '');
  const decision = !decided
    ? null
    : failover
      ? presentFailover(decided, before, account, failover, nameOf)
      : presentDecision(decided, nameOf);
  const shown = { operation: id, account, name: nameOf(account), state, decision };
  return { ...shown, reserved: reserved ?? null, created_at };
}

/** The attempts under one decision up to this one, the first first. */
function chainTo(attempt: OperationRow, tried: readonly OperationRow[]): OperationRow[] {
  const chain = [attempt];
  for (;;) {
    const after = chain[0] && detailsOf(chain[0]).failover?.after;
    const before = tried.find(({ id }) => id === after);
    if (!before) return chain;
    chain.unshift(before);
  }
}

function decisionsRoute(deps: RoutingRouteDeps): Route {
  return defineRoute({
    ...asking,
    id: 'listRoutingDecisions',
    method: 'get',
    path: '/v1/routing/decisions',
    summary: 'Decisions by rules with what became of them, oldest first',
    description: 'What `POST /v1/routing/backtest` makes again with other rules.',
    access: reading,
    query: DecisionsQuery,
    replies: { 200: DecisionsSchema },
    problems: ['invalid_cursor'],
    examples: [{ summary: 'Of a day', query: { since: '2026-11-21T00:00:00.000Z' }, status: 200 }],
    handle: async ({ principal, query }) => {
      const { limit = 100, starting_after: after, since } = query;
      if (after !== undefined) await assertCursor(deps, principal.merchantId, after);
      const from = since === undefined ? '' : firstIdAt('operation', Date.parse(since));
      const rows = await listed(deps, principal, { from, after, limit: limit + 1 });
      const data = rows.slice(0, limit).map(presentListed);
      return { status: 200, body: { object: 'list', data, has_more: rows.length > limit } };
    },
  });
}

async function assertCursor({ db }: RoutingRouteDeps, merchantId: string, id: string) {
  const where = { merchant_id: merchantId, operation_id: id };
  if (await findOne(db, 'routing_decisions', where)) return;
  throw new Problem('invalid_cursor', 'the cursor is not the operation of a decision of yours', {
    param: 'starting_after',
  });
}

type ListedRow = DecisionRecord & {
  readonly facts: string;
  readonly payment_id: string;
  readonly state: string;
};

async function listed(
  { db }: RoutingRouteDeps,
  { merchantId, profileId }: Principal,
  { from, after, limit }: { from: string; after: string | undefined; limit: number },
): Promise<readonly ListedRow[]> {
  const select = db
    .knex('routing_decisions as d')
    .join('operations as o', 'o.id', 'd.operation_id')
    .select('d.*', 'o.state', 'o.payment_id')
    .where('d.merchant_id', merchantId)
    .where('d.operation_id', '>=', from)
    .whereNotNull('d.facts')
    .orderBy('d.operation_id')
    .limit(limit);
  if (after !== undefined) void select.where('d.operation_id', '>', after);
  if (profileId !== undefined) {
    void select
      .join('payments as p', { 'p.merchant_id': 'd.merchant_id', 'p.id': 'o.payment_id' })
      .where('p.profile_id', profileId);
  }
  return db.rows<ListedRow>(select);
}

function presentListed(row: ListedRow) {
  return {
    operation: row.operation_id,
    payment: row.payment_id,
    facts: JSON.parse(row.facts) as Record<string, unknown>,
    plan: row.plan,
    order: accountsOf(row.accounts),
    excluded: JSON.parse(row.excluded) as Record<string, string>,
    approved: approvedOf(row.state),
  };
}
