/**
 * When an operation without an outcome is asked about: soon, then ever more rarely, then daily for
 * a week; after that a person has to look. It is never given up silently.
 */
import { day, hour, isoTime, minute, second } from '../base/clock.ts';
import { callMsMax } from '../accounts/fault.ts';
import type { Verdict } from './judge.ts';
import { isUnresolved } from './machine.ts';

const delaysMs: readonly number[] = [
  5 * second,
  30 * second,
  2 * minute,
  5 * minute,
  15 * minute,
  hour,
  6 * hour,
  ...Array.from({ length: 7 }, () => day),
];

/**
 * While somebody is calling nobody asks; a call that is older than this has died with its process.
 */
export function firstCheckAt(nowMs: number): string {
  return isoTime(nowMs + callMsMax);
}

/** When to ask after `checks` answers that proved nothing; null when the schedule is exhausted. */
export function nextCheckAt(checks: number, nowMs: number): string | null {
  const delayMs = delaysMs[checks];
  return delayMs === undefined ? null : isoTime(nowMs + delayMs);
}

/**
 * An operation that has just come to this: in review it waits for a person, not for a clock, but
 * surplus money is given back by the switch, as often as it takes.
 */
export function checkAfter({ state, result }: Verdict, nowMs: number): string | null {
  if (state === 'review' && !result.surplus) return null;
  return isUnresolved(state) ? nextCheckAt(0, nowMs) : null;
}
