/**
 * A connector is one frozen literal: facts as data, behaviour as functions. No base class, no
 * state, no lifecycle. Presence is capability: an operation that is not in the literal is not
 * offered.
 */
import type { Static, TSchema } from 'typebox';
import type { Authorize, Capture, Refund, Review, Sync, Void } from './command.ts';
import type { HttpPort } from './http.ts';
import type { Outcome } from './outcome.ts';

/** What code cannot tell about a payment method at this processor. */
export interface MethodFacts {
  /** ISO codes, or `all` when the processor takes every ISO currency. */
  readonly currencies: readonly string[] | 'all';
  readonly capture: readonly ('automatic' | 'manual')[];
  readonly partialCapture: boolean;
  readonly multipleCapture: boolean;
  readonly partialRefund: boolean;
}

export type MethodType = 'card' | 'token';

export interface Context<Settings> {
  /** The account's settings, credentials included, checked against the connector's schema. */
  readonly settings: Settings;
  readonly mode: 'sandbox' | 'live';
  readonly http: HttpPort;
  /** The switch's time in milliseconds. */
  now(): number;
}

/** Each takes the context and one command, and answers with an outcome or throws a Fault. */
export interface Operations<Settings, Ref> {
  authorize(context: Context<Settings>, command: Authorize): Promise<Outcome<Ref>>;
  /**
   * Mandatory, because it is what repairs the unknown. `not_found` is the processor's word that it
   * has no such operation; anything it does not know how to say is a Fault.
   */
  sync(context: Context<Settings>, query: Sync<Ref>): Promise<Outcome<Ref> | 'not_found'>;
  capture?(context: Context<Settings>, command: Capture<Ref>): Promise<Outcome<Ref>>;
  void?(context: Context<Settings>, command: Void<Ref>): Promise<Outcome<Ref>>;
  refund?(context: Context<Settings>, command: Refund<Ref>): Promise<Outcome<Ref>>;
  approve?(context: Context<Settings>, command: Review<Ref>): Promise<Outcome<Ref>>;
  reject?(context: Context<Settings>, command: Review<Ref>): Promise<Outcome<Ref>>;
}

export interface Connector<Settings = unknown, Ref = unknown> {
  /** kebab-case, stable for ever: it is stored with every account. */
  readonly id: string;
  readonly name: string;
  /** JSON Schema of an account's settings; credentials are marked with {@link secretText}. */
  readonly settings: TSchema;
  /** JSON Schema of the processor's handle that is stored with an operation. */
  readonly ref: TSchema;
  /**
   * How long the processor remembers an operation id and answers a repeat with the first result,
   * in milliseconds; 0 when a repeat could act twice.
   */
  readonly replayWindowMs: number;
  /** A test double: accounts of it are refused in live mode. */
  readonly sandboxOnly: boolean;
  readonly methods: { readonly [M in MethodType]?: MethodFacts };
  readonly operations: Operations<Settings, Ref>;
}

/** A connector whose settings and ref types are known only to itself. */
export type AnyConnector = Connector<unknown, unknown>;

/** Checks the literal against its own schemas at compile time and freezes it. */
export function defineConnector<S extends TSchema, R extends TSchema>(
  literal: Omit<Connector<Static<S>, Static<R>>, 'settings' | 'ref'> & {
    readonly settings: S;
    readonly ref: R;
  },
): Connector<Static<S>, Static<R>> {
  return Object.freeze(literal);
}
