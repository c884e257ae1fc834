/**
 * What a backtest adds up: who would move, what is observed of each account, and what to expect of
 * the new rules from both.
 */
import type { AccountStats } from '../rules/facts.ts';
import type { BacktestResult } from './backtest.ts';
import { segmentOf, type StoredDecision } from './stored-decision.ts';
import { wilson } from './wilson.ts';

/** Below this an observed rate is an anecdote: its 95 % interval may be wider than ± 17 points. */
export const evidenceMin = 30;

/** Sums, so that a million decisions take no more memory than ten. */
export class Tally {
  /** Observations by segment: payments that are alike, at one account. */
  readonly #rates = new Map<string, { approved: number; total: number }>();
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

  add(decision: StoredDecision, from: string | null, to: string | null): void {
    const { approved } = decision;
    this.#decisions += 1;
    if (from !== null) this.#flow(from).before += 1;
    if (to !== null) this.#flow(to).after += 1;
    if (from !== null && approved !== null) {
      this.#observe(segmentOf(from, decision.facts), approved);
    }
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

  #observe(segment: string, approved: boolean): void {
    let rate = this.#rates.get(segment);
    if (!rate) this.#rates.set(segment, (rate = { approved: 0, total: 0 }));
    rate.total += 1;
    if (approved) rate.approved += 1;
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
      observed: this.#observed(),
      noEvidence: noEvidence.toSorted((a, b) => b.count - a.count),
    };
  }
  /** Of each account, over all its segments. */
  #observed(): Record<string, AccountStats> {
    const sums: Record<string, { approved: number; total: number }> = {};
    for (const [segment, { approved, total }] of this.#rates) {
      const account = segment.slice(0, segment.indexOf(' '));
      const sum = (sums[account] ??= { approved: 0, total: 0 });
      sum.approved += approved;
      sum.total += total;
    }
    return sums;
  }
}
