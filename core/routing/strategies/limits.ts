/**
 * What an account may take: by payment, by day, by month. Pure: the limits, what was used and the
 * payment in, a verdict out. Amounts are limits of one currency, since those of two cannot be
 * added; counts are over all currencies.
 *
 * Usage is kept by (account, window, currency), reserved with the decision and settled or released
 * with the outcome, exactly as strategy counters are (see counter.ts). A change that reserves has
 * to be guarded by the usage it was decided on: two payments that both see room for one shall not
 * both get it.
 */
import type { LimitName, LimitsVerdict } from '../rules/facts.ts';
import type { Money } from '../../base/money.ts';
import { windowsIn, type Windows } from '../rules/zoned-time.ts';

/** In minor units of the currency it stands under. Every bound may be reached, none exceeded. */
export interface AmountLimits {
  readonly payment_min?: number;
  readonly payment_max?: number;
  readonly daily?: number;
  readonly monthly?: number;
}

export interface Limits {
  /** Where the account's day and month begin: an IANA name. */
  readonly time_zone: string;
  readonly daily_count?: number;
  readonly monthly_count?: number;
  /** By currency; what is not listed has no limit of amount. */
  readonly amounts?: Readonly<Record<string, AmountLimits>>;
}

/** What succeeded in a window, and what is on its way. */
export interface WindowUsage {
  readonly settled_count: number;
  readonly reserved_count: number;
  /** In minor units of the payment's currency. */
  readonly settled_amount: number;
  readonly reserved_amount: number;
}

export interface Usage {
  readonly day: WindowUsage;
  readonly month: WindowUsage;
}

export const nothingUsed: WindowUsage = {
  settled_count: 0,
  reserved_count: 0,
  settled_amount: 0,
  reserved_amount: 0,
};

/** The windows that a payment falls into now; the keys under which its usage is kept. */
export function windowsAt(nowMs: number, { time_zone }: Limits): Windows {
  return windowsIn(time_zone, nowMs);
}

/** Whether the payment fits; a payment that just reaches a limit does. */
export function verdict(limits: Limits | undefined, usage: Usage, payment: Money): LimitsVerdict {
  const { day, month } = usage;
  const dayCount = day.settled_count + day.reserved_count;
  if (!limits) return { excluded: undefined, usedShare: 0, dayCount };
  const amounts = limits.amounts?.[payment.currency];
  let usedShare = 0;
  let reached: LimitName | undefined;
  const hold = (name: LimitName, limit: number | undefined, used: number, more: number) => {
    if (limit === undefined) return;
    if (used + more > limit) reached ??= name;
    usedShare = Math.max(usedShare, limit === 0 ? 1 : used / limit);
  };
  const { amount } = payment;
  hold('daily_amount', amounts?.daily, day.settled_amount + day.reserved_amount, amount);
  hold('daily_count', limits.daily_count, dayCount, 1);
  hold('monthly_amount', amounts?.monthly, month.settled_amount + month.reserved_amount, amount);
  hold('monthly_count', limits.monthly_count, month.settled_count + month.reserved_count, 1);
  const tooSmall = payment.amount < (amounts?.payment_min ?? 0);
  const tooLarge = payment.amount > (amounts?.payment_max ?? Infinity);
  if (tooSmall || tooLarge) return { excluded: 'amount_out_of_range', usedShare, dayCount };
  return { excluded: reached && `limit_reached:${reached}`, usedShare, dayCount };
}

/** A payment is on its way. */
export function reserveUsage(usage: WindowUsage, amount: number): WindowUsage {
  return {
    ...usage,
    reserved_count: usage.reserved_count + 1,
    reserved_amount: usage.reserved_amount + amount,
  };
}

/** It succeeded: what was reserved is used now. */
export function settleUsage(usage: WindowUsage, amount: number): WindowUsage {
  const { settled_count, settled_amount } = usage;
  return {
    ...releaseUsage(usage, amount),
    settled_count: settled_count + 1,
    settled_amount: settled_amount + amount,
  };
}

/** It failed: there is room for another again. */
export function releaseUsage(usage: WindowUsage, amount: number): WindowUsage {
  return {
    ...usage,
    reserved_count: Math.max(usage.reserved_count - 1, 0),
    reserved_amount: Math.max(usage.reserved_amount - amount, 0),
  };
}
