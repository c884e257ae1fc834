/** The balance: what each movement adds or takes, and the payouts that empty it. */
import type { Call, Route } from './call.ts';
import { page, wants, within } from './lists.ts';
import type { Payout, Transaction } from './types.ts';
import type { Account, World } from './world.ts';

const daySeconds = 86_400;

export interface Movement {
  readonly type: Transaction['type'];
  readonly category: string;
  readonly amount: number;
  readonly currency: string;
  readonly source: string;
  readonly fee?: number;
  readonly available?: boolean;
}

/** Stripe's US list price: 2.9 % and 30 cents. */
export function feeOn(amount: number): number {
  return Math.round(amount * 0.029) + 30;
}

export function post(world: World, account: Account, movement: Movement): Transaction {
  const { type, category, amount, currency, source, fee = 0, available = false } = movement;
  const detail = {
    amount: fee,
    application: null,
    currency,
    description: 'Stripe processing fees',
    type: 'stripe_fee',
  } as const;
  return account.add<Transaction>({
    id: world.id('txn'),
    object: 'balance_transaction',
    amount,
    available_on: world.now() + (available ? 0 : 2 * daySeconds),
    balance_type: 'payments',
    created: world.now(),
    currency,
    description: null,
    exchange_rate: null,
    fee,
    fee_details: fee === 0 ? [] : [detail],
    net: amount - fee,
    reporting_category: category,
    source,
    status: available ? 'available' : 'pending',
    type,
  });
}

export interface PayoutWish {
  readonly currency?: string;
  readonly status?: 'pending' | 'in_transit' | 'paid';
}

/** Pays out everything in one currency that no payout has taken yet, as the daily schedule does. */
export function payOut(world: World, account: Account, wish: PayoutWish = {}): Payout {
  const { currency = 'usd', status = 'paid' } = wish;
  const open = account
    .all('balance_transaction')
    .filter((it) => it.currency === currency && it.type !== 'payout')
    .filter((it) => !account.paidOutBy.has(it.id));
  const amount = open.reduce((sum, it) => sum + it.net, 0);
  const payout = account.add<Payout>({
    id: world.id('po'),
    object: 'payout',
    amount,
    application_fee: null,
    application_fee_amount: null,
    arrival_date: world.now() + daySeconds,
    automatic: true,
    balance_transaction: null,
    created: world.now(),
    currency,
    description: 'STRIPE PAYOUT',
    destination: `ba_1${world.secret(account.id)}`,
    failure_balance_transaction: null,
    failure_code: null,
    failure_message: null,
    livemode: false,
    metadata: {},
    method: 'standard',
    original_payout: null,
    payout_method: null,
    reconciliation_status: 'completed',
    reversed_by: null,
    source_type: 'card',
    statement_descriptor: null,
    status: 'pending',
    trace_id: null,
    type: 'bank_account',
  });
  const own = { type: 'payout', category: 'payout', amount: -amount, currency } as const;
  const taken = post(world, account, { ...own, source: payout.id, available: true });
  payout.balance_transaction = taken.id;
  for (const it of [...open, taken]) {
    it.status = 'available';
    account.paidOutBy.set(it.id, payout.id);
  }
  world.emit(account, 'payout.created', payout);
  world.emit(account, 'payout.reconciliation_completed', payout);
  if (status !== 'pending') movePayout(world, account, payout.id, status);
  return payout;
}

/** Moves a payout on; `failed` may follow `paid` within five business days. */
export function movePayout(
  world: World,
  account: Account,
  id: string,
  status: 'in_transit' | 'paid' | 'failed' | 'canceled',
  failureCode = 'account_closed',
): Payout {
  const payout = account.get('payout', id);
  payout.status = status;
  if (status === 'failed' || status === 'canceled') {
    const { amount, currency } = payout;
    const type = status === 'failed' ? 'payout_failure' : 'payout_cancel';
    const back = post(world, account, {
      type,
      category: 'payout_reversal',
      amount,
      currency,
      source: id,
    });
    payout.failure_balance_transaction = back.id;
    if (status === 'failed') payout.failure_code = failureCode;
    if (status === 'failed') payout.failure_message = 'The bank sent the payout back.';
  }
  const event = status === 'in_transit' ? 'updated' : status;
  world.emit(account, `payout.${event}`, payout);
  return payout;
}

function balance({ account }: Call): object {
  const sums = (status: string): object[] => {
    const byCurrency = new Map<string, number>([['usd', 0]]);
    for (const it of account.all('balance_transaction')) {
      const before = byCurrency.get(it.currency) ?? 0;
      if (it.status === status) byCurrency.set(it.currency, before + it.net);
    }
    return [...byCurrency].map(([currency, amount]) => ({
      amount,
      currency,
      source_types: { card: amount },
    }));
  };
  return {
    object: 'balance',
    available: sums('available'),
    livemode: false,
    pending: sums('pending'),
  };
}

function transactions(call: Call): object {
  const { account, params } = call;
  const all = account
    .all('balance_transaction')
    .filter(
      (it) =>
        wants(params, 'type', it.type) &&
        wants(params, 'source', it.source) &&
        wants(params, 'currency', it.currency) &&
        wants(params, 'payout', account.paidOutBy.get(it.id) ?? ''),
    );
  return page(call, '/v1/balance_transactions', all);
}

function payouts(call: Call): object {
  const { account, params } = call;
  const all = account
    .all('payout')
    .filter((it) => wants(params, 'status', it.status))
    .filter((it) => within(params, 'arrival_date', it.arrival_date));
  return page(call, '/v1/payouts', all);
}

export const ledgerRoutes: readonly Route[] = [
  { method: 'GET', path: '/v1/balance', handle: balance },
  { method: 'GET', path: '/v1/balance_transactions', handle: transactions },
  {
    method: 'GET',
    path: '/v1/balance_transactions/:id',
    handle: ({ account, id }) => account.get('balance_transaction', id),
  },
  { method: 'GET', path: '/v1/payouts', handle: payouts },
  {
    method: 'GET',
    path: '/v1/payouts/:id',
    handle: ({ account, id }) => account.get('payout', id),
  },
];
