/** What targets share: how wide the load is, and what a child spent on it. */
import type { Child } from './child.ts';
import type { Throughput } from './load.ts';

/** Requests under way at a time, at saturation and at most at half load. */
export const width = 32;

export interface HttpFacts {
  readonly url: string;
  readonly key: string;
}

/** Runs `work` and says what it cost the child's processor, for each of the things it counted. */
export async function withCost<T extends Throughput>(
  child: Child<unknown>,
  work: () => Promise<T>,
): Promise<T & { cpuUs: number }> {
  const before = await child.ask<number>('cpuUs');
  const done = await work();
  return { ...done, cpuUs: ((await child.ask<number>('cpuUs')) - before) / done.count };
}
