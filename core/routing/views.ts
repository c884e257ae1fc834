/** Each account of the merchant as it stands for one payment. */
import type { Account } from '../accounts/account.ts';
import { capabilityGap, type Wish } from './choose.ts';
import type { Board } from './board.ts';
import type { HealthBook } from './health-book.ts';
import type { AccountView } from './rules/facts.ts';
import { verdict, type Limits } from './strategies/limits.ts';

interface Parsed {
  readonly tags: readonly string[];
  readonly limits: Limits | undefined;
}

/** Records do not change; what was read of one is kept as long as it is. */
const parsed = new WeakMap<Account['record'], Parsed>();

function partsOf({ record }: Account): Parsed {
  let parts = parsed.get(record);
  if (!parts) {
    parts = {
      tags: JSON.parse(record.tags) as string[],
      limits: record.limits === null ? undefined : (JSON.parse(record.limits) as Limits),
    };
    parsed.set(record, parts);
  }
  return parts;
}

export function limitsOf(account: Account): Limits | undefined {
  return partsOf(account).limits;
}

export function tagsOf(account: Account): readonly string[] {
  return partsOf(account).tags;
}

export function viewOf(
  account: Account,
  wish: Wish,
  board: Board,
  health: HealthBook,
  nowMs: number,
): AccountView {
  const { record } = account;
  const { tags, limits } = partsOf(account);
  const usage = board.usageOf(record.id, limits, wish.currency, nowMs);
  return {
    id: record.id,
    name: record.name,
    tags,
    active: record.status === 'active',
    priority: record.priority,
    weight: record.weight,
    capability: capabilityGap(account, wish),
    limits: verdict(limits, usage, { amount: wish.amount, currency: wish.currency }),
    health: health.standingOf(record.id),
    stats: health.statsOf(record.id),
  };
}
