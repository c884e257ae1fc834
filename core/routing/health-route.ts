/** `GET /v1/accounts/{account_id}/health`: how an account answers, and how full it is. */
import { Type } from 'typebox';
import type { Account } from '../accounts/account.ts';
import { Problem } from '../sdk/problem.ts';
import { defineRoute, type Route } from '../sdk/route.ts';
import { idOf, nullable, oneOf, strict } from '../sdk/vocabulary.ts';
import type { UsageRow } from './board.ts';
import { asking, type RoutingRouteDeps } from './route-parts.ts';
import { windowsAt, type Limits } from './strategies/limits.ts';
import { breakerMachine, healthDefaults } from './strategies/health.ts';
import { limitsOf } from './lineup.ts';

const UsedSchema = strict({
  used: Type.Integer({ description: 'Payments on their way included.' }),
  limit: nullable(Type.Integer()),
});

const SpanSchema = strict(
  {
    span: Type.String({ description: '`2026-11-21` or `2026-11`, in the time zone.' }),
    count: UsedSchema,
    amounts: Type.Record(Type.String(), UsedSchema, { description: 'By currency.' }),
  },
  { title: 'AccountUsage' },
);

const HealthSchema = strict(
  {
    object: Type.Literal('account_health'),
    account: Type.String(),
    breaker: oneOf(breakerMachine.states, 'open: it gets no payments for a while.'),
    standing: oneOf(
      ['usable', 'probe', 'unhealthy'],
      'probe: the next payment may try whether it is back.',
    ),
    window: strict(
      {
        seconds: Type.Integer(),
        calls: Type.Integer(),
        approved: Type.Integer(),
        declined: Type.Integer(),
        failed: Type.Integer({ description: 'Without an answer that means anything.' }),
        latency_ms: nullable(Type.Number({ description: 'The mean.' })),
      },
      { description: 'The latest calls, as the node that answers saw them.' },
    ),
    waiting: strict(
      {
        calls: Type.Integer(),
        oldest_ms: nullable(Type.Integer({ description: 'How long the oldest has been waiting.' })),
        silent: Type.Boolean({
          description:
            `${healthDefaults.silentCalls} calls or more have been waiting for ` +
            `${healthDefaults.silentMs / 1000} s and none was answered: it gets no payments.`,
        }),
      },
      { description: 'Calls under way, on the node that answers.' },
    ),
    approvals: strict(
      { approved: Type.Integer(), total: Type.Integer() },
      { description: 'Authorizations of the last day.' },
    ),
    time_zone: Type.String({ description: 'Where its day and month begin.' }),
    day: SpanSchema,
    month: SpanSchema,
  },
  { title: 'AccountHealth' },
);

export function healthRoute(deps: RoutingRouteDeps): Route {
  return defineRoute({
    ...asking,
    tag: 'Accounts',
    id: 'getAccountHealth',
    method: 'get',
    path: '/v1/accounts/{account_id}/health',
    summary: 'How an account answers, and how full it is',
    description:
      'Use is counted where the account has limits, or where rules ask for the least used.',
    access: { kind: 'merchant', scope: 'accounts:read' },
    params: strict({ account_id: idOf('account', 'acct_…') }),
    replies: { 200: HealthSchema },
    problems: ['not_found'],
    examples: [{ summary: 'Now', params: { account_id: '{account_id}' }, status: 200 }],
    handle: async ({ principal, params }) => {
      const accounts = await deps.accounts.list(principal.merchantId);
      const account = accounts.find(({ record }) => record.id === params.account_id);
      if (!account) throw new Problem('not_found', 'there is no such account');
      return { status: 200, body: await presentHealth(deps, account) };
    },
  });
}

async function presentHealth({ db, clock, routing }: RoutingRouteDeps, account: Account) {
  const { id } = account.record;
  const { state, latencyMs, ...calls } = routing.health.figuresOf(id);
  const waiting = routing.health.waitingAt(id);
  const limits = limitsOf(account);
  const zoned = limits ?? { time_zone: 'UTC' };
  const { day, month } = windowsAt(clock.now(), zoned);
  const rows = await db.rows<UsageRow>(
    db.knex('account_usage').select('*').where('account_id', id).whereIn('span', [day, month]),
  );
  return {
    object: 'account_health' as const,
    account: id,
    breaker: state,
    standing: routing.health.standingOf(id),
    window: {
      seconds: healthDefaults.windowMs / 1000,
      ...calls,
      latency_ms: latencyMs === undefined ? null : Math.round(latencyMs * 10) / 10,
    },
    waiting: {
      calls: waiting.calls,
      oldest_ms: waiting.oldestMs ?? null,
      silent: waiting.silent,
    },
    approvals: routing.health.statsOf(id),
    time_zone: zoned.time_zone,
    day: presentSpan(rows, day, limits, 'daily'),
    month: presentSpan(rows, month, limits, 'monthly'),
  };
}

function presentSpan(
  all: readonly UsageRow[],
  span: string,
  limits: Limits | undefined,
  period: 'daily' | 'monthly',
) {
  const rows = all.filter((row) => row.span === span);
  const counted = rows.find(({ currency }) => currency === '*');
  const used = new Map(rows.map((row) => [row.currency, row.used_amount]));
  used.delete('*');
  for (const currency of Object.keys(limits?.amounts ?? {})) {
    if (!used.has(currency)) used.set(currency, 0);
  }
  const amounts = [...used].map(([currency, amount]) => [
    currency,
    { used: amount, limit: limits?.amounts?.[currency]?.[period] ?? null },
  ]);
  const count = { used: counted?.used_count ?? 0, limit: limits?.[`${period}_count`] };
  return {
    span,
    count: { ...count, limit: count.limit ?? null },
    amounts: Object.fromEntries(amounts) as Record<string, { used: number; limit: number | null }>,
  };
}
