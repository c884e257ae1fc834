/** Request rates: per merchant and class of operation, per IP address for what anyone may call. */
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { Problem } from '../sdk/problem.ts';
import type { RateClass } from '../sdk/route.ts';

export interface Rate {
  readonly perSecond: number;
  readonly perHour?: number | undefined;
}

export type Rates = Readonly<Record<RateClass, Rate>>;

interface Bucket {
  readonly limiter: RateLimiterMemory;
  readonly text: string;
}

export class Limits {
  readonly #buckets: ReadonlyMap<RateClass, readonly Bucket[]>;

  /** A class that is left out has no limit here. */
  constructor(rates: Partial<Rates>) {
    const classes = Object.entries(rates) as [RateClass, Rate][];
    this.#buckets = new Map(classes.map(([name, rate]) => [name, bucketsOf(name, rate)]));
  }

  /**
   * Counts one request of `who`. Throws `rate_limited` with Retry-After when it was one too many.
   */
  async count(rateClass: RateClass, who: string): Promise<void> {
    for (const { limiter, text } of this.#buckets.get(rateClass) ?? []) {
      try {
        await limiter.consume(who);
      } catch (refused) {
        if (!(refused instanceof RateLimiterRes)) throw refused;
        const seconds = Math.max(1, Math.ceil(refused.msBeforeNext / 1000));
        throw new Problem('rate_limited', `at most ${text}`, {
          headers: { 'retry-after': String(seconds) },
        });
      }
    }
  }
}

function bucketsOf(name: RateClass, { perSecond, perHour }: Rate): Bucket[] {
  const whom = name === 'public' || name === 'webhooks' ? 'per IP address' : 'per merchant';
  const bucket = (points: number, duration: number, unit: string): Bucket => ({
    limiter: new RateLimiterMemory({ points, duration, keyPrefix: `${name}${duration}` }),
    text: `${points} ${name} requests per ${unit} ${whom}`,
  });
  return [
    bucket(perSecond, 1, 'second'),
    ...(perHour === undefined ? [] : [bucket(perHour, 3600, 'hour')]),
  ];
}
