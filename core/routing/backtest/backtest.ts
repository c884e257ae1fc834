/**
 * New rules over old decisions: who would move, and what approvals to expect. Each decision is made
 * again with the facts and the able accounts of then; nothing is sent anywhere.
 *
 * A payment whose plan (strategy, accounts, weights) stays the same is taken as not moved: the same
 * plan with the same accounts chooses the same, and whose turn it was then is not known now. For
 * the others, strategies that remember begin with no history and count what they are given.
 *
 * Expected approvals: a payment that stays keeps its own outcome; one that moves gets the observed
 * rate of payments like it at its new account. Observed is not caused: if an account was given the
 * easy payments, its rate flatters it. Where fewer than `evidenceMin` were observed, nothing is
 * expected: those payments are told apart.
 */
import type { AccountStats, AccountView } from '../rules/facts.ts';
import type { Rules } from '../rules/rule.ts';
import { listsMax, Replay } from './replay.ts';
import { firstOf, type StoredDecision } from './stored-decision.ts';
import { Tally } from './tally.ts';

export interface AccountFlow {
  readonly account: string;
  /** Payments it was, and would be, the first to get. */
  readonly before: number;
  readonly after: number;
}

export interface Move {
  /** Null: nobody could take it. */
  readonly from: string | null;
  readonly to: string | null;
  readonly count: number;
}

export interface BacktestResult {
  readonly decisions: number;
  readonly moved: number;
  /** Most first. */
  readonly moves: readonly Move[];
  readonly accounts: readonly AccountFlow[];
  readonly expected: {
    /** Payments with a known outcome that stay, or move to where there is evidence. */
    readonly compared: number;
    /** What was approved of them. */
    readonly before: number;
    /** What would be, in the mean and with a 95 % interval of the rates behind it. */
    readonly after: number;
    readonly low: number;
    readonly high: number;
  };
  /** What was observed of each account, by its id: of payments with a known outcome. */
  readonly observed: Readonly<Record<string, AccountStats>>;
  /** Moved payments about which nothing can be said, by where they would go. */
  readonly noEvidence: readonly {
    readonly segment: string;
    readonly count: number;
    readonly observed: number;
  }[];
}

/** Takes decisions one after another, oldest first; keeps sums only. */
export class Backtest {
  readonly #replay: Replay;
  readonly #tally = new Tally();
  readonly #firsts = new Map<string, string | null>();

  /** `accounts` are those of now, for names, tags, weights and priorities. */
  constructor(rules: Rules, accounts: readonly AccountView[]) {
    this.#replay = new Replay(rules, accounts);
  }

  add(decision: StoredDecision): void {
    const from = this.#firstOf(decision.accounts);
    this.#tally.add(decision, from, this.#replay.firstOf(decision, from));
  }

  /** One and the same text for an account each time: it is looked up several times. */
  #firstOf(accounts: string): string | null {
    let first = this.#firsts.get(accounts);
    if (first === undefined) {
      if (this.#firsts.size >= listsMax) this.#firsts.clear();
      this.#firsts.set(accounts, (first = firstOf(accounts)));
    }
    return first;
  }

  result(): BacktestResult {
    return this.#tally.result();
  }
}
