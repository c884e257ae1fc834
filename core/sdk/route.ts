/**
 * A route is data: method, path, who may call it, schemas, problems, one function. The same literal
 * gives the check, the types, the OpenAPI description and the access test.
 */
import type { Static, TSchema } from 'typebox';
import type { JsonObject } from '../base/json.ts';
import type { ProblemCode } from './problem.ts';

export const scopes = [
  'payments:read',
  'payments:write',
  'refunds:write',
  'customers:read',
  'customers:write',
  'accounts:read',
  'accounts:write',
  'events:read',
  'keys:read',
  'keys:write',
  'webhooks:read',
  'webhooks:write',
  'disputes:read',
  'disputes:write',
  'routing:read',
  'routing:write',
  'merchant:read',
  'merchant:write',
] as const;

export type Scope = (typeof scopes)[number];

/**
 * Who may call: a merchant's secret key with the scope; with `publicKey` also a public key (the
 * handler then checks the client secret); the box owner's admin key; or anyone.
 */
export type Access =
  | { readonly kind: 'merchant'; readonly scope: Scope; readonly publicKey?: boolean }
  | { readonly kind: 'admin' }
  | { readonly kind: 'anyone' };

/** The classes that rate limits speak of. */
export type RateClass = 'payments' | 'queries' | 'management' | 'public' | 'webhooks';

/** Who is calling, once the key has been checked. */
export interface Principal {
  readonly kind: 'secret' | 'public' | 'admin';
  readonly keyId: string;
  readonly merchantId: string;
  /** Set when the key is bound to one profile. */
  readonly profileId: string | undefined;
  readonly mode: 'sandbox' | 'live';
  readonly scopes: ReadonlySet<Scope>;
}

export interface Reply {
  readonly status: number;
  readonly body: unknown;
  /** The body as it was serialised already, when it had to be (to be stored with the outcome). */
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Anything but JSON (pages, metrics); JSON when absent. */
  readonly contentType?: string;
}

/**
 * One request's place among the idempotent ones. A handler hands it to the verb that commits, so
 * that the key lands with what it protects; one that forgets is caught by the http layer.
 */
export interface IdempotencySlot {
  readonly merchantId: string;
  readonly key: string;
  readonly fingerprint: string;
  used: boolean;
}

export interface RouteInput<P, Q, B> {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  /** Present on every route that is not open to anyone. */
  readonly principal: Principal;
  readonly requestId: string;
  readonly clientIp: string;
  readonly slot: IdempotencySlot | undefined;
  /** On raw routes: the body byte for byte, and the headers (names in lower case). */
  readonly raw: RawRequest | undefined;
}

export interface RawRequest {
  readonly body: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Example {
  readonly summary: string;
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: JsonObject;
  readonly body?: JsonObject;
  /** The status the example is answered with. */
  readonly status: number;
}

export interface Route {
  /** operationId in OpenAPI: `createPayment`. */
  readonly id: string;
  readonly method: 'get' | 'post' | 'patch' | 'put' | 'delete';
  /** OpenAPI spelling: `/v1/payments/{payment_id}`. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  readonly access: Access;
  readonly rate: RateClass;
  readonly params?: TSchema;
  readonly query?: TSchema;
  readonly body?: TSchema;
  /** The body is not parsed: somebody else's format, signed over its bytes. */
  readonly rawBody?: boolean;
  /** A body may be left out altogether (every field of it is optional). */
  readonly bodyOptional?: boolean;
  /** status → schema of the success answers. */
  readonly replies: Readonly<Record<number, TSchema>>;
  readonly problems: readonly ProblemCode[];
  readonly examples?: readonly Example[];
  /** Where a card number may stand in the body: every other field refuses one. */
  readonly cardField?: readonly string[];
  /**
   * Dotted places of keys and tokens that others made: their digits may look like a card number.
   */
  readonly opaqueFields?: readonly string[];
  handle(input: RouteInput<never, never, never>): Promise<Reply>;
}

/** What a route's schema gives its handler. */
export type Parsed<S extends TSchema | undefined> = S extends TSchema ? Static<S> : undefined;

/** Gives `handle` the types of the route's own schemas. */
export function defineRoute<
  P extends TSchema | undefined = undefined,
  Q extends TSchema | undefined = undefined,
  B extends TSchema | undefined = undefined,
>(
  route: Omit<Route, 'params' | 'query' | 'body' | 'handle'> & {
    readonly params?: P;
    readonly query?: Q;
    readonly body?: B;
    handle(input: RouteInput<Parsed<P>, Parsed<Q>, Parsed<B>>): Promise<Reply>;
  },
): Route {
  return route;
}
