/** The six strategies by their names. */
import type { StrategyName } from '../rules/rule.ts';
import type { Strategy } from './candidate.ts';
import { drawn } from './random.ts';
import { failover, leastUsed, weighted } from './ranking.ts';
import { roundRobin } from './round-robin.ts';
import { weightedRoundRobin } from './weighted-round-robin.ts';

export const strategies: Readonly<Record<StrategyName, Strategy>> = {
  weighted_round_robin: weightedRoundRobin,
  round_robin: roundRobin,
  weighted,
  least_used: leastUsed,
  failover,
  random: drawn,
};

/** Whose payments count until they end: the caller settles or releases them. */
export const countsSuccesses: ReadonlySet<StrategyName> = new Set(['weighted_round_robin']);
