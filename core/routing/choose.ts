/**
 * What an account can take, and the choice where no rules are written: the account that the
 * merchant named, or all of them by priority (the lowest number first), then by age. Pure.
 */
import type { Account } from '../accounts/account.ts';
import { Problem } from '../sdk/problem.ts';
import type { RetryLater } from './rules/rule.ts';
import type { MethodType } from '../sdk/command.ts';
import type { AmountFacts } from '../sdk/connector.ts';
import {
  exclusionOf,
  type AccountView,
  type CapabilityGap,
  type Exclusion,
} from './rules/facts.ts';

/** What routing needs to know of a payment. */
export interface Wish {
  readonly amount: number;
  readonly currency: string;
  readonly capture: 'automatic' | 'manual';
  readonly method: MethodType;
  /** For bank transfers: which bank. */
  readonly bank?: string | undefined;
  /** The merchant named an account: it and no other. */
  readonly account: string | undefined;
}

/** Stored with the payment, so that it can be explained later. */
export interface Decision {
  readonly order: readonly string[];
  readonly excluded: Readonly<Record<string, Exclusion>>;
  readonly why: 'named' | 'priority';
  /** A named account can be tried again later too, where a rule says so. */
  readonly retry_later?: RetryLater;
}

/** Undefined when the connector and the account's own settings allow such a payment. */
export function capabilityGap(account: Account, wish: Wish): CapabilityGap | undefined {
  const facts = account.connector.methods[wish.method];
  if (!facts) return 'method_not_supported';
  if (facts.requires !== undefined && !hasEnabled(account, facts.requires)) {
    return 'method_not_enabled';
  }
  const { currencies } = facts;
  if (currencies !== 'all' && !currencies.includes(wish.currency)) return 'currency_not_supported';
  if (!facts.capture.includes(wish.capture)) return 'capture_method_not_supported';
  if (!amountFits(facts.amounts?.[wish.currency], wish.amount)) return 'amount_out_of_range';
  if (facts.banks && !facts.banks.includes(wish.bank ?? '')) return 'bank_not_supported';
  return undefined;
}

function hasEnabled({ settings }: Account, name: string): boolean {
  return (settings as Readonly<Record<string, unknown>>)[name] === true;
}

function amountFits(facts: AmountFacts | undefined, amount: number): boolean {
  const { minimum = 1, maximum = Number.MAX_SAFE_INTEGER, step = 1 } = facts ?? {};
  return amount >= minimum && amount <= maximum && amount % step === 0;
}

/**
 * An account that has not been answering is better than none: when nobody else could take the
 * payment, those that are merely out of order are tried. Throws `no_eligible_account`, with each
 * account's reason, when nothing can take it.
 */
export function chooseByPriority(views: readonly AccountView[]): Decision {
  const usual = byPriority(views);
  const decision = usual.order.length > 0 ? usual : byPriority(asHealthy(views));
  if (decision.order.length === 0) throw nobody(views.length, decision.excluded);
  return decision;
}

function byPriority(views: readonly AccountView[]): Decision {
  const excluded: Record<string, Exclusion> = {};
  const eligible: AccountView[] = [];
  for (const view of views) {
    const reason = exclusionOf(view);
    if (reason) excluded[view.id] = reason;
    else eligible.push(view);
  }
  // The accounts come oldest first, and the sort keeps equals in place.
  const order = eligible.toSorted((a, b) => a.priority - b.priority).map(({ id }) => id);
  return { order, excluded, why: 'priority' };
}

export function asHealthy(views: readonly AccountView[]): readonly AccountView[] {
  // `stats` is no field of its own, and would be left behind by the copy.
  return views.map((view) => ({ ...view, stats: view.stats, health: 'usable' }));
}

/** The refusal when no account is left, whoever decided. */
export function nobody(count: number, excluded: Readonly<Record<string, Exclusion>>): Problem {
  return new Problem(
    'no_eligible_account',
    count === 0
      ? 'you have no processor account yet: add one with POST /v1/accounts'
      : 'none of your processor accounts can take this payment; see accounts for the reasons',
    { members: { accounts: excluded } },
  );
}

/**
 * The account that the merchant named, and no other. What is merely out of order is left to him;
 * throws `account_unusable` when it is not his, or cannot take the payment, or is full.
 */
export function chooseNamed(view: AccountView | undefined): Decision {
  if (!view) {
    throw new Problem('account_unusable', 'there is no such account', { param: 'account' });
  }
  const reason = exclusionOf({ ...view, health: 'usable' });
  if (reason) {
    throw new Problem('account_unusable', `the account cannot take this payment: ${reason}`, {
      param: 'account',
      members: { accounts: { [view.id]: reason } },
    });
  }
  return { order: [view.id], excluded: {}, why: 'named' };
}
