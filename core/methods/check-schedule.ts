/**
 * When a set-up that has not ended is asked about by itself: soon, then ever more rarely, for a
 * week. News from the processor and a sync on demand are heard at any time; no money waits for it.
 */
import { day, hour, isoTime, minute, second } from '../base/clock.ts';

const delaysMs: readonly number[] = [
  5 * second,
  30 * second,
  2 * minute,
  10 * minute,
  hour,
  6 * hour,
  ...Array.from({ length: 7 }, () => day),
];

/** After `checks` questions that ended nothing; null when nobody asks any more. */
export function nextCheckAt(checks: number, nowMs: number): string | null {
  const delayMs = delaysMs[checks];
  return delayMs === undefined ? null : isoTime(nowMs + delayMs);
}
