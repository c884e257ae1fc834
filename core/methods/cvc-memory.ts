/**
 * The CVCs of the browser's tokens, between the token and its payment. In this process's memory and
 * nowhere else: a CVC is never written down, not even sealed (PCI DSS 3.3.1). After a restart, or
 * on another node, the payment therefore goes without one, and the processor decides.
 */
import { minute, type Clock } from '../base/clock.ts';
import type { Secret } from '../base/secret.ts';

/** A minute short of the 15 that are allowed: the sweep comes round twice a minute. */
const lifetimeMs = 14 * minute;

/** Browsers fill this, so it has an end: the oldest goes. */
const countMax = 10_000;

interface Remembered {
  readonly cvc: Secret;
  readonly untilMs: number;
}

export class CvcMemory {
  readonly #clock: Clock;
  /** By the token's id, oldest first. */
  readonly #known = new Map<string, Remembered>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get count(): number {
    return this.#known.size;
  }

  keep(methodId: string, cvc: Secret): void {
    const [oldest] = this.#known.keys();
    if (oldest !== undefined && this.#known.size >= countMax) this.#known.delete(oldest);
    this.#known.set(methodId, { cvc, untilMs: this.#clock.now() + lifetimeMs });
  }

  /** It stays until {@link forget}: the commit that takes the token may still be refused. */
  of(methodId: string): Secret | undefined {
    const known = this.#known.get(methodId);
    return known && known.untilMs > this.#clock.now() ? known.cvc : undefined;
  }

  forget(methodId: string): void {
    this.#known.delete(methodId);
  }

  /** Drops what is too old; for a job. */
  sweep(): void {
    const now = this.#clock.now();
    for (const [methodId, { untilMs }] of this.#known) {
      if (untilMs <= now) this.#known.delete(methodId);
    }
  }
}
