/**
 * Simulated time with many things on their way: whoever waits in it is woken at its moment, and the
 * clock moves only while everybody waits. An hour with thousands of calls then takes as long as the
 * work in it, and happens in the right order however slow the machine is.
 */
import type { ManualClock } from '../../core/base/clock.ts';

interface Sleeper {
  readonly dueMs: number;
  wake(): void;
}

export class Timeline {
  readonly clock: ManualClock;
  /** By their moment, the next one last. */
  readonly #sleepers: Sleeper[] = [];
  #running = 0;
  #quiet: (() => void) | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(clock: ManualClock) {
    this.clock = clock;
  }

  /** Resolves once so much simulated time has gone by; only within what {@link begin} began. */
  sleep(ms: number): Promise<void> {
    return new Promise((wake) => {
      const dueMs = this.clock.now() + ms;
      let at = this.#sleepers.length;
      while (at > 0 && (this.#sleepers[at - 1]?.dueMs ?? 0) <= dueMs) at -= 1;
      this.#sleepers.splice(at, 0, { dueMs, wake });
      this.#look();
    });
  }

  /** Begins something that takes time. What it throws comes out of the next step. */
  begin(act: () => Promise<void>): void {
    this.#running += 1;
    void act()
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => {
        this.#running -= 1;
        this.#look();
      });
  }

  /** How many things are on their way. */
  get underWay(): number {
    return this.#running;
  }

  /** Lets time go by until `untilMs`, with everything due on the way at its own moment. */
  async passTo(untilMs: number): Promise<void> {
    await this.#everybodyWaits();
    for (;;) {
      const next = this.#sleepers.at(-1);
      if (!next || next.dueMs > untilMs) break;
      this.clock.advance(Math.max(next.dueMs - this.clock.now(), 0));
      this.#sleepers.pop();
      next.wake();
      await this.#everybodyWaits();
    }
    this.clock.advance(untilMs - this.clock.now());
  }

  async #everybodyWaits(): Promise<void> {
    while (this.#running !== this.#sleepers.length) {
      await new Promise<void>((resolve) => {
        this.#quiet = resolve;
      });
    }
    if (this.#failure) throw this.#failure.error;
  }

  #look(): void {
    if (this.#running !== this.#sleepers.length) return;
    this.#quiet?.();
    this.#quiet = undefined;
  }
}
