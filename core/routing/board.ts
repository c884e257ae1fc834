/**
 * What routing remembers of one merchant: whose turn it is, how much of each limit is used. Numbers
 * that only ever grow or shrink by so much, so that any number of payments and nodes can change
 * them at once; a decision is made on the board as it is in memory and noted there in the same
 * breath.
 */
import { add, type Change } from '../storage/index.ts';
import type { Money } from '../base/money.ts';
import {
  nothingUsed,
  windowsAt,
  type Limits,
  type Usage,
  type WindowUsage,
} from './strategies/limits.ts';
import type { CounterChange, StrategyCounter } from './strategies/counter.ts';

export interface CounterRow {
  readonly merchant_id: string;
  readonly scope: string;
  readonly account_id: string;
  readonly settled: number;
  readonly reserved: number;
  readonly turn: number;
}

/** `used` is settled and reserved together: one number that a bound can stand on in SQL. */
export interface UsageRow {
  readonly account_id: string;
  /** `2026-11-21` or `2026-11`, in the account's time zone. */
  readonly span: string;
  /** `*` counts payments of every currency and has no amounts. */
  readonly currency: string;
  readonly used_count: number;
  readonly settled_count: number;
  readonly used_amount: number;
  readonly settled_amount: number;
}

export type Delta =
  | {
      readonly table: 'routing_counters';
      readonly key: Pick<CounterRow, 'merchant_id' | 'scope' | 'account_id'>;
      readonly by: Partial<Pick<CounterRow, 'settled' | 'reserved'>>;
      readonly most?: undefined;
      /** The turn it has now; of two nodes that gave one at once, the later counts. */
      readonly turn?: number | undefined;
    }
  | {
      readonly table: 'account_usage';
      readonly key: Pick<UsageRow, 'account_id' | 'span' | 'currency'>;
      readonly by: Partial<Omit<UsageRow, 'account_id' | 'span' | 'currency'>>;
      readonly most?: Partial<Pick<UsageRow, 'used_count' | 'used_amount'>>;
      readonly turn?: undefined;
    };

/** The guard under which an intention is refused when another node used the last of a limit. */
export const limitGuard = 'account_limit';

/** One change a row: a change set may not touch one twice. */
export function changesOf(deltas: readonly Delta[]): Change[] {
  return merged(deltas).map(({ table, key, by, most, turn }) =>
    add(table, { ...key }, numbers(by), numbers(most ?? {}), limitGuard, numbers({ turn })),
  );
}

function merged(deltas: readonly Delta[]): readonly Delta[] {
  const byRow = new Map<string, Delta>();
  for (const delta of deltas) {
    const row = JSON.stringify([delta.table, Object.values(delta.key)]);
    const known = byRow.get(row);
    byRow.set(row, known ? together(known, delta) : delta);
  }
  return byRow.size === deltas.length ? deltas : [...byRow.values()];
}

function together(one: Delta, other: Delta): Delta {
  const by: Record<string, number> = numbers(one.by);
  for (const [name, amount] of Object.entries(numbers(other.by))) {
    by[name] = (by[name] ?? 0) + amount;
  }
  const turn = Math.max(one.turn ?? 0, other.turn ?? 0) || undefined;
  return { ...one, by, most: { ...one.most, ...other.most }, turn } as Delta;
}

function numbers(some: Readonly<Record<string, number | undefined>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(some).filter((entry): entry is [string, number] => entry[1] !== undefined),
  );
}

export function opposite(deltas: readonly Delta[]): Delta[] {
  return deltas.map((delta) => {
    const by = Object.fromEntries(
      Object.entries(delta.by).map(([name, amount]) => [name, -(amount ?? 0)]),
    );
    return { table: delta.table, key: delta.key, by } as Delta;
  });
}

export class Board {
  readonly #counters = new Map<string, Map<string, StrategyCounter>>();
  /** By span, by currency, by account: texts put together for each look would cost more. */
  readonly #usage = new Map<string, Map<string, Map<string, UsageRow>>>();
  readonly #known = new Set<string>();

  /** The account's usage was read; what is not on the board is zero. */
  learn(accountId: string): void {
    this.#known.add(accountId);
  }

  knows(accountId: string): boolean {
    return this.#known.has(accountId);
  }

  /** Takes a row as the database has it. */
  place(row: CounterRow): void {
    const { scope, account_id: account, settled, reserved, turn } = row;
    // Two nodes that begin the counting anew at once take the same successes off twice.
    const counter = { account, settled: Math.max(settled, 0), reserved, turn };
    this.#scope(scope).set(account, counter);
  }

  placeUsage(row: UsageRow): void {
    this.#usageIn(row.span, row.currency).set(row.account_id, row);
  }

  apply(deltas: readonly Delta[]): void {
    for (const delta of deltas) {
      if (delta.table === 'routing_counters') this.#count(delta.key, delta.by, delta.turn);
      else this.#use(delta.key, delta.by);
    }
  }

  get counters(): ReadonlyMap<string, ReadonlyMap<string, StrategyCounter>> {
    return this.#counters;
  }

  usageOf(accountId: string, limits: Limits | undefined, currency: string, nowMs: number): Usage {
    const { day, month } = windowsAt(nowMs, limits ?? { time_zone: 'UTC' });
    return {
      day: this.#window(accountId, day, currency),
      month: this.#window(accountId, month, currency),
    };
  }

  #window(accountId: string, span: string, currency: string): WindowUsage {
    const byCurrency = this.#usage.get(span);
    const counts = byCurrency?.get('*')?.get(accountId);
    const amounts = byCurrency?.get(currency)?.get(accountId);
    if (!counts && !amounts) return nothingUsed;
    const { used_count = 0, settled_count = 0 } = counts ?? {};
    const { used_amount = 0, settled_amount = 0 } = amounts ?? {};
    return {
      settled_count,
      reserved_count: used_count - settled_count,
      settled_amount,
      reserved_amount: used_amount - settled_amount,
    };
  }

  #usageIn(span: string, currency: string): Map<string, UsageRow> {
    let byCurrency = this.#usage.get(span);
    if (!byCurrency) this.#usage.set(span, (byCurrency = new Map()));
    let rows = byCurrency.get(currency);
    if (!rows) byCurrency.set(currency, (rows = new Map()));
    return rows;
  }

  #scope(scope: string): Map<string, StrategyCounter> {
    let counters = this.#counters.get(scope);
    if (!counters) this.#counters.set(scope, (counters = new Map()));
    return counters;
  }

  #count({ scope, account_id: account }: CounterKey, by: Partial<CounterRow>, given = 0): void {
    const counters = this.#scope(scope);
    const { settled, reserved, turn } = counters.get(account) ?? nothingCounted;
    counters.set(account, {
      account,
      settled: settled + (by.settled ?? 0),
      reserved: reserved + (by.reserved ?? 0),
      turn: Math.max(turn, given),
    });
  }

  #use(key: UsageKey, by: Partial<UsageRow>): void {
    const rows = this.#usageIn(key.span, key.currency);
    const row = rows.get(key.account_id) ?? { ...key, ...nothingCountedYet };
    rows.set(key.account_id, {
      ...row,
      used_count: row.used_count + (by.used_count ?? 0),
      settled_count: row.settled_count + (by.settled_count ?? 0),
      used_amount: row.used_amount + (by.used_amount ?? 0),
      settled_amount: row.settled_amount + (by.settled_amount ?? 0),
    });
  }
}

type CounterKey = Pick<CounterRow, 'scope' | 'account_id'>;
type UsageKey = Pick<UsageRow, 'account_id' | 'span' | 'currency'>;

const nothingCounted = { settled: 0, reserved: 0, turn: 0 };
const nothingCountedYet = {
  used_count: 0,
  settled_count: 0,
  used_amount: 0,
  settled_amount: 0,
};

/** A decision's counter changes as differences. */
export function countersMoved(merchantId: string, changes: readonly CounterChange[]): Delta[] {
  return changes.map(({ scope, before, after }) => ({
    table: 'routing_counters',
    key: { merchant_id: merchantId, scope, account_id: after.account },
    by: {
      settled: after.settled - (before?.settled ?? 0),
      reserved: after.reserved - (before?.reserved ?? 0),
    },
    turn: after.turn,
  }));
}

/** What a payment on its way takes of an account's limits, and the bounds it must stay within. */
export function usageReserved(
  accountId: string,
  limits: Limits,
  { amount, currency }: Money,
  spans: Spans,
): Delta[] {
  const bounds = limits.amounts?.[currency];
  const most = (name: 'used_count' | 'used_amount', bound: number | undefined) =>
    bound === undefined ? {} : { most: { [name]: bound } };
  const row = (span: string, count: number | undefined, sum: number | undefined): Delta[] => [
    {
      table: 'account_usage',
      key: { account_id: accountId, span, currency: '*' },
      by: { used_count: 1 },
      ...most('used_count', count),
    },
    {
      table: 'account_usage',
      key: { account_id: accountId, span, currency },
      by: { used_amount: amount },
      ...most('used_amount', sum),
    },
  ];
  return [
    ...row(spans.day, limits.daily_count, bounds?.daily),
    ...row(spans.month, limits.monthly_count, bounds?.monthly),
  ];
}

export interface Spans {
  readonly day: string;
  readonly month: string;
}

/** What an outcome does to what was reserved: it becomes used for good, or free again. */
export function usageEnded(
  accountId: string,
  { amount, currency }: Money,
  spans: Spans,
  succeeded: boolean,
): Delta[] {
  const counts = succeeded ? { settled_count: 1 } : { used_count: -1 };
  const amounts = succeeded ? { settled_amount: amount } : { used_amount: -amount };
  return [spans.day, spans.month].flatMap((span): Delta[] => [
    { table: 'account_usage', key: { account_id: accountId, span, currency: '*' }, by: counts },
    { table: 'account_usage', key: { account_id: accountId, span, currency }, by: amounts },
  ]);
}
