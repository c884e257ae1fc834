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
import { areWeighted, candidatesOf, ruleFor } from '../rules/decide.ts';
import type { AccountView } from '../rules/facts.ts';
import type { Rule, Rules } from '../rules/rule.ts';
import { counterOf, noCounters, type StrategyCounter } from '../strategies/counter.ts';
import { seededRandom } from '../strategies/random.ts';
import { countsSuccesses, strategies } from '../strategies/strategies.ts';
import { segmentOf, type ObservedRates, type StoredDecision } from './stored-decision.ts';
import { wilson } from './wilson.ts';

/** Below this an observed rate is an anecdote: its 95 % interval may be wider than ± 17 points. */
export const evidenceMin = 30;

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
  /** Moved payments about which nothing can be said, by where they would go. */
  readonly noEvidence: readonly {
    readonly segment: string;
    readonly count: number;
    readonly observed: number;
  }[];
}

export interface BacktestInput {
  /** One after another, or by the page, as a database gives them; oldest first. */
  readonly decisions: Iterable<StoredDecision> | AsyncIterable<readonly StoredDecision[]>;
  readonly rules: Rules;
  /** The accounts of now, for names, tags, weights and priorities. */
  readonly accounts: readonly AccountView[];
  readonly rates: ObservedRates;
}

/** Reads the decisions once, in their order; keeps sums only. */
export async function backtest(input: BacktestInput): Promise<BacktestResult> {
  const replay = new Replay(input.rules, input.accounts);
  const tally = new Tally(input.rates);
  const { decisions } = input;
  const add = (decision: StoredDecision) => tally.add(decision, replay.firstOf(decision));
  if (Symbol.iterator in decisions) for (const one of decisions) add(one);
  else for await (const page of decisions) page.forEach(add);
  return tally.result();
}

/** The new rules, deciding one old payment after another. */
class Replay {
  readonly #rules: Rules;
  /** In the order that most strategies want, so that sorting has little to do. */
  readonly #accounts: readonly AccountView[];
  readonly #positions: ReadonlyMap<string, number>;
  readonly #marks: Uint8Array;
  readonly #counters = new Map<string, Map<string, StrategyCounter>>();
  readonly #random = seededRandom('backtest');

  constructor(rules: Rules, accounts: readonly AccountView[]) {
    this.#rules = rules;
    this.#accounts = accounts.toSorted((a, b) => a.priority - b.priority || (a.id < b.id ? -1 : 1));
    this.#positions = new Map(this.#accounts.map(({ id }, at) => [id, at]));
    this.#marks = new Uint8Array(accounts.length);
  }

  /** The account that would be tried first; null when none could take it. */
  firstOf(decision: StoredDecision): string | null {
    const rule = ruleFor(this.#rules, decision.facts);
    if ((rule?.plan ?? null) === decision.plan) return decision.order[0] ?? null;
    if (!rule) return null;
    const { eligible, pool } = candidatesOf(rule.use, this.#able(decision));
    if (eligible.length === 0) return null;
    const { order, changes } = strategies[rule.use.strategy]({
      scope: rule.name,
      eligible,
      pool,
      counters: this.#counters.get(rule.name) ?? noCounters,
      weighted: rule.use.weights !== undefined || areWeighted(pool),
      catchUp: rule.use.catchUp,
      random: this.#random,
    });
    const first = order[0]?.account.id ?? null;
    this.#remember(
      rule,
      changes.map(({ after }) => after),
      decision.approved,
    );
    return first;
  }

  /** The accounts that could have taken it then. Why the others could not still holds. */
  #able({ order, excluded }: StoredDecision): AccountView[] {
    this.#marks.fill(0);
    for (const id of order) this.#mark(id);
    // All that was against these is that the rule of then did not use them.
    for (const id in excluded) if (excluded[id] === 'not_in_rule') this.#mark(id);
    return this.#accounts.filter((_, at) => this.#marks[at] === 1);
  }

  #mark(id: string): void {
    const at = this.#positions.get(id);
    if (at !== undefined) this.#marks[at] = 1;
  }

  /** A success is taken as one at the new account too: the share is kept among those. */
  #remember(rule: Rule, after: readonly StrategyCounter[], approved: boolean | null): void {
    let counters = this.#counters.get(rule.name);
    if (!counters) this.#counters.set(rule.name, (counters = new Map()));
    for (const counter of after) counters.set(counter.account, counter);
    const [chosen] = after;
    if (!chosen || !countsSuccesses.has(rule.use.strategy)) return;
    const now = counterOf(counters, chosen.account);
    const settled = now.settled + (approved === false ? 0 : 1);
    counters.set(now.account, { ...now, settled, reserved: 0 });
  }
}

/** Sums, so that a million decisions take no more memory than ten. */
class Tally {
  readonly #rates: ObservedRates;
  readonly #flows = new Map<string, { before: number; after: number }>();
  readonly #moves = new Map<string, { from: string | null; to: string | null; count: number }>();
  /** Segment → payments with a known outcome that would move there. */
  readonly #movedTo = new Map<string, { count: number; approvedBefore: number }>();
  #decisions = 0;
  #moved = 0;
  #stayed = 0;
  #stayedApproved = 0;
  #lost = 0;
  #lostApproved = 0;

  constructor(rates: ObservedRates) {
    this.#rates = rates;
  }

  add(decision: StoredDecision, to: string | null): void {
    const from = decision.order[0] ?? null;
    const { approved } = decision;
    this.#decisions += 1;
    if (from !== null) this.#flow(from).before += 1;
    if (to !== null) this.#flow(to).after += 1;
    if (from === to) {
      if (approved !== null) this.#stayed += 1;
      if (approved) this.#stayedApproved += 1;
      return;
    }
    this.#moved += 1;
    const key = `${from ?? ''} ${to ?? ''}`;
    const move = this.#moves.get(key);
    if (move) move.count += 1;
    else this.#moves.set(key, { from, to, count: 1 });
    if (approved !== null) this.#expect(decision, to, approved);
  }

  #flow(account: string): { before: number; after: number } {
    let flow = this.#flows.get(account);
    if (!flow) this.#flows.set(account, (flow = { before: 0, after: 0 }));
    return flow;
  }

  #expect({ facts }: StoredDecision, to: string | null, approved: boolean): void {
    const was = approved ? 1 : 0;
    if (to === null) {
      this.#lost += 1;
      this.#lostApproved += was;
      return;
    }
    const segment = segmentOf(to, facts);
    const found = this.#movedTo.get(segment);
    if (found) {
      found.count += 1;
      found.approvedBefore += was;
    } else this.#movedTo.set(segment, { count: 1, approvedBefore: was });
  }

  result(): BacktestResult {
    const noEvidence: { segment: string; count: number; observed: number }[] = [];
    // What nobody can take any more is surely not approved.
    let compared = this.#stayed + this.#lost;
    let before = this.#stayedApproved + this.#lostApproved;
    let [after, low, high] = [this.#stayedApproved, this.#stayedApproved, this.#stayedApproved];
    for (const [segment, { count, approvedBefore }] of this.#movedTo) {
      const { approved, total } = this.#rates.get(segment) ?? { approved: 0, total: 0 };
      if (total < evidenceMin) {
        noEvidence.push({ segment, count, observed: total });
        continue;
      }
      const interval = wilson(approved, total);
      compared += count;
      before += approvedBefore;
      after += (count * approved) / total;
      low += count * interval.low;
      high += count * interval.high;
    }
    return {
      decisions: this.#decisions,
      moved: this.#moved,
      moves: [...this.#moves.values()].toSorted((a, b) => b.count - a.count),
      accounts: [...this.#flows]
        .map(([account, flow]) => ({ account, ...flow }))
        .toSorted((a, b) => (a.account < b.account ? -1 : 1)),
      expected: { compared, before, after, low, high },
      noEvidence: noEvidence.toSorted((a, b) => b.count - a.count),
    };
  }
}
