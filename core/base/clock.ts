/** Every "now" comes from here, so that sandbox time and test time can be moved. */

export interface Clock {
  /** Milliseconds since 1970 in the switch's own time (wall time plus whatever it was moved by). */
  now(): number;
  /**
   * The time outside, where it is another one: the processors' clocks are not moved with ours.
   */
  outside?(): number;
}

export const systemClock: Clock = { now: () => Date.now() };

/** A clock that stands still until told otherwise: for tests. */
export class ManualClock implements Clock {
  private current: number;

  constructor(startMs: number) {
    this.current = startMs;
  }

  now(): number {
    return this.current;
  }

  advance(ms: number): void {
    this.current += ms;
  }
}

/** Milliseconds → `2026-11-21T10:00:00.000Z`, the one spelling of time in rows and answers. */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

export const second = 1_000;
export const minute = 60 * second;
export const hour = 60 * minute;
export const day = 24 * hour;

/** The sandbox's clock: real time plus what it was moved by. It only ever moves forward. */
export class MovableClock implements Clock {
  readonly #base: Clock;
  #offsetMs = 0;

  constructor(base: Clock) {
    this.#base = base;
  }

  now(): number {
    return this.#base.now() + this.#offsetMs;
  }

  outside(): number {
    return this.#base.now();
  }

  get offsetMs(): number {
    return this.#offsetMs;
  }

  /** A smaller offset than the present one is ignored: time does not run backwards. */
  setOffset(ms: number): void {
    this.#offsetMs = Math.max(this.#offsetMs, ms);
  }
}
