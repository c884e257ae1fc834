/** What an authorization holds of shares and limits while nobody knows how it ends. */
import type { Account } from '../accounts/account.ts';
import { usageEnded, usageReserved, type Delta, type Spans } from './board.ts';
import { windowsAt, type Limits } from './strategies/limits.ts';
import type { Money } from '../base/money.ts';

/** Stored with the operation, so that its end gives back what its beginning took. */
export interface Reserved {
  /** The rule whose strategy counts successes. */
  readonly scope?: string;
  /** The windows its limits were reserved in. */
  readonly spans?: Spans;
}

/** What one more payment at the account takes of its limits. */
export function takenOf(
  account: Account,
  limits: Limits | undefined,
  scope: string | undefined,
  money: Money,
  nowMs: number,
): { readonly reserved: Reserved | undefined; readonly deltas: readonly Delta[] } {
  const spans = limits && windowsAt(nowMs, limits);
  if (!spans && scope === undefined) return { reserved: undefined, deltas: [] };
  return {
    reserved: { ...(scope !== undefined && { scope }), ...(spans && { spans }) },
    deltas: limits && spans ? usageReserved(account.record.id, limits, money, spans) : [],
  };
}

/** One more place in the share of an account, for a payment that comes from another. */
export function placeAt(merchantId: string, scope: string, accountId: string): Delta {
  const key = { merchant_id: merchantId, scope, account_id: accountId };
  return { table: 'routing_counters', key, by: { reserved: 1 } };
}

export interface Ended {
  readonly merchantId: string;
  readonly accountId: string;
  readonly money: Money;
  readonly reserved: Reserved | undefined;
  readonly succeeded: boolean;
  /** It had been given up, and what it held was free again: a success takes it anew. */
  readonly late: boolean;
}

/** What an outcome does to what was held. */
export function endOf(end: Ended): readonly Delta[] {
  const { merchantId, accountId, money, reserved, succeeded, late } = end;
  if (!reserved || (late && !succeeded)) return [];
  const deltas: Delta[] = [];
  if (reserved.scope !== undefined) {
    const by = { ...(succeeded && { settled: 1 }), ...(!late && { reserved: -1 }) };
    const key = { merchant_id: merchantId, scope: reserved.scope, account_id: accountId };
    deltas.push({ table: 'routing_counters', key, by });
  }
  if (reserved.spans) {
    if (late) deltas.push(...usageReserved(accountId, { time_zone: 'UTC' }, money, reserved.spans));
    deltas.push(...usageEnded(accountId, money, reserved.spans, succeeded));
  }
  return deltas;
}
