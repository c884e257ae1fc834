/**
 * Which account takes the payment. Pure: the wish and the accounts in, an order and the reasons
 * out. The order is by priority (the lowest number first), then by age; rules and strategies build
 * on it.
 */
import type { Account } from '../accounts/account.ts';
import { Problem } from '../sdk/problem.ts';
import type { MethodType } from '../sdk/connector.ts';

/** What routing needs to know of a payment. */
export interface Wish {
  readonly amount: number;
  readonly currency: string;
  readonly capture: 'automatic' | 'manual';
  readonly method: MethodType;
  /** The merchant named an account: it and no other. */
  readonly account: string | undefined;
}

/** Why an account cannot take it. */
export type Exclusion =
  'disabled' | 'method_not_supported' | 'currency_not_supported' | 'capture_method_not_supported';

/** Stored with the payment, so that it can be explained later. */
export interface Decision {
  readonly order: readonly string[];
  readonly excluded: Readonly<Record<string, Exclusion>>;
  readonly why: 'named' | 'priority';
}

export interface Choice {
  /** Never empty. */
  readonly accounts: readonly [Account, ...Account[]];
  readonly decision: Decision;
}

function exclusionOf({ record, connector }: Account, wish: Wish): Exclusion | undefined {
  if (record.status !== 'active') return 'disabled';
  const facts = connector.methods[wish.method];
  if (!facts) return 'method_not_supported';
  const { currencies } = facts;
  if (currencies !== 'all' && !currencies.includes(wish.currency)) return 'currency_not_supported';
  if (!facts.capture.includes(wish.capture)) return 'capture_method_not_supported';
  return undefined;
}

/**
 * The accounts to try, in order. Throws Problem `account_unusable` when the named account is not
 * the merchant's or cannot take this payment, `no_eligible_account` (with each account's reason)
 * when nothing can.
 */
export function choose(wish: Wish, all: readonly Account[]): Choice {
  if (wish.account !== undefined) return chooseNamed(wish, wish.account, all);
  const excluded: Record<string, Exclusion> = {};
  const eligible: Account[] = [];
  for (const account of all) {
    const reason = exclusionOf(account, wish);
    if (reason) excluded[account.record.id] = reason;
    else eligible.push(account);
  }
  const [first, ...rest] = eligible.toSorted((a, b) => a.record.priority - b.record.priority);
  if (!first) {
    throw new Problem(
      'no_eligible_account',
      all.length === 0
        ? 'you have no processor account yet: add one with POST /v1/accounts'
        : 'none of your processor accounts can take this payment; see accounts for the reasons',
      { members: { accounts: excluded } },
    );
  }
  const accounts: [Account, ...Account[]] = [first, ...rest];
  return {
    accounts,
    decision: { order: accounts.map(({ record }) => record.id), excluded, why: 'priority' },
  };
}

function chooseNamed(wish: Wish, id: string, all: readonly Account[]): Choice {
  const account = all.find(({ record }) => record.id === id);
  if (!account) {
    throw new Problem('account_unusable', 'there is no such account', { param: 'account' });
  }
  const reason = exclusionOf(account, wish);
  if (reason) {
    throw new Problem('account_unusable', `the account cannot take this payment: ${reason}`, {
      param: 'account',
      members: { accounts: { [id]: reason } },
    });
  }
  return { accounts: [account], decision: { order: [id], excluded: {}, why: 'named' } };
}
