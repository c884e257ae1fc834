/** Every "now" comes from here, so that sandbox time and test time can be moved. */

export interface Clock {
  /** Milliseconds since 1970 in the switch's own time (wall time plus whatever it was moved by). */
  now(): number;
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
