/**
 * The Wilson score interval of a rate (Wilson 1927): unlike the plain one it stays between 0 and 1
 * and says something sensible for few observations and for rates near 0 and 1.
 */

/** 95 %. */
const z = 1.959963984540054;

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** `[0, 1]` without observations: nothing is known. */
export function wilson(approved: number, total: number): Interval {
  if (total === 0) return { low: 0, high: 1 };
  const rate = approved / total;
  const spread = z * Math.sqrt((rate * (1 - rate) + (z * z) / (4 * total)) / total);
  const middle = rate + (z * z) / (2 * total);
  const scale = 1 + (z * z) / total;
  return {
    low: approved === 0 ? 0 : Math.max(0, (middle - spread) / scale),
    high: approved === total ? 1 : Math.min(1, (middle + spread) / scale),
  };
}
