/** A decision of the past, as a backtest needs it; and what is taken as alike. */
import type { PaymentFacts } from '../rules/facts.ts';

export interface StoredDecision {
  /** All that was known of the payment, not only what the rules of then looked at. */
  readonly facts: PaymentFacts;
  /** The hash of what the deciding rule used (see RoutingDecision.plan). */
  readonly plan: string | null;
  /**
   * Ids with a space between, the first to be tried first, and JSON of who was left out and why:
   * both as they are stored. Few of a million differ, so each is taken apart once.
   */
  readonly accounts: string;
  readonly excluded: string;
  /** What became of it at the first account; null while it is not known, or was never sent. */
  readonly approved: boolean | null;
}

/** By the state of the authorization: a call that failed tells nothing of the bank's mind. */
export function approvedOf(state: string): boolean | null {
  if (state === 'succeeded') return true;
  return state === 'declined' ? false : null;
}

/** The account that was tried first; null when none could take it. */
export function firstOf(accounts: string): string | null {
  if (accounts === '') return null;
  const end = accounts.indexOf(' ');
  return end < 0 ? accounts : accounts.slice(0, end);
}

/** What is taken as alike: the same account, method, currency and card brand. */
export function segmentOf(account: string, facts: PaymentFacts): string {
  return `${account} ${facts.payment_method} ${facts.currency} ${facts.card_brand ?? '-'}`;
}
