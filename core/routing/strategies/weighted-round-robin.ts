/**
 * Weighted round robin: every account gets its part of the *successful* payments. What is on its
 * way counts as a success until it is known, so that a hundred payments at once are spread like a
 * hundred one after another; a failure gives its place back.
 *
 * The next account is found by the quota method of Balinski and Young (The Quota Method of
 * Apportionment, 1975): among those that one more payment does not bring above their part (rounded
 * up), the one with the smallest (count + 1) / weight. It never leaves anyone a whole payment above
 * or below their part, for any number of accounts; the largest-deficit rule can, from four on.
 */
import { invariant } from '../../base/assert.ts';
import { byPlace, type Candidate, type Ordering, type Situation } from './candidate.ts';
import {
  counterOf,
  nextTurn,
  type CounterChange,
  type Counters,
  type StrategyCounter,
} from './counter.ts';
import { roundRobin } from './round-robin.ts';

export function weightedRoundRobin(situation: Situation): Ordering {
  const { eligible } = situation;
  const weighed = eligible.filter(({ weight }) => weight > 0);
  if (!situation.weighted || weighed.length === 0) {
    const { order, changes } = roundRobin(situation);
    return { order, changes, because: { word: 'no_weights', figures: {} } };
  }
  const asCounted = sharesOf(weighed, situation.counters);
  const restarts = mustRestart(asCounted, situation.catchUp);
  const counters = restarts ? restarted(weighed, situation.counters) : situation.counters;
  const shares = restarts ? sharesOf(weighed, counters) : asCounted;
  const ranked = byQuota(shares);
  const order = ranked.map(({ candidate }) => candidate);
  if (order.length < eligible.length) {
    order.push(...eligible.filter(({ weight }) => weight === 0).toSorted(byPlace));
  }
  const [first] = ranked;
  invariant(first, 'an account with a weight is eligible');
  const { weight, account } = first.candidate;
  return {
    order,
    changes: changesFor(account.id, situation, counters, restarts),
    because: {
      word: 'behind_its_share',
      figures: { count: first.count, of: shares.total, weight, weights: shares.weights },
    },
  };
}

interface Share {
  readonly candidate: Candidate;
  /** Successes, and what may become one. */
  readonly count: number;
  /** One more than that for each unit of weight. Below 10^9 and 10^4, equal only where it is. */
  readonly due: number;
}

interface Shares {
  readonly each: readonly Share[];
  readonly total: number;
  readonly weights: number;
}

function sharesOf(candidates: readonly Candidate[], counters: Counters): Shares {
  const each: Share[] = [];
  let total = 0;
  let weights = 0;
  for (const candidate of candidates) {
    const counter = counters.get(candidate.account.id);
    const count = counter ? counter.settled + counter.reserved : 0;
    total += count;
    weights += candidate.weight;
    each.push({ candidate, count, due: (count + 1) / candidate.weight });
  }
  return { each, total, weights };
}

/** Whole numbers: count × weights stays far below 2^53. */
function byQuota({ each, total, weights }: Shares): Share[] {
  const growing: Share[] = [];
  const full: Share[] = [];
  for (const share of each) {
    const mayGrow = share.count * weights < share.candidate.weight * (total + 1);
    (mayGrow ? growing : full).push(share);
  }
  return growing.sort(byDeadline).concat(full.sort(byDeadline));
}

function byDeadline(a: Share, b: Share): number {
  return a.due - b.due || byPlace(a.candidate, b.candidate);
}

/**
 * An account that was away for hours, or is new, would otherwise get every payment until it has
 * caught up, just when it is least to be trusted. Beyond `catchUp` payments the counting begins
 * anew for all.
 */
function mustRestart({ each, total, weights }: Shares, catchUp: number): boolean {
  for (const { candidate, count } of each) {
    if ((candidate.weight * total) / weights - count > catchUp) return true;
  }
  return false;
}

/**
 * Everybody stands at their part of the same number, which is as small as what is on its way
 * allows. Were that left on top of zero, an account with a thousand unknown outcomes would be far
 * ahead, the others too far behind, and the counting would begin anew with every payment.
 */
function restarted(candidates: readonly Candidate[], before: Counters): Counters {
  const counters = new Map<string, StrategyCounter>();
  for (const [id, counter] of before) counters.set(id, { ...counter, settled: 0 });
  let perWeight = 0;
  for (const { account, weight } of candidates) {
    perWeight = Math.max(perWeight, counterOf(before, account.id).reserved / weight);
  }
  for (const { account, weight } of candidates) {
    const counter = counterOf(before, account.id);
    const settled = Math.max(Math.ceil(perWeight * weight) - counter.reserved, 0);
    counters.set(account.id, { ...counter, settled });
  }
  return counters;
}

function changesFor(
  id: string,
  { scope, counters: before }: Situation,
  counters: Counters,
  restarts: boolean,
): CounterChange[] {
  const chosen = counterOf(counters, id);
  const after = { ...chosen, reserved: chosen.reserved + 1, turn: nextTurn(before) };
  const others = restarts
    ? [...counters.values()].filter(
        (one) => one.account !== id && counterOf(before, one.account).settled !== one.settled,
      )
    : [];
  return [
    { scope, before: before.get(id), after },
    ...others.map((one) => ({ scope, before: before.get(one.account), after: one })),
  ];
}
