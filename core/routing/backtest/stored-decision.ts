/** A decision of the past, as a backtest needs it; and what was observed of accounts. */
import type { AccountStats, Exclusion, PaymentFacts } from '../rules/facts.ts';

export interface StoredDecision {
  /** All that was known of the payment, not only what the rules of then looked at. */
  readonly facts: PaymentFacts;
  /** The hash of what the deciding rule used (see RoutingDecision.plan). */
  readonly plan: string | null;
  readonly order: readonly string[];
  readonly excluded: Readonly<Record<string, Exclusion>>;
  /** What became of it at the first account; null while it is not known, or was never sent. */
  readonly approved: boolean | null;
}

/** Observations by segment: payments that are alike, at one account. */
export type ObservedRates = ReadonlyMap<string, AccountStats>;

/** What is taken as alike: the same account, method, currency and card brand. */
export function segmentOf(account: string, facts: PaymentFacts): string {
  return `${account} ${facts.payment_method} ${facts.currency} ${facts.card_brand ?? '-'}`;
}

/** The rates that a stretch of decisions shows. */
export function observe(decisions: Iterable<StoredDecision>): ObservedRates {
  const rates = new Map<string, { approved: number; total: number }>();
  for (const { facts, order, approved } of decisions) {
    const account = order[0];
    if (account === undefined || approved === null) continue;
    const segment = segmentOf(account, facts);
    const found = rates.get(segment) ?? { approved: 0, total: 0 };
    found.total += 1;
    if (approved) found.approved += 1;
    rates.set(segment, found);
  }
  return rates;
}
