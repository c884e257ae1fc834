/** Faults a test orders: the next n requests to a path go wrong in a chosen way. */
import { coreError, page, snapError, snapUnauthorized, type Answer } from './answers.ts';

/** Before acting: nothing has happened at Midtrans. After acting: it has, and nobody hears. */
export type FaultKind =
  | 'unauthorized'
  | 'throttled'
  | 'internal_error'
  | 'bad_gateway'
  | 'hang'
  | 'close_before'
  | 'close_after'
  | 'hang_after'
  | 'pause';

export interface FaultOptions {
  /** Matched against method and path: `POST /v2/charge`. */
  readonly on: string | RegExp;
  readonly kind: FaultKind | { readonly answer: Answer } | { readonly delayMs: number };
  /** 1 when missing. */
  readonly times?: number;
}

export interface Fault {
  /** How many requests it has hit. */
  readonly hits: number;
  /** Resolves when a request has been acted upon and its answer is being kept back (`pause`). */
  readonly reached: Promise<void>;
  /** Lets paused answers go. */
  release(): void;
}

export interface Strike {
  readonly kind: FaultOptions['kind'];
  reach(): void;
  readonly released: Promise<void>;
}

interface Rule {
  readonly options: FaultOptions;
  left: number;
  readonly strike: Strike;
}

function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}

export class Faults {
  readonly #rules: Rule[] = [];

  add(options: FaultOptions): Fault {
    const reached = gate();
    const released = gate();
    const times = options.times ?? 1;
    const strike = { kind: options.kind, reach: reached.open, released: released.opened };
    const rule: Rule = { options, left: times, strike };
    this.#rules.push(rule);
    return {
      get hits() {
        return times - rule.left;
      },
      reached: reached.opened,
      release: released.open,
    };
  }

  clear(): void {
    this.#rules.length = 0;
  }

  /** The first rule that fits and is not used up, used up by one. */
  take(method: string, path: string): Strike | undefined {
    const line = `${method} ${path}`;
    const rule = this.#rules.find(
      ({ left, options: { on } }) =>
        left > 0 && (typeof on === 'string' ? line.includes(on) : on.test(line)),
    );
    if (!rule) return undefined;
    rule.left -= 1;
    return rule.strike;
  }
}

/** What is answered in place of acting; undefined when the fault is none of that kind. */
export function answerInstead(
  kind: FaultOptions['kind'],
  family: 'api' | 'app',
): Answer | undefined {
  if (typeof kind === 'object') return 'answer' in kind ? kind.answer : undefined;
  if (kind === 'unauthorized') return family === 'api' ? coreError(401) : snapUnauthorized();
  if (kind === 'throttled') {
    return family === 'api' ? coreError(429) : snapError(429, 'API rate limit exceeded');
  }
  if (kind === 'internal_error') {
    if (family === 'api') return coreError(500);
    const text = 'Sorry, we encountered internal server error. We will fix this soon.';
    return { http: 500, body: { error_messages: [text], locale: 'en' } };
  }
  return kind === 'bad_gateway' ? page('502 Bad Gateway', 502) : undefined;
}
