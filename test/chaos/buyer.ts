/**
 * The merchant's side of one request: the same POST with the same key until there is a definitive
 * answer. What happened is logged as Jepsen does: invoke, then ok, refused, or info when nobody can
 * tell.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from './random.ts';

/** The parts of the API's objects that the judge looks at. */
export interface PaymentView {
  readonly id: string;
  readonly object: 'payment';
  readonly status: string;
  readonly amount: number;
  readonly reference: string | null;
  readonly amount_authorized: number;
  readonly amount_captured: number;
  readonly amount_voided: number;
  readonly amount_refunded: number;
}

export interface RefundView {
  readonly id: string;
  readonly object: 'refund';
  readonly status: string;
  readonly amount: number;
  readonly payment: string;
}

/** A definitive answer. `review`: settled as far as machines can; a person has to look. */
export interface Answer {
  readonly action: string;
  readonly kind: 'ok' | 'refused' | 'review';
  readonly status: number;
  /** The problem's code, when refused. */
  readonly code: string | undefined;
  readonly payment: PaymentView | undefined;
  readonly refund: RefundView | undefined;
}

export interface LogLine {
  readonly atMs: number;
  readonly order: string;
  readonly action: string;
  readonly type: 'invoke' | 'ok' | 'refused' | 'review' | 'info';
  readonly note?: string | number;
}

/** What all buyers share. */
export interface Counter {
  readonly secretKey: string;
  /** Addresses that may be asked; picked at random, as a load balancer would. */
  readonly urls: readonly string[];
  readonly log: LogLine[];
  requests: number;
  /** Answers by status, so that a storm without 503 or 202 is seen to have been a breeze. */
  readonly statuses: Map<number, number>;
  /** Set when the round is given up: then nobody asks again. */
  over: boolean;
}

export interface Ask {
  readonly order: string;
  readonly action: string;
  readonly path: string;
  readonly body: object;
}

/** A frozen node holds the connection and says nothing: then another one is asked. */
const requestLimitMs = 6_000;

/** Refusals that are about this moment, not about the request. */
const passing = new Set([
  'idempotency_key_in_use',
  'operation_in_progress',
  'concurrent_change',
  'rate_limited',
  'storage_unavailable',
  'internal_error',
  'request_timeout',
]);

/** Asks until the answer is definitive; undefined when the round was given up before. */
export async function insist(
  counter: Counter,
  random: Random,
  ask: Ask,
  onPause: (rounds: number) => Promise<void>,
): Promise<Answer | undefined> {
  for (let rounds = 1; !counter.over; rounds += 1) {
    const answer = await post(counter, random, ask);
    if (answer) return answer;
    await onPause(rounds);
    await delay(random.between(20, 80) * Math.min(rounds, 10));
  }
  return undefined;
}

async function post(counter: Counter, random: Random, ask: Ask): Promise<Answer | undefined> {
  const { order, action } = ask;
  const note = (type: LogLine['type'], more?: string | number) =>
    counter.log.push({
      atMs: Date.now(),
      order,
      action,
      type,
      ...(more === undefined ? {} : { note: more }),
    });
  note('invoke');
  counter.requests += 1;
  try {
    const response = await fetch(random.pick(counter.urls) + ask.path, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${counter.secretKey}`,
        'content-type': 'application/json',
        'idempotency-key': `${order}-${action}`,
      },
      body: JSON.stringify(ask.body),
      signal: AbortSignal.timeout(requestLimitMs),
    });
    const { status } = response;
    counter.statuses.set(status, (counter.statuses.get(status) ?? 0) + 1);
    const answer = read(action, status, await response.json());
    if (answer) note(answer.kind, answer.code ?? status);
    else note('info', status);
    return answer;
  } catch (error) {
    // Reset, refused, cut off or silent: indeterminate, whatever it was.
    note('info', reasonOf(error));
    return undefined;
  }
}

interface Body {
  readonly object?: string;
  readonly code?: string;
  readonly status?: string | number;
  readonly payment?: unknown;
  readonly refund?: unknown;
}

/** Undefined: not definitive yet. */
function read(action: string, status: number, answered: unknown): Answer | undefined {
  const body = answered as Body;
  const code = status >= 400 ? (body.code ?? `http_${status}`) : undefined;
  if (code !== undefined && passing.has(code)) return undefined;
  const inside = status >= 400 ? body : { [String(body.object)]: body };
  const payment = inside.payment as PaymentView | undefined;
  const refund = inside.refund as RefundView | undefined;
  const isReview = status < 300 && body.status === 'in_review';
  if (status === 202 && !isReview) return undefined;
  const kind = status >= 400 ? 'refused' : isReview ? 'review' : 'ok';
  return { action, kind, status, code, payment, refund };
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  const inner = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return typeof inner === 'string' ? inner : error.name;
}
