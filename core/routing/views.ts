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

/** Nothing to be held against, and nothing counted. */
const unlimited = { excluded: undefined, usedShare: 0, dayCount: 0 } as const;

/** `limits` are those that are counted now: undefined where neither limit nor rule asks. */
export function viewOf(
  account: Account,
  wish: Wish,
  board: Board,
  health: HealthBook,
  nowMs: number,
  limits: Limits | undefined,
): AccountView {
  const usage = limits && board.usageOf(account.record.id, limits, wish.currency, nowMs);
  const held = limits && usage ? verdict(limits, usage, wish) : unlimited;
  return new View(account, capabilityGap(account, wish), held, health);
}

/** Fifty of them are made for each payment: what only one strategy asks for is worked out late. */
class View implements AccountView {
  readonly id: string;
  readonly name: string;
  readonly tags: readonly string[];
  readonly active: boolean;
  readonly priority: number;
  readonly weight: number;
  readonly capability: AccountView['capability'];
  readonly limits: AccountView['limits'];
  readonly health: AccountView['health'];
  readonly #book: HealthBook;

  constructor(
    account: Account,
    capability: AccountView['capability'],
    limits: AccountView['limits'],
    book: HealthBook,
  ) {
    const { record } = account;
    this.id = record.id;
    this.name = record.name;
    this.tags = tagsOf(account);
    this.active = record.status === 'active';
    this.priority = record.priority;
    this.weight = record.weight;
    this.capability = capability;
    this.limits = limits;
    this.health = book.standingOf(record.id);
    this.#book = book;
  }

  get stats(): AccountView['stats'] {
    return this.#book.statsOf(this.id);
  }
}
