/** What a processor reports of its own books, read live: nothing of it is stored. */
import { Type } from 'typebox';
import { Problem } from '../sdk/problem.ts';
import type { BalanceTransaction, Payout, ReportPage } from '../sdk/report.ts';
import { defineRoute, type Route } from '../sdk/route.ts';
import { nullable, oneOf, strict, text, TimeSchema, TotalSchema } from '../sdk/vocabulary.ts';
import type { Account } from './account.ts';
import { contextOf } from './context.ts';
import { problemOf } from './credentials.ts';
import { exampleParams, reading, shared } from './route-parts.ts';
import { AccountParams } from './schema.ts';
import { usableAccount, type AccountRouteDeps } from './verbs.ts';

const movementTypes = [
  'charge',
  'refund',
  'refund_failure',
  'dispute',
  'dispute_reversal',
  'fee',
  'payout',
  'payout_failure',
  'transfer',
  'adjustment',
] as const satisfies readonly BalanceTransaction['type'][];

const payoutStatuses = [
  'pending',
  'in_transit',
  'paid',
  'failed',
  'cancelled',
] as const satisfies readonly Payout['status'][];

const ReportQuerySchema = {
  from: Type.Optional({ ...TimeSchema, description: 'Made at this time or later.' }),
  to: Type.Optional({ ...TimeSchema, description: 'Made at this time or before.' }),
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 100, default: 100, description: 'Entries per page.' }),
  ),
  cursor: Type.Optional(text(500, '`next_cursor` of the page before.')),
};

const BalanceQuerySchema = strict({
  ...ReportQuerySchema,
  payout: Type.Optional(text(200, 'Only what this payout carried: the processor’s id of it.')),
});

const PayoutQuerySchema = strict({
  ...ReportQuerySchema,
  status: Type.Optional(oneOf(payoutStatuses)),
});

const SignedSchema = Type.Integer({ description: 'Minor units; negative leaves the balance.' });

const MovementSchema = strict(
  {
    object: Type.Literal('balance_transaction'),
    reference: Type.String({ description: 'The processor’s own id.' }),
    type: oneOf(movementTypes),
    processor_type: Type.String({ description: 'The processor’s own word.' }),
    source: nullable(Type.String({ description: 'What it is about: a charge, a refund …' })),
    amount: SignedSchema,
    fee: SignedSchema,
    net: SignedSchema,
    currency: Type.String(),
    available: Type.Boolean(),
    available_at: Type.String(),
    created_at: Type.String(),
  },
  { title: 'BalanceTransaction' },
);

const PayoutSchema = strict(
  {
    object: Type.Literal('payout'),
    reference: Type.String({ description: 'The processor’s own id.' }),
    amount: TotalSchema,
    currency: Type.String(),
    status: oneOf(payoutStatuses),
    failure_code: nullable(Type.String()),
    created_at: Type.String(),
    arrival_at: Type.String(),
  },
  { title: 'Payout' },
);

function reportSchema<T extends typeof MovementSchema | typeof PayoutSchema>(
  entry: T,
  title: string,
) {
  const next_cursor = nullable(Type.String({ description: 'Null on the last page.' }));
  const list = { object: Type.Literal('list'), data: Type.Array(entry), has_more: Type.Boolean() };
  return strict({ ...list, next_cursor }, { title });
}

const BalanceReportSchema = reportSchema(MovementSchema, 'BalanceReport');
const PayoutReportSchema = reportSchema(PayoutSchema, 'PayoutReport');

const problems = [
  'invalid_request',
  'not_found',
  'not_supported',
  'credentials_refused',
  'processor_refused',
  'processor_unreachable',
] as const;

interface Window {
  readonly from?: string;
  readonly to?: string;
  readonly limit?: number;
  readonly cursor?: string;
}

function queryOf({ from, to, limit = 100, cursor }: Window) {
  return {
    limit,
    ...(from !== undefined && { fromMs: Date.parse(from) }),
    ...(to !== undefined && { toMs: Date.parse(to) }),
    ...(cursor !== undefined && { cursor }),
  };
}

/** One page, shown; what the processor did wrong becomes a Problem. */
async function read<T, S>(
  account: Account,
  asked: Promise<ReportPage<T>> | undefined,
  show: (entry: T) => S,
) {
  if (!asked) {
    throw new Problem('not_supported', `${account.connector.name} does not report this`);
  }
  try {
    const { entries, nextCursor } = await asked;
    const next_cursor = nextCursor ?? null;
    const data = entries.map(show);
    return { object: 'list' as const, data, has_more: next_cursor !== null, next_cursor };
  } catch (error) {
    throw problemOf(error);
  }
}

function presentMovement({ amount, fee, net, ...entry }: BalanceTransaction) {
  return {
    object: 'balance_transaction' as const,
    reference: entry.reference,
    type: entry.type,
    processor_type: entry.processorType,
    source: entry.source ?? null,
    amount: amount.amount,
    fee: fee.amount,
    net: net.amount,
    // `net = amount - fee`: the three are of one currency.
    currency: net.currency,
    available: entry.available,
    available_at: entry.availableAt,
    created_at: entry.createdAt,
  };
}

function presentPayout(payout: Payout) {
  return {
    object: 'payout' as const,
    reference: payout.reference,
    amount: payout.amount.amount,
    currency: payout.amount.currency,
    status: payout.status,
    failure_code: payout.failureCode ?? null,
    created_at: payout.createdAt,
    arrival_at: payout.arrivalAt,
  };
}

export function reportRoutes(deps: AccountRouteDeps): readonly Route[] {
  const live = { ...shared, rate: 'queries', access: reading, params: AccountParams } as const;
  return [
    defineRoute({
      ...live,
      id: 'listBalanceTransactions',
      method: 'get',
      path: '/v1/accounts/{account_id}/balance_transactions',
      summary: 'Read the movements of the balance at the processor',
      description: 'Asked of the processor now, in its order; nothing of it is stored.',
      query: BalanceQuerySchema,
      replies: { 200: BalanceReportSchema },
      problems: [...problems],
      examples: [
        { summary: 'The first page', params: exampleParams, query: { limit: 10 }, status: 200 },
      ],
      async handle({ principal, params, query: { payout, ...window } }) {
        const account = await usableAccount(deps, principal.merchantId, params.account_id);
        const context = contextOf(account, deps.mode, deps.clock);
        const query = { ...queryOf(window), ...(payout !== undefined && { payout }) };
        const asked = account.connector.reports?.balanceTransactions?.(context, query);
        return { status: 200, body: await read(account, asked, presentMovement) };
      },
    }),
    defineRoute({
      ...live,
      id: 'listPayouts',
      method: 'get',
      path: '/v1/accounts/{account_id}/payouts',
      summary: 'Read the payouts of the processor',
      description: 'Asked of the processor now, in its order; nothing of it is stored.',
      query: PayoutQuerySchema,
      replies: { 200: PayoutReportSchema },
      problems: [...problems],
      examples: [
        {
          summary: 'Those that arrived',
          params: exampleParams,
          query: { status: 'paid' },
          status: 200,
        },
      ],
      async handle({ principal, params, query: { status, ...window } }) {
        const account = await usableAccount(deps, principal.merchantId, params.account_id);
        const context = contextOf(account, deps.mode, deps.clock);
        const query = { ...queryOf(window), ...(status !== undefined && { status }) };
        const asked = account.connector.reports?.payouts?.(context, query);
        return { status: 200, body: await read(account, asked, presentPayout) };
      },
    }),
  ];
}
