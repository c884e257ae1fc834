/** Things that go wrong between Stripe and us, for the next requests to some path. */
import type { ErrorBody } from './problem.ts';

export type Fault =
  /**
   * An error of Stripe's own. 429 comes before anything is done; a 5xx comes after the endpoint
   * began, so that its idempotency key replays it – with `acted`, after the work was done.
   */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly acted?: boolean;
      readonly error?: Partial<ErrorBody>;
      /** The `Stripe-Should-Retry` header. */
      readonly shouldRetry?: boolean;
    }
  /** A page in HTML from something in front of Stripe; nothing is done. */
  | { readonly kind: 'page'; readonly status?: number }
  /** No answer, ever; with `acted`, the work is done all the same. */
  | { readonly kind: 'hang'; readonly acted?: boolean }
  /** The connection closes without an answer. */
  | { readonly kind: 'close'; readonly acted?: boolean }
  /** A 200 with half the body, then the connection closes. The work is done. */
  | { readonly kind: 'cut' }
  /**
   * The request runs (its idempotency key is in use) and goes on when the promise resolves that
   * `until` gives once it has come so far.
   */
  | { readonly kind: 'wait'; readonly until: () => Promise<unknown> };

export interface FaultMatch {
  readonly method?: string;
  /** Part of the path, or a pattern for it; default: every path. */
  readonly path?: string | RegExp;
}

export class Faults {
  #planned: { match: FaultMatch; fault: Fault; left: number }[] = [];

  /** The next `times` requests that match meet `fault`. */
  next(times: number, match: FaultMatch, fault: Fault): void {
    this.#planned.push({ match, fault, left: times });
  }

  clear(): void {
    this.#planned = [];
  }

  /** The fault this request meets, counted as used. */
  take(method: string, path: string): Fault | undefined {
    const planned = this.#planned.find(({ match }) => {
      const { path: pattern = '' } = match;
      const hit = typeof pattern === 'string' ? path.includes(pattern) : pattern.test(path);
      return hit && (match.method ?? method) === method;
    });
    if (!planned) return undefined;
    planned.left -= 1;
    if (planned.left <= 0) this.#planned = this.#planned.filter((it) => it !== planned);
    return planned.fault;
  }
}
