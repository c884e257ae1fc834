/** The strategies that remember nothing: weighted, least used, failover. */
import type { AccountStats } from '../rules/facts.ts';
import { byAge, byPlace, type Candidate, type Ordering, type Situation } from './candidate.ts';

/**
 * An account's own record counts for as much as it has payments; up to this many are borrowed from
 * the accounts beside it. One decline in two payments is then not a rate of 50 %.
 */
const borrowed = 20;

function pooledRate(candidates: readonly Candidate[]): number {
  let approved = 0;
  let total = 0;
  for (const { account } of candidates) {
    approved += account.stats.approved;
    total += account.stats.total;
  }
  return total === 0 ? 1 : approved / total;
}

/** The success rate, drawn towards that of all accounts while there is little to go by. */
export function steadyRate({ approved, total }: AccountStats, pooled: number): number {
  return (approved + borrowed * pooled) / (total + borrowed);
}

/** Weighted: the lowest priority number first; among equals the better success rate. */
export function weighted({ eligible }: Situation): Ordering {
  const pooled = pooledRate(eligible);
  const rated = eligible.map((one) => ({ one, rate: steadyRate(one.account.stats, pooled) }));
  rated.sort(
    (a, b) =>
      a.one.account.priority - b.one.account.priority ||
      b.rate - a.rate ||
      a.one.place - b.one.place ||
      byAge(a.one, b.one),
  );
  const [first, second] = rated;
  const sameTier = first && first.one.account.priority === second?.one.account.priority;
  const figures: Record<string, number> = first
    ? { priority: first.one.account.priority, rate: first.rate }
    : {};
  return {
    order: rated.map(({ one }) => one),
    changes: [],
    because: { word: sameTier ? 'success_rate' : 'priority', figures },
  };
}

/** Least used: the one with the most room under its limits; without limits, by today's count. */
export function leastUsed({ eligible }: Situation): Ordering {
  const order = eligible.toSorted(
    (a, b) =>
      a.account.limits.usedShare - b.account.limits.usedShare ||
      a.account.limits.dayCount - b.account.limits.dayCount ||
      byPlace(a, b),
  );
  const limits = order[0]?.account.limits;
  const figures: Record<string, number> = limits
    ? { used_share: limits.usedShare, day_count: limits.dayCount }
    : {};
  return { order, changes: [], because: { word: 'least_used', figures } };
}

/** Failover: in the order of the list. Whoever is back takes its place again at once. */
export function failover({ eligible, pool }: Situation): Ordering {
  const order = eligible.toSorted(byPlace);
  const primary = pool.toSorted(byPlace)[0];
  const word = order[0] === primary ? 'first_choice' : 'first_choice_unavailable';
  return { order, changes: [], because: { word, figures: {} } };
}
