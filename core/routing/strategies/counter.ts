/**
 * What strategies remember: a few whole numbers for each (merchant, scope, account), where the
 * scope is the rule's name. The caller stores them; nothing here does I/O.
 *
 * The protocol:
 * 1. **Reserve.** A decision comes with changes. Each says what the row was (`before`; undefined:
 *    there was none) and what it becomes. All of them land in the commit that holds the intention
 *    to call the processor, guarded by `before`; when a guard fails another payment was decided
 *    meanwhile: read the rows again and decide again.
 * 2. **Settle** when the payment succeeds, in the commit of the outcome: `settled + 1`,
 *    `reserved - 1` (not below 0: a restart of the counting may have come between).
 * 3. **Release** when it fails, or when the payment goes on to another account (which then reserves
 *    for itself): `reserved - 1`, not below 0.
 *
 * Steps 2 and 3 add and subtract, so they need no guard. An unknown outcome keeps its reservation
 * until it is known: it may yet be a success.
 */

export interface StrategyCounter {
  readonly account: string;
  /** Payments that succeeded since the counting began. */
  readonly settled: number;
  /** Payments on their way: decided, not ended. */
  readonly reserved: number;
  /** When it was chosen last, counted in decisions; 0: never. The greatest was the last one. */
  readonly turn: number;
}

/** By account id. */
export type Counters = ReadonlyMap<string, StrategyCounter>;

/** By scope. */
export type StrategyState = ReadonlyMap<string, Counters>;

export interface CounterChange {
  readonly scope: string;
  readonly before: StrategyCounter | undefined;
  readonly after: StrategyCounter;
}

export const noCounters: Counters = new Map();

export function counterOf(counters: Counters, account: string): StrategyCounter {
  return counters.get(account) ?? { account, settled: 0, reserved: 0, turn: 0 };
}

export function nextTurn(counters: Counters): number {
  let last = 0;
  for (const { turn } of counters.values()) last = Math.max(last, turn);
  return last + 1;
}

/** The change that reserves a place for a payment and notes whose turn it was. */
export function reserve(scope: string, counters: Counters, account: string): CounterChange {
  const now = counterOf(counters, account);
  const after = { ...now, reserved: now.reserved + 1, turn: nextTurn(counters) };
  return { scope, before: counters.get(account), after };
}

/** A reserved payment succeeded. */
export function settle(counter: StrategyCounter): StrategyCounter {
  return {
    ...counter,
    settled: counter.settled + 1,
    reserved: Math.max(counter.reserved - 1, 0),
  };
}

/** A reserved payment failed, or went to another account. */
export function release(counter: StrategyCounter): StrategyCounter {
  return { ...counter, reserved: Math.max(counter.reserved - 1, 0) };
}

/** The state after the changes; throws a RangeError when one was decided on another state. */
export function applyChanges(
  state: StrategyState,
  changes: readonly CounterChange[],
): StrategyState {
  const after = new Map(state);
  for (const { scope, before, after: counter } of changes) {
    const counters = new Map(after.get(scope));
    const found = counters.get(counter.account);
    if (!sameCounter(found, before)) throw new RangeError(`${scope} was decided meanwhile`);
    counters.set(counter.account, counter);
    after.set(scope, counters);
  }
  return after;
}

function sameCounter(a: StrategyCounter | undefined, b: StrategyCounter | undefined): boolean {
  if (!a || !b) return a === b;
  return a.settled === b.settled && a.reserved === b.reserved && a.turn === b.turn;
}
