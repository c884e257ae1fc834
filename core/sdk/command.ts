/** What the core asks of a connector: one object a call. Amounts are integer minor units. */
import type { JsonObject } from '../base/json.ts';
import type { Money } from '../base/money.ts';
import type { Secret } from '../base/secret.ts';

/** A card as the customer typed it. It lives in memory for one call and is never stored. */
export interface CardInput {
  readonly type: 'card';
  readonly number: Secret;
  readonly exp_month: number;
  readonly exp_year: number;
  readonly cvc: Secret | undefined;
  readonly holder_name: string | undefined;
}

/** A token of the processor's own making (`pm_…`, `tok_…`), bound to one account. */
export interface TokenInput {
  readonly type: 'token';
  readonly token: Secret;
}

export type MethodInput = CardInput | TokenInput;

export interface Address {
  readonly line1?: string;
  readonly line2?: string;
  readonly city?: string;
  readonly state?: string;
  readonly postal_code?: string;
  /** ISO 3166-1 alpha-2. */
  readonly country?: string;
}

export interface Party {
  readonly id?: string;
  readonly name?: string;
  readonly email?: string;
  readonly phone?: string;
  readonly phone_country_code?: string;
  readonly address?: Address;
}

/** What 3-D Secure wants to know of the payer's browser (EMV 3DS 2.x, field by field). */
export interface BrowserInfo {
  readonly ip_address?: string;
  readonly user_agent?: string;
  readonly accept_header?: string;
  readonly language?: string;
  readonly color_depth?: number;
  readonly screen_height?: number;
  readonly screen_width?: number;
  /** Minutes from UTC, as JavaScript's getTimezoneOffset. */
  readonly time_zone?: number;
  readonly java_enabled?: boolean;
  readonly java_script_enabled?: boolean;
}

/** Everything about a payment that a processor may want besides money and method. */
export interface PaymentDetails {
  readonly description?: string;
  readonly reference?: string;
  readonly statement_descriptor?: string;
  readonly customer?: Party;
  readonly billing?: Party;
  readonly shipping?: Party;
  readonly browser_info?: BrowserInfo;
  readonly order_details?: readonly JsonObject[];
  readonly metadata?: JsonObject;
  readonly authentication_type?: 'three_ds' | 'no_three_ds';
  readonly setup_future_usage?: 'on_session' | 'off_session';
}

interface Command {
  /**
   * The operation's id in the switch. A connector sends it as the processor's idempotency key or
   * reference, so that a lost answer can be asked for.
   */
  readonly operationId: string;
}

export interface Authorize extends Command {
  readonly amount: Money;
  /** `automatic`: success means authorized and captured. */
  readonly capture: 'automatic' | 'manual';
  readonly method: MethodInput;
  readonly details: PaymentDetails;
  /** Where the customer comes back to after a redirect (a page of the switch). */
  readonly returnUrl: string;
}

export interface Capture<Ref> extends Command {
  readonly amount: Money;
  /** The authorization's ref. */
  readonly of: Ref;
  /** No further capture follows: what is left of the hold may be released. */
  readonly final: boolean;
}

export interface Void<Ref> extends Command {
  readonly amount: Money;
  readonly of: Ref;
  readonly reason: string | undefined;
}

export interface Refund<Ref> extends Command {
  readonly amount: Money;
  readonly of: Ref;
  readonly reason: string | undefined;
}

/** A held authorization is let through or turned away. */
export interface Review<Ref> extends Command {
  readonly amount: Money;
  readonly of: Ref;
}

/**
 * "What became of it?" `ref` is missing when the answer was lost; then the operation id finds it.
 */
export interface Sync<Ref> extends Command {
  readonly kind: OperationKind;
  readonly amount: Money;
  readonly ref: Ref | undefined;
  /** The authorization's ref, for captures, voids and refunds. */
  readonly of: Ref | undefined;
}

export const operationKinds = [
  'authorize',
  'capture',
  'void',
  'refund',
  'approve',
  'reject',
] as const;

export type OperationKind = (typeof operationKinds)[number];
