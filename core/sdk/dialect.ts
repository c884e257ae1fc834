/**
 * A dialect answers another gateway's clients in their own words: paths, keys, bodies, errors. It
 * is a codec. What happens to money is decided by the native operations that it calls.
 */
import type { TSchema } from 'typebox';
import { fromDecimal, type Money } from '../base/money.ts';
import type { Call } from './host.ts';
import { Problem } from './problem.ts';
import type { Parsed, Principal, RateClass } from './route.ts';

/** Which API keys a request carries: the dialect knows where they are, the switch checks them. */
export interface Credentials {
  /** The key that acts: mostly a secret key. */
  readonly key: string;
  /** Where the client sends two: a valid public key of the same merchant. */
  readonly publicKey?: string;
}

/**
 * Who may call: a secret key; a secret or public key; whoever has a payment's client secret; the
 * box owner's admin key; or anyone.
 */
export type DialectAccess = 'secret' | 'public' | 'client_secret' | 'admin' | 'anyone';

/** What arrived, before anything was checked. Header names in lower case. */
export interface DialectRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
}

export interface DialectInput<P, Q, B> extends DialectRequest {
  readonly params: P;
  readonly search: Q;
  readonly body: B;
  /** The body byte for byte. */
  readonly raw: Uint8Array;
  /** Undefined where anyone may call. */
  readonly principal: Principal | undefined;
  readonly requestId: string;
  readonly clientIp: string;
  /**
   * Native calls as this principal. With an idempotency key of the dialect's, every POST among them
   * is protected by it, so a repeat runs the handler again and moves nothing.
   */
  readonly call: Call;
}

export interface DialectReply {
  readonly status: number;
  /** JSON, or text with a `contentType`. */
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly contentType?: string;
}

export interface DialectRoute {
  readonly id: string;
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** Below the prefix, as the document prints it: `/api/v1/payments/{id}`. */
  readonly path: string;
  readonly access: DialectAccess;
  readonly rate: RateClass;
  readonly params?: TSchema;
  /** Of the query; unknown names pass unless the schema is closed. */
  readonly search?: TSchema;
  readonly body?: TSchema;
  /** A body may be left out altogether. */
  readonly bodyOptional?: boolean;
  /** Numbers as text, text as numbers, `"true"`: read as what the schema wants. */
  readonly lenient?: boolean;
  /** Where a card stands in the body: every other field refuses a number, and no CVC is kept. */
  readonly card?: { readonly number: readonly string[]; readonly cvc: readonly string[] };
  /** Dotted places of keys and tokens, whose digits may look like a card number. */
  readonly opaqueFields?: readonly string[];
  /** Where the client secret stands, unless it is `client_secret` in the body or the query. */
  clientSecret?(request: DialectRequest & { readonly body: unknown }): string | undefined;
  handle(input: DialectInput<never, never, never>): Promise<DialectReply>;
}

/** One field that a schema refused. */
export interface FieldFault {
  readonly where: 'path' | 'query' | 'body';
  /** Dotted from the top: `customer.email`; empty for the whole. */
  readonly field: string;
  /** JSON Schema's word: `required`, `type`, `minimum`, `maxLength`, `enum`, `pattern` … */
  readonly rule: string;
  /** What the rule asks for: the minimum, the list, the type. */
  readonly wanted: unknown;
  /** A sentence of ours. */
  readonly message: string;
}

/** Everything known about a refused request. */
export interface DialectRefusal {
  readonly problem: Problem;
  readonly requestId: string;
  /** All of them at once, for `invalid_request` of a schema; empty otherwise. */
  readonly fields: readonly FieldFault[];
  /** Undefined where no route fitted (404, 405). */
  readonly route: DialectRoute | undefined;
}

/** What a repeated request means in this dialect. */
export interface IdempotencyPolicy {
  /** In lower case: `x-idempotency-key`. */
  readonly header: string;
  readonly methods: readonly DialectRoute['method'][];
  /** Shorter ones are refused. */
  readonly minLength: number;
  readonly maxLength: number;
  /** How long an answer is repeated; after that the same key is a new request. */
  readonly ttlMs: number;
  /** Whether refusals and declines are repeated too, or a repeat after them is a new try. */
  readonly storeOn: 'success' | 'all';
  /** The same key with another request: 422 `idempotency_key_reused`, or the first answer. */
  readonly onMismatch: 'refuse' | 'replay';
}

/** That of the native API, for documents that say nothing else. */
export const usualIdempotency: IdempotencyPolicy = {
  header: 'idempotency-key',
  methods: ['post'],
  minLength: 1,
  maxLength: 255,
  ttlMs: 24 * 60 * 60 * 1000,
  storeOn: 'all',
  onMismatch: 'refuse',
};

export interface DialectRate {
  readonly perSecond: number;
  readonly perHour?: number;
}

export interface Dialect {
  /** Where it begins unless the settings say otherwise: `/<plugin id>`. */
  readonly prefix?: string;
  readonly routes: readonly DialectRoute[];
  authenticate(request: DialectRequest): Credentials | undefined;
  /** A refusal in the dialect's words. Asked for everything below the prefix that goes wrong. */
  problem(refusal: DialectRefusal): DialectReply;
  readonly idempotency?: IdempotencyPolicy;
  /** In place of the switch's own limits, class by class. */
  readonly rateLimits?: Readonly<Partial<Record<RateClass, DialectRate>>>;
}

/** Gives `handle` the types of the route's own schemas. */
export function defineDialectRoute<
  P extends TSchema | undefined = undefined,
  Q extends TSchema | undefined = undefined,
  B extends TSchema | undefined = undefined,
>(
  route: Omit<DialectRoute, 'params' | 'search' | 'body' | 'handle'> & {
    readonly params?: P;
    readonly search?: Q;
    readonly body?: B;
    handle(input: DialectInput<Parsed<P>, Parsed<Q>, Parsed<B>>): Promise<DialectReply>;
  },
): DialectRoute {
  return route;
}

/**
 * An amount that a client wrote in decimals (`99.99`, `"99.99"`), exactly, in minor units. Throws
 * `invalid_request` with `param` for what the currency cannot hold.
 */
export function readDecimal(written: string | number, currency: string, param: string): Money {
  const code = currency.toUpperCase();
  try {
    return fromDecimal(String(written), code);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new Problem('invalid_request', `${param}: ${error.message}`, { param });
  }
}
