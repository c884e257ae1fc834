/**
 * Routing alone: the switch's own route() over 50 accounts, some of them with limits, and 100
 * rules, of which the last is the one that matches. Everything but the commit, which a payment
 * without rules has too.
 */
import { systemClock } from '../../core/base/clock.ts';
import { newId } from '../../core/base/id.ts';
import type { Account, Accounts } from '../../core/accounts/account.ts';
import { RoutingBook } from '../../core/routing/book.ts';
import { HealthBook } from '../../core/routing/health-book.ts';
import { route, type RoutingDesk } from '../../core/routing/route.ts';
import { parseRules } from '../../core/routing/rules/parse.ts';
import type { Rules } from '../../core/routing/rules/rule.ts';
import type { Subject } from './subject.ts';
import { startSwitch } from './switch.ts';

export interface RoutingOptions {
  readonly dataDir: string;
}

export const rulesCount = 100;
export const accountsCount = 50;
const limitedCount = 10;

/** Between two looks at the clock. */
const batchSize = 200;

function rules(): Rules {
  // All about the payment's own currency: none of them is spared.
  const others = Array.from({ length: rulesCount - 1 }, (_, at) => [
    `  - name: rule ${at}`,
    '    when:',
    `      amount: { currency: USD, gte: ${1_000_000 + at} }`,
    '      card_brand: [visa, mastercard]',
    `      metadata: { plan: plan-${at} }`,
    '    use: { strategy: failover, accounts: all }',
  ]);
  const last = [
    '  - name: the one',
    '    when: { currency: USD, metadata: { order: 1 } }',
    '    use: { strategy: weighted_round_robin, accounts: all }',
  ];
  const text = ['version: 1', 'rules:', ...others.flat(), ...last];
  const { rules: parsed, findings } = parseRules(`${text.join('\n')}\n`, 'bench.yaml');
  if (!parsed) throw new Error(JSON.stringify(findings));
  return parsed;
}

function accounts(): Account[] {
  const limits = {
    time_zone: 'Asia/Jakarta',
    daily_count: 900_000_000,
    amounts: { USD: { monthly: 900_000_000_000_000 } },
  };
  const card = { currencies: 'all', capture: ['automatic', 'manual'], refund: 'partial' };
  return Array.from({ length: accountsCount }, (_, at) => {
    const record = {
      id: newId('account', systemClock.now()),
      name: `account ${at}`,
      weight: 1 + (at % 5),
      priority: at,
      status: 'active',
      tags: '["cheap"]',
      limits: at < limitedCount ? JSON.stringify(limits) : null,
    };
    return { record, connector: { methods: { card } }, settings: {} } as unknown as Account;
  });
}

const facts = {
  amount: 10_000,
  currency: 'USD',
  payment_method: 'card',
  capture_method: 'automatic',
  card_brand: 'visa',
  card_bin: '424242',
  metadata: { order: '1' },
  attempt: 1,
  off_session: false,
} as const;

export async function openRouting(options: RoutingOptions): Promise<Subject> {
  const { db, stop } = await startSwitch(options);
  const live = rules();
  const all = accounts();
  const desk: RoutingDesk = {
    clock: systemClock,
    accounts: { list: () => Promise.resolve(all) } as unknown as Accounts,
    book: new RoutingBook(db),
    health: new HealthBook(systemClock),
    rules: { rulesFor: () => Promise.resolve({ live, source: 'merchant' }) },
  };
  const wish = {
    amount: 10_000,
    currency: 'USD',
    capture: 'automatic',
    method: 'card',
    account: undefined,
  } as const;
  const decideOne = async () => {
    const nowMs = systemClock.now();
    const { reservation, decision } = await route(desk, {
      merchantId: 'mer_bench',
      seed: newId('payment', nowMs),
      wish,
      facts: () => ({ ...facts, at_ms: nowMs }),
    });
    if (!('rule' in decision) || decision.rule !== 'the one') throw new Error('another rule');
    desk.book.landed(reservation);
  };
  /** As many decisions as go into `seconds`, one after the other. */
  const run = async ({ seconds }: { seconds: number }): Promise<number> => {
    const endMs = performance.now() + seconds * 1000;
    let count = 0;
    while (performance.now() < endMs) {
      for (let at = 0; at < batchSize; at += 1) await decideOne();
      count += batchSize;
    }
    return count;
  };
  return { facts: {}, verbs: { run }, stop: () => stop() };
}
