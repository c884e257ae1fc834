/** `POST /v1/routing/backtest`: the decisions of the past, made again with other rules. */
import { Type } from 'typebox';
import { day, isoTime } from '../base/clock.ts';
import { commitWithAnswer } from '../idempotency/answer.ts';
import { defineRoute, type Route } from '../sdk/route.ts';
import { nullable, strict, TimeSchema } from '../sdk/vocabulary.ts';
import type { BacktestReport } from './backtest/run.ts';
import { evidenceMin } from './backtest/tally.ts';
import { exampleRules, managing, reading, type RoutingRouteDeps } from './route-parts.ts';
import { GivenRulesSchema, VersionSchema } from './schema.ts';
import { apiFileName } from './source.ts';
import { readGiven } from './source-verbs.ts';

const AccountSchema = {
  account: Type.String(),
  name: nullable(Type.String({ description: 'Null: it is gone.' })),
};

const FlowSchema = strict({
  ...AccountSchema,
  before: Type.Integer({ description: 'Payments it was the first to get.' }),
  after: Type.Integer({ description: 'Payments it would be the first to get.' }),
});

const MoveSchema = strict({
  from: nullable(Type.String({ description: 'An account; null: nobody could take them.' })),
  to: nullable(Type.String()),
  count: Type.Integer(),
});

const ExpectedSchema = strict(
  {
    compared: Type.Integer({ description: 'Payments of which something can be said.' }),
    before: Type.Integer({ description: 'Approved of them, as it was.' }),
    after: Type.Number({ description: 'Approved of them, as is to be expected.' }),
    low: Type.Number({ description: 'The ends of the 95 % interval of that.' }),
    high: Type.Number(),
  },
  { description: 'Approvals, where payments like those that move were observed.' },
);

const BacktestSchema = strict(
  {
    object: Type.Literal('routing_backtest'),
    version: VersionSchema,
    since: TimeSchema,
    decisions: Type.Integer(),
    moved: Type.Integer({ description: 'Of those, to another account.' }),
    accounts: Type.Array(FlowSchema),
    moves: Type.Array(MoveSchema, { description: 'Most first.' }),
    expected: ExpectedSchema,
    no_evidence: Type.Array(
      strict({
        ...AccountSchema,
        payment_method: Type.String(),
        currency: Type.String(),
        card_brand: Type.String({ description: '`-`: none, or not known.' }),
        count: Type.Integer({ description: 'Payments that would move there.' }),
        observed: Type.Integer({ description: 'Payments like them that were seen there.' }),
      }),
      { description: `Where fewer than ${evidenceMin} were observed, nothing is expected.` },
    ),
    observed: Type.Array(
      strict({ ...AccountSchema, approved: Type.Integer(), total: Type.Integer() }),
      { description: 'What was seen of each account.' },
    ),
  },
  { title: 'RoutingBacktest' },
);

/** How far back it looks where nothing is said. */
const usualMs = 30 * day;

export function backtestRoute(deps: RoutingRouteDeps): Route {
  return defineRoute({
    ...managing,
    id: 'backtestRouting',
    method: 'post',
    path: '/v1/routing/backtest',
    summary: 'What other rules would have decided',
    description:
      'Every decision by rules since then is made again with these: who would move, and how many ' +
      'approvals to expect. Runs beside the payments, one at a time. A million decisions take ' +
      'some seconds. Nothing is changed or stored.',
    access: reading,
    body: strict({
      rules: GivenRulesSchema,
      since: Type.Optional({ ...TimeSchema, description: 'Thirty days ago when left out.' }),
    }),
    replies: { 200: BacktestSchema },
    problems: ['invalid_request', 'rate_limited'],
    examples: [{ summary: 'Of thirty days', body: { rules: exampleRules }, status: 200 }],
    handle: async ({ principal, body, slot }) => {
      const { merchantId, profileId } = principal;
      const { text: rules } = await readGiven(deps, merchantId, body.rules);
      const since = body.since ?? isoTime(deps.clock.now() - usualMs);
      const request = { merchantId, profileId, since, rules, file: apiFileName };
      const report = await deps.backtester.run(request);
      const answer = { status: 200, body: presentBacktest(report, since) };
      return commitWithAnswer(deps, slot, answer, []);
    },
  });
}

/** As the API and the command line show it. */
export function presentBacktest(report: BacktestReport, since: string) {
  const named = (account: string) => ({ account, name: report.names[account] ?? null });
  const { version, decisions, moved, accounts, moves, expected, noEvidence, observed } = report;
  return {
    object: 'routing_backtest' as const,
    version,
    since,
    decisions,
    moved,
    accounts: accounts.map(({ account, ...flow }) => ({ ...named(account), ...flow })),
    moves: moves.map(({ from, to, count }) => ({ from, to, count })),
    expected,
    no_evidence: noEvidence.map(({ segment, count, observed: seen }) => {
      const [account = '', payment_method = '', currency = '', card_brand = ''] =
        segment.split(' ');
      const alike = { payment_method, currency, card_brand };
      return { ...named(account), ...alike, count, observed: seen };
    }),
    observed: Object.entries(observed).map(([account, seen]) => ({ ...named(account), ...seen })),
  };
}

export type PresentedBacktest = ReturnType<typeof presentBacktest>;
